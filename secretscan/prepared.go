package secretscan

import (
	"sync"
)

// Prepared is what Compile finds out from all rules of a ruleset, found out before: with it, a rule is made ready when it is first
// asked for, and a start takes time for the few rules alone that have something to look at. Nobody may change it.
type Prepared struct {
	rules []Rule // the list that it is for

	Literals LiteralTable
	Seam     int     // how far behind a place its literal reaches at most
	Alone    []int32 // the rules whose expressions are run over everything
	Names    []int32 // the rules about names of files alone
}

// For returns it for a list of rules that is like the one that it was made of. As soon as a ruleset has another list, it is not used; what
// the rules in the list look for must not be changed.
func (p Prepared) For(rules []Rule) *Prepared {
	p.rules = rules
	return &p
}

// Prepare returns what Compile would find out from all rules of a ruleset. The error is of type *RuleError.
func Prepare(set Ruleset) (Prepared, error) {
	set.Prepared = nil
	e, err := Compile(set)
	if err != nil {
		return Prepared{}, err
	}
	literals := *e.filter().LiteralTable
	literals.ask(e.after)
	p := Prepared{Literals: literals, Seam: e.seam, Alone: e.unanchored}
	for i := range e.named {
		p.Names = append(p.Names, e.named[i].rule)
	}
	return p, nil
}

// fits reports whether it is for a ruleset.
func (p *Prepared) fits(set *Ruleset) bool {
	return p != nil && len(set.Rules) > 0 && len(p.rules) == len(set.Rules) && &p.rules[0] == &set.Rules[0]
}

// prepared makes an engine of a ruleset and what is known of its rules.
func (c *compiler) prepared(e *Engine, set *Ruleset) error {
	e.later = c
	var err error
	if e.global, err = c.allowlists("(all rules)", set.Allowlists); err != nil {
		return err
	}
	e.unanchored, e.seam = set.Prepared.Alone, set.Prepared.Seam
	for _, i := range set.Prepared.Names {
		e.named = append(e.named, c.named(i, e.at(i)))
	}
	literals := &set.Prepared.Literals
	e.filter = sync.OnceValue(func() *prefilter { return newPrefilter(literals) })
	return e.linkRequired()
}

// at returns a rule, ready.
func (e *Engine) at(i int32) *rule {
	r := &e.rules[i]
	if !r.ready.Load() {
		e.makeReady(i)
	}
	return r
}

// makeReady makes a rule ready that is known to be right.
func (e *Engine) makeReady(i int32) {
	e.making.Lock()
	defer e.making.Unlock()
	if r := &e.rules[i]; !r.ready.Load() {
		_ = e.later.rule(r, &e.set[i]) // Prepare had no objection
		r.ready.Store(true)
	}
}
