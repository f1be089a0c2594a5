package cli

import "github.com/spf13/cobra"

func newCredAddCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "add", Short: "Keep a credential", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
