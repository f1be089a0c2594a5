package odb

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
)

// census numbers the objects: the index of an object is the place of its id in the sorted list of all.
type census struct {
	*table
	loose []looseFile // ordered by index
}

// looseFile is an object in a file of its own.
type looseFile struct {
	index uint32
	store uint32
}

// Len returns the number of objects. Each has an index below it. Which object has which does not change while the database
// is open; those that come later have none.
func (db *DB) Len() int { return db.census().n }

// Index returns the index of an object, and whether there is one.
func (db *DB) Index(id ID) (uint32, bool) { return db.IndexRaw(id.hash[:id.size]) }

// IndexRaw is Index for the bytes of an id, as they stand in a tree.
func (db *DB) IndexRaw(raw []byte) (uint32, bool) {
	i, ok := db.census().find(raw)
	return uint32(i), ok
}

// IndexAll is IndexRaw for many ids, whose bytes stand one after the other: found gets their indices, or 1<<32 - 1 for those that have
// none. It is several times as fast.
func (db *DB) IndexAll(raw []byte, found []uint32) { db.census().findAll(raw, found) }

// ID returns the id of the object with an index, which must be below Len.
func (db *DB) ID(index uint32) ID { return RawID(db.census().id(int(index))) }

func (db *DB) census() *census {
	db.once.Do(func() { db.ids = db.count() })
	return &db.ids
}

// count lists what is there. The index of a single pack, or of all, does as it is; everything else is merged into one list.
func (db *DB) count() (c census) {
	stores := *db.stores.Load()
	var parts []*table
	for _, s := range stores {
		parts = append(parts, s.tables()...)
	}
	var loose []*table
	for _, s := range stores {
		l := s.looseIDs(db.size)
		loose = append(loose, l)
		if l.n > 0 {
			parts = append(parts, l)
		}
	}
	if len(parts) == 1 {
		c.table = parts[0]
	} else {
		c.table = merge(parts, db.size)
	}
	for i, l := range loose {
		for row := range l.n {
			if index, ok := c.find(l.id(row)); ok {
				c.loose = append(c.loose, looseFile{uint32(index), uint32(i)})
			}
		}
	}
	slices.SortStableFunc(c.loose, func(a, b looseFile) int { return int(a.index) - int(b.index) })
	return c
}

// merge makes one list of several, without those that are there twice.
func merge(parts []*table, size int) *table {
	total := 0
	for _, p := range parts {
		total += p.n
	}
	out := &table{size: size, stride: size, rows: make([]byte, 0, total*size)}
	next := make([]int, len(parts))
	for b := range 256 {
		out.fan[b] = uint32(out.n)
		for {
			least := -1
			for i, p := range parts {
				if next[i] < int(p.fan[b+1]) && (least < 0 || bytes.Compare(p.id(next[i]), parts[least].id(next[least])) < 0) {
					least = i
				}
			}
			if least < 0 {
				break
			}
			id := parts[least].id(next[least])
			next[least]++
			if out.n == 0 || !bytes.Equal(out.id(out.n-1), id) {
				out.rows = append(out.rows, id...)
				out.n++
			}
		}
	}
	out.fan[256] = uint32(out.n)
	return out
}

// looseIDs lists the loose objects of a directory: files like "1f/7a7a472abf3dd9643fd615f6da379c4acb3e3a".
func (s *store) looseIDs(size int) *table {
	t := &table{size: size, stride: size}
	const digits = "0123456789abcdef"
	for b := range 256 {
		t.fan[b] = uint32(t.n)
		two := string([]byte{digits[b>>4], digits[b&15]})
		names, err := listNames(filepath.Join(s.dir, two))
		if err != nil && !os.IsNotExist(err) {
			continue // reading an object that must be there fails and says so
		}
		for _, name := range names {
			if raw, err := hex.DecodeString(two + name); err == nil && len(raw) == size && hex.EncodeToString(raw[1:]) == name {
				t.rows = append(t.rows, raw...)
				t.n++
			}
		}
	}
	t.fan[256] = uint32(t.n)
	return t
}

// loosePath returns where an object would be if it were loose.
func (s *store) loosePath(raw []byte) string {
	name := hex.EncodeToString(raw)
	return filepath.Join(s.dir, name[:2], name[2:])
}
