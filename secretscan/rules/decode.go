package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// decoder turns values into what a field wants. Gitleaks is lenient: it takes a string for a number, a number for a string, and
// a single value for a list. A decoder takes the same and says so; what gitleaks refuses is an error.
type decoder struct{ *findings }

// text is a string and where it stands.
type text struct {
	value string
	at    place
}

func (d decoder) wrongType(n *node, want string) {
	d.fail(n.at, "", "must be %s, not %s", want, n.kind)
}

// lenient records that a value of another type was taken.
func (d decoder) lenient(n *node, want string) {
	d.note(n.at, "", "should be %s, not %s; it is read as one", want, n.kind)
}

func (d decoder) text(n *node) text {
	switch n.kind {
	case kindString:
		return text{n.text, n.at}
	case kindBool:
		d.lenient(n, "a string")
		if n.text == "true" {
			return text{"1", n.at}
		}
		return text{"0", n.at}
	case kindInteger, kindFloat:
		d.lenient(n, "a string")
		return text{d.numberText(n), n.at}
	}
	d.wrongType(n, "a string")
	return text{"", n.at}
}

func (d decoder) numberText(n *node) string {
	if n.kind == kindInteger {
		return strconv.FormatInt(integerOf(n.text), 10)
	}
	return strconv.FormatFloat(floatOf(n.text), 'f', -1, 64)
}

// integerOf reads a TOML integer, which is known to be a valid one.
func integerOf(source string) int64 {
	source = strings.ReplaceAll(source, "_", "")
	if i, err := strconv.ParseInt(source, 10, 64); err == nil { // before the other bases: +0 and -0 are decimal
		return i
	}
	i, _ := strconv.ParseInt(source, 0, 64)
	return i
}

// floatOf reads a TOML float, which is known to be a valid one.
func floatOf(source string) float64 {
	f, _ := strconv.ParseFloat(strings.ReplaceAll(source, "_", ""), 64)
	return f
}

func (d decoder) integer(n *node) int {
	const want = "an integer"
	switch n.kind {
	case kindInteger:
		return int(integerOf(n.text))
	case kindFloat:
		d.lenient(n, want)
		return int(floatOf(n.text))
	case kindBool:
		d.lenient(n, want)
		return map[string]int{"true": 1}[n.text]
	case kindString:
		i, err := strconv.ParseInt(orZero(n.text), 0, strconv.IntSize)
		if err != nil {
			d.wrongType(n, want)
			return 0
		}
		d.lenient(n, want)
		return int(i)
	}
	d.wrongType(n, want)
	return 0
}

func (d decoder) float(n *node) float64 {
	const want = "a number"
	switch n.kind {
	case kindInteger:
		return float64(integerOf(n.text))
	case kindFloat:
		return floatOf(n.text)
	case kindBool:
		d.lenient(n, want)
		return map[string]float64{"true": 1}[n.text]
	case kindString:
		f, err := strconv.ParseFloat(orZero(n.text), 64)
		if err != nil {
			d.wrongType(n, want)
			return 0
		}
		d.lenient(n, want)
		return f
	}
	d.wrongType(n, want)
	return 0
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

func (d decoder) boolean(n *node) bool {
	const want = "true or false"
	switch n.kind {
	case kindBool:
		return n.text == "true"
	case kindInteger, kindFloat:
		d.lenient(n, want)
		return floatOf(d.numberText(n)) != 0
	case kindString:
		b, err := strconv.ParseBool(n.text)
		if err == nil || n.text == "" {
			d.lenient(n, want)
			return b
		}
	}
	d.wrongType(n, want)
	return false
}

// list returns the elements of an array; of a single value, that value, and of a string its parts between commas.
func (d decoder) list(n *node, want string) []*node {
	switch n.kind {
	case kindArray:
		return n.items
	case kindTable:
		if len(n.entries) == 0 {
			return nil
		}
	case kindString:
		d.lenient(n, want)
		if n.text == "" {
			return nil
		}
		var parts []*node
		for _, part := range strings.Split(n.text, ",") {
			parts = append(parts, &node{kind: kindString, text: part, at: n.at})
		}
		return parts
	}
	d.lenient(n, want)
	return []*node{n}
}

func (d decoder) texts(n *node) []text {
	var out []text
	for _, item := range d.list(n, "an array of strings") {
		out = append(out, d.text(item))
	}
	return out
}

// tables returns the elements of an array of tables.
func (d decoder) tables(n *node) []*node {
	var out []*node
	for _, item := range d.list(n, fmt.Sprintf("an array of tables, [[%s]]", n.at.key)) {
		if item.kind != kindTable {
			d.wrongType(item, "a table")
			continue
		}
		out = append(out, item)
	}
	return out
}

// field is a key that a table may have.
type field struct {
	name string
	read func(*node)
}

// table hands the values of a table to the fields, and reports keys that no field has.
func (d decoder) table(n *node, fields []field) {
	if n.kind != kindTable {
		hint := ""
		if n.kind == kindArray {
			hint = fmt.Sprintf("write [%s] with single brackets", n.at.key)
		}
		d.fail(n.at, hint, "must be a table, not %s", n.kind)
		return
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
		if value := n.get(f.name); value != nil {
			f.read(value)
		}
	}
	for _, e := range n.entries {
		d.checkKey(n, e, names)
	}
}

// checkKey reports a key that means nothing, or that another one replaces.
func (d decoder) checkKey(n *node, e entryNode, names []string) {
	known := false
	for _, name := range names {
		known = known || strings.EqualFold(name, e.key)
	}
	switch {
	case !known:
		d.note(e.value.at, d.didYouMean(e.key, names, ""), "unknown key; it has no effect")
	case !d.full() && n.get(e.key) != e.value:
		d.note(e.value.at, "", "the key stands again further down, in other letters; the last one counts")
	}
}
