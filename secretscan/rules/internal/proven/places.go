package proven

import (
	"strings"

	"keysweep/finding"
	"keysweep/secretscan"
)

// What places have in common.
const (
	// argument is a word of a command line that is no variable, in quotation marks or not.
	argument = `["']?([^\s"'<>$|;&(){}\\\x60]{4,128})`
	// literal is a string in a program.
	literal = `["'\x60]([^"'\x60\n]{4,128})["'\x60]`
	// other is another argument of a call, and what stands around its comma.
	other = `\s{0,3}[^,\n]{1,120},\s{0,3}`
	// line is more of a command line.
	more = `[^\n|;&]{0,160}?`
)

// either is an expression for one of several, in each of which a group holds the secret.
func either(list ...string) string { return `(?:` + strings.Join(list, `|`) + `)` }

// placeRules find passwords where nothing calls them so but the place: an argument of a command or a call, a word in a line. Check
// "chosen" passes over variables and stand-ins.
func placeRules() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "command-line-password", Title: "Password on a command line", Check: "chosen", Confidence: finding.MediumConfidence,
			Regex: either(
				`\bsshpass\s`+more+`-p\s{0,2}`+argument,
				`\b(?:docker|podman|helm registry|argocd|az|oc|cf|ibmcloud) login\s`+more+`\s(?:-p|--password)[\s=]`+argument,
				`\bredis-cli\s`+more+`(?:-a|--pass)\s{1,2}`+argument,
				`\bmysql(?:dump|admin|import|check|sh)?\s`+more+`\s-p`+argument,
				`\bhtpasswd\s+-[A-Za-z]{0,6}b[A-Za-z]{0,6}\s+\S{1,100}\s+\S{1,64}\s+`+argument,
				`\becho\s+(?:-n\s+)?`+argument+`["']?\s{0,3}\|\s{0,3}[^\n|]{0,80}(?:sudo -S|--password-stdin)`,
				`\becho\s+(?:-n\s+)?["']?[\w.-]{1,32}:([^\s"'<>$|;&(){}:\\\x60]{4,128})["']?\s{0,3}\|[^\n|]{0,40}chpasswd`,
				`\b(?:smbclient|rpcclient|smbget|winexe)\s`+more+`(?:-U|--user)[\s=]{0,2}["']?[^\s%"']{1,64}%`+argument,
				`(?i:\bnet use)\s[^\n]{0,120}?(?i:/user):\S{1,64}\s+`+argument,
				`(?i:\bnet user)\s+[\w.-]{1,32}\s+`+argument+`["']?\s+/(?i:add)`,
				`\brabbitmqctl\s`+more+`(?:add_user|change_password)\s+["']?[^\s"']{1,64}["']?\s+`+argument,
				`\bldap(?:search|modify|add|delete|whoami|passwd)\s`+more+`\s-w\s{0,2}`+argument,
				`\bmongo(?:sh|dump|restore|export|import)?\s`+more+`\s(?:-p|--password)[\s=]{1,2}`+argument,
				`\b(?:plink|pscp|psftp)(?:\.exe)?\s`+more+`-pw\s+`+argument,
				`(?i:\bcmdkey)\s[^\n]{0,120}?(?i:/pass):`+argument,
				`\bsqlcmd\s`+more+`\s-P\s{0,2}`+argument,
				`\bsqlplus\s+(?:-\S{1,8}\s+){0,3}["']?[\w$#]{1,30}/([^\s"'<>$|;&(){}@\\\x60]{4,128})@`,
				`\b(?:PGPASSWORD|MYSQL_PWD|SSHPASS|REDISCLI_AUTH|RESTIC_PASSWORD|BORG_PASSPHRASE)=`+argument,
			),
			Why: "Logs in to what the command is about; command lines are in histories, logs and process lists, too.",
		},
		{
			ID: "call-password", Title: "Password in a call", Check: "chosen", Confidence: finding.MediumConfidence,
			Regex: either(
				`(?:SetBasicAuth|basic_auth|basicAuth|HTTPBasicAuth|HTTPDigestAuth|UsernamePasswordCredentials|PasswordAuthentication|NetworkCredential|UsernamePasswordAuthenticationToken)\(`+other+`(?:Some\()?`+literal,
				`(?:getConnection|mysqli_connect|mysql_connect|new mysqli|pymysql\.connect|MySQLdb\.connect|new PDO|DBI->connect)\(`+other+other+literal,
				`mysql_real_connect\(`+other+other+other+literal,
				`WiFi\.begin\(`+other+literal,
				`(?i:set_?password)\(\s{0,3}`+literal+`\s{0,3}\)`,
				`ConvertTo-SecureString\s+(?:-String\s+)?`+literal,
				`CURLOPT_USERPWD\s{0,2},\s{0,3}["'][^"':\n]{1,64}:([^"'\n]{4,128})["']`,
				`\bjwt\.(?:sign|verify|encode|decode)\(`+other+literal,
				`(?:load|getKey|PasswordProtection|PBEKeySpec)\((?:[^\n,"]{1,80},\s{0,2})?`+literal+`\.toCharArray\(\)`,
				`(?:setProperty|define|\.put)\(\s{0,2}["'][\w.-]{0,60}(?:PASSWORD|[Pp]assword)["']\s{0,3},\s{0,3}["']([^"'\n]{0,60}\d[^"'\n]{0,60})["']\s{0,3}\)`, // without a digit it is a translation
				`\bauth=\(\s{0,2}["'][^"'\n]{1,100}["']\s{0,2},\s{0,2}`+literal,
				`\.login\(\s{0,2}["'][^"'\n]{1,100}["']\s{0,2},\s{0,2}`+literal,
			),
			Why: "Logs in to what the call is about.",
		},
		{
			ID: "config-line-password", Title: "Password in a line of a configuration", Check: "chosen", Confidence: finding.MediumConfidence,
			Regex: either(
				`(?m:^)[ \t]{0,20}(?:requirepass|masterauth)[ \t]{1,8}"?([^\s"#]{4,128})`,
				`\bpsk=["']([^"'\n]{8,63})["']`,
				`\b(?:username \S{1,64}|enable|privilege \d{1,2}) (?:password 0|password 7|secret 0|secret 5|secret 8|secret 9) (\S{4,128})`,
				`\bsnmp-server community (\S{4,64})`,
				`<Pass encoding="base64">([A-Za-z0-9+/]{4,200}={0,2})</Pass>`,
				`<(?:Administrator)?Password>\s{0,40}<Value>([^<\n]{4,200})</Value>`,
				`<Key>Password</Key>\s{0,40}<Value[^>\n]{0,40}>([^<\n]{4,200})</Value>`,
				`jdbc:oracle:thin:[^\s/"']{1,64}/([^\s@"'<>${}]{4,128})@`,
				`\bvariable "[^"\n]{0,60}(?:password|passwd|secret|token|api_?key)[^"\n]{0,20}" \{[^}]{0,400}?\bdefault\s{0,10}=\s{0,3}"([^"\n]{4,200})"`,
			),
			Why: "Logs in to what the configuration is about.",
		},
		{
			ID: "signed-url", Title: "Signature of a URL that opens something for whoever has it", Severity: finding.Medium, Confidence: finding.MediumConfidence,
			Regex: either(`X-Amz-Signature=([0-9a-f]{64})\b`, `X-Goog-Signature=([0-9a-f]{128,1000})\b`,
				`(?:AWSAccessKeyId|GoogleAccessId)=[^\s"'<>]{1,200}?&Signature=([A-Za-z0-9%+/]{20,600}={0,2})`),
			Why: "Reads or writes one object, as far and as long as the rest of the URL says.",
		},
	}
}
