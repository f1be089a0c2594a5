package secretscan

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Engine is a compiled Ruleset. It does not change; any number of goroutines may use it, each with a scanner of its own.
type Engine struct {
	set    []Rule                  // the ruleset's
	rules  []rule                  // those, made ready; see at
	byID   func() map[string]int32 // most runs find nothing and need it not
	global []allowlist
	filter func() *prefilter // made for the first content: often, as at a commit, there is none
	own    map[string]bool   // paths of the configuration itself, which is not scanned

	named      []nameRule
	unanchored []int32 // rules whose expressions are run over everything
	readers    readers
	seam       int // see seamLeast

	making sync.Mutex
	later  *compiler // makes rules ready when they are asked for
}

// rule is a Rule made ready. Its expressions are checked at Compile and compiled when they are first needed.
type rule struct {
	ready atomic.Bool // what follows is made
	*Rule
	Keywords []string    // in lower case
	content  *lazyRegexp // nil: a rule about names of files only
	path     *lazyRegexp // nil: any path
	anchors  []Anchor    // nil: the expression is run over everything
	planned  lazyPlan    // see plan
	unseen   bool        // a keyword is too short for the prefilter
	gated    bool        // a match does not show by itself that a keyword is there
	distant  bool        // nor does one that is written in ASCII: keywords are looked for on their own
	rank     rank        // which rules it gives way to
	needed   bool        // another rule requires it
	allow    []allowlist
	check    Check // nil: none
}

// lazyPlan is a rule's plan, which is made when it is first needed: most rules never have a hit.
type lazyPlan struct {
	once sync.Once
	plan *plan
}

// RuleError says what is wrong with a rule.
type RuleError struct {
	Rule string // id
	Key  string // the key of the rule in gitleaks' terms: "regex", "allowlists.paths"
	Err  error
}

// Error names the rule, the key and what is wrong with it.
func (e *RuleError) Error() string { return fmt.Sprintf("rule %q: %s: %v", e.Rule, e.Key, e.Err) }

// Unwrap returns the reason.
func (e *RuleError) Unwrap() error { return e.Err }

// Compile checks a ruleset and makes it ready. Errors are of type *RuleError. The engine refers to the ruleset's rules, which must not
// change from then on.
func Compile(set Ruleset) (*Engine, error) {
	c := &compiler{known: set.Analyses, plans: newPlans(set.Plans), triples: set.Triples, checks: set.Checks}
	return c.compile(set)
}

func (c *compiler) compile(set Ruleset) (*Engine, error) {
	e := &Engine{set: set.Rules, rules: make([]rule, len(set.Rules)), own: map[string]bool{}}
	e.byID = sync.OnceValue(e.numbers)
	if set.Path != "" {
		e.own[set.Path] = true
	}
	e.readers = newReaders(set)
	prepare := c.all
	if set.Prepared.fits(&set) {
		prepare = c.prepared
	}
	if err := prepare(e, &set); err != nil {
		return nil, err
	}
	return e, nil
}

// all makes an engine of a ruleset of which nothing is known.
func (c *compiler) all(e *Engine, set *Ruleset) (err error) {
	c.contents = make([]lazyRegexp, len(set.Rules))
	for i := range set.Rules {
		r := &e.rules[i]
		if err := c.rule(r, &set.Rules[i]); err != nil {
			return err
		}
		r.ready.Store(true)
		if r.content != nil && r.anchors == nil {
			e.unanchored = append(e.unanchored, int32(i))
		}
		if r.content == nil && r.rank != rankReader {
			e.named = append(e.named, c.named(int32(i), r))
		}
	}
	if e.global, err = c.allowlists("(all rules)", set.Allowlists); err != nil {
		return err
	}
	if err := e.linkRequired(); err != nil {
		return err
	}
	return e.planPrefilter(c)
}

// rule makes a rule ready.
func (c *compiler) rule(r *rule, data *Rule) (err error) {
	r.Rule, r.Keywords, r.rank = data, lowered(data.Keywords), rankOf(data)
	if r.path, err = c.regexp(data.Path); err != nil {
		return &RuleError{data.ID, "path", err}
	}
	if r.allow, err = c.allowlists(data.ID, data.Allowlists); err != nil {
		return err
	}
	if r.check, err = c.check(data); err != nil {
		return err
	}
	if data.Reader != "" {
		return checkReader(data)
	}
	if data.Regex == "" && r.path == nil {
		return &RuleError{data.ID, "regex", fmt.Errorf("a rule needs a regex or a path")}
	}
	if data.Regex != "" {
		if err := c.content(r); err != nil {
			return &RuleError{data.ID, "regex", err}
		}
	}
	return nil
}

// check finds the check that a rule names.
func (c *compiler) check(data *Rule) (check Check, err error) {
	if data.Check != "" && c.checks != nil {
		check = c.checks(data.Check)
	}
	if data.Check != "" && check == nil {
		return nil, &RuleError{data.ID, "check", fmt.Errorf("there is no check %q", data.Check)}
	}
	return check, nil
}

// lowered returns words in lower case; they are not copied if they are in it already.
func lowered(words []string) []string {
	for i, word := range words {
		if lower := strings.ToLower(word); lower != word {
			out := slices.Clone(words)
			for j := range out[i:] {
				out[i+j] = strings.ToLower(out[i+j])
			}
			return out
		}
	}
	return words
}

// content readies a rule's expression for content.
func (c *compiler) content(r *rule) error {
	a, err := c.analysis(r.Regex)
	if err != nil {
		return err
	}
	r.content, r.anchors = c.lazy(r.Regex), a.Anchors
	if a.Plan > 0 && c.plans != nil {
		r.content.written = planReader{c.plans, int(a.Plan)}
	}
	r.gated, r.distant = r.keywordOutside()
	r.unseen = !r.watched()
	return nil
}

