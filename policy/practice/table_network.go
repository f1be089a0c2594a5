package practice

import "keysweep/finding"

func networkPractices() []Practice {
	return []Practice{
		{ID: "net.unexpected-listener", Title: "No port is open that is not needed", Lines: at("000:60 000:115 002:45"),
			Checks: ids("net.unexpected-listener net.docker-bypass"), Also: ids("script.public-port"), Kind: Check, Severity: finding.High},
		{ID: "firewall.enabled", Title: "A firewall is set up, running, and there after a reboot", Lines: at("000:61 000:113 001:69 001:90"),
			Checks: ids("firewall.enabled firewall.boot-enabled"), Also: ids("script.firewall-off"), Kind: Check, Severity: finding.High},
		{ID: "firewall.default-deny", Title: "It refuses what nobody allowed to come in", Lines: at("001:74"), Checks: ids("firewall.default-deny"), Kind: Check, Severity: finding.High},
		{ID: "firewall.default-out", Title: "It lets out what the machine sends", Lines: at("001:75"), Checks: ids("firewall.default-out"), Kind: Check, Severity: finding.Info},
		{ID: "firewall.ssh-allowed", Title: "It lets SSH in, on the port that SSH has", Lines: at("001:78"), Checks: ids("firewall.ssh-allowed"), Kind: Check, Severity: finding.Critical},
		{ID: "net.required-ports", Title: "It lets in what the node needs: ports 16124 to 16129 and 16132", Lines: at("001:69 001:81-87"),
			Checks: ids("net.required-ports"), Kind: Check, Severity: finding.Medium},
		{ID: "ssh.source-restricted", Title: "Only addresses that are named can log in", Lines: at("002:35"), Checks: ids("ssh.source-restricted"), Kind: Check, Severity: finding.Medium},
		{ID: "firewall.any-source", Title: "Nothing is open to every address that need not be", Lines: at("002:36"),
			Checks: ids("firewall.any-source cloud.open-ingress"), Kind: Check, Severity: finding.High},
		{ID: "net.rpc-exposed", Title: "The RPC port answers nobody outside", Lines: at("002:46"), Checks: ids("net.rpc-exposed"), Kind: Check, Severity: finding.Critical},
		{ID: "net.sensitive-exposed", Title: "Databases and the like are reached through a VPN or an SSH tunnel only", Lines: at("000:63"),
			Checks: ids("net.sensitive-exposed"), Kind: Check, Severity: finding.Critical},
		{ID: "net.open-wifi", Title: "No wireless network without encryption is used", Lines: at("002:8"), Checks: ids("net.open-wifi"), Kind: Check, Severity: finding.Medium},
		{ID: "train.public-wifi", Title: "Wireless networks in public places are used with care", Lines: at("002:7"),
			Kind: Attested, Every: 365, Evidence: "who was trained; the VPN that is used there", Severity: finding.Low},
	}
}

func monitoringPractices() []Practice {
	return []Practice{
		{ID: "review.instances", Title: "The list of running instances and deployments is looked through", Lines: at("000:47"),
			Kind: Attested, Every: 7, Evidence: "how many there are, and how many there should be", Severity: finding.Medium},
		{ID: "review.billing", Title: "The bill and the credit are looked at", Lines: at("000:48"),
			Kind: Attested, Every: 30, Evidence: "the amount, and whether it is the usual one", Severity: finding.Medium},
		{ID: "review.api-logs", Title: "The logs of the API are looked through", Lines: at("000:49"),
			Kind: Attested, Every: 7, Evidence: "which log, and what was unusual", Severity: finding.Medium},
		{ID: "alert.billing", Title: "The provider writes when money is spent", Lines: at("000:51"),
			Kind: Attested, Every: 180, Evidence: "which notifications are on, and to whom they go", Severity: finding.Medium},
		{ID: "alert.spending-limit", Title: "Spending has a limit", Lines: at("000:52"),
			Kind: Attested, Every: 180, Evidence: "the limit", Severity: finding.Medium},
		{ID: "logs.new-login-source", Title: "Logins from new addresses, users or keys are noticed", Lines: at("000:53"), Checks: ids("logs.new-login-source"),
			Kind: Partly, Every: 30, Scope: Host, Evidence: "what notices it; or what was looked through", Severity: finding.Medium},
		{ID: "alert.login", Title: "Logins that nobody expected, reboots and failed benchmarks raise an alarm", Lines: at("001:139 001:141"), Checks: ids("host.unexpected-reboot"),
			Kind: Partly, Every: 90, Evidence: "what raises it, and whom it reaches", Severity: finding.Medium},
		{ID: "logs.review", Title: "Logs outlive a reboot, and somebody reads them", Lines: at("000:67"), Checks: ids("logs.persistent logs.forwarded"),
			Kind: Partly, Every: 7, Scope: Host, Evidence: "which logs, and what was unusual", Severity: finding.Medium},
		{ID: "logs.network", Title: "Connections are recorded, and the records analysed", Lines: at("002:64"), Checks: ids("logs.network"),
			Kind: Partly, Every: 30, Evidence: "which records, and what was unusual", Severity: finding.Low},
		{ID: "logs.node", Title: "The node's log is kept", Lines: at("002:65"), Checks: ids("logs.node"), Kind: Check, Severity: finding.Low},
		{ID: "instance.idle", Title: "Instances that nobody uses are ended", Lines: at("000:116"),
			Kind: Attested, Every: 30, Evidence: "which instances are left, and what for", Severity: finding.Low},
	}
}
