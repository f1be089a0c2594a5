package rules

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/distinct"
	"keysweep/secretscan/rules/internal/proven"
)

// assembly is a configuration after its tables have been understood: rules by id, their order, and what applies to all.
type assembly struct {
	title      string
	rules      map[string]*rule
	order      []string // ids, each once
	allowlists []secretscan.Allowlist
	targeted   []targeted
}

// rule is a rule and where in the files its parts stand, for errors that only show when everything is together.
type rule struct {
	secretscan.Rule
	at      place
	groupAt place
}

// targeted is an allowlist of the file that is for one rule only.
type targeted struct {
	id        text
	allowlist secretscan.Allowlist
}

// translate turns the tables of a file into an assembly.
func (f *findings) translate(t fileTable) *assembly {
	c := &assembly{title: t.title.value, rules: map[string]*rule{}}
	for _, table := range t.rules {
		r := f.rule(table)
		if earlier, twice := c.rules[r.ID]; twice && r.ID != "" {
			f.note(r.at, "give it another id, or delete one of them",
				"%s stands in line %d already; only this one, the last, counts", ruleName(r.ID), lineOf(earlier.at))
		} else if !twice {
			c.order = append(c.order, r.ID)
		}
		c.rules[r.ID] = r
	}
	f.checkRequired(t.rules, c)
	f.checkMinVersion(t.minVersion)
	lists := t.allowlists
	if t.allowlist != nil {
		if len(lists) > 0 {
			f.fail(t.allowlist.at, "move it into a table [[allowlists]]", "[allowlist] is deprecated and cannot stand beside [[allowlists]]")
		}
		lists = append(slices.Clip(lists), *t.allowlist)
	}
	for _, table := range lists {
		a := f.allowlist(table, "")
		for _, id := range table.targetRules {
			c.targeted = append(c.targeted, targeted{id, a})
		}
		if len(table.targetRules) == 0 {
			c.allowlists = append(c.allowlists, a)
		}
	}
	return c
}

func (f *findings) rule(t ruleTable) *rule {
	whose := ruleName(t.id.value)
	r := &rule{at: t.at, groupAt: t.groupAt}
	r.Rule = secretscan.Rule{
		ID:          t.id.value,
		Description: t.description.value,
		Regex:       t.regex.value,
		Judged:      judged(t.id.value, t.regex.value),
		Path:        t.path.value,
		SecretGroup: t.secretGroup,
		Entropy:     t.entropy,
		Keywords:    values(t.keywords, strings.ToLower),
		Tags:        values(t.tags, nil),
		SkipReport:  t.skipReport,
		Confidence:  distinct.Confidence(t.id.value, t.regex.value, t.secretGroup),
		Origin:      filepath.ToSlash(t.at.file()),
	}
	if t.id.at.known() {
		r.at = t.id.at
	}
	f.expression(t.regex, whose)
	f.expression(t.path, whose)
	lists := t.allowlists
	if t.allowlist != nil {
		if len(lists) > 0 {
			f.fail(t.allowlist.at, "move it into a table [[rules.allowlists]]",
				"%s: [rules.allowlist] is deprecated and cannot stand beside [[rules.allowlists]]", whose)
		}
		lists = append(slices.Clip(lists), *t.allowlist)
	}
	for _, table := range lists {
		r.Allowlists = append(r.Allowlists, f.allowlist(table, whose))
	}
	for _, q := range t.required {
		r.Required = append(r.Required, secretscan.Required{RuleID: q.id.value, WithinLines: q.withinLines, WithinColumns: q.withinColumns})
	}
	return r
}

func lineOf(at place) int {
	line, _ := at.position()
	return line
}

// ruleName names a rule in messages.
func ruleName(id string) string {
	if strings.TrimSpace(id) == "" {
		return "the rule without an id"
	}
	return fmt.Sprintf("rule %.80q", id)
}

// checkRequired looks for the rules that others require: they must stand in the same file.
func (f *findings) checkRequired(tables []ruleTable, c *assembly) {
	for _, t := range tables {
		for _, q := range t.required {
			if strings.TrimSpace(q.id.value) == "" {
				f.fail(q.id.at, "", "%s: the id of the required rule is missing or empty", ruleName(t.id.value))
			} else if c.rules[q.id.value] == nil {
				f.fail(q.id.at, f.didYouMean(q.id.value, c.order, "a required rule must stand in the same file"),
					"%s: the required rule %.80q does not exist", ruleName(t.id.value), q.id.value)
			}
		}
	}
}

// didYouMean returns a hint: the nearest id, or what else there is to say.
func (f *findings) didYouMean(id string, ids []string, otherwise string) string {
	if f.full() {
		return otherwise
	}
	if guess := suggest(id, ids); guess != "" {
		return "did you mean " + guess + "?"
	}
	return otherwise
}

func (f *findings) allowlist(t allowlistTable, whose string) secretscan.Allowlist {
	a := secretscan.Allowlist{
		Description: t.description.value,
		Commits:     once(values(t.commits, func(s string) string { return strings.TrimSpace(strings.ToLower(s)) })),
		Paths:       values(t.paths, nil),
		Regexes:     values(t.regexes, nil),
		StopWords:   once(values(t.stopWords, strings.ToLower)),
	}
	switch strings.ToUpper(t.condition.value) {
	case "AND", "&&":
		a.And = true
	case "", "OR", "||":
	default:
		f.fail(t.condition.at, `write "or" or "and"`, "%sunknown condition %.80q", prefix(whose), t.condition.value)
	}
	switch t.regexTarget.value {
	case "", "secret":
	case "match":
		a.Target = secretscan.TargetMatch
	case "line":
		a.Target = secretscan.TargetLine
	default:
		f.fail(t.regexTarget.at, `write "secret", "match" or "line"`, "%sunknown regexTarget %.80q", prefix(whose), t.regexTarget.value)
	}
	for _, expr := range slices.Concat(t.paths, t.regexes) {
		f.expression(expr, whose)
	}
	if len(t.commits)+len(t.paths)+len(t.regexes)+len(t.stopWords) == 0 {
		f.fail(t.at, "", "%sthe allowlist is empty: it needs commits, paths, regexes or stopwords", prefix(whose))
	}
	return a
}

// values returns the strings, each changed by a function unless it is nil.
func values(texts []text, change func(string) string) []string {
	var out []string
	for _, t := range texts {
		if change != nil {
			t.value = change(t.value)
		}
		out = append(out, t.value)
	}
	return out
}

// once returns the words without repetitions.
func once(words []string) []string {
	seen := make(map[string]bool, len(words))
	return slices.DeleteFunc(words, func(w string) bool {
		again := seen[w]
		seen[w] = true
		return again
	})
}

// ruleset returns the assembly as the engine takes it.
func (c *assembly) ruleset(path string) secretscan.Ruleset {
	set := secretscan.Ruleset{Title: c.title, Path: path, Allowlists: c.allowlists, Analyses: gitleaksAnalyses, Plans: gitleaksPlans, Checks: proven.CheckNamed}
	for _, id := range c.order {
		r := c.rules[id].Rule
		Describe(&r)
		set.Rules = append(set.Rules, r)
	}
	return set
}

// assembled returns a ruleset as something that a file can extend.
func assembled(set secretscan.Ruleset) *assembly {
	c := &assembly{title: set.Title, rules: make(map[string]*rule, len(set.Rules)), allowlists: set.Allowlists}
	for _, r := range set.Rules {
		c.order = append(c.order, r.ID)
		c.rules[r.ID] = &rule{Rule: r, at: place{key: "rules.id"}}
	}
	return c
}
