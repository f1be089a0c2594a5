package cli

import "github.com/spf13/cobra"

func newKeyAdoptCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "adopt", Short: "adopt", Hidden: true} }
