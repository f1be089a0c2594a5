package secretscan

import (
	"cmp"
	"index/suffixarray"
	"slices"
	"sort"
	"strings"

	"keysweep/finding"
)

// precedence drops what gives way to something else in the same place.
func (e *Engine) precedence(kept []Candidate) []Candidate {
	return e.readPrecedence(e.genericPrecedence(plainPrecedence(kept)))
}

// layers returns how many layers of encoding were taken off to find a candidate.
func (c *Candidate) layers() int {
	if c.Decoded == "" {
		return 0
	}
	return 1 + strings.Count(c.Decoded, layerEnds)
}

// plainPrecedence drops what was found by decoding if the same rule finds the same secret in the same place with fewer layers taken off: decoded
// was something beside it.
func plainPrecedence(kept []Candidate) []Candidate {
	if !slices.ContainsFunc(kept, func(c Candidate) bool { return c.Decoded != "" }) {
		return kept
	}
	type stand struct {
		rule     int32
		secret   finding.Secret
		from, to int64
	}
	standOf := func(c *Candidate) stand {
		from, to := c.secretRange()
		return stand{c.rule, c.Secret, from, to}
	}
	fewest := make(map[stand]int, len(kept))
	for i := range kept {
		at := standOf(&kept[i])
		if n, known := fewest[at]; !known || kept[i].layers() < n {
			fewest[at] = kept[i].layers()
		}
	}
	return slices.DeleteFunc(kept, func(c Candidate) bool { return c.layers() > fewest[standOf(&c)] })
}

// readPrecedence drops what a reader found if an expression found a secret that has some of the same text.
func (e *Engine) readPrecedence(kept []Candidate) []Candidate {
	var taken, decoded secretRanges
	readers := false
	for i := range kept {
		if c := &kept[i]; e.at(c.rule).rank == rankReader {
			if readers = true; c.Decoded != "" {
				decoded.add(c.secretRange())
			}
		} else {
			taken.add(c.secretRange())
		}
	}
	if !readers || len(taken)+len(decoded) == 0 {
		return kept
	}
	taken.arrange()
	decoded.arrange()
	return slices.DeleteFunc(kept, func(c Candidate) bool {
		if e.at(c.rule).rank != rankReader {
			return false
		}
		return taken.overlap(c.secretRange()) || c.Decoded == "" && decoded.overlap(c.secretRange())
	})
}

// secretRange returns where a candidate's secret stands in its content.
func (c *Candidate) secretRange() (from, to int64) {
	from = c.Offset + int64(c.secretAt)
	if c.covers > 0 {
		return from, from + int64(c.covers)
	}
	return from, from + int64(len(c.Secret.Reveal()))
}

// secretRanges are where secrets stand.
type secretRanges []struct{ from, to int64 }

func (r *secretRanges) add(from, to int64) {
	if from < to {
		*r = append(*r, struct{ from, to int64 }{from, to})
	}
}

// arrange puts the ranges in order, each with the greatest end of those up to it in the place of its own.
func (r secretRanges) arrange() {
	slices.SortFunc(r, func(a, b struct{ from, to int64 }) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(r); i++ {
		r[i].to = max(r[i].to, r[i-1].to)
	}
}

// overlap reports whether one of the ranges, which are arranged, has something of another.
func (r secretRanges) overlap(from, to int64) bool {
	n := sort.Search(len(r), func(i int) bool { return r[i].from >= to })
	return n > 0 && r[n-1].to > from
}

// genericPrecedence drops a generic rule's match if a specific rule's on the same line holds its secret.
func (e *Engine) genericPrecedence(kept []Candidate) []Candidate {
	specific := make(map[int]*secretIndex)
	for i := range kept {
		if c := &kept[i]; e.at(c.rule).rank == rankSpecific {
			if specific[c.Span.Start.Line] == nil {
				specific[c.Span.Start.Line] = new(secretIndex)
			}
			specific[c.Span.Start.Line].add(c.Secret.Reveal())
		}
	}
	if len(specific) == 0 {
		return kept
	}
	out := kept[:0]
	for _, c := range kept {
		if e.at(c.rule).rank != rankGeneric || !specific[c.Span.Start.Line].holds(c.Secret.Reveal()) {
			out = append(out, c)
		}
	}
	return out
}

// secretIndex holds the secrets of one line. A line of many megabytes can have 100,000 of them, and as many that are asked for,
// so many are put into a suffix array, which answers in logarithmic time.
type secretIndex struct {
	secrets []string
	many    *suffixarray.Index
}

const (
	// secretsFew is how many secrets are searched one by one.
	secretsFew = 64
	// secretEnds stands between secrets in the suffix array. A secret that holds it is searched for one by one.
	secretEnds = "\x00"
)

func (x *secretIndex) add(secret string) { x.secrets = append(x.secrets, secret) }

// holds reports whether one of the secrets contains s; of a nil index none does.
func (x *secretIndex) holds(s string) bool {
	if x == nil {
		return false
	}
	if len(x.secrets) <= secretsFew || s == "" || strings.Contains(s, secretEnds) {
		return holdsOne(x.secrets, s)
	}
	if x.many == nil {
		x.many = suffixarray.New([]byte(strings.Join(x.secrets, secretEnds)))
	}
	return len(x.many.Lookup([]byte(s), 1)) > 0
}

func holdsOne(secrets []string, s string) bool {
	for _, secret := range secrets {
		if strings.Contains(secret, s) {
			return true
		}
	}
	return false
}
