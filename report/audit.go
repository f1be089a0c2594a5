package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// auditView is an audit as it may be shown under some options.
type auditView struct {
	*view
	*finding.Audit
}

func newAuditView(a *finding.Audit, o Options) *auditView {
	return &auditView{newView(&finding.Report{
		Schema: a.Schema, Tool: a.Tool, GeneratedAt: a.GeneratedAt, Problems: a.Problems, Notices: a.Notices,
	}, o), a}
}

// auditFormats lists the formats in the order in which help shows them.
func auditFormats() []struct {
	name  string
	write func(io.Writer, *auditView) error
} {
	return []struct {
		name  string
		write func(io.Writer, *auditView) error
	}{
		{"text", writeAuditText},
		{"json", writeAuditJSON},
		{"sarif", writeAuditSARIF},
		{"junit", writeAuditJUnit},
		{"github", writeAuditGitHub},
		{"markdown", writeAuditMarkdown},
		{"csv", writeAuditCSV},
	}
}

// AuditFormats returns the names that WriteAudit takes, text first.
func AuditFormats() []string {
	var names []string
	for _, f := range auditFormats() {
		names = append(names, f.name)
	}
	return names
}

// WriteAudit writes a to w in the named format. It fails if the format is unknown, before anything is written, or if w does. Text that
// comes from the machine is made harmless as each format needs it.
func WriteAudit(w io.Writer, format string, a *finding.Audit, o Options) error {
	for _, f := range auditFormats() {
		if f.name != format {
			continue
		}
		b := bufio.NewWriter(w)
		err := f.write(b, newAuditView(a, o))
		if err == nil {
			err = b.Flush()
		}
		if err != nil {
			return fmt.Errorf("write audit as %s: %w", format, err)
		}
		return nil
	}
	return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(AuditFormats(), ", "))
}

// spot names a spot in one word to go to.
func (v *auditView) spot(s finding.Spot) string {
	switch {
	case s.Path == "":
		return v.shown(s.Fact)
	case s.Span.Start.Line == 0:
		return v.shown(s.Path)
	case s.Span.Start.Column == 0:
		return fmt.Sprintf("%s:%d", v.shown(s.Path), s.Span.Start.Line)
	}
	return fmt.Sprintf("%s:%d:%d", v.shown(s.Path), s.Span.Start.Line, s.Span.Start.Column)
}

// area returns the title of an area.
func (v *auditView) area(id string) string {
	for _, a := range v.Areas {
		if a.ID == id {
			return a.Title
		}
	}
	return id
}

// name is what a result is called where there is one line for it.
func (v *auditView) name(r *finding.Result) string {
	if r.Subject == "" {
		return v.shown(r.Title)
	}
	return v.shown(r.Subject) + ": " + v.shown(r.Title)
}

// cite names the guides' lines: "000:62".
func cite(c finding.Cite) string { return fmt.Sprintf("%s:%d", c.Seed, c.Line) }

// difference says what was found and what is wanted.
func (v *auditView) difference(r *finding.Result) string {
	var parts []string
	if r.Found != "" && r.Found != r.Title {
		parts = append(parts, "found "+v.shown(r.Found))
	}
	if r.Wanted != "" {
		parts = append(parts, "wanted "+v.shown(r.Wanted))
	}
	return strings.Join(parts, ", ")
}

// cause says why a result is unknown or waived.
func (v *auditView) cause(r *finding.Result) string {
	switch {
	case r.State == finding.Waived && r.Waiver != nil:
		return v.waived(r.Waiver)
	case r.Cause != "":
		return v.shown(r.Cause)
	}
	return ""
}

// AuditCounts are the totals of an audit.
type AuditCounts struct {
	ByState    map[finding.State]int
	BySeverity [finding.Critical + 1]int // of failed checks
}

// CountAudit counts the results of an audit.
func CountAudit(a *finding.Audit) AuditCounts {
	c := AuditCounts{ByState: map[finding.State]int{}}
	for _, results := range [][]finding.Result{a.Results, a.Same} {
		for i := range results {
			c.ByState[results[i].State]++
			if results[i].State == finding.Fail {
				c.BySeverity[min(results[i].Severity, finding.Critical)]++
			}
		}
	}
	return c
}

// words says the totals in a sentence; what is unknown stands beside what passed.
func (c AuditCounts) words() string {
	var parts []string
	for s := finding.Critical; ; s-- {
		if n := c.BySeverity[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
		if s == finding.Info {
			break
		}
	}
	for _, s := range finding.States()[1:] {
		if n := c.ByState[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stateWords(s)))
		}
	}
	if len(parts) == 0 {
		return "nothing was checked"
	}
	return strings.Join(parts, ", ")
}

func stateWords(s finding.State) string {
	switch s {
	case finding.Pass:
		return "passed"
	case finding.NotApplicable:
		return "not applicable"
	case finding.Open:
		return "open (for a person to attest)"
	}
	return string(s)
}

// auditVerdict says the outcome in a sentence. It says that all is well only if everything could be looked at.
func (v *auditView) auditVerdict() string {
	c := CountAudit(v.Audit)
	failed := plural(c.ByState[finding.Fail], "check fails", "checks fail")
	missed := c.ByState[finding.Undetermined] + len(v.Audit.Problems)
	switch {
	case len(v.Results)+len(v.Same) == 0 && missed == 0:
		return "nothing was checked."
	case missed > 0:
		return failed + "; " + plural(missed, "thing", "things") + " could not be looked at, so there may be more."
	case c.ByState[finding.Fail] > 0:
		return failed + "."
	case c.ByState[finding.Open] > 0 && c.ByState[finding.Pass] > 0:
		return "every check that a machine can do passed; " + plural(c.ByState[finding.Open], "practice is", "practices are") + " for a person to attest."
	case c.ByState[finding.Open] > 0:
		return plural(c.ByState[finding.Open], "practice is", "practices are") + " for a person to attest; there was nothing else to check."
	case c.ByState[finding.Pass] == 0:
		return "there was nothing to check."
	}
	return "every check passed."
}

// waived says why and how long a failed check is lived with.
func (v *auditView) waived(w *finding.Waiver) string {
	reason := "without a reason"
	if w.Reason != "" {
		reason = v.shown(w.Reason)
	}
	if w.Until.IsZero() {
		return fmt.Sprintf("waived by a comment: %s (%s)", reason, v.shown(w.Where))
	}
	return fmt.Sprintf("waived until %s: %s (%s)", day(w.Until), reason, v.shown(w.Where))
}
