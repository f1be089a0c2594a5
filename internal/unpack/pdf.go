package unpack

import (
	"bytes"
	"io"
	"strconv"
)

const pdfMagic = "%PDF-"

// pdf reads a PDF (ISO 32000-1): "text" is what its pages say, "objects" is everything that is neither a page's content nor an image or
// font, where notes, links, forms and scripts are; files that are attached are members of their own.
//
// Objects are found by their keywords and not by the table of references, as in a file whose table is damaged: what was replaced by a
// later version is looked at, too.
func (w *walker) pdf(path string, c content, depth int) error {
	c, err := w.inMemory(c)
	if err != nil {
		return err
	}
	if c.size > w.budget.limits.Memory {
		return w.noMemory()
	}
	data := make([]byte, c.size)
	if n, err := c.at.ReadAt(data, 0); err != nil && n < len(data) {
		return notEnd(err)
	}
	p := &pdfFile{walker: w, path: path, fonts: map[string]pdfFont{}, refs: map[string]int{}, maps: map[int]pdfFont{}, tounis: map[int]int{}}
	if p.find(data); p.encrypted() {
		return failf(Encrypted, "encrypted")
	}
	if err := p.unpack(depth); err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		text *bytes.Buffer
	}{{"objects", &p.plain}, {"text", &p.text}} {
		if m.text.Len() == 0 {
			continue
		}
		if err := w.budget.member(); err != nil {
			return err
		}
		if err := w.text(join(path, m.name), m.text, depth); err != nil {
			return err
		}
	}
	switch {
	case p.full:
		return w.noMemory()
	case p.lost > 0:
		return damagedf("%d of its streams cannot be unpacked", p.lost)
	}
	return nil
}

// pdfFile is a PDF that is being read.
type pdfFile struct {
	*walker
	path     string
	objects  []pdfObject
	trailers [][]byte
	fonts    map[string]pdfFont // by the name that pages use
	refs     map[string]int     // the same, as object numbers
	tounis   map[int]int        // objects of fonts to those that map their codes
	maps     map[int]pdfFont    // by the object that maps codes
	mapped   int                // codes in all of them
	plain    bytes.Buffer
	text     bytes.Buffer
	contents [][]byte
	held     int64 // bytes of them
	full     bool  // there were too many
	lost     int   // streams
}

// pdfObject is an object with a stream.
type pdfObject struct {
	number int
	dict   []byte
	stream []byte
}

// find goes through the file. What is not in streams is plain.
func (p *pdfFile) find(data []byte) {
	from := 0
	for {
		i := bytes.Index(data[from:], []byte("stream"))
		if i < 0 {
			break
		}
		at := from + i
		start, ok := pdfStreamStart(data, at)
		if !ok {
			p.addPlain(data[from : at+len("stream")])
			from = at + len("stream")
			continue
		}
		dict, number := pdfDictBefore(data[from:at])
		p.addPlain(data[from:at])
		end := pdfStreamEnd(data, start, dict)
		p.objects = append(p.objects, pdfObject{number, dict, data[start:end]})
		from = end
	}
	p.addPlain(data[from:])
}

// addPlain takes what is outside of streams.
func (p *pdfFile) addPlain(part []byte) {
	p.plain.Write(part)
	p.plain.WriteByte('\n')
	p.learn(part)
	for rest := part; len(p.trailers) < pdfTrailers; {
		i := bytes.Index(rest, []byte("trailer"))
		if i < 0 {
			return
		}
		rest = rest[i+len("trailer"):]
		p.trailers = append(p.trailers, rest[:min(len(rest), 4096)])
	}
}

// pdfTrailers is how many are looked at: a file has one more each time that it is changed.
const pdfTrailers = 1000

// encrypted reports whether a trailer, which may also be the dictionary of a stream of references, says so.
func (p *pdfFile) encrypted() bool {
	for i := range p.objects {
		if dict := p.objects[i].dict; bytes.Contains(dict, []byte("/XRef")) && bytes.Contains(dict, []byte("/Encrypt")) {
			return true
		}
	}
	for _, t := range p.trailers {
		if bytes.Contains(t, []byte("/Encrypt")) {
			return true
		}
	}
	return false
}

// unpack unpacks the streams, and then reads those that are pages' contents: by then all fonts are known.
func (p *pdfFile) unpack(depth int) error {
	for i := range p.objects {
		o := &p.objects[i]
		has := func(name string) bool { return bytes.Contains(o.dict, []byte(name)) }
		switch {
		case has("/XRef"), has("/Image"), has("/Length1"), has("/FontFile"), has("/Type1C"), has("/CIDFontType0C"), has("/OpenType"):
			continue
		}
		data, err := p.stream(o)
		if err != nil {
			return err
		}
		switch {
		case has("/EmbeddedFile"):
			if err := p.attached(o, data, depth); err != nil {
				return err
			}
		case has("/ObjStm"):
			p.packedObjects(o, data)
		case bytes.Contains(data, []byte("begincmap")):
			p.maps[o.number] = p.readMap(data)
		case has("/Metadata"), bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")):
			p.plain.Write(data)
			p.plain.WriteByte('\n')
		default:
			p.contents = append(p.contents, data)
		}
		if p.held += int64(len(data)); p.held > p.budget.limits.Memory {
			p.full = true
			break
		}
	}
	for name, number := range p.refs {
		if m, ok := p.maps[p.tounis[number]]; ok {
			p.fonts[name] = m
		}
	}
	for _, data := range p.contents {
		before := p.text.Len()
		p.page(data)
		if err := p.budget.charge(int64(p.text.Len() - before)); err != nil {
			return err
		}
		if p.full = p.full || int64(p.text.Len()) > p.budget.limits.Memory; p.full {
			break
		}
	}
	return nil
}

// stream unpacks a stream if Flate is all that it is packed with. What is packed otherwise is an image, or data of one.
func (p *pdfFile) stream(o *pdfObject) ([]byte, error) {
	if !bytes.Contains(o.dict, []byte("/Filter")) {
		return o.stream, nil
	}
	for _, other := range []string{"/DCT", "/JPX", "/JBIG2", "/CCITT", "/LZW", "/ASCII", "/RunLength", "/Crypt"} {
		if bytes.Contains(o.dict, []byte(other)) {
			if other == "/LZW" || other == "/ASCII" || other == "/Crypt" {
				p.lost++
			}
			return nil, nil
		}
	}
	if len(o.stream) < 2 {
		p.lost++
		return nil, nil
	}
	var b bytes.Buffer
	limit := p.budget.limits.Memory
	n, err := b.ReadFrom(io.LimitReader(&charged{&p.budget, newFlate(bytes.NewReader(o.stream[2:]))}, limit+1))
	if e := asErrorOrNil(err); e != nil && e.final() {
		return nil, e
	}
	if err != nil || n > limit { // what came out is looked at
		p.lost++
	}
	return b.Bytes(), nil
}

func asErrorOrNil(err error) *Error {
	if err == nil {
		return nil
	}
	return asError(err)
}

// attached looks at a file that is attached.
func (p *pdfFile) attached(o *pdfObject, data []byte, depth int) error {
	if err := p.budget.member(); err != nil {
		return err
	}
	name := "attachment " + strconv.Itoa(o.number)
	return p.visit(join(p.path, name), name, content{at: bytes.NewReader(data), size: int64(len(data))}, depth)
}
