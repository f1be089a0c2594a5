package cli

import "github.com/spf13/cobra"

func newCredListCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List credentials", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
