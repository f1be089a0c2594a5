package keys

import (
	"bytes"
	"fmt"
)

// PublicForm is the outer form of a public key file.
type PublicForm string

// The forms that ParsePublicFile understands.
const (
	FormLine    PublicForm = "OpenSSH"  // one line, as in a .pub file
	FormRFC4716 PublicForm = "RFC 4716" // of ssh.com and others: BEGIN SSH2 PUBLIC KEY
	FormPKIX    PublicForm = "PKIX"     // of OpenSSL: BEGIN PUBLIC KEY (RFC 5280 SubjectPublicKeyInfo in PEM, RFC 7468 section 13)
	FormPKCS1   PublicForm = "PKCS#1"   // of OpenSSL: BEGIN RSA PUBLIC KEY (RFC 8017 appendix A.1.1 in PEM)
)

// PublicFile is a file that holds one public key or certificate.
type PublicFile struct {
	Form    PublicForm
	Public  Public
	Comment string // "" if there is none
	Subject string // the header of that name in RFC 4716; "" elsewhere
}

// ParsePublicFile understands a file that holds one public key in any of the forms above. What holds none, or lines beside the
// key, is ErrNoPublic.
func ParsePublicFile(data []byte) (*PublicFile, error) {
	switch {
	case len(data) > MaxFile:
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrNoPublic, MaxFile)
	case isRFC4716(data):
		return parseRFC4716(data)
	case bytes.Contains(data, []byte("-----BEGIN ")):
		return parsePublicPEM(data)
	}
	p, comment, err := ParsePublicLine(data)
	if err != nil {
		return nil, err
	}
	return &PublicFile{Form: FormLine, Public: p, Comment: comment}, nil
}
