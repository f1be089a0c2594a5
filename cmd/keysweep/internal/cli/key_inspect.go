package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/policy"
	"keysweep/report"
)

// ageUnknown is the check for keys without dates.
const ageUnknown = "key-age-unknown"

// inspectOptions are what key inspect was told.
type inspectOptions struct {
	recursive      bool
	failOn         string
	format, output string
	noColor        bool
	quiet, verbose bool
}

func newKeyInspectCommand(env *Env) *cobra.Command {
	var o inspectOptions
	c := &cobra.Command{
		Use:   "inspect TARGET...",
		Short: "Say all there is to know of a key, without its passphrase",
		Long: "Describe keys without opening them: kind, size, fingerprints, whether a passphrase protects them and how well, what a\n" +
			"certificate allows, who may read the file and where it lies, and what is wrong with all that. No passphrase is asked for.\n" +
			"\n" +
			"A target is a file (its content decides what it is: a private key of OpenSSH, OpenSSL or PuTTY, a public key, a\n" +
			"certificate, RFC 4716, authorized_keys, known_hosts), a directory, - for standard input, or the word agent for what\n" +
			"ssh-agent holds (a file of that name is ./agent).",
		Example: `  keysweep key inspect ~/.ssh/id_ed25519
  keysweep key inspect ~/.ssh                    every key in the directory
  keysweep key inspect ~/.ssh/authorized_keys    who may log in here
  keysweep key inspect agent                     what ssh-agent holds
  ssh-keyscan example.org | keysweep key inspect -
  keysweep key inspect -q id_rsa.pub             the line of ssh-keygen -l alone`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			failOn, err := o.validate(args)
			if err != nil {
				return err
			}
			return runInspect(c.Context(), env, &o, failOn, args)
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.recursive, "recursive", "r", false, "directories below a directory, too")
	f.StringVar(&o.failOn, "fail-on", "low", "exit with 1 for verdicts of this `SEVERITY` or worse: "+strings.Join(finding.Severities(), ", "))
	f.StringVarP(&o.format, "format", "f", "text", "format of the report: "+strings.Join(report.TableFormats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE` (mode 0600) instead of standard output (-)")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR=1)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "nothing but a line a key, as ssh-keygen -l prints it")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "all evidence of a key's age, too")
	return c
}

func (o *inspectOptions) validate(targets []string) (failOn finding.Severity, err error) {
	if o.quiet && o.verbose {
		return 0, usagef("", "--quiet and --verbose cannot be combined")
	}
	if !slices.Contains(report.TableFormats(), o.format) {
		return 0, usagef("one of: "+strings.Join(report.TableFormats(), ", "), "--format: there is no format %q", o.format)
	}
	if o.quiet && o.format != "text" {
		return 0, usagef("leave one of them out", "--quiet is for text, and --format says %s", o.format)
	}
	if failOn.UnmarshalText([]byte(o.failOn)) != nil {
		return 0, usagef("one of: "+strings.Join(finding.Severities(), ", "), "--fail-on: there is no severity %q", o.failOn)
	}
	for i, target := range targets {
		if target == "-" && slices.Contains(targets[:i], "-") {
			return 0, usagef("name it once", "standard input is named twice")
		}
	}
	return failOn, nil
}

// inspection is one run of key inspect.
type inspection struct {
	env      *Env
	opts     *inspectOptions
	sights   []*sight
	problems []finding.Problem
	notices  []finding.Notice
	files    int64    // that were looked at
	others   int64    // files of directories that hold no keys
	sources  []string // the targets, in words
}

func runInspect(ctx context.Context, env *Env, o *inspectOptions, failOn finding.Severity, targets []string) error {
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	in := &inspection{env: env, opts: o}
	for _, target := range targets {
		in.target(ctx, target)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	worst, wrong := finding.Info, false
	for _, s := range in.sights {
		s.judge(settings.rules, env.Now())
		if w, any := policy.Worst(s.verdicts); any {
			worst, wrong = max(worst, w), true
		}
	}
	if err := in.write(); err != nil {
		return err
	}
	switch {
	case len(in.problems) > 0:
		return verdict(exitIncomplete)
	case wrong && worst >= failOn:
		return verdict(exitFindings)
	}
	return nil
}

// judge asks the policy. What comes on standard input has no dates: that is not held against it.
func (s *sight) judge(rules policy.KeyRules, now time.Time) {
	s.verdicts = policy.Key(&s.key, policy.Ledger{}, rules, now)
	if s.what == whatPrivate && s.path == "" {
		s.verdicts = slices.DeleteFunc(s.verdicts, func(v policy.Verdict) bool { return v.Check == ageUnknown })
	}
}

// problem remembers what could not be looked at or understood.
func (in *inspection) problem(where, op string, err error) {
	p := finding.Problem{Where: where, Op: op, Err: err.Error(), Hint: hintOf(err)}
	if text, hint, ok := strings.Cut(p.Err, hintMark); ok && p.Hint == "" {
		p.Err, p.Hint = text, hint
	}
	in.problems = append(in.problems, p)
}
