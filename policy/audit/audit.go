// Package audit judges what was found of a machine, a repository or keys by the practices. It is pure: it reads no file, no
// environment and no clock, and the same facts, rules and time give the same results.
//
// Start at Host. A check is an entry of a table with one function; it gives results for what it looked at, and for what it could
// not look at an unknown one, never a pass.
package audit

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/host/observe"
)

// Check is something that is judged.
type Check struct {
	ID        string // "ssh.root-login"
	Area      string // "sshd": results are shown by area
	Severity  finding.Severity
	Title     string // what is wrong if it fails, in a few words
	Why       string // one sentence: why it matters
	Reference string // where the demand and its figures come from, beside the practices
	Fix       string // the command or the advice, where it does not depend on what was found
	FixBy     finding.FixKind
}

// hostCheck is a Check and how it judges a machine.
type hostCheck struct {
	Check
	judge func(*machine)
}

// machine is a machine before its judges.
type machine struct {
	*observe.Machine
	rules *Rules
	now   time.Time
	sayer
}

// sayer collects what checks say.
type sayer struct {
	check   Check // the one that speaks
	results []finding.Result
}

// HostChecks returns every check of machines, in the order of their ids.
func HostChecks() []Check {
	var list []Check
	for _, c := range hostChecks() {
		list = append(list, c.Check)
	}
	slices.SortFunc(list, func(a, b Check) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// hostChecks is the table; each area has a file.
func hostChecks() []hostCheck {
	return slices.Concat(sshdChecks(), accountChecks(), firewallChecks(), portChecks(), wirelessChecks(), fail2banChecks(),
		updateChecks(), systemChecks(), serviceChecks(), logChecks(), clientChecks())
}

// Host judges a machine at a time. The results stand in the order of the checks' table, each check's worst first.
func Host(found *observe.Machine, rules *Rules, now time.Time) []finding.Result {
	m := machine{Machine: found, rules: rules, now: now}
	for _, c := range hostChecks() {
		if rules.off(c.ID) || rules.own(c.ID) {
			continue
		}
		m.check = c.Check
		c.judge(&m)
	}
	m.custom()
	m.tidy()
	rules.Regrade(m.results)
	return m.results
}

// tidy takes advice away that helps nobody, the rights of root where the facts were seen with them, and puts causes into one line.
func (m *machine) tidy() {
	for i := range m.results {
		r := &m.results[i]
		r.Cause = strings.ReplaceAll(r.Cause, "\n", "; ")
		if (r.Hint == asRoot || r.Hint == rootHint) && m.Source != nil && m.Source.Root() {
			r.Hint = ""
		}
	}
}

// say adds a result of the check; what it leaves empty is filled in from the check: a severity of zero, which is info, is the check's, a
// confidence of zero is high. Where info or low are meant, grade says so.
func (s *sayer) say(r finding.Result) {
	s.grade(r, cmp.Or(r.Severity, s.check.Severity), cmp.Or(r.Confidence, finding.HighConfidence))
}

// grade is say with a severity and a confidence that are meant, whatever they are.
func (s *sayer) grade(r finding.Result, severity finding.Severity, confidence finding.Confidence) {
	c := s.check
	r.Check, r.Area, r.Severity, r.Confidence = c.ID, c.Area, severity, confidence
	r.Why, r.Fix = cmp.Or(r.Why, c.Why), cmp.Or(r.Fix, c.Fix)
	r.FixBy = cmp.Or(r.FixBy, c.FixBy, finding.FixAdvice)
	r.Title = cmp.Or(r.Title, c.Title)
	s.results = append(s.results, r)
}

// pass says that the practice is followed: what was found, in a few words, and what decides it.
func (s *sayer) pass(found string, where finding.Spot) {
	s.say(finding.Result{State: finding.Pass, Title: found, Found: found, Where: where})
}

// unknown says that it could not be looked at: of what, why, and what makes it known.
func (s *sayer) unknown(what string, cause error, hint string) {
	s.say(finding.Result{State: finding.Undetermined, Title: what, Cause: cause.Error(), Hint: hint})
}

// absent says that there is nothing here that the check is about, and how that is known.
func (s *sayer) absent(because string) {
	s.say(finding.Result{State: finding.NotApplicable, Title: because})
}
