package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/internal/atomicfile"
	"keysweep/report"
)

// outputOptions are the flags of every command that makes a report.
type outputOptions struct {
	format         string
	output         string
	reports        []string // FORMAT=FILE
	showSecrets    bool
	showSuppressed bool
	noColor        bool
	noProgress     bool
	quiet, verbose bool
	receiving      bool   // set by the pre-receive hook
	summary        string // file that takes a summary in Markdown, as GitHub's jobs have; "" for none
}

func (o *outputOptions) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "", "format of the report: "+strings.Join(report.Formats(), ", ")+" (default text)")
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` (mode 0600) instead of standard output (-)")
	f.StringArrayVar(&o.reports, "report", nil, "write a further report: `FORMAT=FILE` (repeatable)")
	f.BoolVar(&o.showSecrets, "show-secrets", false, "print secrets as they are; without it no report holds one")
	f.BoolVar(&o.showSuppressed, "show-suppressed", false, "list what allow comments, baseline and .gitleaksignore hide")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR=1)")
	f.BoolVar(&o.noProgress, "no-progress", false, "no progress bar")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "one line a finding, no summary")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "every place of every finding")
}

func (o *outputOptions) validate() error {
	if o.quiet && o.verbose {
		return usagef("", "--quiet and --verbose cannot be combined")
	}
	if o.format != "" && !slices.Contains(report.Formats(), o.format) {
		return usagef("one of: "+strings.Join(report.Formats(), ", "), "--format: there is no format %q", o.format)
	}
	for _, r := range o.reports {
		name, file, ok := strings.Cut(r, "=")
		if !ok || file == "" || file == "-" || !slices.Contains(report.Formats(), name) {
			return usagef("for example: --report sarif=keysweep.sarif", "--report: %q is not FORMAT=FILE", r)
		}
	}
	return nil
}

// onlyText reports whether there will be no report but the one for people.
func (o *outputOptions) onlyText() bool {
	return (o.format == "" || o.format == "text") && len(o.reports) == 0
}

// checkFiles refuses a file that could not be written, before a long scan is lost to it.
func (o *outputOptions) checkFiles(env *Env) error {
	files := []string{o.output}
	for _, r := range o.reports {
		_, file, _ := strings.Cut(r, "=")
		files = append(files, file)
	}
	for _, file := range files {
		if file == "" || file == "-" {
			continue
		}
		path := absolute(env, file)
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return usagef("make it first: mkdir -p "+filepath.Dir(file), "report %s: there is no directory %s", file, filepath.Dir(file))
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return usagef("name a file in it", "report %s: it is a directory", file)
		}
	}
	return nil
}

// write writes the report to where the options say, with the paths as the user would type them: only now, since what is known
// is known by its path in the repository.
func (o *outputOptions) write(env *Env, r *finding.Report) error {
	for i := range r.Findings {
		for j := range r.Findings[i].Places {
			showPath(&r.Findings[i].Places[j])
		}
	}
	for i := range r.Suppressed {
		showPath(&r.Suppressed[i].Place)
	}
	for _, more := range o.reports {
		format, file, _ := strings.Cut(more, "=")
		if err := o.toFile(env, r, format, file); err != nil {
			return err
		}
	}
	if o.summary != "" {
		if err := o.appendSummary(env, r); err != nil {
			return err
		}
	}
	format := o.format
	if format == "" {
		format = "text"
	}
	if o.output != "" && o.output != "-" {
		return o.toFile(env, r, format, o.output)
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		return report.Write(w, format, r, o.reportOptions(o.color(env), env.Width))
	})
}

func showPath(p *finding.Place) { p.Path, p.Shown = p.ShownPath(), "" }

// summaryMost is what GitHub takes of a job's summary
// (https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#step-isolation-and-limits), less some.
const summaryMost = 1_000_000

// appendSummary adds the text report to a job's summary.
func (o *outputOptions) appendSummary(env *Env, r *finding.Report) error {
	var buf bytes.Buffer
	if err := report.Write(&buf, "text", r, o.reportOptions(false, 0)); err != nil {
		return err
	}
	text := buf.Bytes()
	if len(text) > summaryMost {
		text = append(text[:summaryMost:summaryMost], "\n(cut)\n"...)
	}
	f, err := os.OpenFile(absolute(env, o.summary), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	_, err = fmt.Fprintf(f, "### keysweep\n\n~~~~~~text\n%s~~~~~~\n", text)
	return errors.Join(err, f.Close())
}

func (o *outputOptions) toFile(env *Env, r *finding.Report, format, file string) error {
	var buf bytes.Buffer
	if err := report.Write(&buf, format, r, o.reportOptions(false, 0)); err != nil {
		return err
	}
	if err := atomicfile.Write(absolute(env, file), buf.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (o *outputOptions) reportOptions(color bool, width int) report.Options {
	return report.Options{ShowSecrets: o.showSecrets, ShowSuppressed: o.showSuppressed, Color: color, Width: width,
		Verbose: o.verbose, Quiet: o.quiet, Receiving: o.receiving}
}

// color follows https://no-color.org and dumb terminals.
func (o *outputOptions) color(env *Env) bool {
	return env.StdoutTerminal && !o.noColor && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb"
}

// writeAll writes through a buffer, so that a report is not cut up into small writes.
func writeAll(w io.Writer, write func(*bytes.Buffer) error) error {
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return err
	}
	if _, err := w.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
