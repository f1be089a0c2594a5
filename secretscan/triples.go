package secretscan

import "sync"

// firstTriple stands for a literal that is looked for by its first three bytes in Ruleset.Triples; b is for those one further right.
const firstTriple = 'a'

// ChooseTriples returns by which three of its bytes each literal of a ruleset is looked for, as Compile would choose them: a letter
// for each literal, a string for each prefilter. For the default rules that takes a quarter of all that a start takes, and so is
// kept as data. The error is of type *RuleError.
func ChooseTriples(set Ruleset) ([]string, error) {
	set.Triples, set.Prepared = nil, nil
	c := &compiler{known: set.Analyses, checks: set.Checks}
	if _, err := c.compile(set); err != nil {
		return nil, err
	}
	var all []string
	for _, targets := range c.planned {
		letters := chooseTriples(targets.order)
		for i := range letters {
			letters[i] += firstTriple
		}
		all = append(all, string(letters))
	}
	return all, nil
}

// prefilter returns a function that makes a prefilter when it is first called.
func (c *compiler) prefilter(targets *prefilterTargets) func() *prefilter {
	if n := len(c.planned); n < len(c.triples) {
		targets.triples = c.triples[n]
	}
	c.planned = append(c.planned, targets)
	return sync.OnceValue(func() *prefilter {
		t := newLiteralTable(targets)
		if targets.after != nil {
			t.ask(targets.after)
		}
		return newPrefilter(t)
	})
}

// chosen returns where in each literal the three bytes start by which it is looked for. A choice that was made before is taken if it
// can be one for these literals: what is found does not depend on it, only how fast.
func (c *prefilterTargets) chosen() []uint8 {
	if len(c.triples) != len(c.order) {
		return chooseTriples(c.order)
	}
	backs := []uint8(c.triples)
	for i, text := range c.order {
		backs[i] -= firstTriple // a letter before the first one gives a number that is too great
		if backs[i] > lastTriple(text) {
			return chooseTriples(c.order)
		}
	}
	return backs
}
