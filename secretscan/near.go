package secretscan

import (
	"slices"
	"sort"
)

// required drops the matches of rules whose required rules do not match near enough, and those of rules that only serve.
func (e *Engine) required(kept []Candidate) []Candidate {
	alone := true
	for i := range kept {
		r := e.at(kept[i].rule)
		alone = alone && !r.SkipReport && len(r.Required) == 0
	}
	if alone {
		return kept
	}
	out := make([]Candidate, 0, len(kept))
	spots := make(map[string]*spotIndex)
	for i := range kept {
		c := &kept[i]
		r := e.at(c.rule)
		if r.SkipReport {
			continue
		}
		near := true
		for _, need := range r.Required {
			if spots[need.RuleID] == nil {
				spots[need.RuleID] = newSpotIndex(kept, need.RuleID)
			}
			near = near && spots[need.RuleID].near(c, need)
		}
		if near {
			out = append(out, *c)
		}
	}
	return out
}

// spotIndex holds where a rule's matches start, so that each of very many matches that require it is answered at once.
type spotIndex struct {
	lines   []int         // that have one, in order
	columns []int         // of all, in order
	at      map[int][]int // columns by line, in order
}

func newSpotIndex(kept []Candidate, rule string) *spotIndex {
	x := &spotIndex{at: make(map[int][]int)}
	for i := range kept {
		if start := kept[i].Span.Start; kept[i].Rule == rule {
			x.columns = append(x.columns, start.Column)
			x.at[start.Line] = append(x.at[start.Line], start.Column)
		}
	}
	for line, columns := range x.at {
		x.lines = append(x.lines, line)
		slices.Sort(columns)
	}
	slices.Sort(x.lines)
	slices.Sort(x.columns)
	return x
}

// near reports whether one of the rule's matches starts within the distances from c.
func (x *spotIndex) near(c *Candidate, need Required) bool {
	start := c.Span.Start
	if need.WithinLines == nil {
		return len(x.columns) > 0 && (need.WithinColumns == nil || hasWithin(x.columns, start.Column, *need.WithinColumns))
	}
	if need.WithinColumns == nil {
		return hasWithin(x.lines, start.Line, *need.WithinLines)
	}
	for i := sort.SearchInts(x.lines, start.Line-*need.WithinLines); i < len(x.lines) && x.lines[i] <= start.Line+*need.WithinLines; i++ {
		if hasWithin(x.at[x.lines[i]], start.Column, *need.WithinColumns) {
			return true
		}
	}
	return false
}

// hasWithin reports whether one of the sorted numbers is at most distance away from n.
func hasWithin(sorted []int, n, distance int) bool {
	i := sort.SearchInts(sorted, n-distance)
	return i < len(sorted) && sorted[i] <= n+distance
}
