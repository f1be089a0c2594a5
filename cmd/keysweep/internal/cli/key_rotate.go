package cli

import "github.com/spf13/cobra"

func newKeyRotateCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "rotate", Short: "Replace an SSH key everywhere", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
