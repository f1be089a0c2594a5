package cli

import "github.com/spf13/cobra"

func newLedgerCommand(env *Env) *cobra.Command {
	return &cobra.Command{Use: "ledger", Short: "See where the ledger is, prove it, move it", Hidden: true, RunE: func(*cobra.Command, []string) error {
		return usagef("", "not here yet")
	}}
}
