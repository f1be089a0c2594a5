package decode

import "bytes"

// Private keys in DER (X.690) begin with a sequence and a version:
//
//	PKCS #8 (RFC 5958)    SEQUENCE { INTEGER 0 or 1, SEQUENCE { OBJECT IDENTIFIER ...
//	PKCS #1 (RFC 8017)    SEQUENCE { INTEGER 0, INTEGER modulus ...
//	SEC 1   (RFC 5915)    SEQUENCE { INTEGER 1, OCTET STRING key ...
//
// Certificates and public keys begin with two sequences or with a longer number.
const (
	derInteger  = 0x02
	derOctets   = 0x04
	derObject   = 0x06
	derSequence = 0x30
	// keyMost is how long a key may be; one of RSA with 16,384 bits has 9.4 KB.
	keyMost = 16 << 10
	// keyLeast is how long one is at least: 48 bytes in PKCS #8 for Ed25519.
	keyLeast = 46
)

// derLength returns the length of what begins with head, the header included; 0: it is no sequence, or out of bounds for a key.
func derLength(head []byte) int {
	body, n := derHeader(head, derSequence)
	if body == nil || n < keyLeast || n > keyMost {
		return 0
	}
	return len(head) - len(body) + n
}

// derHeader reads the header of a value with a tag. It returns what follows and the length of the value; nil: there is no such.
func derHeader(b []byte, tag byte) (body []byte, n int) {
	switch {
	case len(b) < 4 || b[0] != tag:
		return nil, 0
	case b[1] < 0x80:
		return b[2:], int(b[1])
	case b[1] == 0x81:
		return b[3:], int(b[2])
	case b[1] == 0x82:
		return b[4:], int(b[2])<<8 | int(b[3])
	}
	return nil, 0
}

// derLabel returns the label that the private key has in PEM which begins with head, or "" if none does.
func derLabel(head []byte) string {
	if bytes.HasPrefix(head, sshMagic) {
		return "OPENSSH PRIVATE KEY"
	}
	if derLength(head) == 0 {
		return ""
	}
	body, _ := derHeader(head, derSequence)
	if len(body) < 8 || body[0] != derInteger || body[1] != 1 || body[2] > 1 {
		return ""
	}
	version, body := body[2], body[3:]
	algorithm, _ := derHeader(body, derSequence)
	modulus, size := derHeader(body, derInteger)
	octets, n := derHeader(body, derOctets)
	switch {
	case len(algorithm) > 0 && algorithm[0] == derObject:
		return "PRIVATE KEY"
	case version == 0 && modulus != nil && size >= 64:
		return "RSA PRIVATE KEY"
	case version == 1 && octets != nil && n >= 16 && n <= 66:
		return "EC PRIVATE KEY"
	}
	return ""
}

// armored reports whether what stands at data[at:] is in PEM armour already: a header ends right before it.
func armored(data []byte, at int) bool {
	before := bytes.TrimRight(data[max(0, at-48):at], " \t\r\n\"'`+,.;")
	for _, escape := range []string{`\n`, `\r`, `\\n`} {
		before = bytes.TrimSuffix(before, []byte(escape))
	}
	return bytes.HasSuffix(bytes.TrimRight(before, "\\rn \t\"'+"), []byte("-----"))
}
