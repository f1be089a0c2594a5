package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/host"
	"keysweep/host/live"
	"keysweep/internal/process"
	"keysweep/remedy"
)

// fixOptions are the flags of fix.
type fixOptions struct {
	where    machineOptions
	apply    bool
	revert   bool
	confirm  bool
	rollback time.Duration
	await    string // the token of the fix that a child of ours waits for
	config   string
	user     string // who is to become root by sudo
	dir      string // where the repository is; "" for the working directory
	id       string
}

func newFixCommand(env *Env) *cobra.Command {
	o := &fixOptions{}
	c := &cobra.Command{
		Use:   "fix [CHECK]",
		Short: "Put right what an audit found: the diff first, and back again",
		Long: "Shows what would be changed, and changes it with --apply: in a file of its own where there is one, proven before and after by the\n" +
			"program that reads it, and never if somebody would be locked out: a user who may become root must get in with a key, and so must you\n" +
			"if you are logged in over SSH, by a port that the firewall leaves open. Taking it back leaves every file as it was. Without CHECK the\n" +
			"fixes are listed.\n\n" +
			"Of another machine (--host, --root, --bundle) only the diff is shown.",
		Example: `  keysweep fix ssh.password-auth                        what would be changed
  sudo keysweep fix ssh.password-auth --apply --rollback-after 5m
  sudo keysweep fix ssh.password-auth --confirm         after logging in anew: it stays
  sudo keysweep fix ssh.password-auth --revert          back to how it was
  sudo keysweep fix net.sensitive-exposed --apply       the firewall closes a database's port`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				overdue(c.Context(), env)
				return listFixes(env)
			}
			o.id = args[0]
			return runFix(c.Context(), env, o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, f := range remedy.Fixes() {
				ids = append(ids, f.ID)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
	f := c.Flags()
	f.BoolVar(&o.apply, "apply", false, "change it; without, the diff is shown and nothing else happens")
	f.BoolVar(&o.revert, "revert", false, "take it back: every file is as it was before")
	f.BoolVar(&o.confirm, "confirm", false, "what was applied with --rollback-after stays")
	f.DurationVar(&o.rollback, "rollback-after", 0, "with --apply: take it back after this `TIME` (\"5m\") unless it is confirmed")
	f.StringVar(&o.await, "await-rollback", "", "wait for the fix of this `TOKEN`")
	f.StringVar(&o.config, "sshd-config", "", "the configuration of sshd is this `FILE`, and its drop-ins are in sshd_config.d beside it (default: /etc/ssh/sshd_config)")
	f.StringVar(&o.user, "user", "", "with host.sudo-user: who is to become root by sudo (`NAME`)")
	f.StringVar(&o.dir, "repository", "", "the repository is in `DIR`")
	f.Lookup("await-rollback").Hidden, f.Lookup("repository").Hidden = true, true
	o.where.addFlags(f)
	return c
}

func listFixes(env *Env) error {
	for _, f := range remedy.Fixes() {
		if _, err := fmt.Fprintf(env.Stdout, "%-24s %s\n", f.ID, f.Does); err != nil {
			return err
		}
	}
	return nil
}

func (o *fixOptions) validate() (*remedy.Fix, error) {
	fix, ok := remedy.Find(o.id)
	elsewhere := o.where.root != "" || o.where.bundle != "" || o.where.host != ""
	switch {
	case !ok:
		return nil, usagef("keysweep fix lists them; keysweep explain "+o.id+" tells what to do by hand", "there is no fix of %q", o.id)
	case o.confirm && (o.apply || o.revert || o.rollback != 0):
		return nil, usagef("keysweep fix "+o.id+" --confirm", "--confirm stands alone")
	case o.rollback != 0 && (!o.apply || o.revert):
		return nil, usagef("keysweep fix "+o.id+" --apply --rollback-after 5m", "--rollback-after goes with --apply")
	case o.rollback < 0 || o.rollback > 24*time.Hour:
		return nil, usagef("a time up to 24h", "--rollback-after %s", o.rollback)
	case o.user != "" && o.id != "host.sudo-user":
		return nil, usagef("keysweep fix host.sudo-user --user NAME", "--user goes with host.sudo-user")
	case elsewhere && fix.Here:
		return nil, usagef("run keysweep fix on that machine, as the user whose files they are", "%s is about files of this account or repository", o.id)
	case elsewhere && (o.apply || o.confirm):
		return nil, usagef("run keysweep fix on that machine", "only this machine is changed")
	}
	return fix, nil
}

func runFix(ctx context.Context, env *Env, o *fixOptions) error {
	fix, err := o.validate()
	if err != nil {
		return err
	}
	switch {
	case o.await != "":
		return awaitRollback(ctx, env, o, fix)
	case o.confirm:
		return confirmFix(env, fix)
	}
	overdue(ctx, env)
	if o.apply || o.revert {
		return oneFix(ctx, env, func() error { return planAndFix(ctx, env, o, fix) })
	}
	return planAndFix(ctx, env, o, fix)
}

// planAndFix shows what would be changed, and changes it if that was asked for.
func planAndFix(ctx context.Context, env *Env, o *fixOptions, fix *remedy.Fix) error {
	s, err := o.situation(ctx, env, fix)
	if err != nil {
		return err
	}
	if o.config != "" {
		s.Config = absolute(env, o.config)
	}
	plan, err := planFix(ctx, s, fix, o.revert)
	if err != nil {
		return fixError(err)
	}
	showPlan(env, plan)
	switch {
	case len(plan.Refused) > 0:
		return verdict(exitFindings)
	case plan.Empty():
		return tellUser(env, "Nothing to change: it is so already.\n")
	case s.Run == nil:
		return tellUser(env, "Nothing was changed: keysweep changes only the machine that it runs on.\n")
	case !o.apply && !o.revert:
		return tellUser(env, "Nothing was changed. To change it: keysweep fix %s --apply\n", o.id)
	}
	return applyFix(ctx, env, o, s, fix, plan)
}

func planFix(ctx context.Context, s *remedy.Situation, fix *remedy.Fix, revert bool) (*remedy.Plan, error) {
	if revert {
		return fix.Revert(ctx, s)
	}
	return fix.Plan(ctx, s)
}

// fixError adds what helps to an error of a plan.
func fixError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &hinted{err, "run it as root: sudo keysweep fix ..."}
	}
	return err
}

