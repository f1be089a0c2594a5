package cli

import "github.com/spf13/cobra"

func newKeyCompromisedCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "compromised", Short: "compromised", Hidden: true} }
