package keys

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// algorithm is AlgorithmIdentifier of RFC 5280 section 4.1.1.2.
type algorithm struct {
	OID        asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

// privateKeyInfo is OneAsymmetricKey of RFC 5958 section 2, which is PKCS#8's PrivateKeyInfo with a public key.
type privateKeyInfo struct {
	Version    int
	Algorithm  algorithm
	PrivateKey []byte
	Attributes asn1.RawValue  `asn1:"optional,tag:0"`
	PublicKey  asn1.BitString `asn1:"optional,tag:1"`
}

// encryptedPrivateKeyInfo is EncryptedPrivateKeyInfo of RFC 5958 section 3.
type encryptedPrivateKeyInfo struct {
	Algorithm algorithm
	Data      []byte
}

func parsePKCS8(block *pem.Block) (*File, error) {
	if block.Type == "ENCRYPTED PRIVATE KEY" {
		f, err := parseEncryptedPKCS8(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", block.Type, err)
		}
		return f, nil
	}
	n, err := readPKCS8(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", block.Type, err)
	}
	return plainFile(FormatPKCS8, n), nil
}

func parseEncryptedPKCS8(der []byte) (*File, error) {
	var info encryptedPrivateKeyInfo
	if err := unmarshal(der, &info); err != nil {
		return nil, err
	}
	s, err := readScheme(info.Algorithm)
	if err != nil {
		return nil, err
	}
	f := &File{Format: FormatPKCS8, Cipher: s.cipher, KDF: s.kdf}
	f.open = func(passphrase []byte) (*Private, error) {
		text, err := s.decrypt(passphrase, info.Data)
		if err != nil {
			return nil, err
		}
		defer clear(text)
		n, err := readPKCS8(text)
		if err != nil {
			return nil, decrypted(err)
		}
		defer n.wipe()
		return n.private()
	}
	return f, nil
}

// readPKCS8 reads a key that is not, or no longer, encrypted.
func readPKCS8(der []byte) (numbers, error) {
	var info privateKeyInfo
	if err := unmarshal(der, &info); err != nil {
		return nil, err
	}
	defer clear(info.PrivateKey)
	if info.Version != 0 && info.Version != 1 {
		return nil, fmt.Errorf("version %d of the format is not known", info.Version)
	}
	switch oid := info.Algorithm.OID.String(); oid {
	case "1.2.840.113549.1.1.1":
		return readRSA(info.PrivateKey)
	case "1.2.840.10040.4.1":
		return readDSAWithParameters(info)
	case "1.2.840.10045.2.1":
		return readECWithParameters(info)
	case "1.3.101.112":
		return readEd25519(info)
	default:
		return foreignNumbers(foreignAlgorithm(oid)), nil
	}
}

// foreignAlgorithm names kinds of keys that SSH does not have.
func foreignAlgorithm(oid string) string {
	switch oid {
	case "1.2.840.113549.1.1.10":
		return "RSA-PSS"
	case "1.3.101.110":
		return "X25519"
	case "1.3.101.111":
		return "X448"
	case "1.3.101.113":
		return "Ed448"
	case "1.2.840.113549.1.3.1":
		return "DH"
	}
	return "algorithm " + oid
}

// readDSAWithParameters reads a DSA key as RFC 3279 section 2.3.2 has its parameters: p, q and g outside, x alone inside.
func readDSAWithParameters(info privateKeyInfo) (numbers, error) {
	var outside struct{ P, Q, G *big.Int }
	if err := unmarshal(info.Algorithm.Parameters.FullBytes, &outside); err != nil {
		return nil, err
	}
	var x *big.Int
	if err := unmarshal(info.PrivateKey, &x); err != nil {
		return nil, err
	}
	return newDSANumbers(outside.P, outside.Q, outside.G, nil, x)
}

func readECWithParameters(info privateKeyInfo) (numbers, error) {
	name, ssh, err := readCurve(info.Algorithm.Parameters.FullBytes)
	if err != nil {
		return nil, err
	}
	if !ssh {
		return foreignNumbers("EC on the curve " + name), nil
	}
	return readEC(info.PrivateKey, name)
}

// readEd25519 reads CurvePrivateKey of RFC 8410 section 7, with the public key beside it if there is one.
func readEd25519(info privateKeyInfo) (numbers, error) {
	var seed []byte
	if err := unmarshal(info.PrivateKey, &seed); err != nil {
		return nil, err
	}
	defer clear(seed)
	var stated []byte
	if info.PublicKey.BitLength > 0 {
		if stated = info.PublicKey.RightAlign(); len(stated) != 32 {
			return nil, errors.New("the public half of the Ed25519 key does not have 32 bytes")
		}
	}
	return newEdNumbers(seed, stated)
}
