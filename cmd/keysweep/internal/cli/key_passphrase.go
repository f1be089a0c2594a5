package cli

import "github.com/spf13/cobra"

func newKeyPassphraseCommand(_ *Env) *cobra.Command { return &cobra.Command{Use: "passphrase", Short: "passphrase", Hidden: true} }
