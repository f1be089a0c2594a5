package cli

import (
	"slices"

	"keysweep/rotation/provider"
)

// setCompanions gives a program the second variable of credentials that are of two parts, as AWS_ACCESS_KEY_ID is besides
// AWS_SECRET_ACCESS_KEY: the two are replaced together, and one of them alone, or one of an older pair, is of no use.
func (p *runPlan) setCompanions(replace bool) {
	for i := range p.wants {
		w := &p.wants[i]
		name, value, ok := provider.Companion(&w.record)
		own := slices.ContainsFunc(p.wants, func(o runWant) bool { return o.variable == name })
		if ok && !own && !w.asFile && w.variable == w.record.Name {
			p.set(name, value, replace)
		}
	}
}
