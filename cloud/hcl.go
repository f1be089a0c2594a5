package cloud

import "fmt"

// value is what an expression comes to. What cannot be known without running Terraform is unknown.
type value struct {
	kind valueKind
	text string   // of a text, a number or a truth value
	ref  []string // of a reference: "var", "cidr"
	list []value
	keys []string // of an object, beside list
	line int
	col  int
}

type valueKind uint8

const (
	unknownValue valueKind = iota
	textValue
	numberValue
	boolValue
	listValue
	objectValue
	refValue
)

// block is a block of a file, or a file as a whole.
type block struct {
	kind   string
	labels []string
	attrs  map[string]value
	blocks []*block
	line   int
	col    int
}

// all returns the blocks of a kind.
func (b *block) all(kind string) (list []*block) {
	for _, inner := range b.blocks {
		if inner.kind == kind {
			list = append(list, inner)
		}
	}
	return list
}

// deepest is how far blocks, lists and objects may be nested.
const deepest = 100

// parser reads HCL's native syntax as far as it is data: blocks, attributes, literals, lists, objects and references. An expression that
// is more than that is unknown, and passed over.
type parser struct {
	lex *lexer
	tok token
}

// syntaxError is a file that is not HCL.
type syntaxError struct {
	line, column int
	what         string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.line, e.column, e.what)
}

func parseHCL(data string) (*block, error) {
	p := &parser{lex: newLexer(data)}
	p.advance()
	file := &block{attrs: map[string]value{}, line: 1, col: 1}
	err := p.body(file, 0)
	if err == nil && p.tok.kind != tokenEnd {
		err = p.wrong("a block ends that has not begun")
	}
	return file, err
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) sign(s string) bool { return p.tok.kind == tokenSign && p.tok.text == s }

func (p *parser) wrong(what string) error { return &syntaxError{p.tok.line, p.tok.column, what} }

// body reads attributes and blocks up to a closing brace or the end of the file.
func (p *parser) body(into *block, depth int) error {
	if depth > deepest {
		return p.wrong("blocks are nested too deep")
	}
	for {
		switch {
		case p.tok.kind == tokenBreak:
			p.advance()
		case p.tok.kind == tokenEnd || p.sign("}"):
			return nil
		case p.tok.kind != tokenName && p.tok.kind != tokenText:
			return p.wrong("the name of an attribute or a block is missing")
		default:
			if err := p.item(into, depth); err != nil {
				return err
			}
		}
	}
}

// item reads an attribute or a block.
func (p *parser) item(into *block, depth int) error {
	name := p.tok
	p.advance()
	if p.sign("=") {
		p.advance()
		v, err := p.expression(depth)
		if err != nil {
			return err
		}
		into.attrs[name.text] = v
		return nil
	}
	inner := &block{kind: name.text, attrs: map[string]value{}, line: name.line, col: name.column}
	for p.tok.kind == tokenName || p.tok.kind == tokenText {
		inner.labels = append(inner.labels, p.tok.text)
		p.advance()
	}
	if !p.sign("{") {
		return p.wrong("= or { is missing behind " + name.text)
	}
	p.advance()
	if err := p.body(inner, depth+1); err != nil {
		return err
	}
	if !p.sign("}") {
		return p.wrong("the block " + name.text + " is not closed")
	}
	p.advance()
	into.blocks = append(into.blocks, inner)
	return nil
}

// expression reads a value up to the end of its line, or to what ends it in a list or an object.
func (p *parser) expression(depth int) (value, error) {
	v, err := p.term(depth)
	if err != nil {
		return v, err
	}
	if p.ended() {
		return v, nil
	}
	line, col := v.line, v.col
	if err := p.pass(depth); err != nil { // an operator, a condition, a call, a loop
		return v, err
	}
	return value{line: line, col: col}, nil
}

// ended reports whether an expression ends here.
func (p *parser) ended() bool {
	return p.tok.kind == tokenBreak || p.tok.kind == tokenEnd || p.sign(",") || p.sign("]") || p.sign("}") || p.sign(")")
}

