package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// header finds or makes the table that [a.b] or [[a.b]] names.
func (d *document) header(expr *unstable.Node) (*node, error) {
	keys, err := d.keys(expr.Key(), "")
	if err != nil {
		return nil, err
	}
	table := d.root
	for _, k := range keys[:len(keys)-1] {
		next := table.byKey[k.name]
		switch {
		case next == nil:
			next = &node{kind: kindTable, made: madeByPrefix, at: k.at}
			table.add(k.name, next)
		case next.made == madeByValue:
			return nil, d.invalid(k.at, "the key has a value already and cannot be a table as well")
		case next.made == madeByArray:
			next = next.items[len(next.items)-1]
		}
		table = next
	}
	last := keys[len(keys)-1]
	if expr.Kind == unstable.ArrayTable {
		return d.newElement(table, last)
	}
	return d.newTable(table, last)
}

// newTable makes the table of a header [k] in its parent.
func (d *document) newTable(parent *node, k keyPart) (*node, error) {
	t := parent.byKey[k.name]
	switch {
	case t == nil:
		t = &node{kind: kindTable, at: k.at}
		parent.add(k.name, t)
	case t.made != madeByPrefix:
		return nil, d.invalid(k.at, "the key is defined already")
	}
	t.made = madeByHeader
	return t, nil
}

// newElement makes one more table of the array of a header [[k]] in its parent.
func (d *document) newElement(parent *node, k keyPart) (*node, error) {
	array := parent.byKey[k.name]
	switch {
	case array == nil:
		array = &node{kind: kindArray, made: madeByArray, at: k.at}
		parent.add(k.name, array)
	case array.made != madeByArray:
		return nil, d.invalid(k.at, "the key is defined already, and not as an array of tables")
	}
	element := &node{kind: kindTable, made: madeByHeader, at: k.at}
	array.items = append(array.items, element)
	return element, nil
}

// keyValue adds "a.b = value" to a table.
func (d *document) keyValue(table *node, expr *unstable.Node) error {
	keys, err := d.keys(expr.Key(), table.at.key)
	if err != nil {
		return err
	}
	for _, k := range keys[:len(keys)-1] {
		next := table.byKey[k.name]
		switch {
		case next == nil:
			next = &node{kind: kindTable, made: madeByDots, at: k.at}
			table.add(k.name, next)
		case next.made != madeByDots:
			return d.invalid(k.at, "the key is defined already")
		}
		table = next
	}
	last := keys[len(keys)-1]
	if table.byKey[last.name] != nil {
		return d.invalid(last.at, "the key is defined already")
	}
	value, err := d.value(expr.Value(), last.at)
	if err != nil {
		return err
	}
	table.add(last.name, value)
	return nil
}

// keyPart is one part of a dotted key.
type keyPart struct {
	name string
	at   place
}

// keys returns the parts of a dotted key; prefix is the key of the table that it stands in.
func (d *document) keys(it unstable.Iterator, prefix string) ([]keyPart, error) {
	const longest = 400 // of a key in messages; what would come behind is left out
	var parts []keyPart
	for it.Next() {
		k := it.Node()
		name := string(k.Data)
		if len(prefix) < longest {
			prefix = strings.TrimPrefix(prefix+"."+printable(name), ".")
		}
		at := place{d, int(k.Raw.Offset), prefix}
		if len(parts) == maxKeyParts {
			line, column := at.position()
			return nil, &Error{File: d.file, Line: line, Column: column, Msg: fmt.Sprintf("a key has more than %d parts", maxKeyParts)}
		}
		parts = append(parts, keyPart{name, at})
	}
	return parts, nil
}

// printable returns a key as it may stand in a message: shortened, quoted if it is unusual.
func printable(key string) string {
	const enough = 40
	plain := key != "" && len(key) <= enough
	for _, c := range key {
		plain = plain && (c == '-' || c == '_' || alphanumeric(c))
	}
	if plain {
		return key
	}
	if len(key) > enough {
		key = key[:enough] + "..."
	}
	return strconv.QuoteToASCII(key)
}

// value turns a syntax node into a value.
func (d *document) value(v *unstable.Node, at place) (*node, error) {
	n := &node{at: at, text: string(v.Data)}
	switch v.Kind {
	case unstable.String:
		n.kind = kindString
	case unstable.Bool:
		n.kind = kindBool
	case unstable.Array:
		n.kind = kindArray
		return n, d.items(n, v)
	case unstable.InlineTable:
		n.kind = kindTable
		for it := v.Children(); it.Next(); {
			if err := d.keyValue(n, it.Node()); err != nil {
				return nil, err
			}
		}
	case unstable.Integer:
		n.kind = kindInteger
		return n, d.checkScalar(n)
	case unstable.Float:
		n.kind = kindFloat
		return n, d.checkScalar(n)
	default:
		n.kind = kindTime
		return n, d.checkScalar(n)
	}
	return n, nil
}

func (d *document) items(array *node, v *unstable.Node) error {
	for it := v.Children(); it.Next(); {
		item := it.Node()
		at := array.at
		if item.Raw.Length > 0 {
			at.offset = int(item.Raw.Offset)
		}
		value, err := d.value(item, at)
		if err != nil {
			return err
		}
		array.items = append(array.items, value)
	}
	return nil
}

// checkScalar checks a number, date or time, of which the parser knows only where it ends.
func (d *document) checkScalar(n *node) error {
	var ignored map[string]any
	if err := toml.Unmarshal([]byte("v = "+n.text), &ignored); err != nil {
		return d.invalid(n.at, strings.TrimPrefix(err.Error(), "toml: "))
	}
	return nil
}
