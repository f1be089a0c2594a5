package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// The markers of RFC 4716 section 3.2. They stand on lines of their own.
const (
	rfc4716Begin = "---- BEGIN SSH2 PUBLIC KEY ----"
	rfc4716End   = "---- END SSH2 PUBLIC KEY ----"
)

// rfc4716Line is the longest line of a body, in bytes (RFC 4716 section 3.1). Headers may be longer: what writes them often
// does not fold.
const rfc4716Line = 72

func isRFC4716(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte(rfc4716Begin))
}

// parseRFC4716 reads the file format of RFC 4716: headers, of which a backslash at the end of a line continues one on the next,
// and a body in base64. Lines end in CR, LF or both.
func parseRFC4716(data []byte) (*PublicFile, error) {
	lines, err := rfc4716Lines(data)
	if err != nil {
		return nil, fmt.Errorf("%w: RFC 4716: %w", ErrNoPublic, err)
	}
	f := &PublicFile{Form: FormRFC4716}
	lines, err = f.readHeaders(lines)
	if err != nil {
		return nil, fmt.Errorf("%w: RFC 4716: %w", ErrNoPublic, err)
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(strings.Join(lines, ""))
	if err != nil {
		return nil, fmt.Errorf("%w: RFC 4716: the base64 is damaged", ErrNoPublic)
	}
	if f.Public, err = publicFromBlob(blob); err != nil {
		return nil, fmt.Errorf("%w: RFC 4716: %w", ErrNoPublic, err)
	}
	return f, nil
}

// rfc4716Lines returns the lines between the markers. Only blank lines may stand around them.
func rfc4716Lines(data []byte) ([]string, error) {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	lines := strings.Split(strings.Trim(text, " \t\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	switch {
	case lines[0] != rfc4716Begin:
		return nil, errors.New("something stands behind the first marker")
	case lines[len(lines)-1] != rfc4716End:
		return nil, errors.New("the last line is not " + rfc4716End)
	}
	return lines[1 : len(lines)-1], nil
}

// readHeaders reads the headers and returns the lines of the body. Names of headers do not mind case (section 3.3); of one
// that is there twice the first counts.
func (f *PublicFile) readHeaders(lines []string) (body []string, err error) {
	for len(lines) > 0 {
		name, value, ok := strings.Cut(lines[0], ":")
		if !ok {
			break
		}
		lines = lines[1:]
		for strings.HasSuffix(value, `\`) {
			if len(lines) == 0 {
				return nil, errors.New("a header is continued, and nothing follows")
			}
			value, lines = strings.TrimSuffix(value, `\`)+lines[0], lines[1:]
		}
		f.setHeader(name, strings.TrimSpace(value))
	}
	for _, line := range lines {
		if len(line) > rfc4716Line {
			return nil, fmt.Errorf("a line has %d bytes, more than %d", len(line), rfc4716Line)
		}
	}
	return lines, nil
}

func (f *PublicFile) setHeader(name, value string) {
	switch {
	case strings.EqualFold(name, "Comment") && f.Comment == "":
		f.Comment = unquoteHeader(value)
	case strings.EqualFold(name, "Subject") && f.Subject == "":
		f.Subject = value
	}
}

// unquoteHeader takes the quotation marks off that a comment may have around it (section 3.3.2).
func unquoteHeader(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}
