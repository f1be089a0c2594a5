package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/internal/launch"
)

// exitNotRun is run's exit code if keysweep failed before it ran the program, as env(1) has it; 126 and 127 are launch's.
const exitNotRun = 125

// runCodes are the exit codes of run in its help.
const runCodes = `Exit codes: the program's own, and
  125  keysweep failed, and the program was not run
  126  the program may not be executed, or cannot be
  127  there is no such program
  130  interrupted
`

type runOptions struct {
	ledger ledgerOptions

	env      string   // the environment whose credentials are given
	only     []string // of these names
	envFile  string   // a .env file
	files    []string // NAME[=VARIABLE]: credentials that are given as files
	realFile bool     // files on the disk, not only in memory
	anyEnv   bool     // references to other environments are followed
	nested   bool     // within a program that has the credentials of another environment
	override bool
	pristine bool
	keep     []string // variables that --pristine leaves
	overdue  bool     // --deny-overdue
	leaked   bool     // --allow-compromised
	quiet    bool

	command []string
}

func (o *runOptions) addFlags(f *pflag.FlagSet) {
	f.SetInterspersed(false) // what follows the program's name is the program's
	f.StringVarP(&o.env, "env", "e", "", "give the credentials of environment `ENV`: prod, staging")
	f.StringSliceVar(&o.only, "only", nil, "only the credentials `NAME,...` of ENV")
	f.StringVar(&o.envFile, "env-file", "", "give the variables of a .env `FILE`; keysweep://ENV/NAME in it stands for a credential")
	f.BoolVar(&o.anyEnv, "any-env", false, "follow keysweep:// references to other environments than ENV, too")
	f.StringArrayVar(&o.files, "file", nil, "give a credential as a file: `NAME[=VARIABLE]`; the variable gets its path (repeatable)")
	f.BoolVar(&o.realFile, "real-file", false, "--file makes files with names, which are deleted at the end, instead of files in memory")
	f.BoolVar(&o.override, "override", false, "replace variables that are set to something else")
	f.BoolVar(&o.pristine, "pristine", false, "give nothing else but "+strings.Join(baseNames, " ")+" LC_*")
	f.StringSliceVar(&o.keep, "keep", nil, "with --pristine: leave the variables `NAME,...`, too")
	f.BoolVar(&o.nested, "nested", false, "run within a program that has the credentials of another environment")
	f.BoolVar(&o.overdue, "deny-overdue", false, "refuse if a credential should have been replaced by now")
	f.BoolVar(&o.leaked, "allow-compromised", false, "give credentials that are known to others, too")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no warnings")
	o.ledger.addPassphraseFlags(f)
}

func newRunCommand(env *Env) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run --env ENV [flags] [--] PROGRAM [ARG...]",
		Short: "Run a program with credentials in its environment",
		Long: "Runs a program with credentials out of the ledger as environment variables, under the names that they have there.\n" +
			"The program takes keysweep's place: signals, job control and the exit code are its own.",
		Example: `  keysweep run --env prod -- ./deploy.sh
  keysweep run --env prod --only DATABASE_URL -- psql "$DATABASE"
  keysweep run --env-file .env -- npm start                 .env has lines as TOKEN=keysweep://dev/TOKEN
  keysweep run --env prod --pristine -- printenv            nothing else but PATH, HOME and the like
  keysweep run --env prod --file TLS_KEY -- nginx           TLS_KEY is the path of a file in memory
  keysweep run --env dev -- bash                            a shell; KEYSWEEP_ENV says which environment it has`,
		Annotations: map[string]string{foreignArgs: "true"},
		Args:        cobra.ArbitraryArgs, // see validate: the exit code is another
		RunE: func(c *cobra.Command, args []string) error {
			o.command = args
			return runRun(c.Context(), env, &o)
		},
	}
	c.SetUsageFunc(usageWith(func() string { return runCodes }))
	o.addFlags(c.Flags())
	return c
}

func (o *runOptions) validate() error {
	switch {
	case len(o.command) == 0:
		return usagef("for example: keysweep run --env prod -- ./deploy.sh", "there is no program to run")
	case o.env == "" && o.envFile == "" && !o.anyEnv:
		return usagef("give --env ENV, or --env-file FILE with references; environments: keysweep cred list",
			"it is not said which credentials %s is to have", o.command[0])
	case o.env == "" && (len(o.only) > 0 || len(o.files) > 0):
		return usagef("give --env ENV", "--only and --file name credentials of an environment, and there is no --env")
	case len(o.keep) > 0 && !o.pristine:
		return usagef("without --pristine all variables are kept", "--keep needs --pristine")
	case o.realFile && len(o.files) == 0:
		return usagef("for example: --file TLS_KEY --real-file", "--real-file needs --file")
	}
	return nil
}

// runRun returns only if the program was not run, or was run beside keysweep.
func runRun(ctx context.Context, env *Env, o *runOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	core := launch.Core()
	plan, err := o.plan(env) // files are read now: a hardened process cannot open /dev/fd/63 of <(...)
	if err != nil {
		return err
	}
	defer func() { _ = plan.clear() }() // what is closed was only read
	var begun *begunRing
	if o.wantsAny(plan) {
		begun = beginRing(env)
	}
	if err := env.handlesSecrets(); err != nil {
		return err
	}
	if _, err := launch.Find(o.command[0], env.Dir, plan.environ); err != nil {
		return err // before a passphrase is asked for
	}
	if err := o.fetch(ctx, env, plan, begun); err != nil {
		return err
	}
	return o.start(ctx, env, plan, core)
}

// notRun is an error of run before the program ran: it has an exit code of its own.
type notRun struct{ err error }

func (e *notRun) Error() string { return e.err.Error() }
func (e *notRun) Unwrap() error { return e.err }

func (e *notRun) code() int {
	var failed *launch.Error
	if errors.As(e.err, &failed) {
		return failed.Code
	}
	return exitNotRun
}

// foreignArgs is the annotation of commands whose arguments are another program's.
const foreignArgs = "keysweep-foreign-args"

// asNotRun gives errors of run, those of its flags too, run's exit codes.
func asNotRun(c *cobra.Command, err error) error {
	var v verdict
	if err == nil || c == nil || c.Annotations[foreignArgs] == "" || errors.As(err, &v) || errors.Is(err, context.Canceled) {
		return err
	}
	return &notRun{err}
}

// baseNames are the variables that --pristine leaves: what says who and where one is, how to show text, and what the system needs.
var baseNames = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TZ", "TMPDIR"}

// isBase reports whether --pristine leaves a variable.
func isBase(name string) bool {
	same := func(base string) bool { return launch.SameName(base, name) }
	return slices.ContainsFunc(baseNames, same) || strings.HasPrefix(name, "LC_") || slices.ContainsFunc(systemNames, same)
}
