package report

import (
	"fmt"
	"sort"
	"strings"
)

// problems lists where it could not look, with what to do about each.
func (v *view) problems() string {
	if len(v.Problems) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(v.paint(red, "could not look at") + "\n")
	for _, p := range v.Problems {
		b.WriteString(wrap("  ", "    ", v.shown(p.Where)+": "+v.shown(said(p)), v.width()))
		if p.Hint != "" {
			b.WriteString(wrap("    hint: ", "          ", v.shown(p.Hint), v.width()))
		}
	}
	return b.String() + "\n"
}

// notices lists what a person should know besides.
func (v *view) notices() string {
	var b strings.Builder
	for _, n := range v.Notices {
		said := "note: "
		if n.Where != "" {
			said += v.shown(n.Where) + ": "
		}
		said += v.shown(n.Text) + " [" + v.shown(n.Kind) + "]\n"
		if v.o.Width > 0 { // programs that read along want a line each
			said = wrap("", "  ", strings.TrimSuffix(said, "\n"), v.width())
		}
		b.WriteString(v.paint(yellow, "note:") + strings.TrimPrefix(said, "note:"))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// suppressed lists what is not reported, if asked for.
func (v *view) suppressed() string {
	if !v.o.ShowSuppressed || len(v.Suppressed) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(v.paint(bold, "suppressed") + "\n")
	for _, s := range v.Suppressed {
		line := fmt.Sprintf("%s [%s] by %s", v.where(s.Place), v.shown(s.Place.Rule), v.shown(s.By))
		if s.Reason != "" {
			line += ": " + v.shown(s.Reason)
		}
		b.WriteString(wrap("  ", "    ", line, v.width()))
	}
	return b.String() + "\n"
}

// summary says what was found, what was looked at, what was left out, and the verdict.
func (v *view) summary() string {
	var b strings.Builder
	row := func(name, prose string) {
		if prose != "" {
			b.WriteString(wrap(fmt.Sprintf("  %-10s ", name), strings.Repeat(" ", 13), prose, v.width()))
		}
	}
	b.WriteString(v.paint(bold, "summary") + "\n")
	if c := v.counts(); len(v.Findings) > 0 {
		row("found", c.severities()+" in "+plural(c.places, "place", "places"))
	}
	row("looked at", v.covered())
	row("skipped", v.skipped())
	if len(v.Coverage.Entered) > 0 {
		row("entered", v.shown(strings.Join(v.Coverage.Entered, ", ")))
	}
	row("suppressed", v.suppressedBy())
	color := red
	if v.outcome() == outcomeClean {
		color = green
	}
	b.WriteString(v.paint(color, v.verdict()) + "\n")
	return b.String()
}

// covered says what was looked at, in words.
func (v *view) covered() string {
	c := v.Coverage
	what := v.shown(c.Source)
	if c.Root != "" {
		what = strings.TrimSpace(what + " of " + v.shown(c.Root))
	}
	var amounts []string
	for _, a := range []struct {
		n         int64
		one, many string
	}{{c.Files, "file", "files"}, {c.Blobs, "blob", "blobs"}, {c.Commits, "commit", "commits"}} {
		if a.n > 0 {
			amounts = append(amounts, plural(a.n, a.one, a.many))
		}
	}
	if len(amounts) == 0 && c.Bytes == 0 {
		amounts = append(amounts, "nothing")
	} else {
		amounts = append(amounts, bytesInWords(c.Bytes))
	}
	said := strings.Join(amounts, ", ") + " in " + elapsedInWords(c.Elapsed)
	if what != "" {
		said = what + ": " + said
	}
	if v.Tool.Rules > 0 {
		said += fmt.Sprintf(" with %s", plural(v.Tool.Rules, "rule", "rules"))
	}
	return said
}

// skipped says what was left out on purpose, with an example or, if verbose, all that are known.
func (v *view) skipped() string {
	var parts []string
	for _, s := range v.Coverage.Skipped {
		part := fmt.Sprintf("%d %s", s.Count, v.shown(s.Reason))
		examples := s.Paths[:min(len(s.Paths), 1)]
		if v.o.Verbose {
			examples = s.Paths
		}
		if len(examples) > 0 {
			part += " (" + v.shown(strings.Join(examples, ", "))
			if int64(len(examples)) < s.Count {
				part += ", ..."
			}
			part += ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// suppressedBy counts the suppressed places by what suppressed them.
func (v *view) suppressedBy() string {
	byWhat := map[string]int{}
	for _, s := range v.Suppressed {
		byWhat[s.By]++
	}
	names := make([]string, 0, len(byWhat))
	for by := range byWhat {
		names = append(names, by)
	}
	sort.Strings(names)
	var parts []string
	for _, by := range names {
		parts = append(parts, fmt.Sprintf("%d by %s", byWhat[by], v.shown(by)))
	}
	return strings.Join(parts, ", ")
}
