package practice

import "keysweep/finding"

func scriptPractices() []Practice {
	return []Practice{
		{ID: "script.reviewed", Title: "Somebody has read a startup script before it runs as root", Lines: at("000:70"),
			Also: ids(`script.pipe-to-shell script.http-download script.tls-verify-off script.xtrace-secret script.secret-to-file script.world-writable
				script.sshd-weakened script.firewall-off script.sudo-nopasswd script.host-key-check-off script.privileged-container script.public-port
				script.authorized-keys script.unsigned-packages script.no-strict-mode script.rm-variable script.metadata-credentials`),
			Kind: Attested, Every: 180, Scope: Script, Evidence: "who read it; every edit asks for it again", Severity: finding.Medium},
		{ID: "script.hardcoded-secret", Title: "No credential stands in a startup script", Lines: at("000:71"), Checks: ids("script.hardcoded-secret script.password-literal script.credentials-in-url"),
			Commands: []string{"scan"}, Kind: Repo, Scope: Repository, Severity: finding.Critical},
		{ID: "script.secret-source", Title: "Startup scripts get what is confidential from a manager of secrets", Lines: at("000:72"),
			Checks: ids("script.secret-source script.secret-export script.secret-in-argv script.secret-to-file"), Kind: Partly, Every: 180, Scope: Script, Evidence: "which manager, and how the script asks it", Severity: finding.Medium},
		{ID: "script.tested", Title: "A startup script has run where nothing can break", Lines: at("000:73"), Checks: ids("script.parses"),
			Kind: Partly, Every: 180, Scope: Script, Evidence: "where it ran; every edit asks for it again", Severity: finding.Low},
	}
}

func clientPractices() []Practice {
	return []Practice{
		{ID: "client.private-key", Title: "No private key of a client is kept", Lines: at("001:116"), Checks: ids("client.private-key private-key wallet-import-format-key"),
			Commands: []string{"scan"}, Kind: Partly, Every: 180, Evidence: "which places with data of clients were scanned", Severity: finding.Critical},
		{ID: "client.encrypted-channel", Title: "What clients send in confidence comes through encrypted channels", Lines: at("001:117"),
			Kind: Attested, Every: 180, Evidence: "which channels", Severity: finding.Medium},
		{ID: "client.data-permissions", Title: "Only those who work with it can read what is known of clients", Lines: at("001:118 002:14"),
			Checks: ids("client.data-permissions"), Kind: Partly, Scope: Host, Every: 90, Evidence: "who can, and how it was looked at", Severity: finding.High},
		{ID: "client.data-retention", Title: "Data that is needed no more is deleted", Lines: at("001:119"),
			Checks: ids("client.data-retention"), Kind: Partly, Scope: Host, Every: 90, Evidence: "what was deleted, what is left and until when", Severity: finding.Medium},
		{ID: "client.identity-key-retained", Title: "No identity key is left after a node was set up", Lines: at("001:119"),
			Kind: Attested, Every: 90, Scope: Host, Evidence: "which configurations and notes were looked at", Severity: finding.High},
		{ID: "client.privacy-doc", Title: "Clients can read how their data is handled", Lines: at("001:120"),
			Kind: Attested, Every: 365, Evidence: "where it stands", Severity: finding.Low},
	}
}

