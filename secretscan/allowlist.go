package secretscan

import (
	"strings"
	"sync"
)

// allowlist is an Allowlist made ready.
type allowlist struct {
	and     bool
	commits map[string]bool
	paths   *exprSet
	regexes []*lazyRegexp
	target  Target
	words   *wordSet
}

func (c *compiler) allowlists(id string, lists []Allowlist) ([]allowlist, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	out := make([]allowlist, 0, len(lists))
	for _, data := range lists {
		a := allowlist{and: data.And, target: data.Target, words: newWordSet(data.StopWords)}
		if len(data.Commits) > 0 {
			a.commits = make(map[string]bool, len(data.Commits))
		}
		for _, commit := range data.Commits {
			a.commits[strings.ToLower(strings.TrimSpace(commit))] = true
		}
		var err error
		if a.paths, err = c.exprSet(data.Paths); err != nil {
			return nil, &RuleError{id, "allowlists.paths", err}
		}
		if a.regexes, err = c.regexps(data.Regexes); err != nil {
			return nil, &RuleError{id, "allowlists.regexes", err}
		}
		out = append(out, a)
	}
	return out, nil
}

// wantsPlace reports whether the list asks about the path or the commit.
func (a *allowlist) wantsPlace() bool { return a.paths != nil || len(a.commits) > 0 }

// wantsText reports whether the list asks about the content.
func (a *allowlist) wantsText() bool { return len(a.regexes) > 0 || a.words != nil }

// allowsText reports whether the content alone fulfils the list's conditions about content: one of them for OR, all of them
// for AND. byRegex says whether one of the list's expressions matches. Whether that is enough is up to the caller.
func (a *allowlist) allowsText(byRegex bool, secret string) bool {
	if a.and {
		return (len(a.regexes) == 0 || byRegex) && (a.words == nil || a.words.in(secret))
	}
	return byRegex || a.words != nil && a.words.in(secret)
}

// allowsPlace is allowsText for path and commit.
func (a *allowlist) allowsPlace(path, commit string) bool {
	byCommit := commit != "" && a.commits[strings.ToLower(commit)]
	byPath := path != "" && onPath(path, a.paths.match)
	if a.and {
		return (len(a.commits) == 0 || byCommit) && (a.paths == nil || byPath)
	}
	return byCommit || byPath
}

func anyMatch(list []*lazyRegexp, text string) bool {
	for _, re := range list {
		if re.get().MatchString(text) {
			return true
		}
	}
	return false
}

// exprSet is several expressions of which one must match. Of many, a prefilter says which are worth trying on a text: gitleaks
// has 25 for paths, and each file's path must be held against all of them.
type exprSet struct {
	all    []*lazyRegexp
	filter func() *prefilter
	rest   []*lazyRegexp // those without a literal to look for
}

// exprsFiltered is how many expressions make a prefilter worth building.
const exprsFiltered = 8

func (c *compiler) exprSet(exprs []string) (*exprSet, error) {
	list, err := c.regexps(exprs)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	s := &exprSet{all: list}
	if len(list) < exprsFiltered {
		s.rest = list
		return s, nil
	}
	var targets prefilterTargets
	for i, re := range list {
		anchors := c.anchors(re)
		if anchors == nil {
			s.rest = append(s.rest, re)
		}
		for _, anchor := range anchors {
			for _, l := range anchor.Literals {
				targets.add(l, target{rule: int32(i)})
			}
		}
	}
	s.filter = c.prefilter(&targets)
	return s, nil
}

// match reports whether one of the expressions matches a path; of a nil set none does.
func (s *exprSet) match(text string) bool {
	if s == nil {
		return false
	}
	for _, re := range s.rest {
		if re.matchesName(text) {
			return true
		}
	}
	if s.filter == nil {
		return false
	}
	found := false
	s.filter().scan([]byte(text), 0, len(text), func(t target, _ int) {
		found = found || s.all[t.rule].get().MatchString(text)
	})
	return found
}

// wordSet finds whether a short text holds one of many words, without regard to case: gitleaks' generic rule has 1,446 of
// them. Words are kept by their first two bytes.
type wordSet struct{ byPair func() map[[2]byte][]string }

func newWordSet(words []string) *wordSet {
	if len(words) == 0 {
		return nil
	}
	return &wordSet{sync.OnceValue(func() map[[2]byte][]string {
		byPair := make(map[[2]byte][]string, len(words))
		for _, word := range words {
			word = strings.ToLower(word)
			byPair[pairAt(word, 0)] = append(byPair[pairAt(word, 0)], word)
		}
		return byPair
	})}
}

// pairAt returns the two bytes of text at i, with zero where there is none.
func pairAt(text string, i int) (pair [2]byte) {
	copy(pair[:], text[min(i, len(text)):])
	return pair
}

func (s *wordSet) in(text string) bool {
	text = strings.ToLower(text)
	if text == "" {
		return false
	}
	byPair := s.byPair()
	for i := range len(text) {
		pair := pairAt(text, i)
		for _, key := range [...][2]byte{pair, {pair[0], 0}, {0, 0}} {
			for _, word := range byPair[key] {
				if strings.HasPrefix(text[i:], word) {
					return true
				}
			}
		}
	}
	return false
}
