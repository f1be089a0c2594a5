package decode

import "math/bits"

// The gate reads two bytes at each place. By the first it is one of eight kinds, six of which ask something of the second:
//
//	%  2 to 7              &  # or a letter that an entity's name starts with
//	=  2 to 7              =  the end of a line
//	\  x, u, U             U  +
//
// and two are letters and digits, with the colon among them, which is told apart afterwards. Each of these is a set of high halves times
// a set of low halves of a byte, so that two tables of sixteen give all eight, and instructions that look up sixteen bytes at once can be
// used (gate_amd64.s). Only printable ASCII is worth decoding, hence 2 to 7.
//
// A place counts if the second byte is as asked for, or if it is in a group of eight letters and digits; a word of fifteen holds
// such a group wherever it starts.
const (
	gateBytes = 32
	// gateChunk is how many bytes are gone through at once.
	gateChunk = 4096
	groupSize = 8
	wordBits  = 3 << 6 // of the first byte's kinds, those for letters and digits
)

// halves are two tables: what a byte is by its low half, and by its high half.
type halves struct{ low, high [16]byte }

func (h *halves) of(b byte) byte { return h.low[b&15] & h.high[b>>4] }

// gateTables are the tables for the first byte and for the second.
var gateFirst, gateSecond = gateHalves(firstKinds), gateHalves(secondKinds)

type kindSet struct{ high, low string }

var (
	firstKinds = [8]kindSet{{"2", "5"}, {"2", "6"}, {"3", "d"}, {"5", "c"}, {"3", "d"}, {"5", "5"}, {"46", "123456789abcdef"}, {"357", "0123456789a"}}
	// secondKinds has for "&" more than is asked for: the sets must be such products.
	secondKinds = [8]kindSet{{"3", "234567"}, {"267", "137c"}, {"3", "234567"}, {"57", "58"}, {"0", "ad"}, {"2", "b"}, {}, {}}
)

func gateHalves(sets [8]kindSet) (h halves) {
	for bit, set := range sets {
		for i := range set.low {
			h.low[nibble(set.low[i])] |= 1 << bit
		}
		for i := range set.high {
			h.high[nibble(set.high[i])] |= 1 << bit
		}
	}
	return h
}

// gateMask holds a bit for each byte of 32.
type gateMask = uint32

// gateSlow is gate without instructions for it, and for any number of bytes up to 32. next stands behind data.
func gateSlow(data []byte, next byte) (mask gateMask) {
	var word gateMask
	for i, b := range data {
		after := next
		if i+1 < len(data) {
			after = data[i+1]
		}
		first := gateFirst.of(b)
		if first&wordBits != 0 {
			word |= 1 << i
		}
		if first&gateSecond.of(after) != 0 {
			mask |= 1 << i
		}
	}
	for i := 0; i+groupSize <= len(data); i += groupSize {
		if group := gateMask(1<<groupSize-1) << i; word&group == group {
			mask |= group
		}
	}
	return mask
}

// gateScan calls visit with every place of data[from:to] that counts. visit returns where to go on.
func gateScan(data []byte, from, to int, visit func(at int) (next int)) {
	var masks [gateChunk / gateBytes]gateMask
	skip := from
	for i := from; i < to; {
		n := (min(to-i, gateChunk) + gateBytes - 1) / gateBytes
		if n = min(n, (len(data)-1-i)/gateBytes); n > 0 && gateWide(&masks, data[i:i+n*gateBytes+1], n) {
			if behind := i + n*gateBytes - to; behind > 0 {
				masks[n-1] &= ^gateMask(0) >> behind
			}
			for k, m := range masks[:n] {
				if m != 0 {
					skip = visitMask(m, i+k*gateBytes, skip, visit)
				}
			}
			i = max(i+n*gateBytes, skip)
			continue
		}
		end := min(to, i+gateBytes)
		var next byte
		if end < len(data) {
			next = data[end]
		}
		skip = visitMask(gateSlow(data[i:end], next), i, skip, visit)
		i = max(end, skip)
	}
}

func visitMask(m gateMask, at, skip int, visit func(int) int) int {
	if skip > at {
		m &= ^gateMask(0) << min(skip-at, gateBytes)
	}
	for m != 0 {
		j := bits.TrailingZeros32(m)
		skip = visit(at + j)
		m &= ^gateMask(0) << min(skip-at, gateBytes)
	}
	return skip
}
