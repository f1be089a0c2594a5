package cli

import "github.com/spf13/cobra"

func newKeyCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:               "key",
		Short:             "Make SSH keys, know them, back them up, retire them",
		PersistentPreRunE: func(*cobra.Command, []string) error { return env.handlesSecrets() },
		Example: `  keysweep key generate --service github         a new key with a passphrase
  keysweep key list                              every key that lies around
  keysweep key backup github -o /media/usb       a copy that can be restored
  keysweep key backup verify github /media/usb/github.age`,
	}
	c.AddCommand(
		newKeyGenerateCommand(env),
		newKeyAdoptCommand(env),
		newKeyListCommand(env),
		newKeyInspectCommand(env),
		newKeyPassphraseCommand(env),
		newKeyBackupCommand(env),
		newKeyRestoreCommand(env),
		newKeyDeployCommand(env),
		newKeyRevokeCommand(env),
		newKeyRetireCommand(env),
		newKeyCompromisedCommand(env),
	)
	return c
}
