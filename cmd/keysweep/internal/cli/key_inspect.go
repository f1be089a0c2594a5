package cli

import "github.com/spf13/cobra"

func newKeyInspectCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "inspect", Short: "inspect", Hidden: true} }
