package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/internal/git"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// credRotateOptions are what cred rotate was told.
type credRotateOptions struct {
	plugin  string
	manual  bool
	open    bool
	dryRun  bool
	abort   bool
	status  bool
	format  string // of --status
	grace   string
	account string // of a value that a person gives
	expires string
	revoked bool
	value   credValueOptions
	ledger  ledgerOptions
}

func (o *credRotateOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.plugin, "plugin", "", "`NAME` of the plugin in the policy file (default: the one for the credential's provider)")
	f.BoolVar(&o.manual, "manual", false, "you get the new value from the provider yourself")
	f.BoolVar(&o.open, "open", false, "by hand: have the browser show the provider's page")
	f.StringVar(&o.grace, "grace", "", "leave the old value valid for `SPAN`, as 24h or 7d; it is revoked by another run after that (default: at once)")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be done")
	f.BoolVar(&o.status, "status", false, "say how far the rotation is; exit code 1 if one is under way")
	f.StringVarP(&o.format, "format", "f", "text", "with --status: `FORMAT` of what is said: "+strings.Join(report.TableFormats(), ", "))
	f.BoolVar(&o.abort, "abort", false, "give the rotation up, if the new value is not in use yet or the provider no longer accepts it: the old one is in use then")
	f.StringVar(&o.account, "account", "", "by hand: what the provider calls the new value, `ID` of an access key, number of a token")
	f.StringVar(&o.expires, "expires", "", "by hand: when the provider ends the new value: `DATE` as 2027-05-17")
	f.BoolVar(&o.revoked, "revoked", false, "by hand: the old value is revoked at the provider; do not ask")
	o.value.addFlags(f)
	o.ledger.addPassphraseFlags(f)
}

func newCredRotateCommand(env *Env) *cobra.Command {
	o := &credRotateOptions{}
	c := &cobra.Command{
		Use:   "rotate ENV/NAME [-]",
		Short: "Replace a credential by a new one, at its provider and here",
		Long: "Replace a credential: a plugin of the policy file has its provider make a new one, which is tested and put into use, and the old\n" +
			"one is revoked and tried until it is refused. Without a plugin you are led through it. The value that works is in the ledger\n" +
			"at every moment, or sealed in a file beside it until the ledger can take it; after an interruption, run the same again: it goes on\n" +
			"where it stood.\n\n" +
			"Exit codes: 0 done, or in grace; 1 the provider refuses a value that should work or accepts one that should not, the old one waits for\n" +
			"you to revoke it, or, with --status, a rotation is under way; 3 it could not be done: run it again.",
		Example: `  keysweep cred rotate prod/GITLAB_TOKEN                 with the plugin for its provider
  keysweep cred rotate prod/AWS_SECRET_ACCESS_KEY --grace 24h   the old one works for another day; then run it again
  keysweep cred rotate prod/STRIPE_KEY --manual --open   you make the new one on the provider's page
  keysweep cred rotate prod/GITLAB_TOKEN --status        how far it is; exit code 1 if it is under way`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 2 && args[1] != "-" { // it may be the value
				return errExposed()
			}
			o.value.stdin = len(args) == 2
			return runCredRotate(c.Context(), env, o, args[0])
		},
	}
	o.addFlags(c.Flags())
	return c
}

func (o *credRotateOptions) validate() error {
	modes := 0
	for _, set := range []bool{o.dryRun, o.abort, o.status} {
		if set {
			modes++
		}
	}
	if modes > 1 {
		return usagef("give one of them", "--dry-run, --status and --abort cannot be combined")
	}
	if o.open && !o.manual {
		return usagef("add --manual", "--open belongs to --manual: a plugin needs no page")
	}
	if o.format != "text" && !o.status {
		return usagef("add --status", "--format belongs to --status")
	}
	if !slices.Contains(report.TableFormats(), o.format) {
		return usagef("one of: "+strings.Join(report.TableFormats(), ", "), "--format: there is no format %q", o.format)
	}
	return o.value.validate()
}

