package secretscan

import (
	"encoding/binary"
	"math/bits"
)

// scan calls hit for every target of every literal that stands in data[from:to], in the order of their places. Literals may reach
// over to.
func (p *prefilter) scan(data []byte, from, to int, hit func(target, int)) {
	new(sweep).scan(p, data, from, to, hit)
}

// scan is prefilter.scan with memory that is used again by the next.
func (s *sweep) scan(p *prefilter, data []byte, from, to int, hit func(target, int)) {
	s.prefilter, s.data, s.from, s.to, s.waiting = p, data, from, to, s.waiting[:0]
	end := min(len(data)-literalLeast+1, to+p.Back)
	for i := from; i < end; {
		n := min(end-i, chunk)
		wide := min((n+wideBytes-1)/wideBytes, (len(data)-3-i)/wideBytes) * wideBytes
		if p.wide != nil && wide > 0 {
			n = wide // what lies behind end is no hit
			s.wide(i, n)
		} else {
			s.narrow(i, n)
		}
		i += n
		s.hand(i-p.Back, hit)
	}
	s.hand(to, hit)
}

// sweep is one pass over a content.
type sweep struct {
	*prefilter
	data     []byte
	from, to int
	waiting  []placed                  // hits in the order of their places; one further left may still come
	masks    [chunk / wideBytes]uint32 // places of pairs
	seconds  [chunk / wideBytes]uint32 // and of seconds, which are to stand at the same places
}

// placed is a hit and its place.
type placed struct {
	at     int
	target target
}

// wide looks at the n places from i on. n is a multiple of wideBytes, and three bytes more are there.
func (s *sweep) wide(i, n int) {
	p, data := s.prefilter, s.data[i:i+n+3]
	p.wide.find(&s.masks, data[1:], n/wideBytes, p.signs[data[0]])
	p.wide2.find(&s.seconds, data[2:], n/wideBytes, p.signs[data[1]])
	fours := p.Fours
	for k, m := range s.masks[:n/wideBytes] {
		if m &= s.seconds[k]; m == 0 {
			continue
		}
		block := data[k*wideBytes:][:wideBytes+3]
		for ; m != 0; m &= m - 1 {
			j := bits.TrailingZeros32(m) & (wideBytes - 1)
			four := binary.LittleEndian.Uint32(block[j:j+4]) | foldFour
			if fours[threeOf(four)]>>bitOf(four)&1 != 0 {
				s.compare(i+k*wideBytes+j, four)
			}
		}
	}
}

// narrow is wide without instructions for it, and for any n.
func (s *sweep) narrow(i, n int) {
	for end := i + n; i < end; i++ {
		four := fourOf(s.data[i:])
		if s.Fours[threeOf(four)]>>bitOf(four)&1 != 0 {
			s.compare(i, four)
		}
	}
}

// compare compares the literals that are looked for by the four bytes at data[i], or by the first three.
func (s *sweep) compare(i int, four uint32) {
	s.compareList(i, listOf(four))
	if s.Fours[threeOf(four)] == allFours {
		s.compareList(i, shortListOf(four))
	}
}

// compareList compares the literals in a list.
func (s *sweep) compareList(i int, list uint32) {
	p, data := s.prefilter, s.data
	entries := p.Entries[p.Start[list]:p.Start[list+1]]
	if len(entries) == 0 {
		return
	}
	if i < 8 || i+8 > len(data) {
		for e := range entries {
			s.found(i, &entries[e], true)
		}
		return
	}
	around := data[i-8 : i+8]
	behind, ahead := binary.LittleEndian.Uint64(around[:8])|foldBytes, binary.LittleEndian.Uint64(around[8:])|foldBytes
	for e := range entries {
		if entry := &entries[e]; (ahead^entry.Ahead)&entry.AheadMask|(behind^entry.Behind)&entry.BehindMask == 0 {
			s.found(i, entry, entry.Back > 8 || entry.Length > uint32(entry.Back)+8)
		}
	}
}

// found keeps a literal that is found by the bytes at i, if it starts where it counts, beside what it has to. more: it is still to be
// compared byte by byte.
func (s *sweep) found(i int, entry *LiteralEntry, more bool) {
	if at := i - int(entry.Back); at >= s.from && at < s.to && (!more || hasFolded(s.data[at:], s.text(entry))) && s.isBeside(s.data, at, entry) {
		s.put(placed{at, entry.target()})
	}
}

// put adds a hit to those that wait.
func (s *sweep) put(h placed) {
	s.waiting = append(s.waiting, h)
	for j := len(s.waiting) - 1; j > 0 && s.waiting[j-1].at > h.at; j-- {
		s.waiting[j-1], s.waiting[j] = h, s.waiting[j-1]
	}
}

// hand hands over the hits whose places are before i.
func (s *sweep) hand(i int, hit func(target, int)) {
	n := 0
	for n < len(s.waiting) && s.waiting[n].at < i {
		hit(s.waiting[n].target, s.waiting[n].at)
		n++
	}
	if n > 0 {
		s.waiting = s.waiting[:copy(s.waiting, s.waiting[n:])]
	}
}

// hasFolded reports whether data starts with a text, both folded.
func hasFolded(data []byte, text string) bool {
	if len(data) < len(text) {
		return false
	}
	for i := range len(text) {
		if foldByte(data[i]) != foldByte(text[i]) {
			return false
		}
	}
	return true
}
