package updates

import (
	"errors"
	"fmt"
	"strings"

	"keysweep/host"
)

// aptParser reads one file of apt's configuration.
type aptParser struct {
	reader *aptReader
	name   string
	depth  int

	line    int
	text    string   // of the line
	inside  bool     // a comment that began on an earlier line
	words   []string // of the statement so far
	at      host.Origin
	parents []string
}

func (p *aptParser) parse(text string) error {
	for line := range strings.SplitSeq(text, "\n") {
		p.line++
		p.text = strings.TrimSpace(line)
		if err := p.scan(strings.TrimSuffix(line, "\r")); err != nil {
			return fmt.Errorf("%s:%d: %w", p.name, p.line, err)
		}
	}
	if len(p.words) > 0 { // braces may stay open
		return fmt.Errorf("%s:%d: a statement is not ended", p.name, p.line)
	}
	return nil
}

// scan reads a line. A word may be quoted in parts; quotes end with the line.
func (p *aptParser) scan(line string) error {
	word, open := "", false // open: there is a word, which may be empty
	end := func() {
		if open {
			if len(p.words) == 0 {
				p.at = host.Origin{Path: p.name, Line: p.line, Text: p.text}
			}
			p.words = append(p.words, word)
		}
		word, open = "", false
	}
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		if p.inside {
			if strings.HasPrefix(rest, "*/") {
				p.inside = false
				i++
			}
			continue
		}
		switch c := line[i]; {
		case strings.HasPrefix(rest, "//"), c == '#' && !directive(rest):
			end()
			return nil
		case strings.HasPrefix(rest, "/*"):
			end()
			p.inside = true
			i++
		case c == '"':
			close := strings.IndexByte(rest[1:], '"')
			if close < 0 {
				return errors.New("a quote is not closed")
			}
			word, open = word+rest[1:close+1], true
			i += close + 1
		case c == ';' || c == '{' || c == '}':
			end()
			if err := p.statement(c); err != nil {
				return err
			}
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			end()
		default:
			word, open = word+string(c), true
		}
	}
	end()
	return nil
}

// directive reports whether a # begins no comment.
func directive(text string) bool {
	return strings.HasPrefix(text, "#clear") || strings.HasPrefix(text, "#include")
}

// statement does what the words up to a sign say.
func (p *aptParser) statement(end byte) error {
	words := p.words
	p.words = nil
	if len(words) > 2 {
		return errors.New("there is more than a name and a value")
	}
	if end == '{' {
		if len(words) == 0 {
			words = []string{""}
		}
		if len(p.parents) > 100 {
			return errors.New("braces are nested too deeply")
		}
		name := p.full(words[0])
		value := Value{At: p.at}
		if len(words) == 2 {
			value.Text = words[1]
			p.set(name, value)
		}
		p.parents = append(p.parents, name)
		return nil
	}
	if err := p.simple(words); err != nil {
		return err
	}
	if end == '}' && len(p.parents) > 0 { // apt takes one too many
		p.parents = p.parents[:len(p.parents)-1]
	}
	if p.reader.made > maxItems {
		return errors.New("it sets too much")
	}
	return nil
}

// simple is a statement without braces.
func (p *aptParser) simple(words []string) error {
	switch {
	case len(words) == 0:
	case words[0] == "#clear" && len(words) == 2:
		if i := p.reader.config.root.find(strings.TrimSuffix(words[1], "::")); i != nil && !strings.HasSuffix(words[1], "::") {
			i.value, i.items = Value{}, nil
		}
	case words[0] == "#include" && len(words) == 2:
		return p.reader.file(words[1], p.depth+1)
	case len(words) == 2:
		p.set(p.full(words[0]), Value{Text: words[1], At: p.at})
	case len(p.parents) > 0:
		p.set(p.full("")+"::", Value{Text: words[0], At: p.at})
	}
	return nil
}

func (p *aptParser) set(name string, v Value) {
	if name != "" && len(name) < 4096 {
		p.reader.made += p.reader.config.root.set(name, v)
	}
}

// full is a name below those whose braces are open.
func (p *aptParser) full(name string) string {
	if len(p.parents) == 0 {
		return name
	}
	parent := p.parents[len(p.parents)-1]
	if name == "" || parent == "" {
		return parent + name
	}
	return parent + "::" + name
}
