package cli

import "github.com/spf13/cobra"

func newRotateDueCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "rotate-due", Short: "Say which keys and credentials are due", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
