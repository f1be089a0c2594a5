package report

import (
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// writeGitHub writes workflow commands of GitHub Actions ("Workflow commands for GitHub Actions", GitHub's documentation), which
// become annotations: one a finding, one a place that could not be looked at, and a notice that sums up. GitHub shows ten errors
// and ten warnings a step; the log has them all.
func writeGitHub(w io.Writer, v *view) error {
	var b strings.Builder
	for i := range v.Findings {
		b.WriteString(v.annotation(&v.Findings[i]))
	}
	for _, p := range v.Problems {
		text := v.shown(said(p))
		if p.Hint != "" {
			text += "\nhint: " + v.shown(p.Hint)
		}
		b.WriteString(command("error", []string{"title", "could not look at " + v.shown(p.Where)}, text))
	}
	for _, n := range v.Notices {
		level := "warning"
		if n.Kind == "ci" { // says how the range was chosen: nothing to look into
			level = "notice"
		}
		b.WriteString(command(level, []string{"title", v.shown(n.Kind)}, strings.TrimPrefix(v.shown(n.Where)+": "+v.shown(n.Text), ": ")))
	}
	if v.o.ShowSuppressed {
		for _, s := range v.Suppressed {
			text := strings.TrimSuffix("suppressed by "+v.shown(s.By)+": "+v.shown(s.Reason), ": ")
			b.WriteString(command("notice", v.annotated(s.Place, "suppressed ["+v.shown(s.Place.Rule)+"]"), text))
		}
	}
	b.WriteString(command("notice", []string{"title", v.Tool.Name}, v.verdict()+"\n"+v.covered()))
	_, err := io.WriteString(w, b.String())
	return err
}

// annotation is the command for a finding, at its first place.
func (v *view) annotation(f *finding.Finding) string {
	level := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevelOf(f.Severity)]
	name := fmt.Sprintf("%s: %s [%s]", f.Severity, v.shown(title(f)), v.shown(rule(f)))
	all := places(f)
	if len(all) == 0 {
		return command(level, []string{"title", name}, v.shown(f.Why))
	}
	var lines []string
	if f.Why != "" {
		lines = append(lines, v.shown(f.Why))
	}
	if !f.Secret.IsZero() {
		lines = append(lines, "secret: "+visible(v.secret(f.Secret)))
	}
	if said := strings.TrimSpace(v.origin(all[0])); said != "" {
		lines = append(lines, said)
	}
	if also := v.also(all[1:], f.MorePlaces); also != "" {
		lines = append(lines, strings.Join(strings.Fields(also), " "))
	}
	lines = append(lines, rotateAt(v.shown(f.Provider), v.shown(f.RotateURL))+" if it was ever pushed", "fingerprint: "+f.Fingerprint.String())
	return command(level, v.annotated(all[0], name), strings.Join(lines, "\n"))
}

// annotated are the properties that put an annotation at a place. GitHub takes columns only within one line.
func (v *view) annotated(p finding.Place, name string) []string {
	var out []string
	if p.Path != "" && p.Kind != finding.KindTag && p.Kind != finding.KindNote {
		out = append(out, "file", v.shown(p.Path))
	}
	if s := p.Span; s.Start.Line > 0 {
		out = append(out, "line", fmt.Sprint(s.Start.Line), "endLine", fmt.Sprint(s.End.Line))
		if s.Start.Line == s.End.Line {
			out = append(out, "col", fmt.Sprint(s.Start.Column), "endColumn", fmt.Sprint(s.End.Column))
		}
	}
	return append(out, "title", name)
}

// command writes a workflow command; properties are names and values by turns.
func command(name string, properties []string, message string) string {
	var parts []string
	for i := 0; i+1 < len(properties); i += 2 {
		parts = append(parts, properties[i]+"="+githubProperty(properties[i+1]))
	}
	return "::" + name + " " + strings.Join(parts, ",") + "::" + githubData(message) + "\n"
}
