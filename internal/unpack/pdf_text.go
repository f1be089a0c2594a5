package unpack

import (
	"bytes"
	"strconv"
	"unicode/utf16"
)

// pdfFont maps a font's codes to text.
type pdfFont struct {
	width int // bytes of a code
	runes map[uint32]string
}

// pdfGap is how far, in thousandths of the font's size, a string must be moved for a space to be there: fonts have them half as wide at
// the least, and pairs of letters are moved by less than a tenth.
const pdfGap = 180

// pdfMapped is how many codes the fonts of a file may map together, and pdfMeans how many units of UTF-16 one may mean.
const (
	pdfMapped = 1 << 20
	pdfMeans  = 16
)

// readMap reads the map of a font's codes (ISO 32000-1, 9.10.3). It has entries of three kinds: a code and what it means, a range of
// codes and what the first one means, and a range and what each means.
func (p *pdfFile) readMap(data []byte) pdfFont {
	f := pdfFont{width: 1, runes: map[uint32]string{}}
	t := pdfTokens{data: data}
	var args, list [][]byte
	inList := false
	for kind, tok := t.next(); kind != 0 && p.mapped < pdfMapped; kind, tok = t.next() {
		switch kind {
		case '(':
			if inList {
				list = append(list, tok)
			} else {
				args = append(args, tok)
			}
		case '[':
			inList, list = true, nil
		case ']':
			if inList = false; len(args) >= 2 {
				from := pdfCode(args[len(args)-2])
				for i, meaning := range list {
					p.mapCode(f, from+uint32(i), utf16Units(meaning))
				}
				args = args[:len(args)-2]
			}
		case 'w':
			p.mapCodes(&f, string(tok), args)
			args = args[:0]
		}
	}
	return f
}

// mapCodes takes a list of entries, at whose end the keyword stands.
func (p *pdfFile) mapCodes(f *pdfFont, keyword string, args [][]byte) {
	switch keyword {
	case "endcodespacerange":
		if len(args) > 0 && len(args[0]) > 0 {
			f.width = min(len(args[0]), 4)
		}
	case "endbfchar":
		for i := 0; i+1 < len(args); i += 2 {
			p.mapCode(*f, pdfCode(args[i]), utf16Units(args[i+1]))
		}
	case "endbfrange":
		for i := 0; i+2 < len(args); i += 3 {
			units := utf16Units(args[i+2])
			for c, to := pdfCode(args[i]), pdfCode(args[i+1]); c <= to && len(units) > 0 && p.mapped < pdfMapped; c++ {
				p.mapCode(*f, c, units)
				units[len(units)-1]++
			}
		}
	}
}

func (p *pdfFile) mapCode(f pdfFont, code uint32, units []uint16) {
	p.mapped++
	f.runes[code] = string(utf16.Decode(units[:min(len(units), pdfMeans)]))
}

func pdfCode(b []byte) (n uint32) {
	for _, c := range b[:min(len(b), 4)] {
		n = n<<8 | uint32(c)
	}
	return n
}

func utf16Units(b []byte) (units []uint16) {
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[0])<<8|uint16(b[1]))
	}
	return units
}

// write writes what codes mean. Codes that a font does not map are taken for characters.
func (f pdfFont) write(out *bytes.Buffer, codes []byte) {
	if f.runes == nil {
		for _, c := range codes {
			out.WriteRune(rune(c))
		}
		return
	}
	for len(codes) >= f.width {
		code := pdfCode(codes[:f.width])
		if text, ok := f.runes[code]; ok {
			out.WriteString(text)
		} else if code >= ' ' {
			out.WriteRune(rune(code))
		}
		codes = codes[f.width:]
	}
}

// page writes what a page's content says: strings as they come, with spaces and lines where the position is moved.
func (p *pdfFile) page(data []byte) {
	t := pdfTokens{data: data}
	var font pdfFont
	var args []pdfArg
	for kind, tok := t.next(); kind != 0; kind, tok = t.next() {
		if kind != 'w' {
			args = append(args, pdfArg{kind, tok})
			if len(args) > 1<<16 {
				args = args[:0]
			}
			continue
		}
		switch op := string(tok); op {
		case "Tf":
			for _, a := range args {
				if a.kind == '/' {
					font = p.fonts[string(a.text)]
				}
			}
		case "Tj", "'", "\"", "TJ":
			if op == "'" || op == "\"" {
				p.text.WriteByte('\n')
			}
			p.show(font, args)
		case "T*", "Tm", "ET":
			p.newLine()
		case "Td", "TD":
			if len(args) < 2 || pdfFloat(args[1].text) != 0 {
				p.newLine()
			} else {
				p.text.WriteByte(' ')
			}
		case "BI":
			t.skipImage()
		}
		args = args[:0]
	}
	p.newLine()
}

type pdfArg struct {
	kind byte
	text []byte
}

func (p *pdfFile) newLine() {
	if b := p.text.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		p.text.WriteByte('\n')
	}
}

// show writes the strings among the arguments of an operator, with spaces where they are moved apart.
func (p *pdfFile) show(font pdfFont, args []pdfArg) {
	for _, a := range args {
		switch {
		case a.kind == '(':
			font.write(&p.text, a.text)
		case a.kind == 'n' && pdfFloat(a.text) < -pdfGap:
			p.text.WriteByte(' ')
		}
	}
}

func pdfFloat(b []byte) float64 {
	f, _ := strconv.ParseFloat(string(b), 64) // 0 if it is none
	return f
}
