package secretscan

import (
	"cmp"
	"slices"
	"sort"

	"keysweep/secretscan/decode"
)

// A run of encoded text is decided on by its Reach and what its view shows; the runs of a content made by a delta are those of the base
// that are copied with all of that, and those that are found where it is new, or where a run of the base is not copied as a whole.

// runSpot is a run in a content.
type runSpot struct {
	decode.Run
	dead bool // nothing was found in it
}

// shifted returns the run as it stands so many bytes further on.
func (r runSpot) shifted(by int) runSpot {
	r.From, r.To, r.Low, r.High = r.From+by, r.To+by, r.Low+by, r.High+by
	if r.First > 0 {
		r.First += by
	}
	if r.Next <= r.High {
		r.Next += by
	}
	return r
}

// lookForRuns finds the runs that have a part in data[from:to].
func (s *scanner) lookForRuns(from, to int) {
	if s.decoding.depth > 0 && from < to {
		s.decoding.finder.Find(s.data, from, to, len(s.data), s.decoding.note)
	}
}

// noteRun notes a run that was found.
func (s *scanner) noteRun(r decode.Run) {
	r.Low, r.High = min(r.Low, r.From-2*viewBefore), max(r.High, r.To+viewAfter+1)
	s.notes.runs = append(s.notes.runs, runSpot{Run: r})
}

// carryRuns takes over the runs of base that have a part in data[from:to].
func (s *scanner) carryRuns(base *Trace, c *stretch, from, to int) {
	shift := c.to - c.from
	first := sort.Search(len(base.runs), func(i int) bool { return base.runs[i].From+base.longest+shift > from })
	for _, r := range base.runs[first:] {
		if r = r.shifted(shift); r.From >= to {
			return
		}
		switch {
		case r.To <= from:
		case r.Low < c.lo || r.High > c.hi:
			s.lookForRuns(max(from, r.From), min(to, r.To))
		default:
			s.notes.runs = append(s.notes.runs, r)
		}
	}
}

// decodeRuns finds the matches in the runs of a content made by a delta.
func (s *scanner) decodeRuns() {
	runs := s.notes.runs
	slices.SortFunc(runs, func(a, b runSpot) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind), cmp.Compare(boolOf(b.dead), boolOf(a.dead)))
	})
	runs = slices.CompactFunc(runs, func(a, b runSpot) bool { return a.From == b.From && a.To == b.To && a.Kind == b.Kind })
	if s.decoding.depth > 0 {
		s.decoding.budget.room += decodeEach * len(s.data)
	}
	for i := range runs {
		if r := &runs[i]; !r.dead {
			n := len(s.raw)
			s.decodeRun(r.Run)
			r.dead = len(s.raw) == n && !s.decoding.budget.out
		}
	}
	s.notes.runs = runs
}

// longest returns the length of the longest run.
func longest(runs []runSpot) (n int) {
	for i := range runs {
		n = max(n, runs[i].To-runs[i].From)
	}
	return n
}
