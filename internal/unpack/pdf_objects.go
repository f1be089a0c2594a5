package unpack

import (
	"bytes"
	"strconv"
)

// pdfStreamStart reports whether the keyword stands where a stream starts: behind a dictionary, before the end of a line.
func pdfStreamStart(data []byte, at int) (int, bool) {
	before := bytes.TrimRight(data[max(0, at-64):at], " \t\r\n\x00")
	if !bytes.HasSuffix(before, []byte(">>")) {
		return 0, false
	}
	start := at + len("stream")
	switch {
	case bytes.HasPrefix(data[start:], []byte("\r\n")):
		return start + 2, true
	case start < len(data) && (data[start] == '\n' || data[start] == '\r'):
		return start + 1, true
	}
	return 0, false
}

// pdfDictBefore returns the dictionary at the end of a part of the file, and its object's number.
func pdfDictBefore(part []byte) (dict []byte, number int) {
	i := bytes.LastIndex(part, []byte(" obj"))
	if i < 0 {
		return nil, 0
	}
	fields := bytes.Fields(part[max(0, i-24):i])
	if len(fields) >= 2 {
		number, _ = strconv.Atoi(string(fields[len(fields)-2])) // 0 is nobody's
	}
	return part[i+len(" obj"):], number
}

// pdfStreamEnd goes by the length that the dictionary tells if the keyword stands there, and looks for the keyword otherwise.
func pdfStreamEnd(data []byte, start int, dict []byte) int {
	keyword := []byte("endstream")
	if n, direct := pdfNumber(dict, "/Length"); direct && n >= 0 && n <= len(data)-start {
		rest := data[start+n:]
		if bytes.HasPrefix(bytes.TrimLeft(rest[:min(len(rest), 16)], "\r\n "), keyword) {
			return start + n
		}
	}
	if i := bytes.Index(data[start:], keyword); i >= 0 {
		return start + i
	}
	return len(data)
}

// pdfNumber returns the number behind a name in a dictionary. direct: it is not a reference to one.
func pdfNumber(dict []byte, name string) (n int, direct bool) {
	for rest := dict; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return 0, false
		}
		rest = rest[i+len(name):]
		if len(rest) > 0 && rest[0] != ' ' && (rest[0] < '0' || rest[0] > '9') && rest[0] != '\n' && rest[0] != '\r' {
			continue
		}
		f := bytes.FieldsFunc(rest[:min(len(rest), 40)], pdfSpace)
		if len(f) == 0 {
			return 0, false
		}
		n, err := strconv.Atoi(string(bytes.TrimRight(f[0], "/<>[]")))
		reference := len(f) > 2 && len(f[2]) > 0 && f[2][0] == 'R'
		return n, err == nil && !reference
	}
}

func pdfSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == 0 || r == '\f'
}

// packedObjects takes objects that are packed together: pairs of numbers, and then the objects.
func (p *pdfFile) packedObjects(o *pdfObject, data []byte) {
	p.plain.Write(data)
	p.plain.WriteByte('\n')
	n, _ := pdfNumber(o.dict, "/N")
	first, ok := pdfNumber(o.dict, "/First")
	if !ok || first < 0 || first > len(data) {
		return
	}
	pairs := bytes.Fields(data[:first])
	for i := 0; i < n && 2*i+1 < len(pairs); i++ {
		number, _ := strconv.Atoi(string(pairs[2*i])) // 0 is nobody's
		at, err := strconv.Atoi(string(pairs[2*i+1]))
		if err != nil || at < 0 || at > len(data)-first {
			continue
		}
		end := len(data) - first
		if 2*i+3 < len(pairs) {
			if next, err := strconv.Atoi(string(pairs[2*i+3])); err == nil && next >= at && next <= end {
				end = next
			}
		}
		p.learnObject(number, data[first+at:first+end])
	}
}

// learn takes what objects in the open say about fonts.
func (p *pdfFile) learn(part []byte) {
	for {
		i := bytes.Index(part, []byte(" obj"))
		if i < 0 {
			return
		}
		_, number := pdfDictBefore(part[:i+len(" obj")])
		part = part[i+len(" obj"):]
		end := bytes.Index(part, []byte("endobj"))
		if end < 0 {
			end = len(part)
		}
		p.learnObject(number, part[:end])
		part = part[end:]
	}
}

// learnObject takes what an object says about fonts: which other maps its codes, and what pages call which font. Names are taken to
// mean the same on all pages, as all usual programs write it.
func (p *pdfFile) learnObject(number int, body []byte) {
	if i := bytes.Index(body, []byte("/ToUnicode")); i >= 0 {
		if n, ok := pdfReference(body[i+len("/ToUnicode"):]); ok {
			p.tounis[number] = n
		}
	}
	for rest := body; ; {
		i := bytes.IndexByte(rest, '/')
		if i < 0 {
			return
		}
		rest = rest[i+1:]
		end := bytes.IndexFunc(rest, func(r rune) bool { return pdfSpace(r) || bytes.ContainsRune([]byte("/<>[]()"), r) })
		if end < 0 {
			return
		}
		if n, ok := pdfReference(rest[end:]); ok {
			p.refs[string(rest[:end])] = n
		}
		rest = rest[end:]
	}
}

// pdfReference reads "N G R".
func pdfReference(b []byte) (int, bool) {
	f := bytes.FieldsFunc(b[:min(len(b), 32)], pdfSpace)
	if len(f) < 3 || len(f[2]) == 0 || f[2][0] != 'R' {
		return 0, false
	}
	n, err := strconv.Atoi(string(f[0]))
	return n, err == nil
}
