package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"keysweep/finding"
)

// writeAuditText writes for people: results by area, what passed only if asked for, and a summary.
func writeAuditText(w io.Writer, v *auditView) error {
	var b strings.Builder
	area, why, long := "", "", false
	causes := map[string]string{} // the check that told one first
	for i := range v.Results {
		r := &v.Results[i]
		if !v.listed(r) {
			continue
		}
		if v.o.Quiet {
			b.WriteString(v.line(r))
			continue
		}
		short := r.State == finding.Open && !v.o.Verbose // one line: these come in numbers
		if r.Area != area || !short || long {
			emptyLine(&b)
		}
		long = !short
		if r.Area != area {
			area = r.Area
			b.WriteString(v.paint(bold, v.shown(v.area(area))) + "\n\n")
		}
		b.WriteString(v.result(r, r.Why != why, causes))
		why = r.Why
	}
	if v.o.Quiet {
		b.WriteString(v.problemLines())
	} else {
		emptyLine(&b)
		b.WriteString(v.problems() + v.notices() + v.auditSummary())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// emptyLine ends a block with an empty line.
func emptyLine(b *strings.Builder) {
	if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n\n") {
		b.WriteByte('\n')
	}
}

// listed reports whether text shows a result: what passed and what does not apply only if asked for, or if it did not before.
func (v *auditView) listed(r *finding.Result) bool {
	return v.o.Verbose || v.Same != nil || r.State != finding.Pass && r.State != finding.NotApplicable && (r.State != finding.Waived || v.o.ShowSuppressed)
}

// line is a result on one line, in the form that editors jump to.
func (v *auditView) line(r *finding.Result) string {
	at := v.spot(r.Where)
	if at == "" {
		at = "-"
	}
	name := v.said(r)
	if r.State == finding.Undetermined && r.Cause != "" {
		name += ": " + v.shown(r.Cause)
	}
	return fmt.Sprintf("%s: %s: %s [%s]\n", at, v.grade(r), name, v.shown(r.Check))
}

// grade is the word that a result begins with: the severity of what fails, the state of what does not.
func (v *auditView) grade(r *finding.Result) string {
	if r.State == finding.Fail {
		return r.Severity.String()
	}
	return string(r.State)
}

func (v *auditView) gradeColor(r *finding.Result) string {
	switch r.State {
	case finding.Fail:
		return severityColor(r.Severity)
	case finding.Undetermined, finding.Open:
		return yellow
	case finding.Pass:
		return green
	}
	return dim
}

// said is what a result says where it has one line: of what is open, what a person is asked.
func (v *auditView) said(r *finding.Result) string {
	if r.State == finding.Open && r.Why != "" {
		return v.shown(r.Why) + ": " + v.shown(r.Title)
	}
	return v.name(r)
}

// result is the block of one result. causes are what made earlier ones unknown: a long one is told once.
func (v *auditView) result(r *finding.Result, withWhy bool, causes map[string]string) string {
	var b strings.Builder
	name := v.name(r)
	if !v.o.Verbose {
		name = v.said(r)
	}
	fmt.Fprintf(&b, "%s  %s  %s", v.paint(v.gradeColor(r), v.grade(r)), v.paint(bold, v.shown(r.Check)), name)
	if r.State == finding.Fail && r.Confidence != finding.HighConfidence {
		b.WriteString("  (" + r.Confidence.String() + " confidence)")
	}
	b.WriteByte('\n')
	if r.State == finding.Open && !v.o.Verbose {
		return b.String()
	}
	for i, s := range append([]finding.Spot{r.Where}, r.Related...) {
		b.WriteString(v.place(s, i == 0))
	}
	row := func(name, text string) {
		if text != "" {
			b.WriteString(wrap("  "+name+": ", strings.Repeat(" ", len(name)+4), text, v.width()))
		}
	}
	if r.State == finding.Fail || r.State == finding.Waived {
		row("value", v.difference(r))
	}
	cause, hint := v.cause(r), v.shown(r.Hint)
	if first := causes[cause]; first != "" && r.State == finding.Undetermined && len(cause) > v.width() {
		cause, hint = "the same as of "+first+" above", ""
	} else if first == "" {
		causes[cause] = v.shown(r.Check)
	}
	row("cause", cause)
	row("hint", hint)
	if r.State == finding.Pass || r.State == finding.NotApplicable {
		return b.String()
	}
	if withWhy {
		row("why", v.shown(r.Why))
	}
	row("from", v.cites(r))
	if r.State != finding.Undetermined && r.Fix != "" {
		b.WriteString("  fix: " + v.shown(r.Fix) + "\n") // it is to be copied: never broken into two lines
	}
	return b.String()
}

// place shows a spot: where it is, the line, and what about it.
func (v *auditView) place(s finding.Spot, first bool) string {
	at := v.spot(s)
	if at == "" {
		return ""
	}
	out := "  " + v.paint(blue, "-->") + " " + at
	if s.Note != "" {
		out += "  " + v.paint(dim, v.shown(s.Note))
	}
	out += "\n"
	if s.Text == "" || s.Span.Start.Line == 0 {
		return out
	}
	number := fmt.Sprintf("%5d | ", s.Span.Start.Line)
	line := cut(screen(s.Text), v.width()-len(number), false)
	out += v.paint(blue, number) + line + "\n"
	if n := underline(s); first && n > 0 {
		before := screen(string([]rune(s.Text)[:s.Span.Start.Column-1]))
		if at := uniseg.StringWidth(before); at+n <= uniseg.StringWidth(line) {
			out += v.paint(blue, "      | ") + strings.Repeat(" ", at) + v.paint(red, strings.Repeat("^", n)) + "\n"
		}
	}
	return out
}

// underline is how many columns of a spot's line are marked; 0 if its span is not within that line.
func underline(s finding.Spot) int {
	text, span := []rune(s.Text), s.Span
	if span.Start.Column < 1 || span.End.Line != span.Start.Line || span.End.Column <= span.Start.Column || span.End.Column-1 > len(text) {
		return 0
	}
	return uniseg.StringWidth(screen(string(text[span.Start.Column-1 : span.End.Column-1])))
}

// cites lists the practices that a result comes from.
func (v *auditView) cites(r *finding.Result) string {
	var list []string
	for _, c := range r.Seeds {
		said := cite(c)
		if c.Text != "" && c.Text != r.Why && len(list) == 0 {
			said += " (" + v.shown(c.Text) + ")"
		}
		list = append(list, said)
	}
	return strings.Join(list, ", ")
}

// auditSummary says what was looked at, the totals, what was run, and the verdict.
func (v *auditView) auditSummary() string {
	var b strings.Builder
	row := func(name, prose string) {
		if prose != "" {
			b.WriteString(wrap(fmt.Sprintf("  %-10s ", name), strings.Repeat(" ", 13), prose, v.width()))
		}
	}
	b.WriteString(v.paint(bold, "summary") + "\n")
	row("looked at", v.shown(v.Target))
	if !v.AsOf.IsZero() {
		row("as of", v.AsOf.UTC().Format("2006-01-02 15:04 MST"))
	}
	row("policy", v.shown(v.Profile))
	counts := CountAudit(v.Audit)
	row("checks", counts.words())
	row("worst", v.worst(counts))
	if counts.ByState[finding.Open] > 0 {
		row("attest", "keysweep attest ID --evidence TEXT; keysweep practices tells about each")
	}
	row("programs", v.programs())
	color := green
	if counts.ByState[finding.Fail] > 0 || counts.ByState[finding.Undetermined] > 0 || len(v.Audit.Problems) > 0 {
		color = red
	}
	b.WriteString(v.paint(color, v.auditVerdict()) + "\n")
	return b.String()
}

// few failed checks need no list of the worst: they are in sight.
const few = 3

// worst names the failed checks of the highest severity, so that who reads the end of a long report knows where to begin.
func (v *auditView) worst(c AuditCounts) string {
	if c.ByState[finding.Fail] <= few {
		return ""
	}
	severity := finding.Critical
	for c.BySeverity[severity] == 0 {
		severity--
	}
	var names []string
	for _, results := range [][]finding.Result{v.Results, v.Same} {
		for i := range results {
			r := &results[i]
			if name := v.shown(r.Check); r.State == finding.Fail && min(r.Severity, finding.Critical) == severity && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return severity.String() + ": " + strings.Join(names, ", ")
}

// programs says what was run; each only if asked for.
func (v *auditView) programs() string {
	var cpu, elapsed time.Duration
	var each []string
	for _, p := range v.Programs {
		cpu, elapsed = cpu+p.CPU, elapsed+p.Elapsed
		each = append(each, fmt.Sprintf("%s (%s)", v.shown(p.Command), elapsedInWords(p.CPU)))
	}
	if len(each) == 0 {
		return ""
	}
	said := fmt.Sprintf("%s run, %s of CPU time", plural(len(each), "program was", "programs were"), elapsedInWords(cpu))
	if v.o.Verbose {
		said += ": " + strings.Join(each, ", ")
	}
	return said
}
