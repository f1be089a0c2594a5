package report

import (
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// writeAuditMarkdown writes CommonMark with tables as GitHub and GitLab have them: for tickets, wikis and a job's summary.
func writeAuditMarkdown(w io.Writer, v *auditView) error {
	var b strings.Builder
	counts := CountAudit(v.Audit)
	fmt.Fprintf(&b, "# Audit: %s\n\n%s\n\n", inline(v.shown(v.Target)), inline(v.auditVerdict()))
	fmt.Fprintf(&b, "- checks: %s\n- made: %s\n", inline(counts.words()), timestamp(v.Audit.GeneratedAt))
	if v.Profile != "" {
		fmt.Fprintf(&b, "- policy: %s\n", inline(v.shown(v.Profile)))
	}
	if !v.AsOf.IsZero() {
		fmt.Fprintf(&b, "- as of: %s\n", timestamp(v.AsOf))
	}
	area := ""
	for i := range v.Results {
		r := &v.Results[i]
		if !v.listed(r) {
			continue
		}
		if r.Area != area || i == 0 {
			area = r.Area
			fmt.Fprintf(&b, "\n## %s\n\n| | check | what | where | fix | practice |\n|---|---|---|---|---|---|\n", inline(v.shown(v.area(area))))
		}
		what := v.name(r)
		for _, more := range []string{v.difference(r), v.cause(r)} {
			if more != "" {
				what += "; " + more
			}
		}
		fix := v.shown(r.Fix)
		if r.State == finding.Undetermined {
			fix = v.shown(r.Hint)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", v.grade(r), inline(v.shown(r.Check)), inline(what), inline(v.spot(r.Where)), inline(fix), v.citeList(r))
	}
	if len(v.Audit.Problems) > 0 {
		b.WriteString("\n## Could not look at\n\n")
		for _, p := range v.Audit.Problems {
			fmt.Fprintf(&b, "- %s: %s\n", inline(v.shown(p.Where)), inline(v.shown(said(p))))
		}
	}
	if len(v.Audit.Notices) > 0 {
		b.WriteString("\n## Notes\n\n")
		for _, n := range v.Audit.Notices {
			fmt.Fprintf(&b, "- %s\n", inline(strings.TrimPrefix(v.shown(n.Where)+": "+v.shown(n.Text), ": ")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// inline escapes what Markdown and HTML take for markup, so that it stays one cell of one line.
func inline(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@': // no mention of somebody
			b.WriteString("&#64;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