// keywordOutside reports whether a match need not hold one of the rule's keywords, so that somebody must look for one, and
// whether that goes for matches written in ASCII, and not only for those with a long s or a kelvin sign.
func (r *rule) keywordOutside() (gated, distant bool) {
	if len(r.Keywords) == 0 {
		return false, false
	}
	if r.anchors == nil {
		return true, true
	}
	for _, a := range r.anchors {
		for _, l := range a.Literals {
			if !containsAny(l, r.Keywords) {
				gated = true
				distant = distant || isASCII([]string{l})
			}
		}
	}
	return gated, distant
}

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// numbers returns which rule has which id.
func (e *Engine) numbers() map[string]int32 {
	byID := make(map[string]int32, len(e.set))
	for i := range e.set {
		byID[e.set[i].ID] = int32(i)
	}
	return byID
}

func (e *Engine) linkRequired() error {
	for i := range e.set {
		for _, need := range e.set[i].Required {
			j, ok := e.byID()[need.RuleID]
			if !ok {
				return &RuleError{e.set[i].ID, "required", fmt.Errorf("there is no rule %q", need.RuleID)}
			}
			e.at(j).needed = true
		}
	}
	return nil
}

// planPrefilter collects the literals of all rules: those of anchors, and the keywords that stand on their own.
func (e *Engine) planPrefilter(c *compiler) error {
	var targets prefilterTargets
	for i := range e.rules {
		r := &e.rules[i]
		for j := range r.anchors {
			for _, l := range r.anchors[j].Literals {
				targets.add(l, target{int32(i), int32(j)})
			}
		}
		if r.distant {
			for _, k := range r.Keywords {
				for _, l := range keywordLiterals(k) {
					targets.add(l, target{int32(i), gateTarget})
				}
			}
		}
	}
	e.readers.plan(&targets)
	e.seam = seamLeast
	for _, text := range targets.order {
		e.seam = max(e.seam, len(text))
	}
	if n := len(targets.order); n > prefilterMost {
		return fmt.Errorf("the rules have %d literals; at most %d are supported: leave rules out", n, prefilterMost)
	}
	if len(targets.order) <= besideFew {
		targets.after = e.after
	}
	e.filter = c.prefilter(&targets)
	return nil
}

// after returns the sequence that starts with the literals of a rule's anchor.
func (e *Engine) after(rule, anchor int32) sequence { return e.at(rule).plan().anchors[anchor].follow }

// watched reports whether the prefilter can look for every keyword of a rule.
func (r *rule) watched() bool {
	for _, k := range r.Keywords {
		if !canWatch(k) {
			return false
		}
	}
	return true
}

func canWatch(keyword string) bool { return len(keyword) >= literalLeast && isASCII([]string{keyword}) }

// keywordLiterals returns the strings whose lower-case form is the keyword, as far as the prefilter distinguishes them, or
// nil for a keyword too short for it or with letters beyond ASCII.
func keywordLiterals(keyword string) []string {
	if !canWatch(keyword) {
		return nil
	}
	set := []literal{{"", true}}
	for _, r := range keyword {
		variants := []literal{{string(r), true}}
		if upper := upperOf(r); upper != 0 {
			variants = append(variants, literal{string(upper), true})
		}
		grown, ok := cross(set, variants)
		if !ok {
			break
		}
		set = grown
	}
	out := make([]string, len(set))
	for i, l := range set {
		out[i] = l.text
	}
	return out
}

// upperOf returns the letter beyond ASCII whose lower case is r, an ASCII letter: there are two, and gitleaks, which lowers the
// whole text before it looks for keywords, knows them.
func upperOf(r rune) rune {
	switch r {
	case 'k':
		return '\u212a' // kelvin sign
	case 'i':
		return '\u0130' // capital I with dot
	}
	return 0
}

// lazyRegexp is an expression that is known to be right and compiled at first use.
type lazyRegexp struct {
	expr    string
	written planReader // where what is known of it starts
	once    sync.Once
	re      *regexp.Regexp

	onceAfter sync.Once
	after     *regexp.Regexp

	onceBrief sync.Once
	brief     *regexp.Regexp
	briefMost int

	onceEnd sync.Once
	end     *anyPrefix

	onceEnding sync.Once
	ending     ending
}

// tree returns the expression's syntax tree, which is only looked at a few times and not kept.
func (l *lazyRegexp) tree() *syntax.Regexp {
	tree, _ := syntax.Parse(l.expr, syntax.Perl) // it was parsed before
	return tree
}

// get returns the compiled expression.
func (l *lazyRegexp) get() *regexp.Regexp {
	l.once.Do(func() { l.re = regexp.MustCompile(l.expr) })
	return l.re
}

// afterRune returns the expression with any one character in front of it: what a window needs that does not start where the
// text does, so that \b sees what stands before, and ^ does not take the window's edge for the text's.
func (l *lazyRegexp) afterRune() *regexp.Regexp {
	l.onceAfter.Do(func() { l.after = regexp.MustCompile(afterRunePrefix + l.expr + `)`) })
	return l.after
}

const afterRunePrefix = `(?s:.)(?:`

// checkAfterRune makes sure that afterRune works: an expression can be so deep, or so large, that nothing more may go around it.
// The limits of regexp/syntax are a depth of 1000 and a size of 128 MB; no short expression comes near.
func checkAfterRune(expr string) error {
	const short = 500
	if len(expr) < short {
		return nil
	}
	_, err := syntax.Parse(afterRunePrefix+expr+`)`, syntax.Perl)
	return err
}
