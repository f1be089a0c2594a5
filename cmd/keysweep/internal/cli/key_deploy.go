package cli

import "github.com/spf13/cobra"

func newKeyDeployCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "deploy", Short: "deploy", Hidden: true} }
