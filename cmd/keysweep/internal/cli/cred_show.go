package cli

import "github.com/spf13/cobra"

func newCredShowCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "show", Short: "Show a credential", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
