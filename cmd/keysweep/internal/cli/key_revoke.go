package cli

import "github.com/spf13/cobra"

func newKeyRevokeCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "revoke", Short: "revoke", Hidden: true} }
