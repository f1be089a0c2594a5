package shell

import (
	"bytes"
	"strings"
)

// Blank returns a text in which what a template engine puts in is written as something that a shell understands, byte for byte as
// long: {{ db_password }} becomes ${_db_password__}, and ${var.db.host} ${var_db_host}, so that the name still says what it is about.
// Statements of templates ({% if %}, {{- range }}, %{ for }) and their comments become spaces.
func Blank(data []byte) []byte {
	if !bytes.Contains(data, []byte("{{")) && !bytes.Contains(data, []byte("{%")) && !bytes.Contains(data, []byte("${")) &&
		!bytes.Contains(data, []byte("%{")) && !bytes.Contains(data, []byte("{#")) && bytes.IndexByte(data, 0) < 0 {
		return data
	}
	out := bytes.Clone(data)
	for i := 0; i+1 < len(out); i++ {
		switch string(out[i : i+2]) {
		case "${":
			if i+2 < len(out) && out[i+2] == '{' {
				i = action(out, i)
			} else {
				i = dotted(out, i)
			}
		case "{{":
			i = braces(out, i)
		case "{%", "%{":
			i = directive(out, i)
		case "{#":
			if end := closing(out, i+2, "#}"); end > 0 && (i == 0 || out[i-1] != '$') {
				spaces(out[i:end])
				i = end - 1
			}
		}
	}
	for i, b := range out {
		if b == 0 { // the parser leaves them out, and offsets would be wrong
			out[i] = ' '
		}
	}
	return out
}

// maxTemplate is the longest expression of a template that is looked for, maxStatement the longest statement or comment.
const (
	maxTemplate  = 400
	maxStatement = 4000
)

// closing returns the end of what ends with mark; 0 if that is not near.
func closing(data []byte, from int, mark string) int {
	most := maxTemplate
	if mark != "}}" && mark != "}" {
		most = maxStatement
	}
	n := bytes.Index(data[from:min(len(data), from+most)], []byte(mark))
	if n < 0 {
		return 0
	}
	return from + n + len(mark)
}

// braces rewrites {{ ... }} at an offset and returns where its last byte is.
func braces(out []byte, at int) int {
	end := closing(out, at+2, "}}")
	if end == 0 || bytes.IndexByte(out[at:end], '\n') >= 0 {
		return at + 1
	}
	inner := strings.Trim(string(out[at+2:end-2]), "- ~")
	word, _, _ := strings.Cut(inner, " ")
	switch word {
	case "if", "else", "end", "range", "with", "define", "template", "block", "include", "#if", "/if", "#each", "/each", "/*":
		spaces(out[at:end])
		return end - 1
	}
	variable(out, at, end-2, 2)
	return end - 1
}

// action rewrites ${{ secrets.TOKEN }} of GitHub's workflows at an offset.
func action(out []byte, at int) int {
	end := closing(out, at+3, "}}")
	if end == 0 || bytes.IndexByte(out[at:end], '\n') >= 0 {
		return at + 1
	}
	out[at+2] = '_'
	variable(out, at, end-2, 2)
	return end - 1
}

// variable makes ${___name___} of out[at:to] and of the closing bytes behind.
func variable(out []byte, at, to, closers int) {
	out[at] = '$'
	out[at+1] = '{'
	for i := at + 2; i < to+closers-1; i++ {
		if b := out[i]; !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9') {
			out[i] = '_'
		}
	}
	if b := out[at+2]; '0' <= b && b <= '9' {
		out[at+2] = '_'
	}
	out[to+closers-1] = '}'
}

// directive blanks {% ... %} and %{ ... } of templates.
func directive(out []byte, at int) int {
	mark := "%}"
	if out[at] == '%' {
		mark = "}"
		word := strings.TrimLeft(string(out[at+2:min(len(out), at+20)]), "~ ")
		known := false
		for _, w := range []string{"if ", "else", "endif", "for ", "endfor"} {
			known = known || strings.HasPrefix(word, w)
		}
		if !known || at > 0 && (out[at-1] == '%' || out[at-1] == '$') {
			return at + 1
		}
	}
	end := closing(out, at+2, mark)
	if end == 0 {
		return at + 1
	}
	spaces(out[at:end])
	return end - 1
}

// dotted rewrites ${a.b["c"]} and ${file("x")}, which no shell has, and leaves everything that a shell may have.
func dotted(out []byte, at int) int {
	i := at + 2
	for i < len(out) && (isName(string(out[i:i+1])) || i > at+2 && '0' <= out[i] && out[i] <= '9') {
		i++
	}
	if i >= len(out) || i == at+2 {
		return at + 1
	}
	if b := out[i]; b != '.' && b != '(' && !(b == ':' && i+2 < len(out) && out[i+1] == ':' && isName(string(out[i+2:i+3]))) {
		return i - 1
	}
	end, depth := i, 1
	for ; end < len(out) && end < at+maxTemplate && out[end] != '\n' && depth > 0; end++ {
		switch out[end] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	if depth > 0 {
		return at + 1
	}
	variable(out, at, end-1, 1)
	return end - 1
}

func spaces(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}
