package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrNoPublic says that the data hold no public key of any known form.
var ErrNoPublic = errors.New("not a public key")

// ParsePublicLine understands a line as it stands in a .pub file: type, key in base64 and, if there is one, a comment
// (sshd(8), AUTHORIZED_KEYS FILE FORMAT). White space before it, and a line ending of any kind after it, are allowed. The type
// must be that of the key itself. Anything else is ErrNoPublic: what may stand before a key in authorized_keys and known_hosts
// is for package authorized to read.
func ParsePublicLine(line []byte) (Public, string, error) {
	line = bytes.Trim(line, " \t\r\n")
	if bytes.ContainsAny(line, "\r\n\x00") {
		return Public{}, "", fmt.Errorf("%w: it is more than one line", ErrNoPublic)
	}
	name, rest := cutField(line)
	text, comment := cutField(rest)
	if len(text) == 0 || !plausibleName(string(name)) {
		return Public{}, "", ErrNoPublic
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return Public{}, "", fmt.Errorf("%w: its base64 is damaged", ErrNoPublic)
	}
	p, err := publicFromBlob(blob)
	switch {
	case err != nil:
		return Public{}, "", fmt.Errorf("%w: %w", ErrNoPublic, err)
	case p.Type != string(name):
		return Public{}, "", fmt.Errorf("%w: the line says %q, and the key in it is of type %s", ErrNoPublic, name, p.Type)
	}
	return p, string(comment), nil
}

// cutField cuts the first word off, and the white space behind it.
func cutField(line []byte) (field, rest []byte) {
	if i := bytes.IndexAny(line, " \t"); i >= 0 {
		return line[:i], bytes.TrimLeft(line[i:], " \t")
	}
	return line, nil
}
