package cli

import "github.com/spf13/cobra"

func newCredImportCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "import", Short: "Take credentials out of a .env file", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
