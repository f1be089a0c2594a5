package report

import (
	"io"
	"strings"

	"keysweep/finding"
)

// writeDueGitHub writes workflow commands of GitHub Actions, as writeGitHub does for secrets.
func writeDueGitHub(w io.Writer, d *Due, _ Options) error {
	var b strings.Builder
	for _, it := range d.Listed() {
		level := map[Urgency]string{NotDue: "notice", DueSoon: "warning"}[it.Urgency]
		if level == "" {
			level = "error"
		}
		text := visible(it.Why)
		if it.Fix != "" {
			text += "\nnext: " + visible(it.Fix)
		}
		b.WriteString(command(level, []string{"title", it.State + ": " + visible(it.Name)}, text))
	}
	for _, p := range d.Problems {
		text := visible(said(p))
		if p.Hint != "" {
			text += "\nhint: " + visible(p.Hint)
		}
		b.WriteString(command("error", []string{"title", "could not look at " + visible(p.Where)}, text))
	}
	for _, n := range d.Notices {
		level := "warning"
		if n.Kind == "ledger" || n.Kind == "snapshot" { // says what was read: nothing to look into
			level = "notice"
		}
		b.WriteString(command(level, []string{"title", visible(n.Kind)}, noticeText(n)))
	}
	verdict, _ := d.Verdict()
	if verdict == "" {
		verdict = d.Empty
	}
	b.WriteString(command("notice", []string{"title", d.Tool.Name}, visible(verdict)))
	_, err := io.WriteString(w, b.String())
	return err
}

// noticeText is a notice in one line.
func noticeText(n finding.Notice) string {
	return strings.TrimPrefix(visible(n.Where)+": "+visible(n.Text), ": ")
}
