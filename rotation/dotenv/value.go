package dotenv

import (
	"bytes"
	"strings"
)

// value reads what stands after the "=". False: it means nothing, and the line is passed over.
func (p *parser) value(a *Assignment) (bool, error) {
	if !p.atEnd() && strings.IndexByte("'\"`", p.peek()) >= 0 {
		return p.quoted(a)
	}
	p.bare(a)
	return true, nil
}

// bare reads a value without quotes, up to the line's end or a comment.
func (p *parser) bare(a *Assignment) {
	data, start := p.file.data, p.at
	end := start
	for ; !p.endsAt(end); end++ {
		if data[end] != '#' {
			continue
		}
		if isBlank(data[end-1]) { // there is one: "=" or ":" stands before the value
			break
		}
		a.Doubt = `"#" in a value without quotes, where some programs begin a comment`
	}
	for end > start && isBlank(data[end-1]) {
		end--
	}
	a.start, a.end = start, end
	a.Value = bytes.Clone(data[start:end])
	a.Expands = expands(a.Value, false)
	if bytes.ContainsAny(a.Value, "\\") {
		a.Doubt = "a backslash in a value without quotes, which the shell takes away"
	}
	p.at = end
	p.leaveLine()
}

// quoted reads a value in quotes.
func (p *parser) quoted(a *Assignment) (bool, error) {
	a.Quote = p.peek()
	a.start = p.at + 1
	a.end = p.closing(a.Quote, a.start)
	if a.end < 0 {
		return false, &ParseError{a.Line, "a quote is opened here and never closed"}
	}
	raw := p.file.data[a.start:a.end]
	p.line += bytes.Count(raw, []byte("\n"))
	p.at = a.end + 1
	afterQuote := p.at
	p.blanks()
	if !p.atEnd() && (p.peek() != '#' || p.at == afterQuote) {
		p.odd("something follows the closing quote")
		return false, nil
	}
	a.Value = unquote(raw, a.Quote)
	a.Expands = a.Quote == '"' && expands(raw, true)
	if a.Quote == '`' {
		a.Doubt = "backquotes, which make the shell run a command"
	}
	return true, nil
}

// closing returns where a quote that was opened before start is closed, or -1.
func (p *parser) closing(quote byte, start int) int {
	data := p.file.data
	for i := start; i < len(data); i++ {
		switch {
		case data[i] == quote:
			return i
		case data[i] != '\\' || i+1 >= len(data):
		case quote == '"':
			i++
		case quote == '\'' && data[i+1] == '\'' && !p.over(i+2):
			i++
		}
	}
	return -1
}

// over reports whether nothing but a comment stands from i to the line's end.
func (p *parser) over(i int) bool {
	start := i
	for i < len(p.file.data) && isBlank(p.file.data[i]) {
		i++
	}
	return p.endsAt(i) || i > start && p.file.data[i] == '#'
}

// unquote resolves what the quotes allow.
func unquote(raw []byte, quote byte) []byte {
	value := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		more := i+1 < len(raw)
		switch {
		case c == '\r' && more && raw[i+1] == '\n':
			continue
		case c == '\\' && more && quote == '\'' && raw[i+1] == '\'':
			i++
			c = '\''
		case c == '\\' && more && quote == '"':
			if meant := strings.IndexByte(`nrt"\$`, raw[i+1]); meant >= 0 {
				i++
				c = "\n\r\t\"\\$"[meant]
			}
		}
		value = append(value, c)
	}
	return value
}

// expands reports whether a value holds what shells and docker compose replace. escapes: a backslash takes its meaning away.
func expands(raw []byte, escapes bool) bool {
	for i := 0; i+1 < len(raw); i++ {
		switch next := raw[i+1]; {
		case raw[i] == '\\' && escapes:
			i++
		case raw[i] == '$' && (next == '{' || next == '(' || next == '_' || wordByte(next) && (next < '0' || next > '9')):
			return true
		}
	}
	return false
}
