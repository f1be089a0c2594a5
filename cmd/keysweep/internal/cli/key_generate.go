package cli

import "github.com/spf13/cobra"

func newKeyGenerateCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "generate", Short: "generate", Hidden: true} }
