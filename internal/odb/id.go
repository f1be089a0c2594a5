package odb

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// ID is the id of an object, of either hash. It is comparable; the zero ID is no object's.
type ID struct {
	hash [32]byte
	size uint8
}

// IDSize returns the length in bytes of ids in a repository of the given object format: 20 for "sha1", 32 for "sha256".
func IDSize(format string) int {
	if format == "sha256" {
		return 32
	}
	return 20
}

// ParseID reads the 40 or 64 hexadecimal digits of an id. All zeros give the zero ID.
func ParseID(digits string) (ID, error) { return ParseIDBytes([]byte(digits)) }

// ParseIDBytes is ParseID for what is no string yet.
func ParseIDBytes(digits []byte) (ID, error) {
	if len(digits) != 40 && len(digits) != 64 {
		return ID{}, fmt.Errorf("object id %q has not 40 or 64 hexadecimal digits", clipped(string(digits)))
	}
	var raw [32]byte
	n, err := hex.Decode(raw[:], digits)
	if err != nil {
		return ID{}, fmt.Errorf("object id %q is not hexadecimal", clipped(string(digits)))
	}
	return RawID(raw[:n]), nil
}

// RawID makes an ID of its 20 or 32 bytes, as they stand in a tree. All zeros give the zero ID.
func RawID(raw []byte) (id ID) {
	if len(raw) == 20 { // so that nothing is called
		a, b, c := binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[8:]), binary.LittleEndian.Uint32(raw[16:])
		if a|b|uint64(c) != 0 {
			binary.LittleEndian.PutUint64(id.hash[:], a)
			binary.LittleEndian.PutUint64(id.hash[8:], b)
			binary.LittleEndian.PutUint32(id.hash[16:], c)
			id.size = 20
		}
		return id
	}
	copy(id.hash[:], raw)
	if id.hash != [32]byte{} {
		id.size = uint8(min(len(raw), len(id.hash)))
	}
	return id
}

// IsZero reports whether it is nobody's id, as git writes for "none".
func (id ID) IsZero() bool { return id.size == 0 }

// String returns the hexadecimal digits; "" for the zero ID.
func (id ID) String() string { return hex.EncodeToString(id.hash[:id.size]) }

// AppendRaw appends the bytes of the id to dst: none for the zero ID.
func (id ID) AppendRaw(dst []byte) []byte { return append(dst, id.hash[:id.size]...) }

// Size returns the length of the id in bytes: 20, 32, or 0 for the zero ID.
func (id ID) Size() int { return int(id.size) }

// Compare orders ids as their hexadecimal forms are ordered.
func (id ID) Compare(other ID) int { return bytes.Compare(id.hash[:], other.hash[:]) }

func clipped(s string) string {
	const most = 80
	return s[:min(len(s), most)]
}