// pass goes over the rest of an expression, brackets and what is in them included.
func (p *parser) pass(depth int) error {
	open := 0
	for {
		switch {
		case p.tok.kind == tokenEnd:
			if open > 0 {
				return p.wrong("a bracket is not closed")
			}
			return nil
		case p.tok.kind == tokenInvalid:
			return p.wrong("a text is not closed")
		case p.sign("(") || p.sign("[") || p.sign("{"):
			if open++; open+depth > deepest {
				return p.wrong("brackets are nested too deep")
			}
		case open == 0 && p.ended():
			return nil
		case p.sign(")") || p.sign("]") || p.sign("}"):
			open--
		}
		p.advance()
	}
}

// term reads a literal, a list, an object or a reference; anything else is left to pass.
func (p *parser) term(depth int) (value, error) {
	t := p.tok
	v := value{line: t.line, col: t.column}
	switch {
	case depth > deepest:
		return v, p.wrong("values are nested too deep")
	case t.kind == tokenInvalid:
		return v, p.wrong("a text is not closed")
	case t.kind == tokenText:
		if t.plain {
			v.kind, v.text = textValue, t.text
		}
	case t.kind == tokenNumber:
		v.kind, v.text = numberValue, t.text
	case t.kind == tokenName && (t.text == "true" || t.text == "false"):
		v.kind, v.text = boolValue, t.text
	case t.kind == tokenName:
		return p.reference(v)
	case p.sign("["):
		return p.sequence(v, depth)
	case p.sign("{"):
		return p.object(v, depth)
	case p.sign("-"):
		p.advance()
		if p.tok.kind != tokenNumber {
			return v, nil
		}
		v.kind, v.text = numberValue, "-"+p.tok.text
	default:
		return v, nil
	}
	p.advance()
	return v, nil
}

// reference reads names with dots between them.
func (p *parser) reference(v value) (value, error) {
	v.kind, v.ref = refValue, []string{p.tok.text}
	p.advance()
	for p.sign(".") {
		p.advance()
		if p.tok.kind != tokenName {
			v.kind = unknownValue
			return v, nil
		}
		v.ref = append(v.ref, p.tok.text)
		p.advance()
	}
	return v, nil
}

func (p *parser) breaks() {
	for p.tok.kind == tokenBreak {
		p.advance()
	}
}

// sequence reads a list; one that a loop makes is unknown.
func (p *parser) sequence(v value, depth int) (value, error) {
	v.kind = listValue
	p.advance()
	for {
		p.breaks()
		if p.sign("]") {
			p.advance()
			return v, nil
		}
		if p.tok.kind == tokenEnd {
			return v, p.wrong("a list is not closed")
		}
		if p.tok.kind == tokenName && p.tok.text == "for" {
			return p.loop(v, "]", depth)
		}
		item, err := p.expression(depth + 1)
		if err != nil {
			return v, err
		}
		v.list = append(v.list, item)
		p.breaks()
		if p.sign(",") {
			p.advance()
		} else if !p.sign("]") {
			return v, p.wrong("a comma is missing in a list")
		}
	}
}

// object reads what is in braces.
func (p *parser) object(v value, depth int) (value, error) {
	v.kind = objectValue
	p.advance()
	for {
		p.breaks()
		if p.sign("}") {
			p.advance()
			return v, nil
		}
		if p.tok.kind == tokenName && p.tok.text == "for" {
			return p.loop(v, "}", depth)
		}
		if p.tok.kind != tokenName && p.tok.kind != tokenText && p.tok.kind != tokenNumber {
			return p.loop(v, "}", depth) // a key that is an expression
		}
		key := p.tok.text
		p.advance()
		if !p.sign("=") && !p.sign(":") {
			return v, p.wrong("= is missing in an object")
		}
		p.advance()
		item, err := p.expression(depth + 1)
		if err != nil {
			return v, err
		}
		v.keys, v.list = append(v.keys, key), append(v.list, item)
		if p.sign(",") {
			p.advance()
		}
	}
}

// loop passes over what only Terraform can work out, up to the bracket that closes it.
func (p *parser) loop(v value, closing string, depth int) (value, error) {
	open := 0
	for {
		switch {
		case p.tok.kind == tokenEnd || p.tok.kind == tokenInvalid:
			return v, p.wrong("a bracket is not closed")
		case open == 0 && p.sign(closing):
			p.advance()
			return value{line: v.line, col: v.col}, nil
		case p.sign("(") || p.sign("[") || p.sign("{"):
			if open++; open+depth > deepest {
				return v, p.wrong("brackets are nested too deep")
			}
		case p.sign(")") || p.sign("]") || p.sign("}"):
			open--
		}
		p.advance()
	}
}
