package keys

import "strings"

// Short returns the kind of key as ssh-keygen -l shows it: "ED25519", "RSA-CERT", "ECDSA-SK". For an algorithm that is not
// known here it is the algorithm's name.
func (p Public) Short() string {
	plain, certificate := plainType(p.Type)
	name := ""
	switch {
	case plain == typeRSA:
		name = "RSA"
	case plain == typeDSA:
		name = "DSA"
	case plain == typeEd25519:
		name = "ED25519"
	case plain == typeSKEd25519:
		name = "ED25519-SK"
	case plain == typeSKECDSA:
		name = "ECDSA-SK"
	case strings.HasPrefix(plain, typeECDSA) && p.Curve != "":
		name = "ECDSA"
	default:
		return p.Type
	}
	if certificate {
		name += "-CERT"
	}
	return name
}