func runCredRotate(ctx context.Context, env *Env, o *credRotateOptions, ref string) error {
	if err := o.validate(); err != nil {
		return err
	}
	grace, err := o.graceOf()
	if err != nil {
		return err
	}
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	ledger, r, records, err := lookUpCred(ctx, env, &o.ledger, ref)
	if err != nil {
		return err
	}
	if !r.Status.Live() {
		return usagef("add the new one: keysweep cred add "+r.Ref(), "%s is %s, and has no value any more", r.Ref(), r.Status)
	}
	j, underWay, err := provider.Load(ctx, ledger, r.ID)
	if err != nil {
		return err
	}
	noteRescues(ctx, env, ledger, j.RequestID)
	if o.status {
		return sayRotation(env, o.format, &rotationState{record: r, journal: j, underWay: underWay})
	}
	if o.abort && !underWay {
		return asUsageOf(&provider.NothingError{Record: r})
	}
	flow, err := o.flow(env, &settings, &r, &j, underWay)
	if err != nil {
		return err
	}
	flow.Ledger, flow.Grace = ledger, grace
	if o.dryRun {
		return planRotation(ctx, env, flow, r, &j, underWay)
	}
	ctx, done := unbroken(ctx)
	defer done()
	return oneRotation(ctx, env, &r, func() error {
		if o.abort {
			if err := flow.Abort(ctx, r); err != nil {
				return reported(env, asUsageOf(err))
			}
			_, err := fmt.Fprintf(env.Stdout, "the rotation of %s is given up; its value is the old one\n", r.Ref())
			return err
		}
		if err := warnShared(env, &r, records); err != nil {
			return err
		}
		result, err := flow.Run(ctx, r)
		return o.end(ctx, env, result, err)
	})
}

func (o *credRotateOptions) graceOf() (*time.Duration, error) {
	if o.grace == "" {
		return nil, nil
	}
	d, err := parseSpan(o.grace)
	if err != nil {
		return nil, usagef("for example: --grace 24h", "--grace: %w", err)
	}
	const most = 90 * 24 * time.Hour
	if d > most {
		return nil, usagef("at most 90d", "--grace %s is longer than a credential should live", o.grace)
	}
	return &d, nil
}

// flow chooses how the credential is replaced: as the rotation was begun, as the flags say, or as the policy says.
func (o *credRotateOptions) flow(env *Env, settings *policySettings, r *rotation.Record, j *provider.Journal, underWay bool) (*provider.Flow, error) {
	name := o.plugin
	var err error
	switch {
	case name != "":
	case underWay:
		name = j.Plugin
	default:
		if name, err = settings.pluginFor(r); err != nil {
			return nil, err
		}
	}
	if name == "" && !o.manual && !(underWay && j.Manual) {
		what := "there is no plugin for credentials of " + r.Provider
		if r.Provider == "" {
			what = "the provider of " + r.Ref() + " is not known"
		}
		return nil, usagef("by hand: keysweep cred rotate "+r.Ref()+" --manual; or set a plugin up, see docs/plugins.md", "%s", what)
	}
	say := func(line string) { _, _ = fmt.Fprintln(env.Stderr, git.Printable(line)) } // if stderr is gone, the rotation is not to stop for that
	flow := &provider.Flow{Plugin: name, Manual: o.manual, Now: env.Now, Say: say, Wait: waitFor, Person: &credPerson{env, o}}
	if flow.Rescue, err = rescuePlace(env); err != nil {
		return nil, err
	}
	if name == "" {
		return flow, nil
	}
	rule, err := settings.plugin(name)
	if err != nil && underWay {
		if o.manual || o.abort { // the rotation is not to be stuck for want of the plugin that it was begun with
			flow.Manual = true
			return flow, nil
		}
		return nil, usagef("allow it again; or go on without it: keysweep cred rotate "+r.Ref()+" --manual", "the rotation was begun with a plugin that the policy no longer has: %w", err)
	}
	if err != nil {
		return nil, err
	}
	runner, err := rule.runner(env, name, say)
	if err != nil {
		return nil, err
	}
	runner.Executable = env.Executable
	if runner.KeeperLock, err = askingLock(env, r); err != nil {
		return nil, err
	}
	if flow.Runner = runner; rule.Deploy == "" {
		return flow, nil
	}
	deploy, err := settings.plugin(rule.Deploy)
	if err != nil {
		return nil, fmt.Errorf("%s: plugins.%s: deploy: %w", rule.where, name, err)
	}
	flow.Deploy, err = deploy.runner(env, rule.Deploy, say)
	return flow, err
}

// waitFor waits, unless somebody interrupts.
func waitFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
