package dotenv

import (
	"bytes"
	"fmt"
)

// ParseError says why a file cannot be read at all: what follows would be misread, too.
type ParseError struct {
	Line int // from 1; 0 if it is the whole file
	What string
}

// Error names the line.
func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.What
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.What)
}

// Parse reads a .env file. The result refers to data, which must not be changed as long as it is in use. The error is a
// *ParseError. Time and memory are linear in the size.
func Parse(data []byte) (*File, error) {
	switch {
	case len(data) > MaxSize:
		return nil, &ParseError{0, fmt.Sprintf("it is larger than %d bytes", MaxSize)}
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
		return nil, &ParseError{0, "it is in UTF-16; programs that read .env files want UTF-8"}
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return nil, &ParseError{1 + bytes.Count(data[:at], []byte("\n")), "there is a zero byte, which no variable can hold"}
	}
	p := &parser{file: &File{data: data}, line: 1}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		p.at = len("\ufeff")
	}
	for p.at < len(data) {
		if err := p.statement(); err != nil {
			p.file.Clear()
			return nil, err
		}
	}
	return p.file, nil
}

// parser stands at a byte of a file.
type parser struct {
	file *File
	at   int
	line int
}

// statement reads a line, or the lines that a value in quotes takes.
func (p *parser) statement() error {
	p.blanks()
	if p.atEnd() || p.peek() == '#' {
		p.nextLine()
		return nil
	}
	a := Assignment{Line: p.line}
	exported := p.export()
	a.Name = p.name()
	switch {
	case a.Name == "":
		p.odd("no assignment")
		return nil
	case !p.separator(&a, exported):
		return nil
	}
	if a.Given {
		if fine, err := p.value(&a); err != nil || !fine {
			return err
		}
	}
	a.LastLine = p.line
	p.file.Assignments = append(p.file.Assignments, a)
	p.nextLine()
	return nil
}

// export passes over the shell's word.
func (p *parser) export() bool {
	rest := p.file.data[p.at:]
	const word = "export"
	if len(rest) > len(word) && string(rest[:len(word)]) == word && (rest[len(word)] == ' ' || rest[len(word)] == '\t') {
		p.at += len(word)
		p.blanks()
		return true
	}
	return false
}

// name reads what node's dotenv takes for a name, which is more than a variable's name may be.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.file.data) && (wordByte(p.peek()) || p.peek() == '.' || p.peek() == '-') {
		p.at++
	}
	return string(p.file.data[start:p.at])
}

// separator passes over what stands between name and value. False: this is no assignment, and the line is passed over.
func (p *parser) separator(a *Assignment, exported bool) bool {
	nameEnd := p.at
	p.blanks()
	spaced := p.at > nameEnd
	switch {
	case p.atEnd() || p.peek() == '#' && spaced:
		p.leaveLine()
		return true
	case p.peek() == '=':
		p.at++
		after := p.at
		p.blanks()
		if spaced || p.at > after && !p.atEnd() && p.peek() != '#' {
			a.Doubt = `space around "=", which is an error for the shell`
		}
	case p.peek() == ':' && !exported && !spaced && p.at+1 < len(p.file.data) && isBlank(p.file.data[p.at+1]):
		p.at++
		p.blanks()
		a.Doubt = `":" instead of "=", which only some programs understand`
	default:
		p.odd("no assignment")
		return false
	}
	a.Given = true
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func (p *parser) peek() byte { return p.file.data[p.at] }

func (p *parser) blanks() {
	for p.at < len(p.file.data) && isBlank(p.peek()) {
		p.at++
	}
}

// atEnd reports whether the line ends here.
func (p *parser) atEnd() bool { return p.endsAt(p.at) }

func (p *parser) endsAt(i int) bool {
	data := p.file.data
	return i >= len(data) || data[i] == '\n' || data[i] == '\r' && (i+1 == len(data) || data[i+1] == '\n')
}

// leaveLine goes to the end of the line.
func (p *parser) leaveLine() {
	if n := bytes.IndexByte(p.file.data[p.at:], '\n'); n >= 0 {
		p.at += n
		return
	}
	p.at = len(p.file.data)
}

// nextLine goes to the start of the next line.
func (p *parser) nextLine() {
	p.leaveLine()
	if p.at < len(p.file.data) {
		p.at++
		p.line++
	}
}

func (p *parser) odd(what string) {
	p.file.Odd = append(p.file.Odd, Odd{p.line, what})
	p.nextLine()
}
