package cli

import "github.com/spf13/cobra"

func newKeyRetireCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "retire", Short: "retire", Hidden: true} }