// situation opens the machine, and finds out over which connection it is changed.
func (o *fixOptions) situation(ctx context.Context, env *Env, fix *remedy.Fix) (*remedy.Situation, error) {
	rules, _, err := auditRules(env)
	if err != nil {
		return nil, err
	}
	inside := *env
	if o.dir != "" {
		inside.Dir = o.dir
	}
	s := &remedy.Situation{Now: env.Now(), MaxAuthTries: rules.MaxAuthTries, Judge: fixJudge{&inside, rules}.judge, Ports: portsOf(rules), User: o.user}
	s.State, _ = fixDir(env) // without one, what has to be noted is refused
	if o.id == "git.env-ignored" {
		p, err := placeOf(ctx, &inside, inside.Dir, false)
		if err != nil {
			return nil, err
		}
		if !p.repo.Bare() {
			s.Dir, o.dir = p.root, p.root
		}
	}
	source := host.Source(live.New(live.Options{Now: env.Now}))
	if !fix.Here {
		if source, _, err = o.where.open(ctx, env); err != nil {
			return nil, err
		}
	}
	s.Open = func() host.Source { return source }
	if source.Kind() == host.Live {
		s.Open = func() host.Source { return live.New(live.Options{Now: env.Now}) }
		s.Run, s.Session = process.Tool, sshSession(env)
	}
	return s, nil
}

// showPlan prints what would be changed, and why it must not be.
func showPlan(env *Env, p *remedy.Plan) {
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(c.Diff())
	}
	if len(p.Changes) == 0 && p.Load != "" && len(p.Refused) == 0 {
		b.WriteString("the files are as they should be, and not in force; to be run: " + p.Load + "\n")
	}
	for _, r := range p.Refused {
		b.WriteString("refused: " + r + "\n")
	}
	for _, n := range p.Notes {
		b.WriteString("note: " + n + "\n")
	}
	_, _ = fmt.Fprint(env.Stdout, printableLines(b.String()))
}

func tellUser(env *Env, format string, args ...any) error {
	_, err := fmt.Fprintf(env.Stdout, format, args...)
	return err
}

// applyFix writes the plan, has it hold, and arranges that it is taken back.
func applyFix(ctx context.Context, env *Env, o *fixOptions, s *remedy.Situation, fix *remedy.Fix, p *remedy.Plan) error {
	if o.rollback > 0 {
		if err := armRollback(env, o, fix, s); err != nil {
			return err
		}
	}
	if err := remedy.Apply(ctx, s, p); err != nil {
		if o.revert || errors.Is(err, remedy.ErrLeft) { // something is there that must be taken back in time
			return fixError(err)
		}
		return errors.Join(fixError(err), disarm(env, fix.ID))
	}
	if err := tellUser(env, "Done.\n"); err != nil {
		return err
	}
	if o.revert {
		_ = disarm(env, fix.ID)
	}
	finishFix(ctx, env, s, p)
	if o.rollback > 0 {
		return tellUser(env, "It is taken back in %s. Log in anew first; if you get in: keysweep fix %s --confirm\n", o.rollback, fix.ID)
	}
	return nil
}

// finishFix runs what makes the change hold, where systemd runs, and says what is left to type.
func finishFix(ctx context.Context, env *Env, s *remedy.Situation, p *remedy.Plan) {
	_, err := s.Open().Stat("/run/systemd/system")
	for _, command := range p.After {
		if err == nil && s.Config == "" {
			if _, failed := s.Run(ctx, strings.Fields(command)...); failed == nil {
				_ = tellUser(env, "Ran: %s\n", command)
				continue
			}
		}
		_ = tellUser(env, "To make it hold: %s\n", command)
	}
}

// printableLines makes control characters visible, but for the ends of lines.
func printableLines(text string) string {
	list := strings.Split(text, "\n")
	for i, l := range list {
		list[i] = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || slices.Contains([]rune{0x202a, 0x202b, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068}, r) {
				return '\ufffd'
			}
			return r
		}, l)
	}
	return strings.Join(list, "\n")
}
