package cli

import "github.com/spf13/cobra"

func newCredCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "cred",
		Short: "Keep API keys and other credentials in the ledger, know their age, replace them",
		Long: "Keep API keys, tokens and passwords in the ledger, each for one environment, and give them to programs with keysweep run. A\n" +
			"value is asked for, or comes by a pipe or a file; it is never an argument.",
		Example: `  keysweep cred add STRIPE_KEY --env prod --purpose "charges cards"   asks for the value
  keysweep cred import .env --env dev                                 takes the secrets out of a file
  keysweep cred list                                                  what there is, how old, and when it is due
  keysweep run --env prod -- ./server                                 gives them to a program
  keysweep cred rotate prod/STRIPE_KEY                                replaces one
  keysweep cred compromised prod/STRIPE_KEY --reason "in a log"       somebody else may have it`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return env.handlesSecrets() },
	}
	c.AddCommand(
		newCredAddCommand(env),
		newCredImportCommand(env),
		newCredListCommand(env),
		newCredShowCommand(env),
		newCredDescribeCommand(env),
		newCredRotateCommand(env),
		newCredPluginCommand(env),
		newCredRemoveCommand(env),
		newCredCompromisedCommand(env),
	)
	return c
}
