package proven

import (
	"keysweep/finding"
	"keysweep/secretscan"
)

// formRules find secrets that programs write in forms of their own.
func formRules() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "private-key-cut", Title: "Private key without its end", Check: "cut-key", Severity: finding.Critical,
			Regex: `-----BEGIN[ A-Z0-9]{0,30}PRIVATE KEY-----((?:` + cutBetween + `{1,24}[A-Za-z0-9+/=]{16,}){1,}(?:` + cutBetween + `{1,24}[A-Za-z0-9+/=]{1,15})?(?:` + cutBetween + `{0,24}(?:-----|\.\.\.))?)`,
			Why:   "Half of the numbers of a key are enough to calculate the others.",
		},
		{
			ID: "json-web-token-in-string", Title: "JSON Web Token at the start of a line within a string",
			Regex: `\\[nrt](eyJ[A-Za-z0-9_-]{14,1000}\.eyJ[A-Za-z0-9_-]{10,1000}[A-Za-z0-9_-]{0,1000}\.[A-Za-z0-9_-]{20,1000})`, // gitleaks' rule takes the letter of \n for one of the token's
			Why:   "Whoever holds it is let in, as far as its claims go and until it expires.",
		},
		{
			ID: "openvpn-static-key", Title: "Static key of OpenVPN", Severity: finding.Critical,
			Regex: `-----BEGIN OpenVPN Static key V1-----((?:\s{1,4}[0-9a-fA-F]{32}){16})`,
			Why:   "Opens the tunnel, or the door before it, and decrypts what was recorded of a tunnel that has no other key.",
		},
		{
			ID: "ntlm-authenticate-message", Title: "Answer to an NTLM challenge", Severity: finding.Medium, // MS-NLMP 2.2.1.3: "NTLMSSP", 0, 3
			Regex: `\b(TlRMTVNTUAADAAAA[A-Za-z0-9+/]{60,1000}[A-Za-z0-9+/]{0,1000}={0,2})`,
			Why:   "Lets whoever has it guess the password of the Windows account as fast as their machines can.",
		},
		{
			ID: "http-digest-response", Title: "Answer to an HTTP Digest challenge", Severity: finding.Low, Confidence: finding.MediumConfidence,
			Regex:      `(?i:digest)\s[^\n]{1,600}?\bresponse=\\?"([0-9a-f]{32}(?:[0-9a-f]{32})?)\\?"`,
			Allowlists: []secretscan.Allowlist{{Description: "the user of the examples in RFC 2617 and RFC 7616", Target: secretscan.TargetMatch, Regexes: []string{`username=\\?"Mufasa`}}},
			Why:        "Lets whoever has it guess the password as fast as their machines can.",
		},
		{
			ID: "wordpress-secret-key", Title: "Secret key or salt of WordPress", Check: "chosen",
			Regex:      `\bdefine\(\s{0,4}["'](?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)["']\s{0,4},\s{0,20}'([^'\n]{32,128})'`,
			Allowlists: []secretscan.Allowlist{{Regexes: []string{`^put your`}}},
			Why:        "Makes the cookie of any user who is logged in, the administrator's too.",
		},
		{
			ID: "drupal-hash-salt", Title: "Hash salt of Drupal", Check: "chosen",
			Regex: `hash_salt['"]?\]?\s{0,4}=\s{0,4}['"]([A-Za-z0-9_+/=-]{32,128})['"]`,
			Why:   "Makes links that log in as any user.",
		},
		{
			ID: "magento-crypt-key", Title: "Encryption key of Magento",
			Regex: `'crypt'\s{0,4}=>\s{0,4}(?:\[|array\s?\()\s{0,40}'key'\s{0,4}=>\s{0,4}'([0-9a-f]{32})'`,
			Why:   "Decrypts what the shop keeps of its customers, and signs its tokens.",
		},
		{
			ID: "jenkins-encrypted-secret", Title: "Secret of Jenkins, encrypted", Severity: finding.Medium,
			Regex: `(\{AQAAABAAAA[A-Za-z0-9+/]{24,1000}={0,2}\})`,
			Why:   "Is plain to whoever has the file master.key of that Jenkins.",
		},
		{
			ID: "composer-github-token", Title: "GitHub token of Composer",
			Regex: `github-oauth["'.]?[\s:{"'=]{0,40}github\.com["']?[\s:="']{1,8}([0-9a-f]{40})\b`,
			Why:   "Reads, and often writes, the repositories of the user.",
		},
		{
			ID: "credentials-file", Title: "File in which a program keeps credentials",
			Path: `(?:^|/)(?:config/master\.key|(?:chap|pap)-secrets|solana/id\.json)$`,
			Why:  "Holds passwords or keys in a form that nothing but the file's name tells.",
		},
	}
}

