package secretscan

import "regexp/syntax"

// plan is what a hit of one of a rule's literals needs. Most rules never have one, so it is made at the first.
type plan struct {
	whole   sequence // the entire expression, for reach
	anchors []steps
	tail    lazyTail
	needs   needed
	most    int // the greatest length of a match, or -1
}

// newPlan makes the plan of an expression with its anchors, as anchorsOf found them.
func newPlan(re *syntax.Regexp, anchors []Anchor) *plan {
	p := &plan{whole: sequenceOf(re), tail: lazyTail{make: func() *tail { return tailOf(re, anchors) }}}
	p.needs, p.most = p.whole.needs(), p.whole.most()
	branches := branchesOf(re)
	for i, a := range anchors {
		p.anchors = append(p.anchors, stepsOf(flatten(branches[i]), a.At))
	}
	return p
}

// plan returns what a hit of one of the rule's literals needs.
func (r *rule) plan() *plan {
	r.planned.once.Do(func() {
		if r.content.written.plans != nil {
			r.planned.plan = r.content.written.plan(r.anchors)
		} else {
			r.planned.plan = newPlan(r.content.tree(), r.anchors)
		}
	})
	return r.planned.plan
}
