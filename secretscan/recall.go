package secretscan

import (
	"encoding/binary"
	"hash"
	"math"

	"keysweep/finding"
)

// Spot is where a candidate stands in its content, as far as that differs between contents that hold the same text.
type Spot struct {
	First, Last int   // lines of Candidate.Span
	Allow       int   // line of Candidate.Allow; 0: there is none
	Offset      int64 // Candidate.Offset
}

// Spot returns where the candidate stands.
func (c *Candidate) Spot() Spot {
	s := Spot{First: c.Span.Start.Line, Last: c.Span.End.Line, Offset: c.Offset}
	if c.Allow != nil {
		s.Allow = c.Allow.Line
	}
	return s
}

// Look returns what stands for all that the candidate is but its Spot: two candidates of one engine that have the same look differ in
// their Spots at most. mac is a keyed hash that is reset first; buf is scratch memory, which then holds the secret.
func (c *Candidate) Look(mac hash.Hash, buf *[]byte) (look [16]byte) {
	b := (*buf)[:0]
	number := func(n int) { b = binary.AppendVarint(b, int64(n)) }
	text := func(s string) {
		number(len(s))
		b = append(b, s...)
	}
	text("look") // no file that is authenticated with the same key begins like this
	text(c.Rule)
	text(c.Secret.Reveal())
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.Entropy))
	number(c.Span.Start.Column)
	number(c.Span.End.Column)
	for _, e := range []finding.Excerpt{c.Line, c.Match} {
		all, _ := e.Reveal()
		text(all)
		ranges := e.Ranges()
		number(len(ranges))
		number(boolOf(e.IsBlank()))
		for _, r := range ranges {
			number(r.Start)
			number(r.End)
		}
	}
	number(int(c.rule))
	number(int(c.secretAt))
	number(int(c.covers))
	number(int(c.example))
	text(c.Decoded)
	if c.scores != nil {
		for _, score := range c.scores {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(score))
		}
	}
	number(len(c.allowed))
	for _, a := range c.allowed {
		number(int(a))
	}
	if c.Allow != nil {
		text(c.Allow.By)
		text(c.Allow.Reason)
	}
	mac.Reset()
	mac.Write(b)
	*buf = mac.Sum(b)
	copy(look[:], (*buf)[len(b):])
	return look
}

// At returns the candidate as it is at another spot: one where an allow comment covers it if one does here.
func (c Candidate) At(s Spot) Candidate {
	c.Span.Start.Line, c.Span.End.Line, c.Offset = s.First, s.Last, s.Offset
	if c.Allow != nil {
		allow := *c.Allow
		allow.Line = s.Allow
		c.Allow = &allow
	}
	return c
}
