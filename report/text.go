package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"keysweep/finding"
)

// adviceInline is up to how many findings what to do stands under each finding; with more of them it stands once, at the end.
const adviceInline = 3

// writeText writes for people: a block a finding, what to do about them, where it could not look, and a summary.
func writeText(w io.Writer, v *view) error {
	if v.o.Quiet {
		return writeQuiet(w, v)
	}
	inline := len(v.Findings) <= adviceInline
	guide := v.newGuide()
	lastWhy := ""
	for i := range v.Findings {
		f := &v.Findings[i]
		block := v.block(f) + v.proof(f)
		if f.Why != "" && (inline || f.Why != lastWhy) {
			block += wrap("  why: ", "       ", v.shown(f.Why), v.width())
			lastWhy = f.Why
		}
		if inline {
			block += v.adviceFor(f)
		} else {
			block += v.paint(dim, "  fingerprint: "+f.Fingerprint.String()) + "  do: " + guide.refer(f) + "\n"
		}
		if _, err := io.WriteString(w, block+"\n"); err != nil {
			return err
		}
	}
	if !inline {
		if _, err := io.WriteString(w, guide.String()); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, v.problems()+v.notices()+v.suppressed()+v.summary())
	return err
}

// block is a finding's heading, its first place with the line, and the list of its other places.
func (v *view) block(f *finding.Finding) string {
	var b strings.Builder
	heading := v.paint(bold, v.shown(title(f)))
	fmt.Fprintf(&b, "%s  %s  [%s]", v.paint(severityColor(f.Severity), f.Severity.String()), heading, v.rules(f))
	if f.Confidence != finding.HighConfidence {
		b.WriteString("  " + f.Confidence.String() + " confidence")
	}
	b.WriteByte('\n')
	all := places(f)
	shown := all
	if !v.o.Verbose {
		shown = all[:min(1, len(all))]
	}
	for _, p := range shown {
		fmt.Fprintf(&b, "  %s %s%s\n", v.paint(blue, "-->"), v.where(p), v.state(p))
		b.WriteString(v.source(p))
		b.WriteString(v.origin(p))
	}
	b.WriteString(v.also(all[len(shown):], f.MorePlaces))
	return b.String()
}

// proof tells what is certain about a finding's secret.
func (v *view) proof(f *finding.Finding) string {
	if len(f.Proof) == 0 {
		return ""
	}
	facts := make([]string, len(f.Proof))
	for i, fact := range f.Proof {
		facts[i] = v.shown(fact.String())
	}
	return wrap("  proof: ", "         ", strings.Join(facts, "; "), v.width())
}

// rules lists the ids of the rules that claim a finding.
func (v *view) rules(f *finding.Finding) string {
	if len(f.Rules) == 0 {
		return v.shown(rule(f))
	}
	return v.shown(strings.Join(f.Rules, ", "))
}

// state says what is special about a place, to stand behind its name.
func (v *view) state(p finding.Place) string {
	var notes []string
	if p.Kind == finding.KindIndex {
		notes = append(notes, "staged")
	}
	if p.Note != "" {
		notes = append(notes, v.shown(p.Note))
	}
	if len(p.Also) > 0 {
		also := fmt.Sprintf("same content at %s", v.shown(p.Also[0]))
		if n := len(p.Also) - 1; n > 0 {
			also += " and " + plural(n, "other path", "other paths")
		}
		notes = append(notes, also)
	}
	if len(notes) == 0 {
		return ""
	}
	return "  (" + strings.Join(notes, "; ") + ")"
}

// origin says which commit brought a place, and how far it has got since.
func (v *view) origin(p finding.Place) string {
	if !inHistory(p) {
		return ""
	}
	var parts []string
	if c := p.Commit; c != nil {
		by := "commit " + short(c.ID)
		if c.Author != "" {
			by += " by " + v.shown(c.Author)
		}
		parts = append(parts, by)
		if !c.Date.IsZero() {
			parts = append(parts, c.Date.Format("2006-01-02"))
		}
		if c.Subject != "" {
			parts = append(parts, `"`+cut(v.shown(c.Subject), 40, false)+`"`)
		}
	}
	parts = append(parts, map[finding.Tri]string{finding.Yes: "still in HEAD", finding.No: "no longer in HEAD"}[p.InHead])
	parts = append(parts, map[finding.Tri]string{finding.Yes: "pushed", finding.No: "not pushed"}[p.Pushed])
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ") + "\n"
}

// also lists further places of a finding in at most a few lines; more is how many were only counted.
func (v *view) also(rest []finding.Place, more int) string {
	const listed = 5
	var names []string
	for _, p := range rest[:min(len(rest), listed)] {
		name := v.where(p)
		switch {
		case p.Kind == finding.KindIndex:
			name += " (staged)"
		case p.Kind != finding.KindMessage && p.Commit != nil:
			name += " (commit " + short(p.Commit.ID) + ")"
		}
		names = append(names, name)
	}
	if more += len(rest) - len(names); more > 0 {
		names = append(names, plural(more, "more place", "more places"))
	}
	if len(names) == 0 {
		return ""
	}
	return wrap("  also: ", "        ", strings.Join(names, ", "), v.width())
}

// writeQuiet writes one line a finding, in the form that editors jump to, and one a place that could not be looked at.
func writeQuiet(w io.Writer, v *view) error {
	for i := range v.Findings {
		f := &v.Findings[i]
		at := "-"
		if all := places(f); len(all) > 0 {
			at = v.where(all[0])
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s [%s] %s\n", at, f.Severity, v.shown(title(f)), v.shown(rule(f)), f.Fingerprint); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, v.problemLines())
	return err
}

// problemLines are one line a place that could not be looked at.
func (v *view) problemLines() string {
	var b strings.Builder
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "%s: error: could not look: %s\n", v.shown(p.Where), v.shown(said(p)))
	}
	return b.String()
}

// said is what a problem's operation and error say together.
func said(p finding.Problem) string {
	if p.Op == "" {
		return p.Err
	}
	return p.Op + ": " + p.Err
}
