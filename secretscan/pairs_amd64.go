package secretscan

import "golang.org/x/sys/cpu"

// wideBytes is how many bytes are looked at at once.
const wideBytes = 32

// widePairs is a pairSet in the form that AVX2's byte shuffle looks things up in: tables of sixteen bytes, each there twice since a
// register has two halves.
//
// Of a pair's first sign the low four bits choose a byte of a table, and the fifth which table; each byte has eight of the row's 32
// bits. Of the second sign the low three bits choose one of those, and the other two which eight.
type widePairs struct {
	rows  [8][wideBytes]byte // for bits 0 to 7 of the row: first signs below 16, the others; and so on
	punct [wideBytes]byte    // signs of the bytes 0x20 to 0x2f
	digit [wideBytes]byte    // signs of the bytes 0x30 to 0x3f
	bit   [wideBytes]byte    // 1 << (i & 7)
	fold  [wideBytes]byte
	below [wideBytes]byte // the greatest byte that is before the letters
	low   [wideBytes]byte // the bits of a letter that are its sign
	far   [wideBytes]byte // the sign of a byte beyond ASCII
}

// newWidePairs returns nil if the processor has no AVX2.
func newWidePairs(set *pairSet) *widePairs {
	if !cpu.X86.HasAVX2 {
		return nil
	}
	w := new(widePairs)
	for i := range wideBytes {
		half := i & 15
		for k := range 4 {
			w.rows[2*k][i] = byte(set[half] >> (8 * k))
			w.rows[2*k+1][i] = byte(set[half+16] >> (8 * k))
		}
		w.punct[i], w.digit[i] = signOf(byte(0x20+half)), signOf(byte(0x30+half))
		w.bit[i], w.fold[i], w.below[i], w.low[i], w.far[i] = 1<<(half&7), foldByte(0), 0x5f, signs-1, signBeyond
	}
	return w
}

// find sets bit j of masks[k] if the signs of data[32k+j-1] and data[32k+j] are a pair of the set; before is the sign of what
// stands before data. It looks at blocks times 32 bytes.
func (w *widePairs) find(masks *[chunk / wideBytes]uint32, data []byte, blocks int, before byte) {
	if blocks > 0 {
		_, _ = masks[blocks-1], data[blocks*wideBytes-1]
		findPairs(&masks[0], &data[0], blocks, before, w)
	}
}

// findPairs is find on memory that is there.
//
//go:noescape
func findPairs(masks *uint32, data *byte, blocks int, before byte, tables *widePairs)
