package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/internal/hook"
)

// hookRun is one run of a hook.
type hookRun struct {
	env  *Env
	name string      // pre-commit, pre-push, pre-receive
	scan scanOptions // what to scan
	refs []string    // of a push, for the record
}

// hookRunOptions are the flags of hook run.
type hookRunOptions struct {
	config, baseline string
	allowComments    bool
}

func newHookRunCommand(env *Env) *cobra.Command {
	o := new(hookRunOptions)
	c := &cobra.Command{
		Use:   "run HOOK [ARG...]",
		Short: "Do a hook's work; git's hooks call it",
		Long: "Do the work of pre-commit, pre-push or pre-receive with the arguments and the standard input that git gives to the hook.\n" +
			"pre-commit-framework is for the pre-commit program. It is quiet when all is well and refuses when in doubt.",
		Example: `  keysweep hook run pre-commit
  keysweep hook run pre-push "$@"
  keysweep hook run pre-receive`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runHook(c.Context(), env, o, args[0], args[1:]) },
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "rules `FILE` instead of the repository's")
	f.StringVar(&o.baseline, "baseline", "", "baseline `FILE` instead of the repository's")
	f.BoolVar(&o.allowComments, "allow-comments", false, "pre-receive: let allow comments in the pushed files count")
	return c
}

func runHook(ctx context.Context, env *Env, o *hookRunOptions, name string, args []string) error {
	r := &hookRun{env: env, name: name, scan: scanOptions{config: o.config, baseline: o.baseline}}
	var err error
	switch name {
	case "pre-commit":
		r.scan.staged = true
	case "pre-commit-framework":
		r.name = "pre-commit"
		err = r.underFramework(ctx)
	case "pre-push":
		err = r.prePush(args)
	case "pre-receive":
		err = r.preReceive(ctx, o)
	default:
		return usagef("one of: pre-commit, pre-commit-framework, "+strings.Join(hook.Types()[1:], ", "), "there is no hook %q of keysweep's", name)
	}
	if err != nil {
		return r.refuse(ctx, nil, err)
	}
	s, err := prepareScan(ctx, env, &r.scan)
	if err != nil {
		return r.refuse(ctx, nil, err)
	}
	report, err := s.run(ctx)
	if report == nil {
		return r.refuse(ctx, nil, err)
	}
	if err == nil {
		err = s.verdict(report)
	}
	if err == nil {
		return r.pass(ctx, report)
	}
	return r.refuse(ctx, report, err)
}

// pass says in one line that there is nothing to refuse.
func (r *hookRun) pass(ctx context.Context, report *finding.Report) error {
	if report.Coverage.Empty != "" {
		tell(r.env.Stderr, "keysweep: %s\n", report.Coverage.Empty)
	} else {
		tell(r.env.Stderr, "keysweep: no secrets in %s\n", report.Coverage.Source)
	}
	if reason := r.bypassReason(ctx); reason != "" {
		return r.recordBypass(ctx, report, reason, exitOK)
	}
	return nil
}

// refuse shows what was found or what went wrong and lets git go no further, unless it was told to, on record.
func (r *hookRun) refuse(ctx context.Context, report *finding.Report, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	code := exitIncomplete
	var v verdict
	if errors.As(err, &v) {
		code = int(v)
	} else {
		code = exitCode(r.env.Stderr, err)
	}
	if report != nil {
		shown := *r.env
		shown.Stdout, shown.StdoutTerminal = r.env.Stderr, r.env.StderrTerminal
		if err := r.scan.out.write(&shown, report); err != nil {
			return err
		}
	}
	if reason := r.bypassReason(ctx); reason != "" {
		return r.recordBypass(ctx, report, reason, code)
	}
	tell(r.env.Stderr, "%s: %s\n", hook.Refusal(r.name), because(report, code))
	if how := r.bypassHow(ctx); how != "" {
		tell(r.env.Stderr, "hint: to let it through all the same, on record: %s\n", how)
	}
	return verdict(code)
}

func because(report *finding.Report, code int) string {
	switch {
	case report == nil:
		return "keysweep could not do its work, see above"
	case code == exitIncomplete && len(report.Findings) > 0:
		return "secrets were found, and not everything could be looked at, see above"
	case code == exitIncomplete:
		return "not everything could be looked at, see above"
	case len(report.Findings) == 1:
		return "a secret was found, see above"
	}
	return fmt.Sprintf("%d secrets were found, see above", len(report.Findings))
}
