package suppress

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape writes s as part of a field: tabs, newlines, backslashes, everything that is invisible or not UTF-8, and the bytes
// in also, become escapes.
func escape(s, also string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		part := s[i : i+size]
		i += size
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r), strings.Contains(also, part):
			for _, c := range []byte(part) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}

var errEscape = errors.New(`bad escape: only \\, \t, \n and \xNN are known`)

// unescape is the inverse of escape; it also takes escapes that escape would not have written.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if s == "" {
			return "", errEscape
		}
		kind := s[0]
		s = s[1:]
		switch kind {
		case '\\':
			b.WriteByte('\\')
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'x':
			c, err := hexByte(s)
			if err != nil {
				return "", err
			}
			b.WriteByte(c)
			s = s[2:]
		default:
			return "", errEscape
		}
	}
}

func hexByte(s string) (byte, error) {
	if len(s) < 2 {
		return 0, errEscape
	}
	n, err := strconv.ParseUint(s[:2], 16, 8)
	if err != nil {
		return 0, errEscape
	}
	return byte(n), nil
}

// encodeText writes a reason or a name; "-" stands for none.
func encodeText(s string) string {
	switch s {
	case "":
		return none
	case none:
		return `\x2d`
	}
	return escape(s, "")
}

func decodeText(field string) (string, error) {
	if field == none {
		return "", nil
	}
	return unescape(field)
}

// encodePaths writes the list of places of an entry: * first if it is everywhere, "-" for the empty path.
func encodePaths(e *Entry) string {
	var list []string
	if e.Everywhere {
		list = append(list, everywhere)
	}
	for _, p := range e.Paths {
		switch p {
		case "":
			list = append(list, none)
		case none:
			list = append(list, `\x2d`)
		case everywhere:
			list = append(list, `\x2a`)
		default:
			list = append(list, escape(p, ","))
		}
	}
	return strings.Join(list, ",")
}

func decodePaths(e *Entry, field string) error {
	for item := range strings.SplitSeq(field, ",") {
		switch item {
		case "":
			return errors.New("empty path: write * for every place, - for places without a path")
		case everywhere:
			e.Everywhere = true
		case none:
			e.Paths = append(e.Paths, "")
		default:
			p, err := unescape(item)
			if err != nil {
				return err
			}
			e.Paths = append(e.Paths, p)
		}
	}
	return nil
}
