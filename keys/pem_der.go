package keys

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// unmarshal reads one DER value that is all there is.
func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	switch {
	case err != nil && strings.Contains(err.Error(), "indefinite length"):
		return &unsupported{"it is in BER with indefinite lengths, not in DER", hintDER}
	case err != nil:
		return fmt.Errorf("not what its first line says: %w", err)
	case len(rest) > 0:
		return errors.New("there is something after its end")
	}
	return nil
}

// decrypted turns an error about text that came out of a decryption without authentication into what it most likely means. An
// answer that only readable text can give stays.
func decrypted(err error) error {
	var u *unsupported
	if errors.As(err, &u) && u.hint != hintDER {
		return err
	}
	return ErrPassphrase
}

// readTraditional reads the text of a PEM block of that type.
func readTraditional(blockType string, der []byte) (numbers, error) {
	switch blockType {
	case "RSA PRIVATE KEY":
		return readRSA(der)
	case "DSA PRIVATE KEY":
		return readDSA(der)
	}
	return readEC(der, "")
}

// rsaPrivateKey is RSAPrivateKey of RFC 8017 appendix A.1.2.
type rsaPrivateKey struct {
	Version                     int
	N, E, D, P, Q, Dp, Dq, Qinv *big.Int
}

func readRSA(der []byte) (numbers, error) {
	var k rsaPrivateKey
	if err := unmarshal(der, &k); err != nil {
		return nil, err
	}
	defer wipeInts(k.Dp, k.Dq, k.Qinv)
	if k.Version == 1 {
		return foreignNumbers("RSA with more than two primes"), nil
	}
	return newRSANumbers(k.N, k.E, k.D, k.P, k.Q)
}

// dsaPrivateKey is what OpenSSL writes as DSA PRIVATE KEY (openssl-dsa(1)); no standard has it.
type dsaPrivateKey struct {
	Version       int
	P, Q, G, Y, X *big.Int
}

func readDSA(der []byte) (numbers, error) {
	var k dsaPrivateKey
	if err := unmarshal(der, &k); err != nil {
		return nil, err
	}
	return newDSANumbers(k.P, k.Q, k.G, k.Y, k.X)
}

// ecPrivateKey is ECPrivateKey of RFC 5915 section 3.
type ecPrivateKey struct {
	Version    int
	PrivateKey []byte
	Curve      asn1.RawValue  `asn1:"optional,tag:0"` // explicitly tagged: its content is ECParameters
	PublicKey  asn1.BitString `asn1:"optional,explicit,tag:1"`
}

// readEC reads an EC key. Within PKCS#8 the curve is named outside, and curve is that name.
func readEC(der []byte, curve string) (numbers, error) {
	var k ecPrivateKey
	if err := unmarshal(der, &k); err != nil {
		return nil, err
	}
	defer clear(k.PrivateKey)
	if curve == "" {
		name, ssh, err := readCurve(k.Curve.Bytes)
		if err != nil {
			return nil, err
		}
		if !ssh {
			return foreignNumbers("EC on the curve " + name), nil
		}
		curve = name
	}
	var stated []byte
	if k.PublicKey.BitLength > 0 {
		stated = k.PublicKey.RightAlign()
	}
	return newECNumbers(curve, k.PrivateKey, stated)
}

// readCurve reads ECParameters of RFC 5480 section 2.1.1: the name of a curve, or a description of one.
func readCurve(parameters []byte) (name string, ssh bool, err error) {
	const sequence = 0x30
	if len(parameters) > 0 && parameters[0] == sequence {
		return "described by its parameters instead of a name", false, nil
	}
	var oid asn1.ObjectIdentifier
	if err := unmarshal(parameters, &oid); err != nil {
		return "", false, err
	}
	name, ssh = curveOID(oid)
	return name, ssh, nil
}
