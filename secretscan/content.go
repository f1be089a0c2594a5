package secretscan

import (
	"bytes"
	"context"
	"errors"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// Content up to blockSize is scanned whole. What is larger is scanned in blocks that overlap: a match is looked for in the block
// that holds its anchor at least blockAhead bytes before its end, and sees blockBehind bytes before the block. 204 of gitleaks'
// 221 expressions match at most 1,020 bytes, so for them nothing depends on where blocks end; a match of one of the others
// (a private key, say) is cut at blockAhead. Keywords that are far away from the match count if they came earlier in the file.
//
// A candidate is held back for the next block if it starts in the last blockHeld bytes of its own, so that its excerpts can mask
// the secrets of its neighbours: both are known by then.
//
//	block        |behind|............................|  held  |   ahead   |
//	next block                                |behind|..........................
const (
	blockSize   = 8 << 20
	blockAhead  = 256 << 10
	blockBehind = 16 << 10
	blockHeld   = 96 << 10 // what an excerpt can hold: matchKept, and what stands around it
	firstRead   = 128 << 10
)

// blocks says how large content is cut up; tests make it small.
type blocks struct{ size, ahead, behind, held int }

// reader scans content for one goroutine.
type reader struct {
	scan     *scanner
	notes    notes
	opinions opinions
	buf      []byte
	spare    []byte // another, for content that has to be read twice
	blocks   blocks
}

// newReader returns a reader that takes off so many layers of encoding.
func newReader(e *Engine, depth int) *reader {
	r := &reader{scan: newScanner(e), blocks: blocks{blockSize, blockAhead, blockBehind, blockHeld}}
	r.scan.decoding.depth = depth
	return r
}

// bytes returns the candidates of content in memory. any: its path is not known yet.
func (r *reader) bytes(data []byte, path string, any bool) []Candidate {
	data = bytes.TrimPrefix(data, utf8BOM)
	if encodingOf(data) != nil || len(data) > r.blocks.size {
		var all []Candidate
		collect := func(c []Candidate) error { all = append(all, c...); return nil }
		_, _ = r.stream(context.Background(), bytes.NewReader(data), path, any, collect) // reading from memory cannot fail
		return all
	}
	r.scan.reset(path, any)
	r.scan.find(data, 0, len(data))
	return r.candidates(nil)
}

// candidates returns what is a candidate among the matches of content in memory. base is the trace of what it was made from, or nil.
func (r *reader) candidates(base *Trace) []Candidate {
	if len(r.scan.raw) == 0 {
		return nil
	}
	m := &maker{engine: r.scan.engine, opinions: &r.opinions, least: r.scan.least, data: r.scan.data}
	if base != nil && base.located != nil {
		m.expect = len(base.located.found)
	}
	out := m.judge(r.scan.raw, 0, len(m.data))
	if len(out) == 0 {
		return nil
	}
	notes := r.scan.notes
	m.allows = newAllowIndex(m.data, notes.allowMarks(m.data), lineCounter{}, nil)
	if base == nil || !m.placeFrom(out, base.located, notes.copied) {
		m.placeAll(out)
	}
	if notes != nil {
		notes.located = m.located(out)
	}
	return out
}

// stream reads src to its end and hands over candidates in the order of the content. It returns the number of bytes read. What
// was read before an error is scanned all the same. Nearly all content is one block of plain bytes.
func (r *reader) stream(ctx context.Context, src io.Reader, path string, any bool, emit func([]Candidate) error) (int64, error) {
	if w, ok := src.(Whole); ok {
		if data, ok := w.Whole(); ok {
			return int64(len(data)), emit(r.bytes(data, path, any))
		}
	}
	counted := countingReader{ctx: ctx, r: src}
	n, err := r.fill(&counted, 0)
	if ctx.Err() != nil {
		return counted.n, ctx.Err()
	}
	if err == nil || encodingOf(bytes.TrimPrefix(r.buf[:n], utf8BOM)) != nil {
		r.buf, r.spare = r.spare, r.buf
		err = r.inBlocks(&counted, again(r.spare[:n], &counted, err), path, any, emit)
		return counted.n, err
	}
	if eerr := emit(r.bytes(r.buf[:n], path, any)); eerr != nil {
		return counted.n, eerr
	}
	if err == io.EOF { // an error that wraps it is a failure
		err = nil
	}
	return counted.n, err
}

// again returns a reader of what was read already and what follows, which is an error if there was one.
func again(data []byte, rest io.Reader, err error) io.Reader {
	if err != nil {
		rest = failing{err}
	}
	return io.MultiReader(bytes.NewReader(data), rest)
}

// inBlocks is stream for content that is large or has to be decoded.
func (r *reader) inBlocks(counted *countingReader, src io.Reader, path string, any bool, emit func([]Candidate) error) error {
	text := decoded(src)
	r.scan.reset(path, any)
	m := &maker{engine: r.scan.engine, opinions: &r.opinions, least: r.scan.least, earlier: r.scan}
	var base int64 // offset of buf[0] in the text
	var held []rawMatch
	var err error
	from, commentsFrom, n := 0, 0, 0
	for {
		if n, err = r.fill(text, n); counted.ctx.Err() != nil {
			return counted.ctx.Err()
		}
		last := err != nil
		to, until := n, n
		if !last {
			to = n - r.blocks.ahead
			until = to - r.blocks.held
		}
		data := r.buf[:n]
		raw := r.scan.findMore(data, from, to, held)
		if m.data = data; len(raw) > 0 || !last || m.allows != nil {
			m.allows = newAllowIndex(data, allowMarksIn(nil, data, commentsFrom, n), m.lines, m.allows)
		}
		atStart := m.lines
		if eerr := emit(m.make(raw, base, until)); eerr != nil {
			return eerr
		}
		if err == io.EOF { // an error that wraps it is a failure
			return nil
		} else if last {
			return err
		}
		cut := max(until-r.blocks.behind, 0)
		m.lines = atStart
		m.lines.forward(data, cut)
		m.allows = m.allows.carry(until, m.lines.line)
		commentsFrom = until - cut
		m.lines.at = 0
		m.shift(cut)
		held = heldBack(raw, until, cut)
		n = copy(r.buf, data[cut:])
		r.scan.shift(cut)
		base, from = base+int64(cut), to-cut
	}
}

// findMore finds matches and puts those among them that were held back.
func (s *scanner) findMore(data []byte, from, to int, held []rawMatch) []rawMatch {
	s.find(data, from, to)
	if len(held) > 0 {
		s.raw = append(s.raw, held...)
		s.sort()
	}
	return s.raw
}

// heldBack returns the matches from until on as they will stand once the first cut bytes are gone.
func heldBack(raw []rawMatch, until, cut int) (held []rawMatch) {
	for _, match := range raw {
		if match.start >= until {
			held = append(held, rawMatch{rule: match.rule, start: match.start - cut, end: match.end - cut, claim: match.claim, hidden: match.hidden})
		}
	}
	return held
}

// fill reads until the buffer holds a block; n bytes are in it already. The buffer starts small, since most files are.
func (r *reader) fill(src io.Reader, n int) (int, error) {
	for {
		if n == len(r.buf) {
			if n >= r.blocks.size {
				return n, nil
			}
			larger := make([]byte, min(max(firstRead, 4*n), r.blocks.size)) // of which only what is used takes memory
			copy(larger, r.buf)
			r.buf = larger
		}
		k, err := src.Read(r.buf[n:])
		if n += k; err != nil {
			return n, err
		}
	}
}

// shift tells the scanner that the first cut bytes of its data are gone.
func (s *scanner) shift(cut int) {
	s.decoding.finder.Shift(cut)
	for i := range s.rules {
		st := &s.rules[i]
		st.resume = max(0, st.resume-cut)
		st.escaped = max(0, st.escaped-cut)
		st.spent, st.escapes, st.whole = 0, 0, false
	}
}

// countingReader counts what is read and stops when the context is done.
type countingReader struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// sniffed is how much of a content is looked at to tell its encoding.
const sniffed = 512

// decoded returns src as UTF-8 without a byte order mark.
func decoded(src io.Reader) io.Reader {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		src = failing{err}
	}
	head = bytes.TrimPrefix(head[:n], utf8BOM)
	whole := io.MultiReader(bytes.NewReader(head), src)
	if enc := encodingOf(head); enc != nil {
		return transform.NewReader(whole, enc.NewDecoder())
	}
	return whole
}

// failing is a reader that has come to an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// encodingOf returns the encoding of a content that is not plain bytes, by its byte order mark, or, for UTF-16 without one, by
// the zero bytes that text in a European language has at every second place. nil: read it as it is.
func encodingOf(head []byte) encoding.Encoding {
	head = head[:min(len(head), sniffed)]
	if bytes.IndexByte(head, 0) < 0 && !bytes.HasPrefix(head, []byte{0xff, 0xfe}) && !bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return nil // nearly always
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	var text, zero [2]int // at even and odd places
	for i, b := range head {
		switch {
		case b == 0:
			zero[i&1]++
		case b >= ' ' && b <= '~' || b == '\n' || b == '\r' || b == '\t':
			text[i&1]++
		}
	}
	pairs := len(head) / 2
	mostly := func(n int) bool { return pairs >= 8 && n*10 >= pairs*9 }
	switch {
	case mostly(text[0]) && mostly(zero[1]):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case mostly(zero[0]) && mostly(text[1]):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}
