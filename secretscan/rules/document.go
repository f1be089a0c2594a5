package rules

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Limits of a configuration file. The largest files of users have some thousand lines; a key of gitleaks' format has three parts.
const (
	maxFileSize = 8 << 20
	maxKeyParts = 32
)

// kind is what a TOML value is.
type kind string

const (
	kindTable   kind = "a table"
	kindArray   kind = "an array"
	kindString  kind = "a string"
	kindInteger kind = "an integer"
	kindFloat   kind = "a float"
	kindBool    kind = "a boolean"
	kindTime    kind = "a date or time"
)

// node is a TOML value and where it stands. Keys of tables keep their case; keys that differ only in case are one key, as they
// are to gitleaks, and the last one counts.
type node struct {
	kind    kind
	text    string // of a string; of other scalars the source text
	items   []*node
	entries []entryNode // of a table, in the order of the file
	byKey   map[string]*node
	at      place // of the key that names the value, or of the value itself in an array
}

// entryNode is a key of a table with its value.
type entryNode struct {
	key   string
	value *node
}

// get returns the value of a key in any case, or nil.
func (n *node) get(key string) *node {
	for i := len(n.entries) - 1; i >= 0; i-- {
		if strings.EqualFold(n.entries[i].key, key) {
			return n.entries[i].value
		}
	}
	return nil
}

// add gives a table a key.
func (n *node) add(key string, value *node) {
	if n.byKey == nil {
		n.byKey = make(map[string]*node)
	}
	n.byKey[key] = value
	n.entries = append(n.entries, entryNode{key, value})
}

// sub returns the value of a key in its own case; if there is none, it adds an empty one of this kind.
func (n *node) sub(k keyPart, missing kind) *node {
	value := n.byKey[k.name]
	if value == nil {
		value = &node{kind: missing, at: k.at}
		n.add(k.name, value)
	}
	return value
}

// document is a TOML file while it is read.
type document struct {
	file  string
	data  []byte
	lines []int // offsets of the lines' starts
	root  *node
}

// parseDocument reads a TOML file whole. The error is an *Error.
func parseDocument(file string, data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	d := &document{file: file, data: data, lines: []int{0}}
	if len(data) > maxFileSize {
		return nil, &Error{File: file, Msg: fmt.Sprintf("the file has more than %d MiB", maxFileSize>>20),
			Hint: "is it a configuration file at all?"}
	}
	for i, c := range data {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	d.root = &node{kind: kindTable, at: place{file: file}}
	if err := d.build(); err != nil {
		return nil, err
	}
	// The tree is built from the syntax alone; what syntax allows and TOML does not, such as a key given twice, is found here.
	var ignored map[string]any
	if err := toml.Unmarshal(data, &ignored); err != nil {
		return nil, d.decodeError(err)
	}
	return d.root, nil
}

func (d *document) decodeError(err error) error {
	out := &Error{File: d.file, Msg: "not valid TOML: " + plain(strings.TrimPrefix(err.Error(), "toml: "))}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, column := at.Position() // the column counts bytes
		where := d.place(d.lines[line-1]+column-1, "")
		out.Line, out.Column = where.line, where.column
	}
	return out
}

// build walks over the expressions of the file.
func (d *document) build() error {
	var p unstable.Parser
	p.Reset(d.data)
	table := d.root
	for p.NextExpression() {
		expr := p.Expression()
		var err error
		switch expr.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, err = d.header(expr)
		case unstable.KeyValue:
			err = d.keyValue(table, expr)
		}
		if err != nil {
			return err
		}
	}
	if err := p.Error(); err != nil {
		return d.syntaxError(err)
	}
	return nil
}

func (d *document) syntaxError(err error) error {
	out := &Error{File: d.file, Msg: "not valid TOML: " + plain(err.Error())}
	var at *unstable.ParserError
	if errors.As(err, &at) {
		out.Msg = "not valid TOML: " + plain(at.Message)
		// The highlighted bytes are a part of data; what lies behind them tells where they start.
		if offset := cap(d.data) - cap(at.Highlight); at.Highlight != nil && offset >= 0 && offset <= len(d.data) {
			where := d.place(offset, "")
			out.Line, out.Column = where.line, where.column
		}
	}
	if out.Line == 0 {
		out.Line = len(d.lines)
	}
	return out
}

