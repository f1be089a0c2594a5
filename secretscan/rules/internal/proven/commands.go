package proven

import (
	"keysweep/finding"
	"keysweep/secretscan"
)

// commandRules find passwords among the arguments of programs, one rule for what is alike: as with lineRules, an expression takes time to be
// made ready. What the options mean is what the programs' manuals say.
func commandRules() []secretscan.Rule {
	rule := func(id, title string, list ...string) secretscan.Rule {
		return secretscan.Rule{ID: id, Title: title, Regex: either(list...), Check: "chosen", Confidence: finding.MediumConfidence,
			Why: "Opens what the command is about; command lines are in histories, logs and process lists, too."}
	}
	const snmpCommand = `\bsnmp(?:walk|get|getnext|bulkwalk|bulkget|set|table|trap|inform|status|df|usm)\s`
	return []secretscan.Rule{
		rule("archive-command-password", "Password of an archive on a command line",
			`\bzip (?:-[A-Za-z0-9]{1,8} ){0,4}(?:-P ?|--password )`+argument,
			`\bunzip (?:-[A-Za-z0-9]{1,8} ){0,4}-P ?`+argument,
			`\b7z[ar]? [axetlu] (?:[^\n|;&]{1,100}? )?-p`+argument,
			`\b(?:un)?rar [axetv] (?:[^\n|;&]{1,100}? )?-(?:h?p)`+argument),
		rule("transfer-command-password", "Password of a transfer on a command line",
			`\bwget\s`+more+`--(?:http-|ftp-|proxy-)?password[\s=]{1,2}`+argument,
			`\blftp\s`+more+`-u\s{0,2}["']?[^\s,"']{1,64},`+argument,
			`\bncftp(?:put|get|ls)?\s`+more+`\s-p\s{1,2}`+argument,
			`\bdavfs\S{0,4}\s[^\n]{0,80}password=`+argument),
		rule("openssl-passwd-argument", "Password that openssl hashes, on its command line",
			`\bopenssl passwd (?:-(?:[156]|crypt|apr1|quiet|noverify|table|reverse) |-salt \S{1,64} ){0,4}["']?([^\s"'<>$|;&(){}\\\x60-][^\s"'<>$|;&(){}\\\x60]{3,127})["']?\s{0,4}(?:$|[\n)\x60|;&])`),
		rule("npm-config-token", "Token of a registry on a command line of npm", `_authToken[ =]["']?([A-Za-z0-9_-]{20,128})`),
		rule("remote-desktop-password", "Password of a remote desktop on a command line", `\b[wx]freerdp3?\s`+more+`\s/p:`+argument, `\brdesktop\s`+more+`\s-p\s{1,2}`+argument),
		rule("snmp-command-passphrase", "Passphrase of SNMP on a command line", snmpCommand+more+`\s-A\s{0,2}`+argument),
		rule("snmp-command-privacy", "Passphrase by which SNMP encrypts, on a command line", snmpCommand+more+`\s-X\s{0,2}`+argument),
		rule("wireless-command-key", "Key of a wireless network on a command line",
			`\bnmcli\s`+more+`\bpassword\s{1,2}`+argument, `\bwpa_passphrase\s+["']?[^\s"'<>]{1,32}["']?\s+`+argument+`["']?\s{0,4}(?:$|[\n|;&>])`),
		rule("windows-command-password", "Password on a command line of Windows",
			`(?i:\bpsexec(?:64)?(?:\.exe)?)\s`+more+`\s-p\s{1,2}`+argument, `(?i:\bschtasks)\s[^\n]{0,200}?(?i:\s/rp)\s{1,2}`+argument,
			`(?i:\bwmic)\s[^\n]{0,120}?(?i:/password):`+argument),
		rule("piped-password", "Password that is piped to a program", `\becho\s+-e\s+["']([^\s"'\\<>$|;&(){}\x60]{4,64})\\n[^|\n]{0,80}\|[^\n|]{0,40}passwd`,
			`\becho\s+(?:-n\s+)?`+argument+`["']?\s{0,3}\|\s{0,3}(?:sudo\s)?(?:kinit|cryptsetup|passwd|gpg|vncpasswd)\b`),
		rule("jenkins-command-token", "Token of a user of Jenkins on a command line", `jenkins-cli\S{0,8}\s`+more+`-auth\s{1,2}["']?[^\s:"'@]{1,64}:`+argument),
	}
}
