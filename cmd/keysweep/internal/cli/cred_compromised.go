package cli

import "github.com/spf13/cobra"

func newCredCompromisedCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "compromised", Short: "Say that a credential is known to others", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
