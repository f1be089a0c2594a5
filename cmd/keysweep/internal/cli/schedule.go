package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/schedule"
)

func newScheduleCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Have what is due looked for every day, and be told once it is",
		Long: "Installs a daily job of this user (a systemd timer, a line of the crontab, or a launchd agent) that looks at the signed snapshot\n" +
			"of the ledger, needs no passphrase, and calls the program that [notify] in policy.toml names, once for each threshold: 14, 7 and\n" +
			"1 days before something is due, and when it is.",
		Example: `  keysweep schedule install               every day, by what this machine has
  keysweep schedule install --at 07:30    at another time
  keysweep schedule run                   what the job does, now
  keysweep schedule show                  is it installed, and when did it last run?
  keysweep schedule remove                take it away again`,
	}
	c.AddCommand(newScheduleInstallCommand(env), newScheduleRunCommand(env), newScheduleShowCommand(env), newScheduleRemoveCommand(env))
	return c
}

// scheduleOptions are the flags of schedule install, show and remove.
type scheduleOptions struct {
	using string
	at    string
}

func newScheduleInstallCommand(env *Env) *cobra.Command {
	o := &scheduleOptions{}
	c := &cobra.Command{
		Use:   "install",
		Short: "Install the daily job, or bring it up to date",
		Example: `  keysweep schedule install
  keysweep schedule install --using cron --at 06:00`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runScheduleInstall(c.Context(), env, o) },
	}
	c.Flags().StringVar(&o.using, "using", "", "the `SCHEDULER`: systemd, cron or launchd (default: what this machine has)")
	c.Flags().StringVar(&o.at, "at", "09:00", "when, in this machine's time: `HH:MM`")
	return c
}

func newScheduleShowCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Say whether the daily job is installed, and when it last ran", Example: "  keysweep schedule show", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runScheduleShow(c.Context(), env) },
	}
}

func newScheduleRemoveCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "remove", Short: "Take the daily job away", Example: "  keysweep schedule remove", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runScheduleRemove(c.Context(), env) },
	}
}

// scheduler is the user's scheduler of a kind.
func scheduler(env *Env, kind schedule.Kind) schedule.Scheduler {
	config := env.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) && env.Home != "" {
		config = filepath.Join(env.Home, ".config")
	}
	return schedule.Scheduler{Kind: kind, Environ: env.Environ, Config: config, Home: env.Home, UID: userID()}
}

// installedSchedules returns the schedulers that have the job, and where.
func installedSchedules(ctx context.Context, env *Env) (found map[schedule.Kind][]string, err error) {
	found = map[schedule.Kind][]string{}
	for _, kind := range schedule.Kinds() {
		s := scheduler(env, kind)
		if kind == schedule.Cron && !s.Available() || kind == schedule.Launchd && runtime.GOOS != "darwin" {
			continue
		}
		where, one := s.Installed(ctx)
		err = errors.Join(err, one)
		if len(where) > 0 {
			found[kind] = where
		}
	}
	return found, err
}

func runScheduleInstall(ctx context.Context, env *Env, o *scheduleOptions) error {
	at, err := time.Parse("15:04", o.at)
	if err != nil {
		return usagef("for example: --at 07:30", "--at: %q is no time of day", o.at)
	}
	kind, err := o.kind(env)
	if err != nil {
		return err
	}
	if env.Home == "" {
		return usagef("set HOME", "there is no home directory to install the job in")
	}
	others, err := installedSchedules(ctx, env)
	if err != nil {
		return err
	}
	plan := schedule.Plan{Program: env.Executable, Args: []string{"schedule", "run"}, Environ: scheduleEnviron(env), Hour: at.Hour(), Minute: at.Minute()}
	where, err := scheduler(env, kind).Install(ctx, plan)
	if err != nil {
		if len(where) > 0 {
			tell(env.Stdout, "written (%s): %s\n", kind, strings.Join(where, ", "))
		}
		return err
	}
	tell(env.Stdout, "installed (%s): %s\n", kind, strings.Join(where, ", "))
	for other := range others { // two jobs would tell everything twice, were it not for the list of what was told
		if other == kind {
			continue
		}
		if _, err := scheduler(env, other).Remove(ctx); err != nil {
			return err
		}
		tell(env.Stdout, "removed the job of %s: one is enough\n", other)
	}
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	if len(settings.notify.exec) == 0 {
		tell(env.Stderr, "note: nobody is told yet: put [notify] with exec = [\"/path/of/a/program\"] into %s\n", homePath(env, lastOf(policyFiles(env))))
	}
	return nil
}

func lastOf(list []string) string {
	if len(list) == 0 {
		return "policy.toml"
	}
	return list[len(list)-1]
}

// kind is the scheduler that was asked for, or that suits best.
func (o *scheduleOptions) kind(env *Env) (schedule.Kind, error) {
	if o.using != "" {
		kind := schedule.Kind(o.using)
		switch {
		case kind == schedule.Launchd && runtime.GOOS != "darwin":
			return "", usagef("one of: systemd, cron", "--using: launchd is there on macOS only")
		case slices.Contains(schedule.Kinds(), kind):
			return kind, nil
		}
		return "", usagef("one of: systemd, cron, launchd", "--using: there is no scheduler %q", o.using)
	}
	if kind := scheduler(env, "").Best(runtime.GOOS); kind != "" {
		return kind, nil
	}
	return "", usagef("have your scheduler run once a day: "+shellWord(env.Executable)+" schedule run", "there is neither systemd nor cron here")
}

// scheduleEnviron is what the job must know of the environment: where the ledger's snapshot and the policy are, if they are not
// where they usually are.
func scheduleEnviron(env *Env) (list []string) {
	for _, name := range []string{"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		if value := env.Getenv(name); filepath.IsAbs(value) {
			list = append(list, name+"="+value)
		}
	}
	return list
}

func runScheduleShow(ctx context.Context, env *Env) error {
	found, err := installedSchedules(ctx, env)
	if err != nil {
		return err
	}
	for _, kind := range schedule.Kinds() {
		if where := found[kind]; len(where) > 0 {
			tell(env.Stdout, "installed (%s): %s\n", kind, strings.Join(where, ", "))
		}
	}
	told, err := readTold(env)
	switch {
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	case told.LastRun.IsZero():
		tell(env.Stdout, "it has not run yet\n")
	default:
		tell(env.Stdout, "it last ran at %s\n", instant(told.LastRun))
	}
	if len(found) == 0 {
		tell(env.Stdout, "not installed\n")
		tell(env.Stderr, "hint: keysweep schedule install\n")
		return verdict(exitFindings)
	}
	return nil
}

func runScheduleRemove(ctx context.Context, env *Env) error {
	found, err := installedSchedules(ctx, env)
	for _, kind := range schedule.Kinds() {
		if len(found[kind]) == 0 {
			continue
		}
		where, one := scheduler(env, kind).Remove(ctx)
		if err = errors.Join(err, one); one == nil {
			tell(env.Stdout, "removed (%s): %s\n", kind, strings.Join(where, ", "))
		}
	}
	if len(found) == 0 && err == nil {
		tell(env.Stdout, "there is no job to remove\n")
	}
	return err
}
