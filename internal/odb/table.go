package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// table is a sorted list of raw ids, in the memory of a mapped index file or in our own.
type table struct {
	rows         []byte // n rows of stride bytes; the id stands after the first skip bytes of a row
	n            int
	stride, skip int
	size         int         // of an id
	fan          [257]uint32 // fan[b]: how many ids have a first byte below b
}

// fanSize is the size of the table of 256 numbers that comes before the ids in all kinds of index files.
const fanSize = 256 * 4

// readFan takes over git's fan-out table, whose numbers count the ids up to and with a first byte.
func (t *table) readFan(fan []byte) error {
	for b := range 256 {
		t.fan[b+1] = binary.BigEndian.Uint32(fan[4*b:])
		if t.fan[b+1] < t.fan[b] {
			return errors.New("its fan-out table is not in order")
		}
	}
	t.n = int(t.fan[256])
	return nil
}

func (t *table) id(i int) []byte {
	at := i*t.stride + t.skip
	return t.rows[at : at+t.size : at+t.size]
}

// find returns where an id stands. Ids are evenly spread, so that the place can be guessed from their digits to within some
// tens of rows: two or three cache lines are touched instead of the ten of a plain binary search.
func (t *table) find(raw []byte) (int, bool) {
	if len(raw) != t.size {
		return 0, false
	}
	lo, hi := int(t.fan[raw[0]]), int(t.fan[int(raw[0])+1])
	if lo >= hi {
		return 0, false
	}
	key := binary.BigEndian.Uint64(raw)
	guess := lo + int(key<<8>>32*uint64(hi-lo)>>32)
	lo, hi = t.bracket(key, guess, lo, hi)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.prefix(mid) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for end := int(t.fan[int(raw[0])+1]); lo < end; lo++ { // a second turn only if two ids share their first eight bytes
		if c := bytes.Compare(t.id(lo), raw); c >= 0 {
			return lo, c == 0
		}
	}
	return 0, false
}

// bracket narrows lo..hi, within which the first row that is not below key is, by steps of growing width away from a guess.
func (t *table) bracket(key uint64, guess, lo, hi int) (int, int) {
	const first = 8 // rows; a bucket of 1,000 ids has a spread of 16 around the guess
	if t.prefix(guess) < key {
		lo = guess + 1
		for step := first; lo+step < hi; step *= 2 {
			if t.prefix(lo+step) >= key {
				return lo, lo + step
			}
			lo += step + 1
		}
		return lo, hi
	}
	hi = guess
	for step := first; hi-step > lo; step *= 2 {
		if t.prefix(hi-step) < key {
			return hi - step + 1, hi
		}
		hi -= step
	}
	return lo, hi
}

func (t *table) prefix(i int) uint64 { return binary.BigEndian.Uint64(t.rows[i*t.stride+t.skip:]) }
