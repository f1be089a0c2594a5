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
	end := min(len(data)-literalLeast+1, to+p.back)
	for i := from; i < end; {
		n := min(end-i, chunk)
		if wide := (n + wideBytes - 1) / wideBytes * wideBytes; p.wide != nil && i+wide+2 <= len(data) {
			n = wide // what lies behind end is no hit
			s.wide(i, n)
		} else {
			s.narrow(i, n)
		}
		i += n
		s.hand(i-p.back, hit)
	}
	s.hand(to, hit)
}

// sweep is one pass over a content.
type sweep struct {
	*prefilter
	data     []byte
	from, to int
	waiting  []placed // hits in the order of their places; one further left may still come
	masks    [chunk / wideBytes]uint32
}

// placed is a hit and its place.
type placed struct {
	at     int
	target target
}

// wide looks at the n triples that start at i and after. n is a multiple of wideBytes.
func (s *sweep) wide(i, n int) {
	data := s.data[i : i+n+2]
	s.prefilter.wide.find(&s.masks, data[1:], n/wideBytes, s.signs[data[0]])
	for k := range n / wideBytes {
		for m := s.masks[k]; m != 0; m &= m - 1 {
			j := k*wideBytes + bits.TrailingZeros32(m)
			if t := s.triple(data[j], data[j+1], data[j+2]); s.triples[t>>6]>>(t&63)&1 != 0 {
				s.compare(i+j, t)
			}
		}
	}
}

// narrow is wide without instructions for it, and for any n.
func (s *sweep) narrow(i, n int) {
	data := s.data[i : i+n+2]
	t := s.triple(0, data[0], data[1])
	for j, b := range data[2:] {
		t = (t<<signBits | uint32(s.signs[b])) & (1<<(3*signBits) - 1)
		if s.triples[t>>6]>>(t&63)&1 != 0 {
			s.compare(i+j, t)
		}
	}
}

// compare compares the literals that are looked for by the triple t, which stands at data[i].
func (s *sweep) compare(i int, t uint32) {
	n := int(s.rank[t>>6]) + bits.OnesCount64(s.triples[t>>6]&(1<<(t&63)-1))
	for e := range s.entries[s.start[n]:s.start[n+1]] {
		entry := &s.entries[int(s.start[n])+e]
		at := i - int(entry.back)
		if at < s.from || at >= s.to {
			continue
		}
		if at+8 <= len(s.data) {
			if (binary.LittleEndian.Uint64(s.data[at:])|foldBytes)&entry.mask != entry.want {
				continue
			}
			if len(entry.text) > 8 && !hasFolded(s.data[at+8:], entry.text[8:]) {
				continue
			}
		} else if !hasFolded(s.data[at:], entry.text) {
			continue
		}
		s.put(placed{at, entry.target})
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

func hasFolded(data []byte, text string) bool {
	if len(data) < len(text) {
		return false
	}
	for i := range len(text) {
		if foldByte(data[i]) != text[i] {
			return false
		}
	}
	return true
}
