package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"sync/atomic"
)

// table is a sorted list of raw ids, in the memory of a mapped index file or in our own.
type table struct {
	rows         []byte // n rows of stride bytes; the id stands after the first skip bytes of a row
	n            int
	stride, skip int
	size         int         // of an id
	fan          [257]uint32 // fan[b]: how many ids have a first byte below b
	fine         atomic.Pointer[fineFan]
}

// fineFan is a fan-out table by so many of the first bits of ids that about one id is in each part.
type fineFan struct {
	shift int      // of the first 64 bits
	first []uint32 // the first id that is in a part or after it, and the number of all at the end
}

// refine makes finding an id a matter of two cache lines that have to be waited for. To make the table for it takes as long as finding some
// ten thousand ids without.
func (t *table) refine() {
	const least = 1 << 12 // ids
	if t.n < least || t.fine.Load() != nil {
		return
	}
	f := &fineFan{shift: 65 - bits.Len(uint(t.n))}
	f.first = make([]uint32, 1<<(64-f.shift)+1)
	part := 0
	for i := range t.n {
		of := int(t.prefix(i) >> f.shift)
		if of+1 < part {
			return // the index is not in order
		}
		for ; part <= of; part++ {
			f.first[part] = uint32(i) // an index has less than 2^32 ids
		}
	}
	for ; part < len(f.first); part++ {
		f.first[part] = uint32(t.n) // as above
	}
	t.fine.Store(f)
}

// find returns where an id stands.
func (t *table) find(raw []byte) (int, bool) {
	f := t.fine.Load()
	if f == nil || len(raw) != t.size {
		return t.search(raw)
	}
	key := binary.BigEndian.Uint64(raw)
	part := f.first[key>>f.shift:]
	for i := int(part[0]); i < int(part[1]); i++ {
		if id := t.id(i); binary.BigEndian.Uint64(id) == key && bytes.Equal(id, raw) {
			return i, true
		}
	}
	return 0, false
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

// findAll is find for many ids, one after the other in raw; found gets where they stand, or absent. The memory that each needs is asked
// for before any of it is waited for, which takes a third of the time.
func (t *table) findAll(raw []byte, found []uint32) {
	const many = 64 // lines of a cache that are asked for at the same time
	f := t.fine.Load()
	for len(found) > 0 {
		n := min(len(found), many)
		var keys [many]uint64
		if f != nil {
			for i := range n {
				found[i] = f.first[binary.BigEndian.Uint64(raw[i*t.size:])>>f.shift]
			}
			for i := range n {
				keys[i] = t.prefix(min(int(found[i]), t.n-1))
			}
		}
		for i := range n {
			id := raw[i*t.size : (i+1)*t.size]
			if f != nil && keys[i] == binary.BigEndian.Uint64(id) && int(found[i]) < t.n && bytes.Equal(t.id(int(found[i])), id) {
				continue // the first of its part, as most are
			}
			found[i] = absent
			if at, ok := t.find(id); ok {
				found[i] = uint32(at) // an index has less than 2^32 ids
			}
		}
		raw, found = raw[n*t.size:], found[n:]
	}
}

// absent stands where there is no index of an object.
const absent = 1<<32 - 1

// search is find where there is no finer table. Ids are evenly spread, so that the place can be guessed from their digits to within some
// tens of rows: two or three cache lines are touched instead of the ten of a plain binary search.
func (t *table) search(raw []byte) (int, bool) {
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
