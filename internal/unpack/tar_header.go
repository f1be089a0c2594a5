package unpack

import (
	"bytes"
	"strconv"
	"strings"
)

// Kinds of members in a tar (POSIX.1-2017, pax; those in capitals are GNU's).
const (
	tarBlock = 512

	tarLink       = '1'
	tarSymlink    = '2'
	tarChar       = '3'
	tarDevice     = '4'
	tarDirectory  = '5'
	tarFifo       = '6'
	tarPax        = 'x'
	tarPaxGlobal  = 'g'
	tarLongName   = 'L'
	tarLongTarget = 'K'
	tarSparse     = 'S'
)

// isTar checks the checksum of a header: the sum of its bytes, with spaces where the sum itself stands. Some programs took bytes for
// signed numbers.
func isTar(block []byte) bool {
	want, ok := number(block[148:156])
	if !ok || want == 0 {
		return false
	}
	var unsigned, signed int64
	for i, b := range block[:tarBlock] {
		if i >= 148 && i < 156 {
			b = ' '
		}
		unsigned += int64(b)
		signed += int64(int8(b))
	}
	return want == unsigned || want == signed
}

// headerOf reads a header; a size that makes no sense is -1.
func headerOf(b *[tarBlock]byte) tarEntry {
	e := tarEntry{name: cString(b[:100]), kind: b[156], size: -1}
	if string(b[257:263]) == "ustar\x00" {
		if prefix := cString(b[345:500]); prefix != "" {
			e.name = prefix + "/" + e.name
		}
	}
	if size, ok := number(b[124:136]); ok {
		e.size = size
	}
	switch e.kind {
	case tarLink, tarSymlink, tarChar, tarDevice, tarDirectory, tarFifo:
		e.size = 0
	}
	return e
}

// about reports whether a member only says something about those that follow.
func (e *tarEntry) about() bool {
	switch e.kind {
	case tarPax, tarPaxGlobal, tarLongName, tarLongTarget:
		return true
	}
	return false
}

// number reads a number in octal digits, or, where the highest bit is set, in binary.
func number(field []byte) (int64, bool) {
	if field[0]&0x80 != 0 {
		n := int64(field[0] & 0x7f)
		for _, b := range field[1:] {
			if n >= 1<<54 {
				return 0, false
			}
			n = n<<8 | int64(b)
		}
		return n, true
	}
	text := strings.Trim(cString(field), " ")
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(text, 8, 62)
	return int64(n), err == nil
}

// cString returns what stands before the first zero byte.
func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// attributes are what members say about the one behind them.
type attributes struct {
	name string // "": nothing
	size *int64
}

func (a *attributes) apply(e *tarEntry) {
	if a.name != "" {
		e.name = a.name
	}
	if a.size != nil && e.size > 0 {
		e.size = *a.size
	}
}

// pax reads records "LENGTH KEY=VALUE\n" as far as they make sense.
func (a *attributes) pax(text []byte) {
	for len(text) > 0 {
		digits, _, found := bytes.Cut(text[:min(len(text), 20)], []byte(" "))
		n, err := strconv.Atoi(string(digits))
		if !found || err != nil || n <= len(digits)+1 || n > len(text) {
			return
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(string(text[len(digits)+1:n]), "\n"), "=")
		switch key {
		case "path", "GNU.sparse.name":
			a.name = value
		case "size":
			if size, err := strconv.ParseInt(value, 10, 64); err == nil && size >= 0 {
				a.size = &size
			}
		}
		text = text[n:]
	}
}
