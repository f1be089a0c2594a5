package cli

import "github.com/spf13/cobra"

func newKeyBackupCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "backup", Short: "backup", Hidden: true} }
