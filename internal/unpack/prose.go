package unpack

import (
	"bufio"
	"path"
	"strings"
)

// tagLongest is how much is kept of a tag: the names that count are shorter.
const tagLongest = 16

// isProse reports whether a member of a zip holds text of a document or presentation (ECMA-376): Word writes a new element whenever the
// spelling or the looks change, so that a value may be cut in pieces, and be in another element than its name.
func isProse(name string) bool {
	if path.Ext(name) != ".xml" {
		return false
	}
	switch dir, _ := path.Split(name); dir {
	case "word/", "ppt/slides/", "ppt/notesSlides/":
		return true
	}
	return false
}

// prose hands over a member's text as people see it: a paragraph is a line, and so is a row of a table, with ": " between its cells.
func (w *walker) prose(path string, c content, e zipEntry, depth int) error {
	inside, err := w.zipContent(c, e)
	if err != nil {
		return nil // the member itself was told
	}
	return w.text(join(path, "text"), &proseReader{r: bufio.NewReaderSize(inside.reader(), 32<<10)}, depth)
}

// proseReader writes the text in the elements for it, and what stands between these.
type proseReader struct {
	r       *bufio.Reader
	out     []byte
	pending string // to be written before the next text
	inside  bool   // an element for text
	row     bool   // a row has ended, and nothing was written since
	err     error
}

// Read implements io.Reader.
func (p *proseReader) Read(to []byte) (int, error) {
	for len(p.out) < len(to) && p.err == nil {
		p.step()
	}
	n := copy(to, p.out)
	if p.out = p.out[n:]; n == 0 && len(to) > 0 {
		return 0, p.err
	}
	return n, nil
}

// step reads a character or a tag.
func (p *proseReader) step() {
	var b byte
	if b, p.err = p.r.ReadByte(); p.err != nil {
		return
	}
	if b == '<' {
		p.tag()
		return
	}
	if p.inside {
		p.out = append(append(p.out, p.pending...), b)
		p.pending, p.row = "", false
	}
}

// tag reads a tag and takes down what it means.
func (p *proseReader) tag() {
	var name []byte
	for {
		var b byte
		if b, p.err = p.r.ReadByte(); p.err != nil || b == '>' {
			break
		}
		if len(name) < tagLongest {
			name = append(name, b)
		}
	}
	word, _, _ := strings.Cut(string(name), " ")
	end := strings.HasPrefix(word, "/")
	_, local, _ := strings.Cut(strings.Trim(word, "/"), ":")
	switch local {
	case "t":
		p.inside = !end
	case "tab":
		p.pending += "\t"
	case "p", "br", "cr", "tr":
		if end || local != "p" && local != "tr" {
			p.pending, p.row = "\n", p.row || local == "tr"
		}
	case "tc":
		if end && !p.row {
			p.pending = ": "
		}
	}
	if len(p.pending) > tagLongest {
		p.pending = "\n"
	}
}
