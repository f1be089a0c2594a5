package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/internal/atomicfile"
	"keysweep/policy"
	"keysweep/report"
)

// report is the answer in the words of the reports.
func (a *dueAnswer) report(env *Env) *report.Due {
	d := &report.Due{
		Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit}, GeneratedAt: env.Now(), AsOf: a.asOf,
		Sources: a.sources, Coverage: a.coverage, Problems: a.problems, Notices: a.notices,
		Empty: "nothing is tracked, and no SSH keys were found; begin with: keysweep key generate, key adopt FILE or cred add NAME",
	}
	if len(a.problems) > 0 {
		d.Empty = "nothing was found where it could be looked"
	}
	d.Items = make([]report.DueItem, len(a.items))
	for i := range a.items {
		d.Items[i] = reportedItem(env, &a.items[i])
	}
	return d
}

func reportedItem(env *Env, it *policy.DueItem) report.DueItem {
	out := report.DueItem{
		State: string(it.State), Urgency: report.Urgency(it.Urgency), Kind: string(it.Kind), ID: it.ID, Name: it.Name, Shown: homePath(env, it.Name),
		Env: it.Env, Owner: it.Owner, Service: it.Service, Provider: it.Provider, Machine: it.Machine, Fingerprint: it.Fingerprint, Path: it.Path,
		Tracked: it.Tracked, Found: it.Found, Created: it.Created, Exact: it.Exact, Evidence: it.Evidence.Source, Detail: it.Evidence.Detail, Age: it.Age,
		Soon: it.Soon, Due: it.Due, Overdue: it.Overdue, Expires: it.Expires, MaxAge: it.MaxAge, Rule: it.Rule, Why: it.Why, Fix: it.Fix,
	}
	if x := it.Exemption; x != nil {
		out.Exemption = &report.DueExemption{Reason: x.Reason, Until: x.Until, Where: x.Where, Ended: x.Ended}
	}
	return out
}

// The formats that the command itself knows of.
const (
	formatNagios     = "nagios"
	formatPrometheus = "prometheus"
)

// dueOutput are the flags that say how what is due is shown.
type dueOutput struct{ tableOptions }

func (o *dueOutput) addFlags(f *pflag.FlagSet) {
	o.tableOptions.addFlags(f)
	f.Lookup("format").Usage = "format of the report: " + strings.Join(report.DueFormats(), ", ")
}

func (o *dueOutput) validate(env *Env) error {
	if o.quiet && o.verbose {
		return usagef("", "--quiet and --verbose cannot be combined")
	}
	if !slices.Contains(report.DueFormats(), o.format) {
		hint := "one of: " + strings.Join(report.DueFormats(), ", ")
		return usagef(hint, "--format: there is no format %q", o.format)
	}
	return (&outputOptions{output: o.output}).checkFiles(env)
}

// write writes the report to where the options say.
func (o *dueOutput) write(env *Env, d *report.Due) error {
	toFile := o.output != "" && o.output != "-"
	like := outputOptions{noColor: o.noColor}
	options := report.Options{Verbose: o.verbose, Quiet: o.quiet, Color: like.color(env) && !toFile, ASCII: !showsUTF8(env)}
	if !toFile {
		options.Width = env.Width
		return writeAll(env.Stdout, func(w *bytes.Buffer) error { return report.WriteDue(w, o.format, d, options) })
	}
	var buf bytes.Buffer
	if err := report.WriteDue(&buf, o.format, d, options); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if o.format == formatPrometheus { // node_exporter reads it as another user
		mode = 0o644
	}
	if err := atomicfile.Write(absolute(env, o.output), buf.Bytes(), mode); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// failed says why there is no report, to monitoring in its own way: a plugin that cannot do its work says so in its line, and is
// neither fine nor critical.
func (o *dueOutput) failed(env *Env, err error) error {
	if o.format != formatNagios || errors.Is(err, context.Canceled) {
		return err
	}
	tell(env.Stdout, "%s", report.NagiosFailure(err.Error()))
	return asVerdict(report.NagiosUnknown)
}

// asVerdict is an exit code as the error that carries it.
func asVerdict(code int) error {
	if code == exitOK {
		return nil
	}
	return verdict(code)
}

// showsUTF8 reports whether the terminal shows more than ASCII, as far as setlocale(3) goes by the environment.
func showsUTF8(env *Env) bool {
	if env.Getenv("TERM") == "dumb" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := env.Getenv(name); locale != "" {
			locale = strings.ToLower(locale)
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return false
}