func backupPractices() []Practice {
	return []Practice{
		{ID: "key.backup-offline", Title: "Each private key has a backup that no network reaches", Lines: at("001:127 002:69"), Checks: ids("key-no-backup"),
			Kind: Partly, Every: 365, Evidence: "which keys, and on what they are kept", Severity: finding.Medium},
		{ID: "key.backup-verified", Title: "A key was got back from its backup", Lines: at("001:22"), Checks: ids("key-backup-unverified key-backup-stale"),
			Commands: []string{"key backup verify"}, Kind: Inventory, Severity: finding.Medium},
		{ID: "backup.before-terminate", Title: "What matters on an instance is saved before it is ended", Lines: at("000:68"),
			Kind: Attested, Every: 90, Evidence: "the instances that were ended, and where their data is", Severity: finding.High},
		{ID: "backup.node-config", Title: "Configurations of nodes are saved after each change, encrypted in the cloud and on the spot", Lines: at("001:128"),
			Kind: Attested, Every: 30, Evidence: "the last change, the last backup, both places, the encryption", Severity: finding.Medium},
		{ID: "backup.client-db", Title: "The database of clients is saved every day, encrypted and elsewhere", Lines: at("001:129"),
			Kind: Attested, Every: 7, Evidence: "the newest backup: age, encryption, place", Severity: finding.High},
		{ID: "backup.server-config", Title: "Configurations of servers are saved every week in a private repository", Lines: at("001:130"),
			Kind: Attested, Every: 30, Evidence: "the repository, that it is private, the last commit", Severity: finding.Medium},
		{ID: "backup.monitoring-config", Title: "Configurations of monitoring are saved after each change in a private repository", Lines: at("001:131"),
			Kind: Attested, Every: 30, Evidence: "the repository, that it is private, the last commit", Severity: finding.Low},
		{ID: "backup.restore-test", Title: "Backups were read back, and what came out was whole", Lines: at("001:128-131"),
			Kind: Attested, Every: 180, Evidence: "which backups, and how long it took", Severity: finding.High},
	}
}

func incidentPractices() []Practice {
	const year = 365
	return []Practice{
		{ID: "incident.plan", Title: "There is a plan for incidents, somebody answers for it, and it was rehearsed", Lines: at("001:135"),
			Kind: Attested, Every: year, Evidence: "where it is written, who answers for it, the last rehearsal", Severity: finding.High},
		{ID: "incident.contacts", Title: "The provider's emergency line, the community and all clients can be reached at once", Lines: at("001:173"),
			Kind: Attested, Every: 180, Evidence: "where the list is; that its numbers were tried", Severity: finding.Medium},
		{ID: "incident.password", Title: "In an incident passwords are changed first", Lines: at("000:93 001:147"), Kind: Incident, Every: year, Severity: finding.High},
		{ID: "incident.revoke-rotate", Title: "Keys that may be known are revoked, and all others replaced", Lines: at("000:94 001:147 001:159"),
			Checks: ids("key-compromised"), Kind: Incident, Every: year, Severity: finding.High},
		{ID: "incident.terminate", Title: "Instances that nobody knows are ended", Lines: at("000:95"), Kind: Incident, Every: year, Severity: finding.Medium},
		{ID: "incident.billing", Title: "The bill is looked through for what others used", Lines: at("000:96"), Kind: Incident, Every: year, Severity: finding.Medium},
		{ID: "incident.report", Title: "The provider hears of it through its own channels: when, what is affected, what was seen", Lines: at("000:98-99"),
			Kind: Incident, Every: year, Severity: finding.Medium},
		{ID: "incident.report-phishing", Title: "Attempts at phishing are reported, so that others are warned", Lines: at("000:100"), Kind: Incident, Every: year, Severity: finding.Info},
		{ID: "incident.isolate", Title: "The server is cut off, and suspicious addresses are blocked", Lines: at("001:145 001:147"), Also: ids("incident.open"), Kind: Incident, Every: year, Severity: finding.High},
		{ID: "incident.assess", Title: "It is found out what was within reach: collateral, nodes of clients, balances", Lines: at("001:151 001:153"),
			Kind: Incident, Every: year, Severity: finding.Medium},
		{ID: "incident.rebuild", Title: "The server is built anew; nothing of the old one is trusted", Lines: at("001:157 001:159"), Kind: Incident, Every: year, Severity: finding.High},
		{ID: "incident.notify", Title: "Clients who are affected hear soon what happened and what was done", Lines: at("001:163 001:165"), Kind: Incident, Every: year, Severity: finding.Medium},
		{ID: "incident.learn", Title: "It is written down, and the practices change so that it does not come again", Lines: at("001:169 001:171"),
			Also: ids("incident.actions"), Kind: Incident, Every: year, Severity: finding.Medium},
	}
}
