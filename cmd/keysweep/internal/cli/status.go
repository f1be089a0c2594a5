package cli

import "github.com/spf13/cobra"

func newStatusCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Say how things stand", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
