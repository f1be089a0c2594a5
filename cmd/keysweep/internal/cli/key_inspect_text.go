package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"keysweep/finding"
	"keysweep/internal/atomicfile"
	"keysweep/policy"
	"keysweep/report"
)

// write writes the report to where the options say.
func (in *inspection) write() error {
	fill := func(w *bytes.Buffer) error {
		if in.opts.format != "text" {
			return report.WriteTable(w, in.opts.format, in.table(), report.Options{})
		}
		in.text(w)
		return nil
	}
	if file := in.opts.output; file != "" && file != "-" {
		var buf bytes.Buffer
		if err := fill(&buf); err != nil {
			return err
		}
		if err := atomicfile.Write(absolute(in.env, file), buf.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	} else if err := writeAll(in.env.Stdout, fill); err != nil {
		return err
	}
	if in.opts.format == "text" {
		return writeAll(in.env.Stderr, in.complain)
	}
	return nil
}

// text writes a block for each key, led by the line that ssh-keygen -l prints; with --quiet that line alone.
func (in *inspection) text(w *bytes.Buffer) {
	for i, s := range in.sights {
		if in.opts.quiet {
			fmt.Fprintln(w, visible(s.line()))
			continue
		}
		if i > 0 {
			w.WriteByte('\n')
		}
		fmt.Fprintln(w, in.paint(bold, visible(s.line())))
		for _, f := range s.facts(in.env, in.opts.verbose) {
			fmt.Fprintf(w, "  %-12s %s\n", f.name, visible(f.value))
		}
		for _, v := range s.verdicts {
			in.verdict(w, v)
		}
	}
}

// verdict writes what is wrong, why that matters, and what to do.
func (in *inspection) verdict(w *bytes.Buffer, v policy.Verdict) {
	severity := in.paint(severityInk(v.Severity), v.Severity.String())
	fmt.Fprintf(w, "  %s%s %s: %s [%s]\n", severity, strings.Repeat(" ", 12-len(v.Severity.String())), visible(v.Title), visible(v.Evidence), v.Check)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %12s %s\n", name, visible(value))
		}
	}
	line("why:", v.Why)
	if x := v.Excused; x != nil {
		line("excused:", strings.TrimSpace(x.Reason+" "+x.Until))
		return
	}
	line("do:", v.Fix)
}

// complain says what could not be looked at or understood, and what else a person should know.
func (in *inspection) complain(w *bytes.Buffer) error {
	again := func(hint string, rest []finding.Problem) bool {
		return slices.ContainsFunc(rest, func(p finding.Problem) bool { return p.Hint == hint })
	}
	for i, p := range in.problems {
		fmt.Fprintf(w, "keysweep: cannot %s %s: %s\n", p.Op, visible(p.Where), visible(p.Err))
		if p.Hint != "" && !again(p.Hint, in.problems[i+1:]) {
			fmt.Fprintf(w, "hint: %s\n", visible(p.Hint))
		}
	}
	if in.opts.quiet {
		return nil
	}
	for _, n := range in.notices {
		fmt.Fprintf(w, "note: %s: %s\n", visible(n.Where), visible(n.Text))
	}
	if len(in.sights) == 0 && len(in.problems) == 0 && len(in.notices) == 0 {
		fmt.Fprintf(w, "note: no keys in %s (%d other files)\n", visible(strings.Join(in.sources, ", ")), in.others)
	}
	return nil
}

// The colours of text on a terminal (ECMA-48).
const (
	bold     = "1"
	inkRed   = "31"
	inkAmber = "33"
	inkBlue  = "36"
)

func severityInk(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return inkRed
	case s >= finding.Low:
		return inkAmber
	}
	return inkBlue
}

// paint colours text where colour is wanted: not in files, and as https://no-color.org says.
func (in *inspection) paint(ink, text string) string {
	o := outputOptions{noColor: in.opts.noColor}
	if in.opts.output != "" && in.opts.output != "-" || !o.color(in.env) {
		return text
	}
	return "\x1b[" + ink + "m" + text + "\x1b[0m"
}

// visible shows what could harm a terminal, or a reader's trust, as ssh-keygen does: the bytes of characters that do not print
// as \033, in octal.
func visible(text string) string {
	var b strings.Builder
	for i, n := 0, 0; i < len(text); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(text[i:])
		if unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(text[i : i+n]) {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String()
}
