package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
	"keysweep/remedy"
	"keysweep/secretscan"
)

// knownCheck is a check of any kind, and the command that looks at it.
type knownCheck struct {
	audit.Check
	command string
}

// knownChecks are all checks that there are, and those that the policy makes.
func knownChecks(rules *audit.Rules) (list []knownCheck) {
	add := func(command string, checks []audit.Check) {
		for _, c := range checks {
			list = append(list, knownCheck{c, command})
		}
	}
	plain := func(checks []policy.Check) (list []audit.Check) {
		for _, c := range checks {
			list = append(list, audit.Check{ID: c.ID, Severity: c.Severity, Title: c.Title, Why: c.Why, Reference: c.Reference})
		}
		return list
	}
	add("audit keys", plain(policy.KeyChecks()))
	add("cred list", plain(policy.CredentialChecks()))
	add("audit host", rules.MachineChecks())
	add("audit repo", audit.RepoChecks())
	add("audit scripts", scriptChecks())
	add("audit all", audit.IncidentChecks())
	return list
}

// explanation writes what explain says, a row a fact.
type explanation struct{ bytes.Buffer }

func (e *explanation) row(name, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); strings.TrimSpace(text) != "" {
		e.WriteString(fmt.Sprintf("%-11s %s\n", name+":", git.Printable(text)))
	}
}

// explainPractice explains a check of keys, credentials, machines, repositories or startup scripts, a practice, or what is both.
func explainPractice(env *Env, id string) (shown bool, err error) {
	s, err := readAuditPolicy(env)
	if err != nil {
		return false, err
	}
	checks := knownChecks(s.audit.rules)
	i := slices.IndexFunc(checks, func(c knownCheck) bool { return c.ID == id })
	p, isPractice := practice.Find(id)
	if i < 0 && !isPractice {
		return false, nil
	}
	var e explanation
	if i >= 0 {
		e.check(&checks[i], &s.audit)
	}
	if isPractice && (i < 0 || s.audit.rules.Holds(id) || p.Every > 0 || len(p.Commands) > 0) {
		if i >= 0 {
			e.WriteByte('\n')
		}
		e.practice(&p, checks, &s.audit)
	}
	_, err = env.Stdout.Write(e.Bytes())
	return true, err
}

// check says what one finds, who asks for it, and what to do about it.
func (e *explanation) check(c *knownCheck, a *auditSettings) {
	e.row("check", "%s", c.ID)
	e.row("finds", "%s", c.Title)
	severity := "up to " + c.Severity.String()
	if own, set := a.rules.Severities[c.ID]; set {
		severity = own.String() + ", which the policy sets; without, up to " + c.Severity.String()
	}
	e.row("severity", "%s", severity)
	e.row("why", "%s", c.Why)
	e.row("reference", "%s", c.Reference)
	e.row("look", "keysweep %s", c.command)
	fix, automatic := remedy.Find(c.ID)
	if automatic {
		e.row("fix", "keysweep fix %s  (%s; it shows the diff first)", c.ID, fix.Does)
	} else {
		e.row("fix", "%s", c.Fix)
	}
	e.policy(c, a)
	for _, group := range citesByText(practice.For(c.ID)) {
		e.row("practice", "%s", group)
	}
}

// policy says which settings there are for a check, and what they say now.
func (e *explanation) policy(c *knownCheck, a *auditSettings) {
	switch {
	case slices.Contains(a.auditIDs(), c.ID):
		settings := "enabled, severity"
		if limit, has := a.limits()[c.ID]; has {
			settings += fmt.Sprintf(", max (now %d)", *limit)
		}
		e.row("policy", `[checks."%s"] %s; [[waive]] and [[accept_unknown]] id = "%[1]s"`, c.ID, settings)
	case c.command == "audit keys":
		e.row("policy", `[[keys.exempt]] check = "%s"; limits are in [keys] and [rotation]`, c.ID)
	case slices.ContainsFunc(audit.IncidentChecks(), func(i audit.Check) bool { return i.ID == c.ID }):
		e.row("policy", "no setting is about it: it ends with the incident")
	default:
		e.row("policy", "limits are in [rotation]")
	}
	for _, n := range a.switched {
		if n.Text == offText(c.ID) {
			e.row("now", "switched off (%s)", n.Where)
		}
	}
	for _, w := range a.rules.Waivers {
		if w.Names(c.ID) && w.Check != "" {
			what := map[bool]string{true: "accepted where it is unknown", false: "waived"}[w.Unknown]
			e.row("now", "%s: %s until %s: %s (%s)", what, waiverWords(&w), w.Until.Format(time.DateOnly), w.Reason, w.Where)
		}
	}
}

// practice says what one asks for, and what judges it.
func (e *explanation) practice(p *practice.Practice, checks []knownCheck, a *auditSettings) {
	e.row("practice", "%s", p.ID)
	e.row("asks for", "%s", p.Title)
	e.row("lines", "%s", practiceLines(p.Lines))
	e.row("severity", "%s", p.Severity)
	for _, id := range p.Checks {
		if i := slices.IndexFunc(checks, func(c knownCheck) bool { return c.ID == id }); i >= 0 {
			e.row("checked by", "%s (keysweep %s)", id, checks[i].command)
		}
	}
	for _, command := range p.Commands {
		e.row("checked by", "keysweep %s", command)
	}
	days := a.days(p.ID)
	switch {
	case a.rules.Holds(p.ID):
		e.row("checked by", "the policy's own lists; everything in them is looked through every %s", counted(days, "day", "days"))
	case days > 0:
		e.row("attested", "a person says so, every %s: %s", counted(days, "day", "days"), p.Evidence)
		e.row("about", "%s", scopeWords(p.Scope))
		e.row("attest", "%s", attestCommand(*p, &attest.Standing{}))
		e.row("policy", `[attest."%s"] every = "%dd"`, p.ID, days)
	}
	e.row("today", "keysweep practices --area %s -v", p.Area)
}

func scopeWords(s practice.Scope) string {
	switch s {
	case practice.Host:
		return "this machine"
	case practice.Repository:
		return "the repository around the working directory"
	case practice.Script:
		return "a script, as it is: an edit asks for it again"
	}
	return "a person's or organisation's accounts and habits; one by one with --scope account:NAME"
}

// citesByText puts the lines of the guides that say the same into one: "001:42 001:44 Root does not log in over SSH".
func citesByText(cites []finding.Cite) (list []string) {
	lines, order := map[string][]string{}, []string{}
	for _, c := range cites {
		if lines[c.Text] == nil {
			order = append(order, c.Text)
		}
		lines[c.Text] = append(lines[c.Text], fmt.Sprintf("%s:%d", c.Seed, c.Line))
	}
	for _, text := range order {
		list = append(list, strings.Join(lines[text], " ")+"  "+text)
	}
	return list
}

// nothingToExplain says that an id is none, and which may have been meant.
func nothingToExplain(set secretscan.Ruleset, id string) error {
	var ids []string
	for _, r := range set.Rules {
		ids = append(ids, r.ID)
	}
	ids = slices.Concat(ids, checkIDs(), practiceIDs())
	lists := "see: keysweep practices, keysweep rules list"
	if near := nearest(id, ids); near != "" {
		lists = "did you mean " + near + "? " + lists
	}
	return usagef(lists, "there is no rule, check or practice %q", id)
}

func checkIDs() (ids []string) {
	for _, c := range knownChecks(audit.Baseline()) {
		ids = append(ids, c.ID)
	}
	return ids
}

func practiceIDs() (ids []string) {
	for _, p := range practice.All() {
		ids = append(ids, p.ID)
	}
	return ids
}
