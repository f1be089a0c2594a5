package rules

import (
	"strings"
)

// finish checks what can only be checked when an assembly has everything that it extends, and gives rules the allowlists that are
// meant for them.
func (f *findings) finish(c *assembly) {
	for _, id := range c.order {
		f.checkRule(c.rules[id], c)
	}
	for _, t := range c.targeted {
		r := c.rules[t.id.value]
		if r == nil {
			f.fail(t.id.at, didYouMean(t.id.value, c.order, ""), "there is no rule %.80q", t.id.value)
			continue
		}
		changed := *r // the rule may be shared with the assembly that it came from
		changed.Allowlists = append(changed.Allowlists[:len(changed.Allowlists):len(changed.Allowlists)], t.allowlist)
		c.rules[t.id.value] = &changed
	}
}

func (f *findings) checkRule(r *rule, c *assembly) {
	if strings.TrimSpace(r.ID) == "" {
		f.fail(r.at, `give the rule an id, such as id = "acme-token"`, "a rule has no id")
	}
	if r.Regex == "" && r.Path == "" {
		f.fail(r.at, "give it one of them, or delete it", "%s has neither regex nor path and can find nothing", ruleName(r.ID))
	}
	switch {
	case r.SecretGroup < 0:
		f.fail(r.groupAt, "", "%s: secretGroup %d is negative", ruleName(r.ID), r.SecretGroup)
	case r.Regex != "" && r.SecretGroup > r.groups:
		f.fail(r.groupAt, "put ( ) around the part of regex that is the secret, or leave secretGroup out",
			"%s: secretGroup is %d, but the expression has %d groups", ruleName(r.ID), r.SecretGroup, r.groups)
	}
	for _, q := range r.Required {
		if c.rules[q.RuleID] == nil {
			f.note(r.at, "", "rule %.80q requires the rule %.80q, which is disabled: it can find nothing", r.ID, q.RuleID)
		}
	}
}
