package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/rotation"
)

// credImportOptions are what cred import was told.
type credImportOptions struct {
	credFacts
	only, except []string
	all, yes     bool
	dryRun       bool
	ledger       ledgerOptions
}

func newCredImportCommand(env *Env) *cobra.Command {
	o := &credImportOptions{}
	c := &cobra.Command{
		Use:   "import FILE --env ENV --purpose TEXT",
		Short: "Move the secrets of a .env file into the ledger, and leave references that may be committed",
		Long: "Move the secret values of a .env file into the ledger. Each is replaced in the file by a reference, keysweep://ENV/NAME; every\n" +
			"other byte stays. keysweep run --env-file FILE puts the values back for a program. Which variables are secret is told by the\n" +
			"scanner's rules and by their names; on a terminal they are listed and you are asked, elsewhere --yes, --only or --all says it.\n\n" +
			"The ledger has all values before the file is changed: if it is interrupted, run it again. What was committed before stays in\n" +
			"git's history, and older copies of the file in backups and on the disk: values that others may have seen are to be replaced.",
		Example: `  keysweep cred import .env --env dev --purpose "local shop"
  keysweep cred import .env.production --env prod --purpose "the shop" --dry-run
  keysweep cred import .env --env dev --purpose "local shop" --only STRIPE_KEY,DATABASE_URL
  keysweep run --env-file .env -- npm start`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCredImport(c.Context(), env, o, args[0]) },
	}
	f := c.Flags()
	o.addFlags(f)
	f.StringSliceVar(&o.only, "only", nil, "move these variables: `A,B`")
	f.StringSliceVar(&o.except, "except", nil, "leave these variables in the file: `A,B`")
	f.BoolVar(&o.all, "all", false, "move every variable that has a value, secret or not")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask: move those that look secret")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be moved, and change nothing")
	o.ledger.addPassphraseFlags(f)
	return c
}

func (o *credImportOptions) validate() error {
	switch {
	case o.env == "":
		return usagef("for example: --env dev; each environment has credentials of its own", "--env is needed: there is no default")
	case len(o.only) > 0 && (o.all || len(o.except) > 0):
		return usagef("--only alone says exactly which", "--only cannot be combined with --all or --except")
	case slices.Contains(o.only, "") || slices.Contains(o.except, ""):
		return usagef("is a variable not set?", "--only or --except has an empty name")
	}
	if err := rotation.CheckEnv(o.env); err != nil {
		return asUsage(err)
	}
	return nil
}

// decided reports whether the flags say which variables to move.
func (o *credImportOptions) decided() bool {
	return o.yes || o.all || len(o.only) > 0 || len(o.except) > 0
}

// runCredImport is the order of things: all values are in the ledger before the file is touched.
func runCredImport(ctx context.Context, env *Env, o *credImportOptions, name string) error {
	if err := o.validate(); err != nil {
		return err
	}
	like, err := o.record("", env.Now())
	if err != nil {
		return err
	}
	e, err := readEnvFile(ctx, env, name)
	if err != nil {
		return err
	}
	defer e.clear()
	if err := e.choose(o); err != nil {
		return err
	}
	chosen := e.chosen()
	if len(chosen) == 0 || o.dryRun {
		return e.sayPlan(env, o)
	}
	if err := e.agree(ctx, env, o); err != nil {
		return err
	}
	if err := o.askPurpose(ctx, env, fmt.Sprintf("%s of %s", counted(len(chosen), "variable", "variables"), git.Printable(name))); err != nil {
		return err
	}
	like.Purpose = o.purpose
	ledger, err := o.ledger.open(ctx, env)
	if err != nil {
		return err
	}
	kept, err := e.keep(ctx, env, ledger, like)
	if err != nil {
		return err
	}
	if err := e.rewrite(o.env); err != nil {
		return err
	}
	return e.sayImported(ctx, env, kept)
}
