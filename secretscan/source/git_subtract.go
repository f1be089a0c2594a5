package source

import (
	"cmp"
	"slices"

	"keysweep/finding"
	"keysweep/secretscan"
)

// What a change adds is the difference of two multisets: the secrets in the new version less those in the old one, by rule and
// secret, not by line, so that moving, indenting or reformatting a line brings nothing. A merge has several old versions, and
// adds what none of them has.
//
//	old: A A B    new: A A A C    added: A C

// gitSort is what makes two candidates the same.
type gitSort struct {
	rule   string
	secret finding.Secret
}

// gitTally counts what an old version holds.
type gitTally struct {
	all   map[gitSort]int
	open  map[gitSort]int // those without an allow comment
	lines map[gitLine]bool
}

// gitLine is the text of a line with its secrets masked.
type gitLine struct {
	gitSort
	text string
}

func sortOf(c secretscan.Candidate) gitSort { return gitSort{c.Rule, c.Secret} }
func lineOf(c secretscan.Candidate) gitLine { return gitLine{sortOf(c), c.Line.String()} }

func gitTallyOf(kept []secretscan.Candidate) gitTally {
	t := gitTally{all: map[gitSort]int{}, open: map[gitSort]int{}, lines: map[gitLine]bool{}}
	for _, c := range kept {
		t.all[sortOf(c)]++
		t.lines[lineOf(c)] = true
		if c.Allow == nil {
			t.open[sortOf(c)]++
		}
	}
	return t
}

// gitAdded returns those of the new version's candidates that no old version has, in their order. One with an allow comment in an
// old version is not there for a new one without: whoever removes the comment hears of the secret. Of several equal ones those
// on lines that are not in an old version are taken for new, then the last.
func gitAdded(kept []secretscan.Candidate, olds []gitTally) []secretscan.Candidate {
	var open, allowed []int // indices
	for i, c := range kept {
		if c.Allow == nil {
			open = append(open, i)
		} else {
			allowed = append(allowed, i)
		}
	}
	total := gitTallyOf(kept).all
	room := map[gitSort]int{} // how many of a sort are new
	for sort, n := range total {
		room[sort] = n - gitMost(olds, func(t gitTally) int { return t.all[sort] })
	}
	openRoom := map[gitSort]int{}
	for _, i := range open {
		openRoom[sortOf(kept[i])]++
	}
	for sort, n := range openRoom {
		openRoom[sort] = n - gitMost(olds, func(t gitTally) int { return t.open[sort] })
	}
	added := gitTake(kept, open, openRoom, olds)
	for _, i := range added {
		room[sortOf(kept[i])]--
	}
	added = append(added, gitTake(kept, allowed, room, olds)...)
	slices.Sort(added)
	out := make([]secretscan.Candidate, 0, len(added))
	for _, i := range added {
		out = append(out, kept[i])
	}
	return out
}

func gitMost(olds []gitTally, count func(gitTally) int) (most int) {
	for _, t := range olds {
		most = max(most, count(t))
	}
	return most
}

// gitTake picks as many of each sort as there is room for.
func gitTake(kept []secretscan.Candidate, from []int, room map[gitSort]int, olds []gitTally) (taken []int) {
	known := func(i int) int {
		for _, t := range olds {
			if t.lines[lineOf(kept[i])] {
				return 1
			}
		}
		return 0
	}
	order := slices.Clone(from)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(known(a)-known(b), b-a) })
	left := map[gitSort]int{}
	for _, i := range order {
		s := sortOf(kept[i])
		if _, seen := left[s]; !seen {
			left[s] = room[s]
		}
		if left[s] > 0 {
			left[s]--
			taken = append(taken, i)
		}
	}
	return taken
}
