package cli

import "github.com/spf13/cobra"

func newScheduleCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "schedule", Short: "Have rotate-due run every day", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
