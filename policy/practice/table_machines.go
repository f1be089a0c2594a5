package practice

import "keysweep/finding"

func sshdPractices() []Practice {
	return []Practice{
		{ID: "ssh.root-login", Title: "Root does not log in over SSH", Lines: at("001:42 001:44 001:60"), Checks: ids("ssh.root-login"), Also: ids("script.sshd-weakened"), Kind: Check, Severity: finding.High},
		{ID: "host.sudo-user", Title: "Somebody other than root logs in and may use sudo", Lines: at("001:44"), Checks: ids("host.sudo-user"), Also: ids("script.sudo-nopasswd"), Kind: Check, Severity: finding.Medium},
		{ID: "ssh.password-auth", Title: "No password opens an SSH login", Lines: at("000:62 001:38 001:61 002:34"),
			Checks: ids("ssh.password-auth ssh.kbd-interactive ssh.empty-passwords"), Also: ids("script.sshd-weakened script.password-literal"), Kind: Check, Severity: finding.High},
		{ID: "ssh.pubkey-auth", Title: "People log in with SSH keys that the server knows", Lines: at("001:36 001:38 001:62"),
			Checks: ids("ssh.pubkey-auth"), Also: ids("script.authorized-keys"), Kind: Check, Severity: finding.High},
		{ID: "ssh.max-auth-tries", Title: "A connection has at most three tries to log in", Lines: at("001:63"), Checks: ids("ssh.max-auth-tries"), Kind: Check, Severity: finding.Low},
		{ID: "ssh.port-default", Title: "SSH listens on another port than 22, which keeps noise out of the logs", Lines: at("001:48 001:50 001:64"),
			Checks: ids("ssh.port-default"), Kind: Check, Severity: finding.Info},
		{ID: "ssh.port-consistent", Title: "Firewall and bans are about the port that SSH has", Lines: at("001:64 001:78"),
			Checks: ids("ssh.port-consistent"), Kind: Check, Severity: finding.High},
		{ID: "ssh.allow-users", Title: "SSH takes only the users who are named", Lines: at("001:65"), Checks: ids("ssh.allow-users"), Kind: Check, Severity: finding.Medium},
		{ID: "ssh.config-valid", Title: "The settings of SSH are valid, and in force", Lines: at("001:60-65"),
			Checks: ids("ssh.config-valid ssh.reload-pending"), Kind: Check, Severity: finding.High},
	}
}

func fail2banPractices() []Practice {
	return []Practice{
		{ID: "f2b.enabled", Title: "Addresses that guess passwords are banned", Lines: at("001:54 001:56 001:92"), Checks: ids("f2b.enabled"), Kind: Check, Severity: finding.Medium},
		{ID: "f2b.log-source", Title: "What bans them reads the log that SSH writes", Lines: at("001:92"), Checks: ids("f2b.log-source"), Kind: Check, Severity: finding.High},
		{ID: "f2b.ssh-port", Title: "They are banned from the port that SSH has", Lines: at("001:92"), Checks: ids("f2b.ssh-port"), Kind: Check, Severity: finding.High},
	}
}

func updatePractices() []Practice {
	return []Practice{
		{ID: "updates.pending", Title: "Software is up to date", Lines: at("000:65 000:114 001:96 002:40"), Checks: ids("updates.pending"), Kind: Check, Severity: finding.Medium},
		{ID: "updates.security", Title: "Security updates are installed at once, and by themselves", Lines: at("000:66 001:98"),
			Checks: ids("updates.security-pending updates.auto"), Kind: Check, Severity: finding.High},
		{ID: "updates.auto", Title: "Automatic security updates are installed, switched on and proven to be", Lines: at("001:106-107 001:110"),
			Checks: ids("updates.auto"), Kind: Check, Severity: finding.High},
		{ID: "software.minimum-version", Title: "The software of the nodes is the newest", Lines: at("001:99"), Checks: ids("software.minimum-version"),
			Kind: Partly, Every: 30, Scope: Host, Evidence: "the version, and where the newest is announced", Severity: finding.Medium},
		{ID: "updates.cve", Title: "The system gets security updates, and somebody reads what its maker says on vulnerabilities", Lines: at("001:100"),
			Checks: ids("host.os-eol updates.security-repo"), Kind: Partly, Every: 180, Evidence: "who reads which list", Severity: finding.High},
		{ID: "host.reboot", Title: "There are times for reboots, and updates of the kernel do not wait for long", Lines: at("001:101"),
			Checks: ids("host.reboot-required host.uptime"), Kind: Partly, Every: 90, Scope: Host, Evidence: "the maintenance window", Severity: finding.Medium},
		{ID: "host.os-profile", Title: "Nodes run on a hardened system that updates itself", Lines: at("001:102"), Checks: ids("host.os-profile"),
			Kind: Partly, Every: 365, Scope: Host, Evidence: "the system; or why it is another one", Severity: finding.Info},
		{ID: "host.kernel-version", Title: "The kernel is 4.4 or newer", Lines: at("002:41"), Checks: ids("host.kernel-version"), Kind: Check, Severity: finding.High},
		{ID: "pkg.untrusted-source", Title: "Software comes from its maker's own sources", Lines: at("002:50"), Checks: ids("pkg.untrusted-source"), Kind: Check, Severity: finding.High},
		{ID: "script.unverified-download", Title: "Where software comes from is checked, and its content verified, before it is installed", Lines: at("002:51"),
			Checks: ids("script.unverified-download script.pipe-to-shell script.http-download script.unsigned-packages"), Kind: Repo, Scope: Repository, Severity: finding.High},
	}
}

func servicePractices() []Practice {
	return []Practice{
		{ID: "service.root-user", Title: "Node services do not run as root", Lines: at("002:58"), Checks: ids("service.root-user container.root-user"), Also: ids("script.privileged-container"), Kind: Check, Severity: finding.High},
		{ID: "service.tls", Title: "Connections from outside are encrypted with TLS", Lines: at("002:56"), Also: ids("script.tls-verify-off"),
			Kind: Attested, Every: 90, Scope: Host, Evidence: "the services, and until when their certificates are valid", Severity: finding.High},
		{ID: "edge.ddos", Title: "Something stands in front of the services that takes floods", Lines: at("002:55"),
			Kind: Attested, Every: 180, Evidence: "which service, in front of what", Severity: finding.Low},
		{ID: "edge.waf", Title: "A web application firewall looks at requests", Lines: at("002:57"),
			Kind: Attested, Every: 180, Evidence: "which, in front of what", Severity: finding.Low},
		{ID: "p2p.per-ip-limit", Title: "One address gets only so many connections to the node", Lines: at("002:59"),
			Checks: ids("p2p.per-ip-limit"), Kind: Check, Scope: Host, Severity: finding.Low},
		{ID: "p2p.timeout", Title: "Connections between nodes time out", Lines: at("002:60"),
			Kind: Attested, Every: 180, Scope: Host, Evidence: "the setting and its value; [[custom]] of policy.toml checks it", Severity: finding.Low},
	}
}
