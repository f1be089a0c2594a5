package report

import (
	"fmt"
	"strings"

	"keysweep/finding"
)

// sarifRules are the rules that a run's results refer to, in the order in which they first occur.
type sarifRules struct {
	list  []sarifRule
	index map[string]int
}

// securitySeverity is the number by which GitHub ranks an alert: above 9.0 critical, from 7.0 high, from 4.0 medium, below low
// (GitHub's "SARIF support for code scanning").
func securitySeverity(s finding.Severity) string {
	return [...]string{"0.0", "3.0", "5.5", "8.0", "9.5"}[min(s, finding.Critical)]
}

// sarifRules describes the rules of all results; the worst finding of a rule gives the rule its level.
func (v *view) sarifRules() sarifRules {
	out := sarifRules{list: []sarifRule{}, index: map[string]int{}}
	add := func(f *finding.Finding) {
		id := v.text(rule(f))
		at, known := out.index[id]
		if !known {
			out.index[id] = len(out.list)
			out.list = append(out.list, v.sarifRule(f))
			return
		}
		if securitySeverity(f.Severity) > out.list[at].Properties["security-severity"].(string) {
			out.list[at] = v.sarifRule(f)
		}
	}
	for i := range v.Findings {
		add(&v.Findings[i])
	}
	if v.o.ShowSuppressed {
		for _, s := range v.Suppressed {
			if _, known := out.index[v.text(s.Place.Rule)]; !known {
				add(&finding.Finding{Rules: []string{s.Place.Rule}})
			}
		}
	}
	return out
}

// sarifRule describes a rule as far as a finding of it tells.
func (v *view) sarifRule(f *finding.Finding) sarifRule {
	name, why := v.text(title(f)), v.text(f.Why)
	if why == "" {
		why = name
	}
	out := sarifRule{
		ID: v.text(rule(f)), ShortDescription: sarifText{Text: sarifPlain(name)}, FullDescription: sarifText{Text: sarifPlain(why)},
		Help: v.sarifHelp(f), Default: sarifLevel{sarifLevelOf(f.Severity)},
		Properties: map[string]any{
			"security-severity": securitySeverity(f.Severity),
			"precision":         f.Confidence.String(),
			"tags":              append([]string{"security", "secret"}, sarifTags(each(f.Tags, v.text))...),
		},
	}
	if strings.HasPrefix(f.RotateURL, "https://") {
		out.HelpURI = v.text(f.RotateURL)
	}
	return out
}

// sarifTags drops the tags that every rule has anyway, since tags must be unique.
func sarifTags(tags []string) []string {
	seen := map[string]bool{"security": true, "secret": true}
	var out []string
	for _, t := range tags {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// sarifHelp is what GitHub shows beside an alert: what to do, in the order in which to do it.
func (v *view) sarifHelp(f *finding.Finding) sarifText {
	rotate := rotateAt(v.text(f.Provider), v.text(f.RotateURL))
	id := v.text(rule(f))
	steps := []string{
		"If a remote has it, it counts as leaked: " + rotate + " first.",
		"Take it out of the file and read it from the environment or a secret store instead.",
		"Take it out of the history only after that: a rewrite does not reach clones, forks and caches.",
	}
	var text, markdown strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&text, "%d. %s\n", i+1, s)
		fmt.Fprintf(&markdown, "%d. %s\n", i+1, s)
	}
	allow := "keysweep:allow=" + id + " -- reason"
	fmt.Fprintf(&text, "Not a secret? Put %s in a comment on its line.", allow)
	fmt.Fprintf(&markdown, "\nNot a secret? Put `%s` in a comment on its line.", strings.ReplaceAll(allow, "`", ""))
	return sarifText{Text: sarifPlain(text.String()), Markdown: markdown.String()}
}
