package cli

import "github.com/spf13/cobra"

func newCredRotateCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "rotate", Short: "Replace a credential", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
