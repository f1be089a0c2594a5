package keys

import (
	"bytes"
	"encoding/pem"
	"fmt"
)

// MaxFile is the most that a private key file may hold, in bytes. RSA keys of 16,384 bits stay below 16 KiB in every format.
const MaxFile = 1 << 20

// Parse understands a private key file without its passphrase. Text before and after the key is allowed, as it is to OpenSSL,
// and so are the line ends of Windows; OpenSSH is stricter with files in its own format. Of several keys in a file the first
// is read, as other programs do. Data without a private key of a known format is ErrNoKey.
func Parse(data []byte) (*File, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrNoKey, MaxFile)
	}
	f, err := parseFirst(data)
	if err == nil {
		f.Others = others(data)
	}
	return f, err
}

func parseFirst(data []byte) (*File, error) {
	if isPPK(data) {
		return parsePPK(data)
	}
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, unreadable(data)
		}
		switch block.Type {
		case "OPENSSH PRIVATE KEY":
			f, err := parseOpenSSH(block.Bytes)
			if err == nil {
				f.Quirk = quirk(data)
			}
			return f, err
		case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY":
			return parsePEM(block)
		case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
			return parsePKCS8(block)
		}
	}
}

// quirk says what keeps ssh from reading a file in OpenSSH's format. It takes the first line only at the very start, and each of
// the two with its line feed (private2_uudecode of OpenSSH's sshkey.c).
func quirk(data []byte) string {
	const label = "OPENSSH PRIVATE KEY-----"
	begin, end := []byte("-----BEGIN "+label), []byte("\n-----END "+label)
	switch {
	case bytes.Contains(data, append(begin, '\r')) || bytes.Contains(data, append(end, '\r')):
		return "Windows line ends"
	case !bytes.HasPrefix(data, begin):
		return "something before its first line"
	case !bytes.HasPrefix(data, append(begin, '\n')):
		return "something after its first line"
	case bytes.HasSuffix(data, end):
		return "no line end after its last line"
	case !bytes.Contains(data, append(end, '\n')):
		return "something after its last line"
	}
	return ""
}

// unreadable tells a damaged key from something else.
func unreadable(data []byte) error {
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) && bytes.Contains(data, []byte("PRIVATE KEY-----")) {
		return fmt.Errorf("%w: it begins with a byte order mark, as some editors put before text; take away the first three bytes", ErrNoKey)
	}
	if bytes.Contains(data, []byte("PRIVATE KEY-----")) {
		return fmt.Errorf("%w: it looks like a private key, but its text is damaged", ErrNoKey)
	}
	return ErrNoKey
}
