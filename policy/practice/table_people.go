package practice

import "keysweep/finding"

func accountPractices() []Practice {
	return []Practice{
		{ID: "account.password-strength", Title: "Passwords are long and random", Lines: at("000:10 000:105"),
			Kind: Attested, Every: 180, Evidence: "the password manager that makes them, and for which accounts", Severity: finding.Medium},
		{ID: "account.password-unique", Title: "No password serves two accounts", Lines: at("000:10 000:105"), Checks: ids("cred-shared-name"),
			Kind: Partly, Every: 180, Evidence: "how it was looked for: the password manager's report, for instance", Severity: finding.Medium},
		{ID: "account.no-sharing", Title: "Passwords, API keys, SSH keys and payment data stay with the one person or program they are for",
			Lines: at("000:11"), Checks: ids("key-shared cred-shared-name payment-card-number"),
			Kind: Partly, Every: 365, Evidence: "who has which accounts; that nobody uses those of others", Severity: finding.High},
		{ID: "account.mfa", Title: "A second factor guards every login to the cloud", Lines: at("002:21"),
			Kind: Attested, Every: 180, Evidence: "each account and its kind of second factor", Severity: finding.High},
		{ID: "review.account-activity", Title: "What happened in the accounts is looked through regularly", Lines: at("000:106"),
			Kind: Attested, Every: 30, Evidence: "which accounts, and what was unusual", Severity: finding.Medium},
	}
}

func channelPractices() []Practice {
	return []Practice{
		{ID: "domain.lookalike", Title: "The address is checked before a login, a wallet or anything confidential is given to it, and before a link is followed",
			Lines: at("000:12 000:16 000:81 000:83-86"), Commands: []string{"domain check"},
			Kind: Partly, Every: 365, Evidence: "who was shown how", Severity: finding.High},
		{ID: "train.phishing", Title: "Everybody knows that support is impersonated, and that nobody real asks for a private key", Lines: at("000:14 001:17"),
			Kind: Attested, Every: 365, Evidence: "who was trained, and when", Severity: finding.Medium},
		{ID: "policy.official-channels", Title: "Help is asked for, and trouble reported, only where the provider says that it can be", Lines: at("000:15 000:79 000:98"),
			Kind: Attested, Every: 180, Evidence: "the list of channels, and where it comes from", Severity: finding.Low},
		{ID: "domain.bookmarked", Title: "Official addresses are opened from bookmarks", Lines: at("000:88"),
			Kind: Attested, Every: 365, Evidence: "which addresses", Severity: finding.Info},
		{ID: "train.email", Title: "Mail from unknown senders stays closed", Lines: at("002:28"),
			Kind: Attested, Every: 365, Evidence: "who was trained, and when", Severity: finding.Low},
	}
}

func organisationPractices() []Practice {
	return []Practice{
		{ID: "org.competence", Title: "Those who run the servers have learned how to", Lines: at("002:12"),
			Kind: Attested, Every: 365, Evidence: "who, and what shows it", Severity: finding.Low},
		{ID: "org.procedures", Title: "They know the technology and the processes, and keep to the rules", Lines: at("002:13"),
			Kind: Attested, Every: 365, Evidence: "where the processes are written down", Severity: finding.Low},
		{ID: "access.roster", Title: "Only those who need it have access to servers and to what is known about the network", Lines: at("001:118 002:14"),
			Kind: Attested, Every: 90, Evidence: "the list of people, and what was taken away from whom", Severity: finding.High},
		{ID: "org.provider", Title: "The cloud provider is a large international one", Lines: at("002:18"),
			Checks: ids("org.provider"), Kind: Partly, Every: 365, Evidence: "which provider", Severity: finding.Info},
		{ID: "org.support-contract", Title: "There is a contract for technical support", Lines: at("002:19"),
			Kind: Attested, Every: 365, Evidence: "with whom, and until when", Severity: finding.Low},
		{ID: "org.region", Title: "The servers stand where the network is well reached", Lines: at("002:20"),
			Checks: ids("org.region"), Kind: Partly, Every: 365, Evidence: "the regions, and how it was measured", Severity: finding.Info},
		{ID: "org.dedicated-device", Title: "Servers are run from devices that serve nothing else", Lines: at("002:23"), Checks: ids("host.disk-encryption"),
			Kind: Partly, Every: 365, Evidence: "which devices", Severity: finding.Low},
		{ID: "git.commit-signing", Title: "Commits are signed", Lines: at("002:27"), Checks: ids("git.commit-signing"),
			Kind: Repo, Scope: Repository, Severity: finding.Low},
		{ID: "org.signed-mail", Title: "What is confidential is signed and encrypted on its way", Lines: at("002:27"),
			Kind: Attested, Every: 365, Evidence: "the means: S/MIME, OpenPGP, a messenger", Severity: finding.Low},
	}
}
