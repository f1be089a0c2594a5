package cli

import "github.com/spf13/cobra"

func newCredCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:               "cred",
		Short:             "Keep API keys and other credentials in the ledger, know their age, replace them",
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
