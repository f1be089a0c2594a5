package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/policy/audit"
	"keysweep/script"
)

// auditScriptsOptions are the flags of audit scripts.
type auditScriptsOptions struct {
	auditOptions
	scan scanOptions
}

func newAuditScriptsCommand(env *Env) *cobra.Command {
	o := &auditScriptsOptions{}
	c := &cobra.Command{
		Use:   "scripts [PATH...]",
		Short: "Check startup scripts: secrets in them, downloads that nobody checks, weakened SSH and firewalls",
		Long: "Looks for what machines run when they are set up and when they start: shell scripts (sh, bash, mksh, zsh), cloud-init's user data\n" +
			"in all its wrappings, units of systemd, crontabs, Dockerfiles, compose files, Terraform, CloudFormation, Kubernetes and CI\n" +
			"workflows. Nothing is run or fetched. Each result says the line of the outer file, however deep a script is wrapped.\n\n" +
			"A comment lets one place be, on its line or the line before it:  # keysweep:allow=script.pipe-to-shell -- the reason",
		Example: `  keysweep audit scripts                          those of this repository, or below this directory
  keysweep audit scripts user-data.yaml setup.sh  these files, whatever they look like
  keysweep audit scripts /etc /root --fail-on high
  terraform show | keysweep audit scripts -       standard input`,
		RunE: func(c *cobra.Command, args []string) error {
			o.scan.targets = args
			return runAuditScripts(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.scan.include, "include", nil, "look only at paths that match `GLOB` (repeatable)")
	f.StringArrayVar(&o.scan.exclude, "exclude", nil, "leave out paths that match `GLOB` (repeatable)")
	f.BoolVar(&o.scan.noIgnore, "no-ignore", false, "look at files that git ignores, too")
	f.StringVar(&o.scan.stdinName, "stdin-name", "", "with -: the `PATH` that says what it is: Dockerfile, app.service")
	f.StringVar(&o.scan.config, "config", "", "rules `FILE` for secrets (default: those of the repository)")
	f.StringVar(&o.scan.minConfidence, "min-confidence", "", "report what is a secret with this `CONFIDENCE` at least: low, medium, high (default medium)")
	o.addFlags(f)
	return c
}

func runAuditScripts(ctx context.Context, env *Env, o *auditScriptsOptions) error {
	if err := o.validate(env); err != nil {
		return err
	}
	o.scan.out.noProgress = true
	input := &notedInput{from: env.Stdin}
	inside := *env
	inside.Stdin = input
	s, err := prepareScan(ctx, &inside, &o.scan)
	if err != nil {
		return err
	}
	settling, err := newOwnSettling(ctx, env, s.place, scriptChecks())
	if err != nil {
		return err
	}
	auditor := script.NewAuditor(s.source.Source, namedFile(env, o.scan.targets))
	s.source.Source = auditor
	report, err := s.run(ctx)
	if err != nil {
		return err
	}
	found := auditor.Outcome(report)
	if s.mode == modeStdin && !input.some {
		found = script.Outcome{Problems: append(found.Problems, finding.Problem{Where: "standard input", Op: "read", Err: "it is empty: nothing was checked",
			Hint: "see whether what should have written it failed"})}
	}
	rules := settling.rules
	a := newAudit(env, o.targetWords(s))
	a.Profile, a.Problems = rules.Profile, found.Problems
	a.Results = rules.Keep(found.Results)
	a.Notices = append(found.Notices, settling.switched...)
	settling.dir, settling.whole = env.Dir, s.place.root == env.Dir && len(o.scan.targets)+len(o.scan.include)+len(o.scan.exclude) == 0
	settling.settle(env, a)
	a.Notices = append(a.Notices, finding.Notice{Kind: "coverage", Text: coverageOfScripts(found)})
	return o.finish(ctx, env, a, o.of(env, s))
}

// targetWords says what is looked at.
func (o *auditScriptsOptions) targetWords(s *scan) string {
	switch targets := o.scan.targets; {
	case s.mode == modeStdin && o.scan.stdinName != "":
		return "standard input, as " + o.scan.stdinName
	case s.mode == modeStdin:
		return "standard input"
	case len(targets) == 0:
		return "scripts in " + s.place.shown
	case len(targets) == 1 && !isDirectory(absolute(s.env, targets[0])):
		return "the script " + targets[0]
	default:
		return "scripts in " + strings.Join(targets, ", ")
	}
}

// of names the targets for the next audit of the same: by where they lie.
func (o *auditScriptsOptions) of(env *Env, s *scan) string {
	targets := slices.Clone(o.scan.targets)
	switch {
	case s.mode == modeStdin:
		return "scripts - " + o.scan.stdinName
	case len(targets) == 0:
		targets = []string{s.place.shown}
	}
	for i := range targets {
		targets[i] = absolute(env, targets[i])
	}
	for _, glob := range o.scan.include {
		targets = append(targets, "--include="+glob)
	}
	for _, glob := range o.scan.exclude {
		targets = append(targets, "--exclude="+glob)
	}
	return "scripts " + strings.Join(targets, "\x00")
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// notedInput is an input of which it is known whether anything but blanks came from it.
type notedInput struct {
	from io.Reader
	some bool
}

// Read is io.Reader's.
func (n *notedInput) Read(p []byte) (int, error) {
	count, err := n.from.Read(p)
	n.some = n.some || len(bytes.TrimSpace(p[:count])) > 0
	return count, err
}

// scriptChecks are the rules of scripts, as the policy speaks of checks.
func scriptChecks() (list []audit.Check) {
	for _, r := range script.Rules() {
		list = append(list, audit.Check{ID: r.ID, Area: script.Area, Severity: r.Severity, Title: r.Title, Why: r.Why, Fix: r.Fix})
	}
	return list
}

// coverageOfScripts says how much was looked at.
func coverageOfScripts(found script.Outcome) string {
	text := counted(found.Files, "script", "scripts") + " looked at"
	if found.Other > 0 {
		text += "; " + counted(found.Other, "other file holds none", "other files hold none")
	}
	return text
}

// namedFile returns what says of a path that it is one of the targets, and a file.
func namedFile(env *Env, targets []string) func(string) bool {
	named := map[string]bool{"standard input": true}
	for _, t := range targets {
		path := absolute(env, t)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			named[path] = true
		}
	}
	return func(path string) bool { return named[path] || named[absolute(env, path)] }
}
