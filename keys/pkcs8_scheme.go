package keys

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// scheme is how an encrypted PKCS#8 file is encrypted.
type scheme struct {
	cipher  string
	kdf     KDF
	decrypt func(passphrase, data []byte) ([]byte, error) // the caller clears the result
}

// readScheme reads the encryption of a file. One that cannot be decrypted here is described all the same.
func readScheme(a algorithm) (scheme, error) {
	if a.OID.String() == "1.2.840.113549.1.5.13" {
		return readPBES2(a.Parameters)
	}
	return readPBES1(a)
}

// sealed is a scheme that cannot be decrypted here.
func sealed(s scheme, what string) scheme {
	s.decrypt = func(_, _ []byte) ([]byte, error) {
		return nil, &unsupported{what + " is not supported", hintOpenSSL}
	}
	return s
}

// readPBES2 reads PBES2-params of RFC 8018 appendix A.4: a KDF and a cipher.
func readPBES2(parameters asn1.RawValue) (scheme, error) {
	var p struct{ KDF, Cipher algorithm }
	if err := unmarshal(parameters.FullBytes, &p); err != nil {
		return scheme{}, err
	}
	c, name, known := pkcs8Cipher(p.Cipher.OID)
	s := scheme{cipher: name}
	k, err := readKDF(p.KDF)
	if err != nil {
		return scheme{}, err
	}
	s.kdf = k.KDF
	switch {
	case !known:
		return sealed(s, "the cipher "+name), nil
	case k.derive == nil:
		return sealed(s, "the KDF "+k.Name), nil
	case k.size != 0 && k.size != c.key:
		return scheme{}, fmt.Errorf("the KDF makes a key of %d bytes, %s takes %d", k.size, name, c.key)
	}
	var iv []byte
	if err := unmarshal(p.Cipher.Parameters.FullBytes, &iv); err != nil {
		return scheme{}, err
	}
	if len(iv) != c.iv {
		return scheme{}, fmt.Errorf("the start value has %d bytes, %s takes %d", len(iv), name, c.iv)
	}
	s.decrypt = func(passphrase, data []byte) ([]byte, error) {
		key, err := k.derive(passphrase, c.key)
		if err != nil {
			return nil, err
		}
		defer clear(key)
		return c.decrypt(key, iv, data)
	}
	return s, nil
}

// pkcs8Cipher names the cipher of an object identifier (RFC 8018 appendix B.2, NIST's register of AES, RFC 3657).
func pkcs8Cipher(oid asn1.ObjectIdentifier) (c blockCipher, name string, known bool) {
	switch oid.String() {
	case "2.16.840.1.101.3.4.1.2":
		name = "AES-128-CBC"
	case "2.16.840.1.101.3.4.1.22":
		name = "AES-192-CBC"
	case "2.16.840.1.101.3.4.1.42":
		name = "AES-256-CBC"
	case "1.2.840.113549.3.7":
		name = "DES-EDE3-CBC"
	case "1.3.14.3.2.7":
		name = "DES-CBC"
	case "1.2.840.113549.3.2":
		name = "RC2-CBC"
	case "1.2.392.200011.61.1.1.1.2":
		name = "CAMELLIA-128-CBC"
	case "1.2.392.200011.61.1.1.1.3":
		name = "CAMELLIA-192-CBC"
	case "1.2.392.200011.61.1.1.1.4":
		name = "CAMELLIA-256-CBC"
	case "2.16.840.1.101.3.4.1.6":
		name = "AES-128-GCM"
	case "2.16.840.1.101.3.4.1.46":
		name = "AES-256-GCM"
	default:
		name = oid.String()
	}
	c, known = cbcCipher(name)
	return c, name, known
}

var errParameters = errors.New("parameters of the KDF are zero or negative")
