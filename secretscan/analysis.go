package secretscan

import (
	"cmp"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// Analysis is what Compile has to know about an expression and would find out from its syntax tree. Those of the default rules are
// kept as data, so that a start parses no expression at all.
type Analysis struct {
	Expr    string
	Anchors []Anchor // one for each branch; nil: a branch has no literal that all its matches hold
	Plan    uint32   // where in Ruleset.Plans it is written what a hit of one of the literals needs; 0: it is not
}

// Analyse checks an expression and finds out what Compile has to know about it.
func Analyse(expr string) (Analysis, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return Analysis{}, err
	}
	if err := checkAfterRune(expr); err != nil {
		return Analysis{}, err
	}
	return Analysis{Expr: expr, Anchors: anchorsOf(tree)}, nil
}

// AnalyseRules returns the analyses of all expressions in a ruleset, each once and in the order that Ruleset.Analyses needs, and the
// plans that they refer to.
func AnalyseRules(set Ruleset) (all []Analysis, plans string, err error) {
	w, contents := newPlanWriter(), make(map[string]bool)
	for i := range set.Rules {
		contents[set.Rules[i].Regex] = true
	}
	for _, expr := range exprsOf(set) {
		a, err := Analyse(expr)
		if err != nil {
			return nil, "", fmt.Errorf("analyse the rules' expressions: %w", err)
		}
		if contents[expr] {
			a.Plan = w.plan(expr, a.Anchors)
		}
		all = append(all, a)
	}
	return all, w.all(), nil
}

// exprsOf returns all expressions in a ruleset, each once, in order.
func exprsOf(set Ruleset) []string {
	var exprs []string
	lists := slices.Clone(set.Allowlists)
	for i := range set.Rules {
		exprs = append(exprs, set.Rules[i].Regex, set.Rules[i].Path)
		lists = append(lists, set.Rules[i].Allowlists...)
	}
	for _, list := range lists {
		for _, alternatives := range [][]string{list.Paths, list.Regexes} {
			exprs = append(exprs, alternatives...)
			exprs = append(exprs, new(compiler).asAlternatives(alternatives)...)
		}
	}
	slices.SortFunc(exprs, compareExprs)
	return slices.DeleteFunc(slices.Compact(exprs), func(expr string) bool { return expr == "" })
}

// compareExprs orders expressions so that two are told apart fast: most have a length of their own.
func compareExprs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// compiler makes a ruleset ready.
type compiler struct {
	known   []Analysis          // that need not be made again
	plans   *plans              // that those refer to; nil: there are none
	triples []string            // choices that need not be made again; see Ruleset.Triples
	checks  func(string) Check  // see Ruleset.Checks
	planned []*prefilterTargets // of the prefilters so far

	contents []lazyRegexp // room for the rules' expressions, made at once
}

// lazy returns an expression that is known to be right.
func (c *compiler) lazy(expr string) *lazyRegexp {
	if len(c.contents) == 0 {
		return &lazyRegexp{expr: expr}
	}
	l := &c.contents[0]
	c.contents = c.contents[1:]
	l.expr = expr
	return l
}

func (c *compiler) lookUp(expr string) (Analysis, bool) {
	from, to := 0, len(c.known)
	for from < to {
		middle := (from + to) / 2
		if known := c.known[middle].Expr; len(known) < len(expr) || len(known) == len(expr) && known < expr { // as compareExprs
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from == len(c.known) || c.known[from].Expr != expr {
		return Analysis{}, false
	}
	return c.known[from], true
}

func (c *compiler) analysis(expr string) (Analysis, error) {
	if a, ok := c.lookUp(expr); ok {
		return a, nil
	}
	return Analyse(expr)
}

// anchors returns the anchors of an expression that is right.
func (c *compiler) anchors(re *lazyRegexp) []Anchor {
	if a, ok := c.lookUp(re.expr); ok {
		return a.Anchors
	}
	return anchorsOf(re.tree())
}

// regexp checks an expression; the empty one gives nil.
func (c *compiler) regexp(expr string) (*lazyRegexp, error) {
	if expr == "" {
		return nil, nil
	}
	if _, ok := c.lookUp(expr); !ok {
		if _, err := syntax.Parse(expr, syntax.Perl); err != nil {
			return nil, err
		}
	}
	return &lazyRegexp{expr: expr}, nil
}

// regexps checks an allowlist's expressions.
func (c *compiler) regexps(exprs []string) ([]*lazyRegexp, error) {
	var out []*lazyRegexp
	for _, expr := range c.asAlternatives(exprs) {
		re, err := c.regexp(expr)
		if err != nil {
			return nil, err
		}
		if re == nil {
			return nil, fmt.Errorf("an empty expression matches everything")
		}
		out = append(out, re)
	}
	return out, nil
}
