package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keysweep/internal/atomicfile"
	"keysweep/report"
)

// tableOptions are the flags of every command that makes a table.
type tableOptions struct {
	format         string
	output         string
	noColor        bool
	quiet, verbose bool
}

func (o *tableOptions) addFlags(f *pflag.FlagSet) { o.addFlagsFor(f, report.TableFormats()) }

// addFlagsFor adds the flags for a report that has formats of its own.
func (o *tableOptions) addFlagsFor(f *pflag.FlagSet, formats []string) {
	f.StringVarP(&o.format, "format", "f", "text", "format of the report: "+strings.Join(formats, ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` (mode 0600) instead of standard output (-)")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR=1)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "rows only, no heading and no summary")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "details of every row")
}

func (o *tableOptions) validate() error { return o.validateFor(report.TableFormats()) }

func (o *tableOptions) validateFor(formats []string) error {
	if o.quiet && o.verbose {
		return usagef("", "--quiet and --verbose cannot be combined")
	}
	if !slices.Contains(formats, o.format) {
		return usagef("one of: "+strings.Join(formats, ", "), "--format: there is no format %q", o.format)
	}
	return nil
}

// write writes the table to where the options say.
func (o *tableOptions) write(env *Env, t *report.Table) error {
	return o.render(env, func(w io.Writer, options report.Options) error { return report.WriteTable(w, o.format, t, options) })
}

// render writes what draw makes to where the options say.
func (o *tableOptions) render(env *Env, draw func(io.Writer, report.Options) error) error {
	toFile := o.output != "" && o.output != "-"
	like := outputOptions{noColor: o.noColor}
	options := report.Options{Verbose: o.verbose, Quiet: o.quiet, Color: like.color(env) && !toFile}
	if !toFile {
		options.Width = env.Width
		return writeAll(env.Stdout, func(w *bytes.Buffer) error { return draw(w, options) })
	}
	if err := o.checkFile(env); err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := draw(&buf, options); err != nil {
		return err
	}
	if err := atomicfile.Write(absolute(env, o.output), buf.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// checkFile refuses a file that could not be written, which commands that take long do before they begin.
func (o *tableOptions) checkFile(env *Env) error {
	return (&outputOptions{output: o.output}).checkFiles(env)
}
