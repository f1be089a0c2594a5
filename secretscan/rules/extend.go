package rules

import (
	"regexp/syntax"
	"slices"

	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/distinct"
)

// maxExtends is how many files a file may build on, one under the other; the extend table of the last is passed over, as
// gitleaks does.
const maxExtends = 2

// extend lays an assembly over the one it extends: rules that only the base has are added, those of both are merged, allowlists
// come together, and the rules are put in the order of their ids.
func (f *findings) extend(c, base *assembly, disabled []text) {
	off := make(map[string]bool, len(disabled))
	for _, id := range disabled {
		off[id.value] = true
		if base.rules[id.value] == nil && !f.switchOff(id.value) {
			f.note(id.at, f.didYouMean(id.value, base.order, ""), "there is no rule %.80q in the extended configuration", id.value)
		}
	}
	for _, id := range base.order {
		if off[id] {
			continue
		}
		if own := c.rules[id]; own != nil {
			c.rules[id] = merge(own, base.rules[id])
			continue
		}
		c.rules[id] = base.rules[id]
		c.order = append(c.order, id)
	}
	c.allowlists = slices.Concat(c.allowlists, base.allowlists)
	slices.Sort(c.order)
}

// switchOff notes that a rule of ours is disabled, and reports whether there is one of this id.
func (f *findings) switchOff(id string) bool {
	ours := isOurs(id)
	if ours {
		f.off = append(f.off, id)
	}
	return ours
}

// merge lays a rule over the rule of the same id that it extends. What it sets counts, its lists are appended, and whether the
// rule is reported and which rules it requires is up to the base.
func merge(own, base *rule) *rule {
	m := *base
	m.at = own.at
	if own.Description != "" {
		m.Description = own.Description
	}
	if own.Entropy != 0 {
		m.Entropy = own.Entropy
	}
	if own.SecretGroup != 0 {
		m.SecretGroup, m.groupAt = own.SecretGroup, own.groupAt
	}
	if own.Regex != "" {
		m.Regex, m.Origin, m.Reader, m.Check, m.Judged = own.Regex, own.Origin, "", "", false
	}
	if own.Path != "" {
		m.Path, m.Origin = own.Path, own.Origin
	}
	m.Tags = slices.Concat(base.Tags, own.Tags)
	m.Keywords = slices.Concat(base.Keywords, own.Keywords)
	m.Allowlists = slices.Concat(base.Allowlists, own.Allowlists)
	m.Confidence = distinct.Confidence(m.ID, m.Regex, m.SecretGroup)
	return &m
}

// groupsOf counts the capture groups of a rule's expression.
func groupsOf(r secretscan.Rule) int {
	re, err := syntax.Parse(r.Regex, syntax.Perl)
	if err != nil {
		return 0
	}
	return re.MaxCap()
}
