package cli

import "github.com/spf13/cobra"

func newKeyCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Make SSH keys, know them, deploy them, back them up, retire them",
		Long: "Make SSH keys with a passphrase, know every key that lies around, put keys on servers and take them off, back them up and\n" +
			"prove the backup, end them. What is known of keys, never the keys, is in an encrypted ledger; --no-ledger does without.",
		PersistentPreRunE: func(*cobra.Command, []string) error { return env.handlesSecrets() },
		Example: `  keysweep key generate --service github         a new key with a passphrase
  keysweep key list                              every key that lies around
  keysweep key inspect ~/.ssh/id_rsa             one key, without its passphrase
  keysweep key deploy github ann@web1            onto a server, proven by a login
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
		newKeyRotateCommand(env),
		newKeyRevokeCommand(env),
		newKeyRetireCommand(env),
		newKeyCompromisedCommand(env),
	)
	return c
}