// lineRules find passwords in lines of the configurations of programs. Each has an expression of its own: it takes time to be made ready, and most
// are never needed.
func lineRules() []secretscan.Rule {
	rule := func(id, title, regex string) secretscan.Rule {
		return secretscan.Rule{ID: id, Title: title, Regex: regex, Check: "chosen", Confidence: finding.MediumConfidence, Why: "Logs in to what the configuration is about."}
	}
	return []secretscan.Rule{
		rule("property-password", "Password in a property of XML", `(?i:[._]password["'] value)=["']([^"'\n]{4,128})["']`),
		rule("wifi-psk", "Key of a wireless network", `(?m:^)psk=([^"'\s]{8,63})[ \t\r]{0,4}(?m:$)`),
		rule("ipsec-secret", "Secret of an IPsec connection", `: (?:PSK|EAP|XAUTH|NTLM) "([^"\n]{4,128})"`),
		rule("postfix-relay-password", "Password of a mail relay in Postfix's form", `\]:(?:587|465|25)[ \t]{1,20}[^\s:]{1,100}:(\S{4,128})`),
		rule("dovecot-plain-password", "Password in Dovecot's form", `\{PLAIN\}([^:\s{}]{4,128})`),
		rule("snmp-user-password", "Password of a user of SNMP", `\bcreateUser[ \t]{1,4}\S{1,64}[ \t]{1,4}(?:MD5|SHA\S{0,4})[ \t]{1,4}"?([^"\s]{8,64})`),
		rule("snmp-user-privacy", "Passphrase by which SNMP encrypts", `\bcreateUser[ \t]{1,4}\S{1,64}[ \t]{1,4}(?:MD5|SHA\S{0,4})[ \t]{1,4}(?:"[^"\n]{8,64}"|\S{8,64})[ \t]{1,4}(?:DES|AES\S{0,4})[ \t]{1,4}"?([^"\s]{8,64})`),
		rule("directory-bind-password", "Password by which a directory is asked", `(?m:^)[ \t]{0,20}(?:bindpw|rootpw|rootpwmodpw)[ \t]{1,20}"?([^\s"#{]{4,128})`),
		rule("erlang-tuple-password", "Password in a tuple of Erlang", `\{[a-z_]{1,30}_(?:password|passwd|secret),\s{0,4}"([^"\n]{4,128})"\}`),
		rule("ejabberd-database-password", "Password of ejabberd's database",
			`\b(?:odbc_server|sql_server),\s{0,4}\{\w{1,20},\s{0,4}(?:"[^"\n]{0,40}",\s{0,4}|\d{1,5},\s{0,4}){2,4}"([^"\n]{4,128})"\}`),
		rule("openssl-passphrase", "Passphrase on a command line of OpenSSL", `\bopenssl\s`+more+`\s-k\s{1,4}`+argument),
	}
}

// cutBetween is what programs put between the lines of a key, with the ends of lines.
const cutBetween = `[\s"'\\nr,+;|>*#()]`
