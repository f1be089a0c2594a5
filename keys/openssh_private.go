package keys

import (
	"errors"
	"fmt"
	"strings"
)

// privateFields is the private part of a file, not yet made into a key. Its slices are part of the decrypted text.
type privateFields struct {
	keyType string
	fields  [][]byte // as shape tells them; a byte is a slice of length 1
	comment []byte
}

// shape tells which fields of a private key follow its name: s for a string or number, b for a byte. With a certificate, the
// certificate comes first, and of the public numbers only those that the letters name again. "" is an unknown algorithm.
//
//	RSA      n e d iqmp p q          certificate d iqmp p q
//	DSA      p q g y x               certificate x
//	Ed25519  public, seed+public     certificate, public, seed+public
//	ECDSA    curve, point, d         certificate d
//	sk       public, application, flags, handle, reserved; of ECDSA's public with the curve before it
//
// The order is that of PROTOCOL.agent of OpenSSH (draft-miller-ssh-agent section 3.2), which files follow.
func shape(keyType string) string {
	plain, certificate := plainType(keyType)
	var fields string
	switch plain {
	case typeRSA:
		fields = "ss+ssss"
	case typeDSA:
		fields = "ssss+s"
	case typeEd25519:
		fields = "+ss"
	case typeECDSA + "nistp256", typeECDSA + "nistp384", typeECDSA + "nistp521":
		fields = "ss+s"
	case typeSKEd25519:
		fields = "+ssbss"
	case typeSKECDSA:
		fields = "ss+sbss"
	default:
		return ""
	}
	public, secret, _ := strings.Cut(fields, "+")
	if certificate {
		return "s" + secret
	}
	return public + secret
}

// splitPrivate reads the decrypted private part of a file. Of an algorithm that is not known here it returns only the name.
//
//	check number twice, name of the algorithm, its fields, comment, 1 2 3 ... up to a full block
func splitPrivate(text []byte) (*privateFields, error) {
	w := &wire{rest: text}
	first, second := w.uint32(), w.uint32()
	if w.err == nil && first != second {
		return nil, errors.New("it is damaged: its two check numbers differ")
	}
	f := &privateFields{keyType: string(w.string())}
	letters := shape(f.keyType)
	if w.err == nil && letters == "" {
		return f, nil
	}
	for _, letter := range letters {
		if letter == 'b' {
			f.fields = append(f.fields, []byte{w.byte()})
		} else {
			f.fields = append(f.fields, w.string())
		}
	}
	f.comment = w.string()
	if w.err != nil {
		return nil, fmt.Errorf("its private part is damaged: %w", w.err)
	}
	return f, checkPadding(w.rest)
}

func checkPadding(padding []byte) error {
	for i, b := range padding {
		if b != byte(i+1) {
			return errors.New("its private part is damaged: what fills it up is wrong")
		}
	}
	return nil
}

// key makes the key of the fields and checks that it belongs to the public key beside it.
func (f *privateFields) key(public Public) (*Private, error) {
	if shape(f.keyType) == "" {
		return nil, fmt.Errorf("its algorithm %q is not known here", f.keyType)
	}
	if f.keyType != public.Type {
		return nil, ErrMismatch
	}
	if _, certificate := plainType(f.keyType); certificate {
		if err := f.withoutCertificate(); err != nil {
			return nil, err
		}
	}
	key, err := f.build()
	if err != nil {
		return nil, err
	}
	p := &Private{Key: key, Comment: string(f.comment)}
	own, err := p.Public()
	if err != nil {
		p.Clear()
		return nil, err
	}
	if string(own.Blob) != string(public.Key().Blob) {
		p.Clear()
		return nil, ErrMismatch
	}
	return p, nil
}

// withoutCertificate puts the public numbers that only the certificate holds where a plain key has them.
func (f *privateFields) withoutCertificate() error {
	certificate, err := publicFromBlob(f.fields[0])
	if err != nil {
		return err
	}
	key, ok := certified(certificate)
	if !ok {
		return ErrMismatch
	}
	w := &wire{rest: key.Blob}
	var public [][]byte
	for w.string(); len(w.rest) > 0; {
		public = append(public, w.string())
	}
	secret := f.fields[1:]
	switch f.keyType = key.Type; key.Type {
	case typeEd25519, typeSKEd25519: // the certificate repeats nothing, these fields are whole
		public = nil
	case typeSKECDSA: // the application is among the private fields too
		public = public[:2]
	case typeRSA: // e n in public keys, n e in private ones
		public = [][]byte{public[1], public[0]}
	}
	f.fields = append(public, secret...)
	if len(f.fields) != len(shape(f.keyType)) {
		return ErrMismatch
	}
	return nil
}
