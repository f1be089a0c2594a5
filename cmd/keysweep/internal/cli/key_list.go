package cli

import "github.com/spf13/cobra"

func newKeyListCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "list", Short: "list", Hidden: true} }
