package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"keysweep/finding"
	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// document is a text in YAML, or JSON, with its tree.
type document struct {
	text  *text.Text
	data  []byte // the text, templates blanked
	root  *yaml.Node
	lines []int // where lines start
	file  *File
	last  spot // where the node stood that was asked for last: to count columns from there is faster on long lines
}

type spot struct{ line, column, offset int }

// maxNodes bounds how many nodes are visited, aliases followed: a small file can hold very many.
const maxNodes = 100_000

// yamlDocuments reads all documents of a text.
func (f *File) yamlDocuments(t *text.Text) (list []*document, err error) {
	defer func() {
		if p := recover(); p != nil { // as for the shell's parser
			err = errors.New("the parser gave up")
		}
	}()
	data := shell.Blank(t.Data)
	lines := []int{0}
	for i, b := range data {
		if b == '\n' {
			lines = append(lines, i+1)
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	for len(list) < 200 {
		root := &yaml.Node{}
		if err = decoder.Decode(root); err != nil {
			break
		}
		list = append(list, &document{text: t, data: data, root: root, lines: lines, file: f})
	}
	if len(list) > 0 && err != nil && err.Error() == "EOF" {
		err = nil
	}
	return list, err
}

// yaml looks at a text in YAML.
func (f *File) yaml(t *text.Text, form form, w where) {
	documents, err := f.yamlDocuments(t)
	if err != nil && !(err.Error() == "EOF") {
		first, _, _ := strings.Cut(err.Error(), "\n")
		f.say(&hit{rule: parses, span: mistake(t, first), title: fmt.Sprintf("it cannot be parsed: %s", first), part: w.name})
		f.limit("its settings were not judged from its mistake on: %s", first)
		f.fallback(t, w)
	}
	for _, d := range documents {
		top := d.root
		if top.Kind == yaml.DocumentNode && len(top.Content) > 0 {
			top = top.Content[0]
		}
		switch form {
		case cloudConfig:
			f.cloudConfig(d, top, w)
		case archive:
			f.archive(d, top, w)
		case jsonPatch:
			f.jsonPatch(d, top, w)
		case compose:
			f.compose(d, top, w)
		case cloudFormation:
			f.cloudFormation(d, top, w)
		case kubernetes:
			f.kubernetes(d, top, w)
		case workflow:
			f.workflow(d, top, w)
		}
	}
}

// mistake returns the line that an error of the parser names; the first if it names none.
func mistake(t *text.Text, err string) text.Span {
	_, rest, _ := strings.Cut(err, "line ")
	n := 0
	for n < len(rest) && n < 9 && '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	line, _ := strconv.Atoi(rest[:n])
	from := t.Lines().Offset(finding.Position{Line: max(1, line), Column: 1})
	return text.Span{Text: t, From: from, To: from + lineLength(t.Data[from:])}
}

func lineLength(data []byte) int {
	for i, b := range data {
		if b == '\n' {
			return i
		}
	}
	return len(data)
}

// fallback looks at the lines of a text in YAML that cannot be parsed as if they were commands.
func (f *File) fallback(t *text.Text, w where) {
	b := text.From(t)
	for at := 0; at < len(t.Data); {
		end := at + lineLength(t.Data[at:])
		from := at
		for from < end && strings.IndexByte(" -\t", t.Data[from]) >= 0 {
			from++
		}
		b.Copy(from, min(end+1, len(t.Data)))
		at = end + 1
	}
	before := len(f.hits)
	f.script(b.Text(), fragment, w, "bash")
	kept := f.hits[:before]
	for _, h := range f.hits[before:] {
		if h.rule != parses {
			kept = append(kept, h)
		}
	}
	f.hits = kept
}

// offset returns where a node stands in the text.
func (d *document) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(d.lines) {
		return 0
	}
	at, column := d.lines[n.Line-1], 1
	if d.last.line == n.Line && d.last.column <= n.Column {
		at, column = d.last.offset, d.last.column
	}
	for ; column < n.Column && at < len(d.data) && d.data[at] != '\n'; column++ {
		_, size := utf8.DecodeRune(d.data[at:])
		at += size
	}
	d.last = spot{n.Line, column, at}
	return at
}

// scalar returns the text of a scalar, each byte with its place.
func (d *document) scalar(n *yaml.Node) *text.Text {
	t, _ := d.align(n)
	return t
}

// span returns where a scalar stands.
func (d *document) span(n *yaml.Node) text.Span {
	if n.Kind != yaml.ScalarNode {
		from := d.offset(n)
		return text.Span{Text: d.text, From: from, To: from + lineLength(d.data[from:])}
	}
	t, span := d.align(n)
	if len(t.Data) == 0 {
		return span
	}
	return text.Span{Text: t, From: 0, To: len(strings.TrimRight(string(t.Data), "\n"))}
}

// align finds the bytes of the text that a scalar's value was made of. Both are walked side by side: what YAML takes away or changes
// (indentation, folded line ends, escapes) is known from its style.
func (d *document) align(n *yaml.Node) (*text.Text, text.Span) {
	at := d.content(n)
	start := at
	b := text.From(d.text)
	v := n.Value
	if !d.file.spend(len(v)) {
		b.Put([]byte(v), start, start)
		return b.Text(), text.Span{Text: d.text, From: start, To: start}
	}
	block := n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	indent := 0
	if block {
		at, indent = d.block(at)
		start = at
		at = d.indented(at, indent)
	}
	data := d.data
	for i := 0; i < len(v); {
		switch {
		case at < len(data) && data[at] == '\\' && n.Style&yaml.DoubleQuotedStyle != 0:
			rest, size := d.escaped(v[i:], at)
			if size == 0 {
				at = d.skip(at)
				continue
			}
			b.Put([]byte(v[i:i+rest]), at, at+size)
			i, at = i+rest, at+size
		case at < len(data) && v[i] == data[at]:
			b.Copy(at, at+1) // of a template: as it is written
			at++
			if v[i] == '\'' && n.Style&yaml.SingleQuotedStyle != 0 && at < len(data) && data[at] == '\'' {
				at++
			}
			if i++; v[i-1] == '\n' && block {
				at = d.indented(at, indent)
			}
		case at < len(data) && (v[i] == ' ' || v[i] == '\n') && strings.IndexByte(" \t\r\n", data[at]) >= 0:
			end := d.skip(at)
			for i < len(v) && v[i] == '\n' {
				b.Put([]byte("\n"), at, at+1)
				i++
			}
			if i < len(v) && v[i] == ' ' && (i == 0 || v[i-1] != '\n') {
				b.Put([]byte(" "), at, at+1)
				i++
			}
			at = end
		case at < len(data) && (data[at] == '\r' || strings.IndexByte(" \t\n", data[at]) >= 0):
			at++
		default: // nothing that is known: the rest stands for the scalar's beginning
			b.Put([]byte(v[i:]), start, start+1)
			i = len(v)
		}
	}
	return b.Text(), text.Span{Text: d.text, From: start, To: max(start, min(at, len(d.text.Data)))}
}

// content returns where a scalar itself starts, behind its tag, its anchor and its quote.
func (d *document) content(n *yaml.Node) int {
	at := d.offset(n)
	for at < len(d.data) && (d.data[at] == '!' || d.data[at] == '&') && n.Value != "" {
		for at < len(d.data) && strings.IndexByte(" \t\r\n", d.data[at]) < 0 {
			at++
		}
		at = d.skip(at)
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && at < len(d.data) {
		at++
	}
	return at
}

// skip returns where something other than white space comes.
func (d *document) skip(at int) int {
	if at < len(d.data) && d.data[at] == '\\' { // an escaped line end
		at++
	}
	for at < len(d.data) && strings.IndexByte(" \t\r\n", d.data[at]) >= 0 {
		at++
	}
	return at
}

// block returns where the text of a block scalar starts, whose header stands at an offset, and how deep it is indented.
func (d *document) block(at int) (start, indent int) {
	start = at + lineLength(d.data[at:]) + 1
	for at := start; at < len(d.data); {
		end := at + lineLength(d.data[at:])
		line := d.data[at:end]
		n := 0
		for n < len(line) && line[n] == ' ' {
			n++
		}
		if strings.TrimSpace(string(line)) != "" {
			return start, n
		}
		at = end + 1
	}
	return min(start, len(d.data)), 0
}

// indented passes over a line's indentation.
func (d *document) indented(at, indent int) int {
	for i := 0; i < indent && at < len(d.data) && d.data[at] == ' '; i++ {
		at++
	}
	return at
}

// escaped reads the escape of a double-quoted scalar at an offset: how many bytes of the value it makes, and how long it is.
func (d *document) escaped(value string, at int) (made, size int) {
	if at+1 >= len(d.data) {
		return len(value), 1
	}
	_, made = utf8.DecodeRuneInString(value)
	switch d.data[at+1] {
	case '\n', '\r':
		return 0, 0
	case 'x':
		return made, 4
	case 'u':
		return made, 6
	case 'U':
		return made, 10
	}
	return made, 2
}

// get returns the value of a key of a mapping, and the key; nil if there is none.
func get(n *yaml.Node, key string) (value, name *yaml.Node) {
	n = real(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return real(n.Content[i+1]), n.Content[i]
		}
	}
	return nil, nil
}

// real follows an alias.
func real(n *yaml.Node) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.AliasNode && i < 10; i++ {
		n = n.Alias
	}
	return n
}

// value returns the text of a key's scalar; "" if there is none.
func value(n *yaml.Node, key string) string {
	if v, _ := get(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// items returns the elements of a list; of a single value, that.
func items(n *yaml.Node) []*yaml.Node {
	n = real(n)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// isYes reports whether a scalar is one of YAML's words for true.
func isYes(n *yaml.Node) bool {
	if n == nil || n.Kind != yaml.ScalarNode {
		return false
	}
	switch strings.ToLower(n.Value) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}
