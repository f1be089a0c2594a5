package git

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// OID is the id of an object, of either hash. It is comparable; the zero OID is no object's.
type OID struct {
	hash [32]byte
	size uint8
}

// OIDSize returns the length in bytes of ids in a repository of the given object format: 20 for "sha1", 32 for "sha256".
func OIDSize(format string) int {
	if format == "sha256" {
		return 32
	}
	return 20
}

// ParseOID reads the 40 or 64 hexadecimal digits of an id. All zeros give the zero OID.
func ParseOID(digits string) (OID, error) {
	if len(digits) != 40 && len(digits) != 64 {
		return OID{}, fmt.Errorf("object id %q has not 40 or 64 hexadecimal digits", clipped(digits))
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return OID{}, fmt.Errorf("object id %q is not hexadecimal", clipped(digits))
	}
	return rawOID(raw), nil
}

func rawOID(raw []byte) (id OID) {
	copy(id.hash[:], raw)
	if id.hash != [32]byte{} {
		id.size = uint8(len(raw))
	}
	return id
}

// IsZero reports whether it is nobody's id, as git writes for "none".
func (id OID) IsZero() bool { return id.size == 0 }

// String returns the hexadecimal digits; "" for the zero OID.
func (id OID) String() string { return hex.EncodeToString(id.hash[:id.size]) }

// Compare orders ids as their hexadecimal forms are ordered.
func (id OID) Compare(other OID) int { return bytes.Compare(id.hash[:], other.hash[:]) }

func clipped(s string) string {
	const most = 80
	return Printable(s[:min(len(s), most)])
}
