package rules

import (
	"maps"
	"slices"
	"strings"
)

// finish checks what can only be checked when an assembly has everything that it extends, and gives rules the allowlists that are
// meant for them.
func (f *findings) finish(c *assembly) {
	for _, id := range c.order {
		f.checkRule(c.rules[id], c)
	}
	changed := map[string]*rule{}
	for _, t := range c.targeted {
		r := changed[t.id.value]
		if r == nil && c.rules[t.id.value] == nil {
			f.fail(t.id.at, f.didYouMean(t.id.value, c.order, ""), "there is no rule %.80q", t.id.value)
			continue
		}
		if r == nil { // its lists may be shared with the ruleset that it came from
			r = new(*c.rules[t.id.value])
			r.Allowlists = slices.Clip(r.Allowlists)
			changed[t.id.value] = r
		}
		r.Allowlists = append(r.Allowlists, t.allowlist)
	}
	maps.Copy(c.rules, changed)
}

func (f *findings) checkRule(r *rule, c *assembly) {
	if strings.TrimSpace(r.ID) == "" {
		f.fail(r.at, `give the rule an id, such as id = "acme-token"`, "a rule has no id")
	}
	if r.Regex == "" && r.Path == "" && r.Reader == "" {
		f.fail(r.at, "give it one of them, or delete it", "%s has neither regex nor path and can find nothing", ruleName(r.ID))
	}
	switch {
	case r.SecretGroup < 0:
		f.fail(r.groupAt, "", "%s: secretGroup %d is negative", ruleName(r.ID), r.SecretGroup)
	case r.Regex != "" && r.SecretGroup > 0 && r.SecretGroup > groupsOf(r.Rule):
		f.fail(r.groupAt, "put ( ) around the part of regex that is the secret, or leave secretGroup out",
			"%s: secretGroup is %d, but the expression has %d groups", ruleName(r.ID), r.SecretGroup, groupsOf(r.Rule))
	}
	for _, q := range r.Required {
		if c.rules[q.RuleID] == nil {
			f.note(r.at, "", "rule %.80q requires the rule %.80q, which is disabled: it can find nothing", r.ID, q.RuleID)
		}
	}
}
