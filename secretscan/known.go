package secretscan

import (
	"bytes"
	"slices"
)

// knownSecrets finds further copies of the secrets of a content in its excerpts, of very many secrets as fast as of a few. The zero
// value holds none.
type knownSecrets struct {
	pairs  [1 << 10]uint64 // a bit for each first two bytes
	byHead map[[knownHead]byte][][]byte
}

const (
	// knownHead is how long a secret must be: parts of words are no copies of a secret.
	knownHead = 8
	// knownSame bounds how many secrets with the same first bytes are told apart, the longest of them.
	knownSame = 64
	// knownBefore is how far before an excerpt a copy is looked for that reaches into it.
	knownBefore = 256
)

func (k *knownSecrets) reset() {
	clear(k.pairs[:])
	clear(k.byHead)
}

// add takes a secret; it must not change while it is known.
func (k *knownSecrets) add(secret []byte) {
	if len(secret) < knownHead {
		return
	}
	if k.byHead == nil {
		k.byHead = make(map[[knownHead]byte][][]byte)
	}
	k.pairs[pairOf(secret)>>6] |= 1 << (pairOf(secret) & 63)
	head := [knownHead]byte(secret)
	same := k.byHead[head]
	i, found := slices.BinarySearchFunc(same, secret, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a) // the longest first
		}
		return bytes.Compare(a, b)
	})
	if !found && i < knownSame {
		k.byHead[head] = slices.Insert(same, i, secret)[:min(len(same)+1, knownSame)]
	}
}

// at returns the length of the longest secret that text starts with, or 0.
func (k *knownSecrets) at(text []byte) int {
	if len(text) < knownHead || k.pairs[pairOf(text)>>6]>>(pairOf(text)&63)&1 == 0 {
		return 0
	}
	for _, secret := range k.byHead[[knownHead]byte(text)] {
		if bytes.HasPrefix(text, secret) {
			return len(secret)
		}
	}
	return 0
}

func pairOf(text []byte) int { return int(text[0])<<8 | int(text[1]) }
