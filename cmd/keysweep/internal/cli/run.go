package cli

import "github.com/spf13/cobra"

func newRunCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "run", Short: "Run a program with credentials in its environment", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
