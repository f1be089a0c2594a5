package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"keysweep/policy"
	"keysweep/report"
)

// ownSnapshot is what --snapshot means without a file.
const ownSnapshot = "own"

// snapshotFlag is --snapshot, alone or with =FILE. To pflag it is a switch: of other flags that can stand alone its help shows what that means to
// the program.
type snapshotFlag struct{ file *string }

// String returns the file.
func (f snapshotFlag) String() string {
	if f.file == nil { // pflag asks a flag that nobody has made for its zero value
		return ""
	}
	return *f.file
}

// Type is a switch's.
func (f snapshotFlag) Type() string { return "bool" }

// Set takes a file, or what pflag gives a switch.
func (f snapshotFlag) Set(text string) error {
	switch text {
	case "":
		return errors.New("it is empty (is a variable not set?)")
	case "true":
		text = ownSnapshot
	}
	*f.file = text
	return nil
}

// rotateDueOptions are the flags of rotate-due.
type rotateDueOptions struct {
	ledger     ledgerOptions
	ledgerOnly bool
	snapshot   string
	file       string // the argument: of --snapshot
	snapshots  string
	filter     dueFilter
	maxAge     string
	warn       string
	now        string
	failOn     string
	all        bool
	output     dueOutput
}

func newRotateDueCommand(env *Env) *cobra.Command {
	o := &rotateDueOptions{}
	c := &cobra.Command{
		Use:   "rotate-due [--snapshot [FILE]]",
		Short: "Say which keys, certificates and credentials are due for replacement, and when the others will be",
		Long: "Judges everything that the ledger knows, and the SSH keys and certificates of this account, by the rules of policy.toml: 90 days\n" +
			"unless they say otherwise. The oldest evidence of its age counts; where that is only a lower bound it is shown as \">= 412 d\".\n" +
			"What is read is the ledger, or the signed snapshot of it that every change leaves behind, which needs no passphrase and no\n" +
			"keyring: jobs use it with --snapshot. Exits with 1 if something is due, and with 3 if it could not look everywhere.",
		Example: `  keysweep rotate-due                               what is due, and the next command for each
  keysweep rotate-due --all -v                      everything, with the reasons
  keysweep rotate-due --env prod --fail-on soon     fail while there is still time
  keysweep rotate-due --now 2026-12-31              what will be due by then
  keysweep rotate-due --snapshot /home/ann/.local/state/keysweep/snapshot.json   as root from cron
  keysweep rotate-due --snapshots /srv/keysweep     several machines, of which each has put its snapshot there
  keysweep rotate-due --format json --all           everything that is known, for programs`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.file = args[0]
			}
			return runRotateDue(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.Var(snapshotFlag{&o.snapshot}, "snapshot", "read the snapshot `[FILE]` instead of the ledger; without a name, this account's own")
	f.Lookup("snapshot").NoOptDefVal = "true"
	f.StringVar(&o.snapshots, "snapshots", "", "read all snapshots in this `DIR` (*.json) instead of the ledger: several machines at once")
	f.BoolVar(&o.ledgerOnly, "ledger-only", false, "leave out the keys and certificates of this account that the ledger does not know")
	o.filter.addFlags(f)
	f.StringVar(&o.maxAge, "max-age", "", "judge all by this greatest `AGE` instead of the policy's: 90d, 2w")
	f.StringVar(&o.warn, "warn", "", "announce so `LONG` before: 14d, or 20% of the period")
	f.StringVar(&o.now, "now", "", "judge as of this `TIME`, to plan: 2026-12-31, or 2026-12-31T12:00:00Z")
	f.StringVar(&o.failOn, "fail-on", "due", "exit with 1 if something is this `URGENT` or more: soon, due, overdue, never")
	f.BoolVar(&o.all, "all", false, "list also what is not due")
	o.output.addFlags(f)
	o.ledger.addFlags(f)
	return c
}

// dueFailures are the words of --fail-on.
func dueFailures() map[string]policy.Urgency {
	return map[string]policy.Urgency{"soon": policy.DueSoon, "due": policy.DueNow, "overdue": policy.PastDue, "never": policy.PastDue + 1}
}

func runRotateDue(ctx context.Context, env *Env, o *rotateDueOptions) error {
	d, threshold, err := o.judge(ctx, env)
	if err == nil {
		err = o.output.write(env, d)
	}
	if err != nil {
		return o.output.failed(env, err)
	}
	switch {
	case o.output.format == formatNagios:
		return asVerdict(report.NagiosState(d))
	case len(d.Problems) > 0:
		return verdict(exitIncomplete)
	case d.Count(report.Urgency(threshold)) > 0:
		return verdict(exitFindings)
	}
	return nil
}

// judge returns what was asked for.
func (o *rotateDueOptions) judge(ctx context.Context, env *Env) (d *report.Due, threshold policy.Urgency, err error) {
	q, threshold, err := o.question(env)
	if err != nil {
		return nil, 0, err
	}
	a, err := dueItems(ctx, env, q)
	if err != nil {
		return nil, 0, err
	}
	d = a.report(env)
	d.All = o.all || len(o.filter.states) > 0
	if len(a.items) == 0 && !o.filter.empty() {
		d.Empty = "nothing fits: no key and no credential is as the filters say"
	}
	return d, threshold, nil
}

// question checks what the flags say, before anything is opened.
func (o *rotateDueOptions) question(env *Env) (q dueQuestion, threshold policy.Urgency, err error) {
	threshold, known := dueFailures()[o.failOn]
	switch {
	case !known:
		return q, 0, usagef("one of: soon, due, overdue, never", "--fail-on: there is no %q", o.failOn)
	case o.file != "" && o.snapshot != ownSnapshot:
		return q, 0, usagef("to read a snapshot: keysweep rotate-due --snapshot "+o.file, "what is %q? rotate-due takes a file only after --snapshot", o.file)
	case o.snapshot != "" && o.snapshots != "":
		return q, 0, usagef("put the file into the directory", "--snapshot and --snapshots cannot be combined")
	case (o.snapshot != "" || o.snapshots != "") && (o.ledger.none || o.ledger.pass.given()):
		return q, 0, usagef("", "a snapshot is read instead of the ledger: it needs no passphrase, and --no-ledger means nothing")
	case o.ledger.none && o.ledgerOnly:
		return q, 0, usagef("", "--no-ledger and --ledger-only leave nothing to judge")
	}
	if err := o.filter.validate(); err != nil {
		return q, 0, err
	}
	if err := o.output.validate(env); err != nil {
		return q, 0, err
	}
	q = dueQuestion{ledger: &o.ledger, snapshots: o.snapshots, search: !o.ledgerOnly, filter: &o.filter}
	switch {
	case o.file != "":
		q.snapshot = o.file
	case o.snapshot == ownSnapshot:
		if q.snapshot = snapshotPath(env); q.snapshot == "" {
			return q, 0, usagef("name it: --snapshot FILE", "there is no home directory with a snapshot")
		}
	default:
		q.snapshot = o.snapshot
	}
	if q.command, err = o.figures(); err == nil {
		q.now, err = o.asOf()
	}
	return q, threshold, err
}

// figures are the rules of the command line.
func (o *rotateDueOptions) figures() (rule policy.RotationRule, err error) {
	rule.Where = "--max-age"
	if o.maxAge != "" {
		age, err := parseMaxAge(o.maxAge)
		if err != nil {
			return rule, usagef("for example: --max-age 90d", "--max-age: %w", err)
		}
		rule.MaxAge = &age
	}
	if o.warn != "" {
		warn, err := parseWarning(o.warn)
		if err != nil {
			return rule, usagef("for example: --warn 14d, or --warn 20%", "--warn: %w", err)
		}
		rule.Warn = &warn
	}
	return rule, nil
}

// asOf reads --now.
func (o *rotateDueOptions) asOf() (at time.Time, err error) {
	if o.now == "" {
		return at, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err = time.Parse(form, o.now); err == nil && at.Year() > 0 {
			return at.UTC(), nil
		}
	}
	return at, usagef("for example: --now 2026-12-31, or --now 2026-12-31T12:00:00Z", "--now: %q is no time", o.now)
}
