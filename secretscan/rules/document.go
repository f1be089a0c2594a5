package rules

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Limits of a configuration file, beside those of the TOML library (10,000 values nested in each other). The largest files of users have some thousand lines; a key of gitleaks' format has three parts.
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
	made    made
	at      place // of the key that names the value, or of the value itself in an array
}

// made says how a table came about; TOML allows no second way (https://toml.io/en/v1.0.0#table).
type made uint8

const (
	madeByValue  made = iota // key = value: closed
	madeByDots               // a in a.b = 1: open for more dotted keys and for headers below it
	madeByPrefix             // a in [a.b]: open for headers, and for its own
	madeByHeader             // [a]: open for headers below it
	madeByArray              // [[a]]: open for more of the same, and for headers below its last element
)

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

// document is a TOML file while it is read.
type document struct {
	file  string
	data  []byte
	lines []int // offsets of the lines' starts
	root  *node
}

// parseDocument reads a TOML file whole. The error is an *Error. The time it takes is linear in the size of the file.
func parseDocument(file string, data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > maxFileSize {
		return nil, &Error{File: file, Msg: fmt.Sprintf("the file has more than %d MiB", maxFileSize>>20),
			Hint: "is it a configuration file at all?"}
	}
	d := &document{file: file, data: data, lines: []int{0}}
	for i, c := range data {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	d.root = &node{kind: kindTable, at: place{doc: d}}
	if err := d.build(); err != nil {
		return nil, err
	}
	return d.root, nil
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
	var bad *unstable.ParserError
	if !errors.As(err, &bad) {
		return d.invalid(place{doc: d, offset: len(d.data)}, err.Error())
	}
	// The highlighted bytes are a part of data; what lies behind them tells where they start.
	offset := cap(d.data) - cap(bad.Highlight)
	if bad.Highlight == nil || offset < 0 || offset > len(d.data) {
		offset = len(d.data)
	}
	return d.invalid(place{doc: d, offset: offset}, bad.Message)
}

// invalid returns the error of something that is not TOML. The message may repeat parts of the file.
func (d *document) invalid(at place, msg string) error {
	line, column := at.position()
	return &Error{File: d.file, Line: line, Column: column, Key: at.key, Msg: "not valid TOML: " + plain(msg)}
}

// plain returns a message shortened and fit for a terminal.
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

// position returns line and column of a byte offset, from 1; the column counts code points.
func (d *document) position(offset int) (line, column int) {
	line = sort.SearchInts(d.lines, offset+1)
	return line, utf8.RuneCount(d.data[d.lines[line-1]:offset]) + 1
}
