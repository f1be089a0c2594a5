package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// writeAuditJUnit writes a test suite an area: a test a result, a failure a failed check, an error what could not be looked at.
// What is open, waived or not applicable was skipped.
func writeAuditJUnit(w io.Writer, v *auditView) error {
	var suites []junitSuite
	for i := range v.Results {
		r := &v.Results[i]
		if len(suites) == 0 || suites[len(suites)-1].Name != v.shown(r.Area) {
			suites = append(suites, junitSuite{Name: v.shown(r.Area), Time: "0.000"})
		}
		last := &suites[len(suites)-1]
		last.Cases = append(last.Cases, v.auditCase(r))
	}
	rest := junitSuite{Name: v.Tool.Name + " audit", Time: "0.000", Out: v.auditVerdict() + "\n"}
	for _, p := range v.Audit.Problems {
		rest.Cases = append(rest.Cases, junitCase{
			Name: "could not look at " + v.shown(p.Where), Class: v.Tool.Name,
			Error: &junitMessage{v.shown(p.Err), "could-not-look", v.withHint(p)},
		})
	}
	if len(v.Results) == 0 && len(rest.Cases) == 0 {
		rest.Cases = []junitCase{{Name: "nothing was checked", Class: v.Tool.Name, Skipped: &junitMessage{Message: v.auditVerdict()}}}
	}
	if len(rest.Cases) > 0 {
		suites = append(suites, rest)
	}
	all := junitSuites{Suites: suites}
	for i := range suites {
		countCases(&suites[i])
		all.Tests, all.Failures, all.Errors = all.Tests+suites[i].Tests, all.Failures+suites[i].Failures, all.Errors+suites[i].Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (v *auditView) auditCase(r *finding.Result) junitCase {
	out := junitCase{Name: v.shown(r.Check) + ": " + v.name(r), Class: v.spot(r.Where)}
	if out.Class == "" {
		out.Class = v.Tool.Name
	}
	text := v.detail(r)
	switch r.State {
	case finding.Fail:
		out.Failure = &junitMessage{r.Severity.String() + ": " + v.name(r), r.Severity.String(), text}
	case finding.Undetermined:
		out.Error = &junitMessage{v.cause(r), "unknown", text}
	case finding.Open, finding.Waived, finding.NotApplicable:
		out.Skipped = &junitMessage{Message: strings.TrimSuffix(string(r.State)+": "+v.cause(r), ": ")}
	}
	return out
}

// detail says in lines what a person needs to act.
func (v *auditView) detail(r *finding.Result) string {
	var lines []string
	add := func(name, text string) {
		if text != "" {
			lines = append(lines, name+": "+text)
		}
	}
	add("where", v.spot(r.Where))
	add("value", v.difference(r))
	add("cause", v.cause(r))
	add("hint", v.shown(r.Hint))
	add("why", v.shown(r.Why))
	add("from", v.cites(r))
	if r.State != finding.Undetermined {
		add("fix", v.shown(r.Fix))
	}
	return strings.Join(lines, "\n") + "\n"
}

// withHint says what could not be looked at, and what helps if that is known.
func (v *auditView) withHint(p finding.Problem) string {
	text := v.shown(said(p))
	if p.Hint != "" {
		text += "\nhint: " + v.shown(p.Hint)
	}
	return text
}

// countCases sums up a suite's cases.
func countCases(s *junitSuite) {
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

// writeAuditGitHub writes workflow commands of GitHub Actions: an annotation a failed check and a thing that could not be looked at,
// and a notice that sums up.
func writeAuditGitHub(w io.Writer, v *auditView) error {
	var b strings.Builder
	for i := range v.Results {
		r := &v.Results[i]
		level := "error"
		switch r.State {
		case finding.Fail:
			level = map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevelOf(r.Severity)]
		case finding.Undetermined:
		default:
			continue
		}
		var at []string
		if r.Where.Path != "" {
			at = append(at, "file", v.shown(r.Where.Path))
			if line := r.Where.Span.Start.Line; line > 0 {
				at = append(at, "line", fmt.Sprint(line))
			}
		}
		title := v.grade(r) + ": " + v.name(r) + " [" + v.shown(r.Check) + "]"
		b.WriteString(command(level, append(at, "title", title), strings.TrimSuffix(v.detail(r), "\n")))
	}
	for _, p := range v.Audit.Problems {
		b.WriteString(command("error", []string{"title", "could not look at " + v.shown(p.Where)}, v.withHint(p)))
	}
	counts := CountAudit(v.Audit)
	b.WriteString(command("notice", []string{"title", v.Tool.Name}, v.auditVerdict()+"\n"+v.shown(v.Target)+": "+counts.words()))
	_, err := io.WriteString(w, b.String())
	return err
}
