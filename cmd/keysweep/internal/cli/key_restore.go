package cli

import "github.com/spf13/cobra"

func newKeyRestoreCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "restore", Short: "restore", Hidden: true} }
