package inflate

// adler32 returns the Adler-32 checksum (RFC 1950 section 8.2): a is 1 and the sum of all bytes, b the sum of all values that a
// had, both modulo 65521.
//
// Of each group of 8 bytes, the even ones are added to four lanes of 16 bits and the odd ones to four others, and what the lanes held
// before to yet others. So after n groups the byte k of a group was counted once for every later group, and counts in b 8 times
// that and 8-k times more. hash/adler32, which adds byte for byte, takes half as long again (BenchmarkAdler32).
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
	b += a * uint64(len(groups))
	var l lanes
	i := 0
	for ; i+32 <= len(groups); i += 32 {
		four := groups[i : i+32 : i+32]
		l = l.add(load(four, 0)).add(load(four, 8)).add(load(four, 16)).add(load(four, 24))
	}
	for ; i+8 <= len(groups); i += 8 {
		l = l.add(load(groups, i))
	}
	a += weighed(l.even+l.odd, 1, 1, 1, 1)
	b += 8 * (weighed(l.evenBefore, 1, 1, 1, 1) + weighed(l.oddBefore, 1, 1, 1, 1))
	b += weighed(l.even, 8, 6, 4, 2) + weighed(l.odd, 7, 5, 3, 1)
	return a, b
}

type lanes struct{ even, odd, evenBefore, oddBefore uint64 }

func (l lanes) add(v uint64) lanes {
	const mask = 0x00ff00ff00ff00ff
	return lanes{l.even + v&mask, l.odd + v>>8&mask, l.evenBefore + l.even, l.oddBefore + l.odd}
}

// weighed returns the sum of the four lanes of v, the lowest first, each times its weight.
func weighed(v, w0, w1, w2, w3 uint64) uint64 {
	const pair = 0x0000ffff0000ffff
	return (v&pair)*(w0<<32|w2)>>32 + (v>>16&pair)*(w1<<32|w3)>>32
}
