package practice

import "keysweep/finding"

func keyPractices() []Practice {
	return []Practice{
		{ID: "ssh.private-uploaded", Title: "Only public keys are handed to servers and providers", Lines: at("000:20 000:108"),
			Checks: ids("ssh.private-uploaded"), Kind: Partly, Every: 365, Evidence: "which providers have which public keys", Severity: finding.Critical},
		{ID: "ssh.key-algorithm", Title: "SSH keys are of type ED25519, or RSA of 4096 bits", Lines: at("000:23 001:38"),
			Checks: ids("key-weak-type key-short-rsa key-old-format"), Also: ids("key-pub-mismatch key-unreadable-by-ssh"), Kind: Inventory, Severity: finding.High},
		{ID: "ssh.key-passphrase", Title: "A passphrase protects every private key", Lines: at("000:24 000:109"),
			Checks: ids("key-no-passphrase key-weak-cipher key-weak-kdf"), Kind: Inventory, Severity: finding.High},
		{ID: "ssh.key-never-shared", Title: "Private keys are given to nobody, and sent over no network", Lines: at("000:24 001:17 002:29"),
			Checks: ids("key-readable key-directory-writable key-wrong-owner key-copies"), Also: ids("script.key-transfer"),
			Kind: Partly, Every: 180, Evidence: "that nobody else has a private key of yours", Severity: finding.High},
		{ID: "ssh.key-location", Title: "Private keys lie in a place that is for them, and in no repository", Lines: at("000:25"),
			Checks: ids("key-in-repository key-in-exposed-place key-in-synced-folder ssh.key-location private-key"), Kind: Inventory, Severity: finding.Critical},
		{ID: "ssh.key-age", Title: "SSH keys are replaced every 90 days", Lines: at("000:26 000:110"), Checks: ids("key-overdue key-due-soon key-age-unknown key-retired"),
			Kind: Inventory, Severity: finding.High},
		{ID: "ssh.key-reuse", Title: "Each service has an SSH key of its own", Lines: at("000:27"), Checks: ids("key-shared"), Kind: Inventory, Severity: finding.Medium},
		{ID: "ssh.user-ca", Title: "People log in with certificates, or through the provider's proxy", Lines: at("002:33"),
			Checks: ids("ssh.user-ca"), Also: ids("key-certificate-expired script.host-key-check-off"), Kind: Partly, Every: 180, Scope: Host, Evidence: "which certificates or which proxy", Severity: finding.Low},
	}
}

func secretPractices() []Practice {
	return []Practice{
		{ID: "secrets.hardcoded", Title: "Secrets come out of the environment or a keyring, and stand in no source", Lines: at("000:36 000:41 000:111"),
			Commands: []string{"scan"}, Kind: Repo, Checks: ids("secrets.hardcoded"), Also: ids("script.secret-export script.xtrace-secret script.metadata-credentials"), Scope: Repository, Severity: finding.Critical},
		{ID: "secrets.git-history", Title: "No secret was ever committed", Lines: at("000:40"),
			Checks: ids("secrets.git-history secrets.unpushed"), Commands: []string{"scan --history"}, Kind: Repo, Scope: Repository, Severity: finding.Critical},
		{ID: "git.hook-installed", Title: "A hook stops secrets before they are committed", Lines: at("000:40"),
			Checks: ids("git.hook-installed"), Commands: []string{"hook check"}, Kind: Repo, Scope: Repository, Severity: finding.Low},
		{ID: "git.env-ignored", Title: "Git passes over files with variables of the environment", Lines: at("000:40"),
			Checks: ids("git.env-ignored"), Kind: Repo, Scope: Repository, Severity: finding.Medium},
		{ID: "secrets.local", Title: "Files that set variables of the environment can be read by their owner alone, and the history of the shell holds no secret",
			Lines: at("000:41"), Commands: []string{"scan --startup"}, Kind: Partly, Every: 90, Scope: Host,
			Evidence: "which account's, when keysweep scan --startup found nothing", Severity: finding.Medium},
		{ID: "api.key-age", Title: "API keys are replaced every 90 days", Lines: at("000:37 000:110"),
			Commands: []string{"rotate-due"}, Kind: Inventory, Severity: finding.High},
		{ID: "key.compromised-active", Title: "What others may know is revoked at once", Lines: at("000:38 000:94 001:147 001:159"),
			Checks: ids("key-compromised"), Commands: []string{"rotate-due"}, Kind: Inventory, Severity: finding.Critical},
		{ID: "api.env-separation", Title: "Each environment has API keys of its own", Lines: at("000:39"), Checks: ids("cred-shared-env"), Commands: []string{"cred list"}, Kind: Inventory, Severity: finding.High},
		{ID: "api.key-purpose", Title: "There is no API key that no automation needs", Lines: at("002:22"),
			Kind: Attested, Every: 90, Evidence: "which keys there are and what for: keysweep cred list", Severity: finding.Medium},
	}
}

func walletPractices() []Practice {
	digital := ids("wallet-recovery-phrase wallet-import-format-key wallet-extended-private-key")
	return []Practice{
		{ID: "wallet.no-sharing", Title: "No private key, identity key or seed phrase goes out by mail or chat", Lines: at("001:17"), Checks: digital,
			Commands: []string{"scan"}, Kind: Partly, Every: 180, Evidence: "that nobody was given one; what exports of chats and mails were scanned", Severity: finding.Critical},
		{ID: "wallet.hardware", Title: "Hardware wallets hold what is worth much", Lines: at("001:19"),
			Kind: Attested, Every: 365, Evidence: "the model, and for which wallets", Severity: finding.High},
		{ID: "wallet.multisig", Title: "Transactions need two signatures", Lines: at("001:20"),
			Kind: Attested, Every: 365, Evidence: "which wallets, how many of how many", Severity: finding.Medium},
		{ID: "wallet.seed-offline", Title: "Seed phrases stand on paper or metal, and nowhere digitally", Lines: at("001:21 001:127"), Checks: digital,
			Commands: []string{"scan"}, Kind: Partly, Every: 365, Evidence: "on what, and how many pieces at how many places; not where", Severity: finding.Critical},
		{ID: "wallet.recovery-test", Title: "Recovery was tried before anything was locked up", Lines: at("001:22"),
			Kind: Attested, Every: 365, Evidence: "when, and how", Severity: finding.High},
		{ID: "wallet.separation", Title: "Collateral and daily money are in different wallets", Lines: at("001:23"),
			Kind: Attested, Every: 365, Evidence: "the addresses of each", Severity: finding.Medium},
		{ID: "wallet.file-encrypted", Title: "Files of wallets are encrypted", Lines: at("001:24"),
			Kind: Attested, Every: 365, Evidence: "which files, and by what", Severity: finding.Critical},
	}
}
