package cloud

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind says what a token of HCL's native syntax is (HCL Native Syntax Specification, "Lexical Elements").
type tokenKind uint8

const (
	tokenEnd     tokenKind = iota // of the file
	tokenBreak                    // of a line
	tokenName                     // an identifier, which may hold dashes
	tokenText                     // a quoted template or a heredoc
	tokenNumber                   //
	tokenSign                     // everything else, one character each
	tokenInvalid                  // what cannot be read: a quote that is never closed
)

// token is a piece of a file.
type token struct {
	kind   tokenKind
	text   string // of a text: what it says, its escapes undone
	plain  bool   // of a text: it has neither ${...} nor %{...}
	at     int    // byte offset
	line   int
	column int // in code points
}

// lexer cuts a file into tokens. It reads every byte a bounded number of times, whatever the file holds.
type lexer struct {
	data   string
	at     int
	line   int
	column int
}

func newLexer(data string) *lexer {
	data = strings.TrimPrefix(data, "\ufeff")
	return &lexer{data: data, line: 1, column: 1}
}

// step goes on by n bytes.
func (l *lexer) step(n int) {
	for end := l.at + n; l.at < end; {
		r, size := utf8.DecodeRuneInString(l.data[l.at:])
		if l.at += size; r == '\n' {
			l.line, l.column = l.line+1, 1
		} else {
			l.column++
		}
	}
}

func (l *lexer) rest() string { return l.data[l.at:] }

// skip passes over blanks and comments; a comment to the end of a line leaves the line's end.
func (l *lexer) skip() {
	for {
		rest := l.rest()
		switch {
		case rest == "":
			return
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.step(1)
		case rest[0] == '#' || strings.HasPrefix(rest, "//"):
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				l.step(end)
			} else {
				l.step(len(rest))
			}
		case strings.HasPrefix(rest, "/*"):
			if end := strings.Index(rest[2:], "*/"); end >= 0 {
				l.step(end + 4)
			} else {
				l.step(len(rest))
			}
		default:
			return
		}
	}
}

// next returns the next token.
func (l *lexer) next() token {
	l.skip()
	t := token{at: l.at, line: l.line, column: l.column}
	rest := l.rest()
	if rest == "" {
		return t
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == '\n':
		t.kind = tokenBreak
		l.step(1)
	case r == '"':
		l.quoted(&t)
	case strings.HasPrefix(rest, "<<"):
		l.heredoc(&t)
	case unicode.IsLetter(r) || r == '_':
		n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' })
		if n < 0 {
			n = len(rest)
		}
		t.kind, t.text = tokenName, rest[:n]
		l.step(n)
	case r >= '0' && r <= '9':
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n < 0 {
			n = len(rest)
		}
		t.kind, t.text = tokenNumber, rest[:n]
		l.step(n)
	default:
		t.kind, t.text = tokenSign, rest[:size]
		l.step(size)
	}
	return t
}

// quoted reads a quoted template; expressions in it may hold quotes themselves.
func (l *lexer) quoted(t *token) {
	t.kind, t.plain = tokenText, true
	var b strings.Builder
	depth := 0
	inner := false // within a quoted text of an expression
	for i := l.at + 1; i < len(l.data); i++ {
		c := l.data[i]
		switch {
		case c == '\\' && i+1 < len(l.data) && (depth == 0 || inner):
			i++
			b.WriteString(unescape(l.data[i]))
		case depth > 0 && c == '"':
			inner = !inner
		case depth > 0 && inner:
		case depth > 0 && c == '{':
			depth++
		case depth > 0 && c == '}':
			depth--
		case depth > 0:
		case c == '"':
			t.text = b.String()
			l.step(i + 1 - l.at)
			return
		case c == '\n':
			t.kind = tokenInvalid
			l.step(i - l.at)
			return
		case (c == '$' || c == '%') && strings.HasPrefix(l.data[i+1:], string(c)+"{"): // $${ is a dollar and a brace
			b.WriteString(l.data[i+1 : i+3])
			i += 2
		case (c == '$' || c == '%') && strings.HasPrefix(l.data[i+1:], "{"):
			t.plain, depth = false, 1
			i++
		default:
			b.WriteByte(c)
		}
	}
	t.kind = tokenInvalid
	l.step(len(l.data) - l.at)
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	}
	return string(c)
}

// heredoc reads <<WORD to the line that holds WORD alone.
func (l *lexer) heredoc(t *token) {
	rest := l.rest()
	head, body, ok := strings.Cut(rest, "\n")
	word := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(head, "<<"), "-"))
	if !ok || word == "" || strings.ContainsAny(word, " \t\"") {
		t.kind, t.text = tokenSign, "<"
		l.step(1)
		return
	}
	n := len(head) + 1
	for body != "" {
		line, after, more := strings.Cut(body, "\n")
		if strings.TrimSpace(line) == word {
			t.kind, t.text = tokenText, rest[len(head)+1:n]
			t.plain = !strings.Contains(t.text, "${") && !strings.Contains(t.text, "%{")
			l.step(n + len(line))
			return
		}
		if !more {
			break
		}
		n, body = n+len(line)+1, after
	}
	t.kind = tokenInvalid
	l.step(len(rest))
}
