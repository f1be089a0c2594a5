package ringstore

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/bits"
)

// digest is a number of 128 bits, modulo 2^128: a keyed hash, or a sum of such. A sum of keyed hashes is the same in whatever
// order they were added, and one can be taken out again (D. Clarke and others, "Incremental Multiset Hash Functions and Their
// Application to Memory Integrity Checking", 2003, MSet-Add-Hash).
type digest struct{ high, low uint64 }

func digestOf(sum []byte) digest {
	return digest{binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])}
}

func (d digest) plus(e digest) digest {
	low, carry := bits.Add64(d.low, e.low, 0)
	high, _ := bits.Add64(d.high, e.high, carry)
	return digest{high, low}
}

func (d digest) minus(e digest) digest {
	low, borrow := bits.Sub64(d.low, e.low, 0)
	high, _ := bits.Sub64(d.high, e.high, borrow)
	return digest{high, low}
}

// MarshalText writes 22 characters.
func (d digest) MarshalText() ([]byte, error) {
	raw := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, d.high), d.low)
	return base64.RawStdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads them.
func (d *digest) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw) != 16 {
		return errors.New("a checksum has another length")
	}
	*d = digestOf(raw)
	return nil
}
