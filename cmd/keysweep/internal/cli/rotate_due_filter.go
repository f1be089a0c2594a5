package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keysweep/policy"
)

// dueFilter says what is asked for.
type dueFilter struct{ kinds, envs, owners, services, providers, states []string }

func (o *dueFilter) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.kinds, "kind", nil, "only what is of this `KIND` (repeatable): "+strings.Join(dueKinds(), ", "))
	f.StringArrayVar(&o.envs, "env", nil, "only what is of this `ENV` (repeatable)")
	f.StringArrayVar(&o.owners, "owner", nil, "only what has this `OWNER` (repeatable)")
	f.StringArrayVar(&o.services, "service", nil, "only what is for this `SERVICE` (repeatable)")
	f.StringArrayVar(&o.providers, "provider", nil, "only what is from this `PROVIDER` (repeatable)")
	f.StringArrayVar(&o.states, "state", nil, "only what is in this `STATE` (repeatable): "+strings.Join(dueStates(), ", "))
}

func dueKinds() []string { return []string{"ssh-key", "api-key", string(policy.KindCertificate)} }

// untracked is what --state calls things that the ledger does not know.
const untracked = "untracked"

func dueStates() (states []string) {
	for _, s := range policy.DueStates() {
		states = append(states, string(s))
	}
	return append(states, untracked)
}

func (o *dueFilter) validate() error {
	if err := knownWords("--kind", "kind", o.kinds, dueKinds()); err != nil {
		return err
	}
	return knownWords("--state", "state", o.states, dueStates())
}

// knownWords refuses words that are not in a list.
func knownWords(flag, what string, words, known []string) error {
	for _, word := range words {
		if !slices.Contains(known, word) {
			hint := "one of: " + strings.Join(known, ", ")
			if near := nearest(word, known); near != "" {
				hint = "did you mean " + near + "?"
			}
			return usagef(hint, "%s: there is no %s %q", flag, what, word)
		}
	}
	return nil
}

func (o *dueFilter) empty() bool {
	return len(o.kinds)+len(o.envs)+len(o.owners)+len(o.services)+len(o.providers)+len(o.states) == 0
}

// of returns the items that were asked for, in their order.
func (o *dueFilter) of(items []policy.DueItem) []policy.DueItem {
	if o.empty() {
		return items
	}
	fits := func(wanted []string, has string) bool { return len(wanted) == 0 || slices.Contains(wanted, has) }
	return slices.DeleteFunc(items, func(it policy.DueItem) bool {
		state := fits(o.states, string(it.State)) || !it.Tracked && it.Kind != policy.KindCertificate && slices.Contains(o.states, untracked)
		return !state || !fits(o.kinds, string(it.Kind)) || !fits(o.envs, it.Env) || !fits(o.owners, it.Owner) ||
			!fits(o.services, it.Service) || !fits(o.providers, it.Provider)
	})
}
