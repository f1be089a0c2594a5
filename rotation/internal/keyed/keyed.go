// Package keyed computes the HMACs by which stores of the ledger know what they wrote themselves. Start at Sum.
package keyed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Sum returns the HMAC-SHA256 of parts under key, for one purpose. Each part goes with its length, so that no two lists of parts are
// the same.
func Sum(key []byte, purpose string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	add := func(part []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write(part)
	}
	add([]byte(purpose))
	for _, part := range parts {
		add(part)
	}
	return h.Sum(nil)
}
