package cli

import "github.com/spf13/cobra"

func newCredRemoveCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "remove", Short: "Take a credential away", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