// plain returns a message of the TOML library, which may repeat parts of the file, shortened and fit for a terminal.
func plain(msg string) string {
	const enough = 200
	msg = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, msg)
	if runes := []rune(msg); len(runes) > enough {
		return string(runes[:enough]) + "..."
	}
	return msg
}

// place returns where a byte offset is.
func (d *document) place(offset int, key string) place {
	line := sort.SearchInts(d.lines, offset+1)
	start := d.lines[line-1]
	return place{d.file, line, utf8.RuneCount(d.data[start:offset]) + 1, key}
}

// header finds or makes the table that [a.b] or [[a.b]] names.
func (d *document) header(expr *unstable.Node) (*node, error) {
	table := d.root
	keys, err := d.keys(expr.Key(), "")
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		missing := kindTable
		if i == len(keys)-1 && expr.Kind == unstable.ArrayTable {
			missing = kindArray
		}
		next := table.sub(k, missing)
		if next.kind == kindArray && missing == kindArray {
			next.items = append(next.items, &node{kind: kindTable, at: k.at})
		}
		if next.kind == kindArray && len(next.items) > 0 {
			next = next.items[len(next.items)-1]
		}
		table = next
	}
	return table, nil
}

// keyValue adds "a.b = value" to a table.
func (d *document) keyValue(table *node, expr *unstable.Node) error {
	keys, err := d.keys(expr.Key(), table.at.key)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if i == len(keys)-1 {
			value, err := d.value(expr.Value(), k.at)
			if err != nil {
				return err
			}
			table.add(k.name, value)
			return nil
		}
		table = table.sub(k, kindTable)
	}
	return nil
}

// keyPart is one part of a dotted key.
type keyPart struct {
	name string
	at   place
}

func (d *document) keys(it unstable.Iterator, prefix string) ([]keyPart, error) {
	var parts []keyPart
	for it.Next() {
		k := it.Node()
		name := string(k.Data)
		if prefix != "" {
			prefix += "."
		}
		prefix += printable(name)
		parts = append(parts, keyPart{name, d.place(int(k.Raw.Offset), prefix)})
		if strings.Count(prefix, ".") >= maxKeyParts {
			at := parts[len(parts)-1].at
			return nil, &Error{File: at.file, Line: at.line, Column: at.column, Msg: fmt.Sprintf("a key has more than %d parts", maxKeyParts)}
		}
	}
	return parts, nil
}

// printable returns a key as it may stand in a message: shortened, quoted if it is unusual.
func printable(key string) string {
	const enough = 40
	plain := key != "" && len(key) <= enough
	for _, c := range key {
		plain = plain && (c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
	}
	if plain {
		return key
	}
	if runes := []rune(key); len(runes) > enough {
		key = string(runes[:enough]) + "..."
	}
	return strconv.Quote(key)
}

// value turns a syntax node into a value.
func (d *document) value(v *unstable.Node, at place) (*node, error) {
	n := &node{at: at, text: string(v.Data)}
	switch v.Kind {
	case unstable.String:
		n.kind = kindString
	case unstable.Integer:
		n.kind = kindInteger
	case unstable.Float:
		n.kind = kindFloat
	case unstable.Bool:
		n.kind = kindBool
	case unstable.Array:
		n.kind = kindArray
		for it := v.Children(); it.Next(); {
			item := it.Node()
			itemAt := at
			if item.Raw.Length > 0 {
				itemAt = d.place(int(item.Raw.Offset), at.key)
			}
			value, err := d.value(item, itemAt)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, value)
		}
	case unstable.InlineTable:
		n.kind = kindTable
		for it := v.Children(); it.Next(); {
			if err := d.keyValue(n, it.Node()); err != nil {
				return nil, err
			}
		}
	default:
		n.kind = kindTime
	}
	return n, nil
}
