package script

import (
	"bytes"
	"strings"

	"keysweep/script/internal/text"
)

// terraform looks for scripts in a file of Terraform: here-documents and texts that begin as user data does, and those that are given to
// arguments which run them. Only the texts of the language are read, not its expressions: see docs/adr.
func (f *File) terraform(t *text.Text, w where) {
	w.setup = true
	data := t.Data
	argument := "" // the name that a value is given to
	for at := 0; at < len(data); {
		switch b := data[at]; {
		case b == '#' || b == '/' && at+1 < len(data) && data[at+1] == '/':
			at += lineLength(data[at:])
		case b == '/' && at+1 < len(data) && data[at+1] == '*':
			n := bytes.Index(data[at+2:], []byte("*/"))
			if n < 0 {
				return
			}
			at += n + 4
		case b == '"':
			end := textEnd(data, at+1)
			f.terraformText(unquoted(t, at+1, end), argument, w)
			at = min(end+1, len(data))
		case b == '<' && at+1 < len(data) && data[at+1] == '<':
			inner, next := heredocOf(t, at)
			if inner == nil && next < 0 {
				f.say(&hit{rule: parses, span: text.Span{Text: t, From: at, To: at + lineLength(data[at:])}, part: w.name, title: "it cannot be parsed: the text does not end"})
				f.limit("a here-document does not end: it and what comes after it were not judged")
				return
			}
			if inner == nil {
				at += 2
				continue
			}
			f.terraformText(inner, argument, w)
			at = next
		case isLetter(b):
			start := at
			for at < len(data) && (isLetter(data[at]) || data[at] == '-' || '0' <= data[at] && data[at] <= '9') {
				at++
			}
			rest := bytes.TrimLeft(data[at:min(len(data), at+200)], " \t")
			if bytes.HasPrefix(rest, []byte("=")) && !bytes.HasPrefix(rest, []byte("==")) {
				argument = string(data[start:at])
			}
		default:
			at++
		}
	}
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' }

// textEnd returns where the quote stands that ends a text; quotes inside of ${...} belong to the expression there.
func textEnd(data []byte, at int) int {
	depth := 0
	for ; at < len(data); at++ {
		switch data[at] {
		case '\\':
			at++
		case '$', '%':
			if at+1 < len(data) && data[at+1] == '{' && depth < 100 {
				depth++
				at++
			}
		case '{':
			if depth > 0 {
				depth++
			}
		case '}':
			depth = max(0, depth-1)
		case '"':
			if depth == 0 {
				return at
			}
			if n := bytes.IndexByte(data[at+1:], '"'); n >= 0 {
				at += n + 1
			}
		case '\n':
			return at
		}
	}
	return len(data)
}

// unquoted returns a text without its escapes.
func unquoted(t *text.Text, from, to int) *text.Text {
	b := text.From(t)
	start := from
	put := func(at, size int, s string) {
		b.Copy(start, at)
		b.Put([]byte(s), at, at+size)
		start = at + size
	}
	for i := from; i+1 < to; i++ {
		switch {
		case t.Data[i] == '\\':
			switch c := t.Data[i+1]; c {
			case 'n':
				put(i, 2, "\n")
			case 't':
				put(i, 2, "\t")
			case 'r':
				put(i, 2, "\r")
			default:
				put(i, 2, string(c))
			}
			i++
		case t.Data[i] == '$' && t.Data[i+1] == '$' && i+2 < to && t.Data[i+2] == '{':
			put(i, 2, "$")
			i++
		}
	}
	b.Copy(start, to)
	return b.Text()
}

// heredocOf reads <<EOT or <<-EOT at an offset; nil if there is none, and then next is below 0 if it does not end.
func heredocOf(t *text.Text, at int) (inner *text.Text, next int) {
	data := t.Data
	at += 2
	indented := at < len(data) && data[at] == '-'
	if indented {
		at++
	}
	line := at + lineLength(data[at:])
	mark := strings.TrimSpace(string(data[at:line]))
	if !isIdentifier(mark) {
		return nil, at
	}
	start := min(line+1, len(data))
	end := start
	for end < len(data) {
		n := end + lineLength(data[end:])
		if strings.TrimSpace(string(data[end:n])) == mark {
			indent := 0
			if indented {
				indent = leastIndent(data[start:end])
			}
			return dedented(t, start, end, indent), min(n+1, len(data))
		}
		end = min(n+1, len(data))
	}
	return nil, -1
}

// leastIndent returns how deep the lines of a here-document are indented.
func leastIndent(data []byte) int {
	least := -1
	for line := range bytes.Lines(data) {
		n := len(line) - len(bytes.TrimLeft(line, " \t"))
		if len(bytes.TrimSpace(line)) > 0 && (least < 0 || n < least) {
			least = n
		}
	}
	return max(0, least)
}

func dedented(t *text.Text, from, to, indent int) *text.Text {
	b := text.From(t)
	for from < to {
		end := min(from+lineLength(t.Data[from:])+1, to)
		skip := 0
		for skip < indent && from+skip < end && (t.Data[from+skip] == ' ' || t.Data[from+skip] == '\t') {
			skip++
		}
		start := from + skip
		for i := start; i+2 < end; i++ {
			if t.Data[i] == '$' && t.Data[i+1] == '$' && t.Data[i+2] == '{' { // ${ for the shell
				b.Copy(start, i)
				start = i + 1
				i++
			}
		}
		b.Copy(start, end)
		from = end
	}
	return b.Text()
}

// terraformText looks at a text of Terraform.
func (f *File) terraformText(t *text.Text, argument string, w where) {
	if len(bytes.TrimSpace(t.Data)) == 0 {
		return
	}
	inner := w.in(argument, "user-data")
	switch argument {
	case "user_data", "user_data_base64", "custom_data", "metadata_startup_script", "startup_script", "startup-script", "user-data", "cloud_init", "content":
		if argument == "user_data_base64" && isBase64(t.Data) {
			f.base64(t, inner)
			return
		}
		if form := byContent(t.Data); form != nothing {
			f.take(t, form, inner)
		} else if strings.Contains(argument, "startup") && bytes.IndexByte(t.Data, '\n') >= 0 {
			f.take(t, script, inner)
		}
		return
	case "command", "inline":
		inner.setup = false
		f.script(t, fragment, inner, "sh")
		return
	}
	if form := byContent(t.Data); form != nothing && bytes.IndexByte(t.Data, '\n') >= 0 {
		f.take(t, form, inner)
	}
}
