package labelled

import (
	"cmp"
	"slices"
)

// Hit is a place in a row's line that a scanner calls a credential.
type Hit struct {
	Start, End int // in bytes
	Rule       string
	Score      float64 // how sure the scanner is; only its order counts
}

// Score counts what a scanner got right.
type Score struct {
	Credentials int // that there are
	Found       int // of them
	False       int // values that are none and were called one
	Unlabelled  int // hits that no label speaks of
}

// Precision returns how many of the values called credentials are: 1 if there are none.
func (s Score) Precision() float64 { return share(s.Found, s.Found+s.False) }

// Recall returns how many of the credentials were found: 1 if there are none.
func (s Score) Recall() float64 { return share(s.Found, s.Credentials) }

// F1 returns the harmonic mean of precision and recall.
func (s Score) F1() float64 {
	p, r := s.Precision(), s.Recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// add adds another score's counts.
func (s *Score) add(o Score) {
	s.Credentials += o.Credentials
	s.Found += o.Found
	s.False += o.False
	s.Unlabelled += o.Unlabelled
}

func share(part, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(part) / float64(of)
}

// Result is how a scanner did.
type Result struct {
	Overall    Score
	Categories []Category // by name; a row of two categories counts in both
	False      []Mistake  // the values that are none and were called one, the surest first
	Missed     []Mistake  // the credentials that were not found, in the order of the rows
}

// Category is the score of one category.
type Category struct {
	Name string
	Score
}

// Mistake is a row that a scanner got wrong.
type Mistake struct {
	Row *Row
	Hit Hit // the zero Hit for a credential that was not found
}

// Evaluate compares hits, those of each row, with the truth. Rows that are not Core are left out. A hit that covers a credential is no
// mistake in another row of the same line.
func Evaluate(rows []Row, hits [][]Hit) Result {
	var result Result
	right := credentials(rows)
	categories := map[string]*Score{}
	for i := range rows {
		r := &rows[i]
		if !r.Core() {
			continue
		}
		one := result.row(r, hits[i], right[lineOf(r)])
		result.Overall.add(one)
		for _, name := range r.Categories() {
			if categories[name] == nil {
				categories[name] = &Score{}
			}
			categories[name].add(one)
		}
	}
	for name, score := range categories {
		result.Categories = append(result.Categories, Category{name, *score})
	}
	slices.SortFunc(result.Categories, func(a, b Category) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(result.False, func(a, b Mistake) int { return cmp.Compare(b.Hit.Score, a.Hit.Score) })
	return result
}

// row judges one row. right are the credentials of the same line.
func (result *Result) row(r *Row, hits []Hit, right []*Row) (s Score) {
	best, covered := Hit{}, false
	for _, h := range hits {
		switch {
		case r.Covers(h.Start, h.End):
			if r.Truth == Other && coversAny(right, h) {
				continue
			}
			if !covered || h.Score > best.Score {
				best, covered = h, true
			}
		case r.Truth != Undecided && !coversAny(right, h):
			s.Unlabelled++
		}
	}
	switch {
	case r.Truth == Credential:
		s.Credentials = 1
		if covered {
			s.Found = 1
		} else {
			result.Missed = append(result.Missed, Mistake{Row: r})
		}
	case r.Truth == Other && covered:
		s.False = 1
		result.False = append(result.False, Mistake{r, best})
	}
	return s
}

func coversAny(rows []*Row, h Hit) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return r.Covers(h.Start, h.End) })
}

// line is what rows about the same line share.
type line struct{ repo, ext, text string }

func lineOf(r *Row) line { return line{r.Repo, r.Ext, r.Line} }

// credentials returns the credentials of each line.
func credentials(rows []Row) map[line][]*Row {
	all := map[line][]*Row{}
	for i := range rows {
		if r := &rows[i]; r.Truth == Credential {
			all[lineOf(r)] = append(all[lineOf(r)], r)
		}
	}
	return all
}
