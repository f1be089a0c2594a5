package unpack

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"
)

// The SQLite database file format (the project's page "Database File Format").
const (
	sqliteMagic     = "SQLite format 3\x00"
	sqliteHeader    = 100
	sqliteInterior  = 0x05 // pages of tables
	sqliteLeaf      = 0x0d
	sqliteIndex     = 0x02 // pages of indexes, which are also where tables without row ids are
	sqliteIndexLeaf = 0x0a
	sqliteDeepest   = 40 // pages above one another; a tree of the largest database has 20
)

// sqlite reads the rows of the tables: each table is a member, with lines of the form `column="value"`. In the file itself values lie side
// by side without names, and long ones in pieces; it is looked at all the same, since what was deleted is only there.
func (w *walker) sqlite(path string, c content, depth int) error {
	d, err := openSqlite(c)
	if err != nil {
		return err
	}
	tables, err := d.tables()
	for _, t := range tables {
		if merr := w.budget.member(); merr != nil {
			return merr
		}
		rows := &sqliteRows{d: d, table: t, budget: &w.budget, stack: []sqliteSpot{{page: t.root}}}
		if verr := w.text(join(path, t.name), rows, depth); verr != nil {
			return verr
		}
	}
	return err
}

// sqliteDB is a database.
type sqliteDB struct {
	at       io.ReaderAt
	page     int64 // size
	usable   int   // of a page
	pages    uint32
	encoding uint32 // 1: UTF-8, 2 and 3: UTF-16
}

// sqliteTable is a table.
type sqliteTable struct {
	name    string
	root    uint32
	columns []string
}

func openSqlite(c content) (*sqliteDB, error) {
	var h [sqliteHeader]byte
	if _, err := c.at.ReadAt(h[:], 0); err != nil {
		return nil, notEnd(err)
	}
	be := binary.BigEndian
	d := &sqliteDB{at: c.at, page: int64(be.Uint16(h[16:])), encoding: be.Uint32(h[56:])}
	if d.page == 1 {
		d.page = 65536
	}
	d.usable = int(d.page) - int(h[20])
	if d.page < 512 || d.page&(d.page-1) != 0 || d.usable < 480 {
		return nil, damagedf("the header of a database makes no sense")
	}
	d.pages = uint32(min((c.size+d.page-1)/d.page, 1<<32-1))
	return d, nil
}

// tables reads the schema, which is a table itself. The tables that were found come with an error, too.
func (d *sqliteDB) tables() ([]sqliteTable, error) {
	schema := &sqliteRows{d: d, stack: []sqliteSpot{{page: 1}}}
	var list []sqliteTable
	for {
		row, err := schema.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		if len(row) < 5 || row[0].text != "table" || row[3].number < 1 {
			continue
		}
		list = append(list, sqliteTable{name: row[1].text, root: uint32(row[3].number), columns: sqlColumns(row[4].text)})
	}
}

// sqliteValue is a value in a row.
type sqliteValue struct {
	text   string
	number int64
	kind   byte // 'n': NULL or a number with a fraction; 'i', 't', 'b'
}

// sqliteRows reads the rows of a table, and as an io.Reader their text.
type sqliteRows struct {
	d      *sqliteDB
	table  sqliteTable
	budget *budget // nil: nothing is charged
	stack  []sqliteSpot
	seen   int // pages that were read: a tree that goes in circles ends
	text   []byte
	err    error
}

// sqliteSpot is a page that is being read.
type sqliteSpot struct {
	page uint32
	data []byte // nil: not read yet
	head int    // where the page's header starts
	cell int    // the next one
}

// Read writes rows as text.
func (r *sqliteRows) Read(p []byte) (int, error) {
	for len(r.text) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		row, err := r.next()
		if err != nil {
			r.err = err
			continue
		}
		r.text = r.write(r.text[:0], row)
		r.err = r.budget.charge(int64(len(r.text)))
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// write writes a row. A table without row ids has its columns in another order, so that they have no names here.
func (r *sqliteRows) write(b []byte, row []sqliteValue) []byte {
	for i, v := range row {
		if v.kind == 'n' {
			continue
		}
		name := "value"
		if i < len(r.table.columns) {
			name = r.table.columns[i]
		}
		b = append(b, name...)
		b = append(b, `="`...)
		if v.kind == 'i' {
			b = strconv.AppendInt(b, v.number, 10)
		} else {
			b = append(b, v.text...)
		}
		b = append(b, "\"\n"...)
	}
	return append(b, '\n')
}

// next returns the next row.
func (r *sqliteRows) next() ([]sqliteValue, error) {
	for len(r.stack) > 0 {
		s := &r.stack[len(r.stack)-1]
		if s.data == nil {
			if err := r.load(s); err != nil {
				return nil, err
			}
		}
		kind, cells := s.data[s.head], int(binary.BigEndian.Uint16(s.data[s.head+3:]))
		steps, interior := cells, kind == sqliteInterior || kind == sqliteIndex
		if kind == sqliteIndex { // for each cell what is below, and then its own row
			steps = 2 * cells
		}
		i := s.cell
		s.cell++
		switch {
		case i > steps, i == steps && !interior:
			r.stack = r.stack[:len(r.stack)-1]
		case i == steps:
			r.push(binary.BigEndian.Uint32(s.data[s.head+8:]))
		case kind == sqliteIndex:
			if at, ok := s.at(i / 2); ok && i%2 == 1 {
				return r.row(s.data, at+4, false)
			} else if ok {
				r.push(binary.BigEndian.Uint32(s.data[at:]))
			}
		case interior:
			if at, ok := s.at(i); ok {
				r.push(binary.BigEndian.Uint32(s.data[at:]))
			}
		default:
			if at, ok := s.at(i); ok {
				return r.row(s.data, at, kind == sqliteLeaf)
			}
		}
	}
	return nil, io.EOF
}

// at returns where a cell starts.
func (s *sqliteSpot) at(i int) (int, bool) {
	pointer := s.head + 8 + 2*i
	if s.data[s.head] == sqliteInterior || s.data[s.head] == sqliteIndex {
		pointer += 4
	}
	if pointer+2 > len(s.data) {
		return 0, false
	}
	at := int(binary.BigEndian.Uint16(s.data[pointer:]))
	return at, at+4 <= len(s.data)
}

// push goes down to a page.
func (r *sqliteRows) push(page uint32) {
	if len(r.stack) < sqliteDeepest {
		r.stack = append(r.stack, sqliteSpot{page: page})
	}
}

// load reads a page of a tree.
func (r *sqliteRows) load(s *sqliteSpot) error {
	if r.seen++; s.page == 0 || s.page > r.d.pages || r.seen > int(r.d.pages)+1 {
		return damagedf("a table of the database refers to pages that make no sense")
	}
	s.data = make([]byte, r.d.page)
	if n, err := r.d.at.ReadAt(s.data, int64(s.page-1)*r.d.page); err != nil && n < r.d.usable {
		return notEnd(err)
	}
	s.data = s.data[:r.d.usable]
	if s.page == 1 {
		s.head = sqliteHeader
	}
	switch s.data[s.head] {
	case sqliteInterior, sqliteLeaf, sqliteIndex, sqliteIndexLeaf:
		return nil
	}
	return damagedf("a page of the database is of no known kind")
}
