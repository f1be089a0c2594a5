package bundle

import (
	"slices"
	"strings"
)

// secretWords end the names of settings whose values are secrets, in small letters.
const secretWords = `pass password passwd passphrase pwd secret token credential credentials psk ` +
	`apikey api[_-]key accesskey access[_-]key secretkey secret[_-]key privatekey private[_-]key authkey auth[_-]key presharedkey preshared[_-]key`

// needSecret are in each line that holds one of secretWords.
func needSecret() []string {
	return []string{"pass", "pwd", "secret", "token", "credential", "psk", "key"}
}

// secretName is secretWords as a group of an expression, whatever the case of the letters.
func secretName() string {
	var words []string
	for _, word := range strings.Fields(secretWords) {
		words = append(words, anyCase(word))
	}
	return "(" + strings.Join(words, "|") + ")[0-9]*"
}

// anyCase is an expression for a word in small and capital letters. Brackets stay as they are.
func anyCase(word string) string {
	var b strings.Builder
	inside := false
	for _, r := range word {
		switch {
		case r == '[' || r == ']':
			inside = r == '['
			b.WriteRune(r)
		case !inside && r >= 'a' && r <= 'z':
			b.WriteString("[" + strings.ToUpper(string(r)) + string(r) + "]")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Parts of expressions: white space, a text in quotes with what a backslash escapes, and a value: one in quotes, or up to white space.
const (
	space  = `[[:space:]]*`
	gap    = `[[:space:]]+`
	quoted = `"([^"\\]|\\.)*"`
	value  = `(` + quoted + `|'[^']*'|[^[:space:]]+)`
)

// hashes are hashes of passwords behind the name of a user, as crypt(5), LDAP and old passwd(5) files have them: a link that a user made may
// lead to any file of the kind. A locked one stays locked.
func hashes() []Filter {
	return []Filter{
		{find: `^([^:]*:[!*]*)([$][0-9a-z][0-9a-z-]*[$]|[{][A-Z0-9-]+[}])[^:]*`, with: `\1withheld`},
		{find: `^([^:[:space:]]*:[!*]*)([./0-9A-Za-z]{13}|_[./0-9A-Za-z]{19})(:|$)`, with: `\1withheld\3`},
	}
}

// common are the filters of whatever is taken along.
func common() []Filter {
	name, need := secretName(), needSecret()
	return append(hashes(),
		// In URLs: passwords, tokens in the place of users, and parts of paths that are as long as no word is.
		Filter{find: `(://)[^/@:[:space:]"']*:[^[:space:]"'<>]*@`, with: `\1withheld@`, needs: []string{"://"}},
		Filter{find: `(://)[^/@:[:space:]"']+@`, with: `\1withheld@`, needs: []string{"://"}},
		Filter{find: `(://[^[:space:]"']*/)[A-Za-z0-9_-]{32,}`, with: `\1withheld`, needs: []string{"://"}},
		// NAME = VALUE, of which the value may have spaces if the line begins so; NetworkManager's keyfiles and wpa_supplicant.conf(5) among them.
		Filter{find: `^(` + space + `([A-Za-z0-9_. -]*` + name + `|pin|wep[_-]key[0-3]?|password-raw)` + space + `[+]?=` + space + `).*`, with: `\1withheld`,
			needs: append([]string{"pin", "wep"}, need...)},
		Filter{find: `(` + name + space + `=` + space + `)` + value, with: `\1withheld`, needs: need},
		// --NAME VALUE; NAME "VALUE" and NAME("VALUE") of apt, rsyslog and syslog-ng; "NAME": "VALUE" of JSON.
		Filter{find: `((^|[[:space:]"'=])--?[A-Za-z0-9_-]*` + name + gap + `)` + value, with: `\1withheld`, needs: need},
		Filter{find: `(` + name + `(` + gap + `|` + space + `[(]` + space + `))` + quoted, with: `\1"withheld"`, needs: need},
		Filter{find: `("[^"]*` + name + `"` + space + `:` + space + `)` + quoted, with: `\1"withheld"`, needs: need},
		// What sshd is told on its command line to set for sessions.
		Filter{find: `(` + anyCase("setenv") + `[[:space:]=]+)[^[:space:]"']+`, with: `\1WITHHELD=withheld`, needs: []string{"setenv"}},
		// Headers of HTTP, and tokens of well-known services wherever they stand.
		Filter{find: `(` + anyCase("authorization") + space + `[:=]` + space + `).*`, with: `\1withheld`, needs: []string{"authorization"}},
		Filter{find: `((Bearer|Basic|Splunk|Token)` + gap + `)[A-Za-z0-9._~+/=-]{8,}`, with: `\1withheld`, needs: []string{"bearer", "basic", "splunk", "token"}},
		Filter{find: `(^|[^A-Za-z0-9+/])(gh[pousr]_|github_pat_|glpat-|[sr]k_live_|xox[abprs]-|AKIA|ASIA|AIza|npm_|dop_v1_|hvs[.]|eyJ)[A-Za-z0-9_.-]{10,}`, with: `\1withheld`,
			needs: []string{"gh", "glpat", "k_live_", "xox", "akia", "asia", "aiza", "npm_", "dop_v1_", "hvs.", "eyj"}},
	)
}

// comments says nothing that a check needs, but for what looks like a comment to others: apt's #clear and #include, that of sudo, sudo's users
// by number, and what ufw notes of its rules.
func comments() Filter {
	return Filter{find: `^(` + space + `[#;]).*`, with: `\1`, unless: `^` + space + `#+(clear|include|[0-9]+[[:space:]].*=| tuple )`, needs: []string{"#", ";"}}
}

const (
	shadowFiles = "*/shadow | */shadow- | */gshadow | */gshadow-"
	passwdFiles = "*/passwd | */passwd- | */group | */group-"
	nodeFiles   = "*/bitcoin.conf | */zelcash.conf | */flux.conf | */litecoin.conf | */zcash.conf"
	unitFiles   = "*/systemd/* | *.service | *.socket | *.timer | *.target | *.mount | *.automount | *.swap | *.path | *.slice | *.scope | *.netdev | *.network"
	sudoFiles   = "*/sudoers | */sudoers.d/*"
	sshFiles    = "*/ssh/* | */.ssh/* | *sshd_config* | */default/ssh | */sysconfig/sshd | */conf.d/sshd | " + Said + "sshd | " + Said + "ps"
	cloudFiles  = "*/instance-data*.json"
)

// Groups returns what is taken out of which files, in the order in which they are looked at; the last one fits all.
func Groups() []Group {
	own := []Group{
		// shadow(5): a locked password stays locked, none stays none, any other is only said to be there. So passwd(5), where x refers to shadow(5).
		{shadowFiles, []Filter{{find: `^([^:]*:[!*]+)[^:]*`, with: `\1`}, {find: `^([^:]*:)[^:!*][^:]*`, with: `\1withheld`}}},
		{passwdFiles, []Filter{{find: `^([^:]*:)([^:!*x][^:]*|x[^:]+)`, with: `\1withheld`}}},
		// Nodes of Bitcoin's kind: of their settings, those that say who may ask stay. All others lose their values: passwords, keys of identities.
		{nodeFiles, []Filter{{find: `=.*`, with: `=withheld`, unless: `^` + space + `(rpcallowip|rpcbind|rpcport)` + space + `=`}}},
		{unitFiles, []Filter{units()}},
		{sudoFiles, []Filter{{find: `(/[^[:space:],:]*)` + gap + `([^,:\\]|\\.)+`, with: `\1 withheld`, unless: `^` + space + `[#@]?(include|Defaults)`}}},
		{sshFiles, ssh()},
		{"*/rsyslog*", []Filter{{find: `(:om[a-z]+:[^,]*,).*`, with: `\1withheld`}, {find: `([[:space:]]>[^,]*,).*`, with: `\1withheld`},
			{find: `(\[)[^]@[[:space:]]+(@[0-9])`, with: `\1withheld\2`}, {find: `(header[a-z]*` + space + `=` + space + `)` + quoted, with: `\1"withheld"`}}},
		{"*/syslog-ng*", []Filter{{find: `((` + secretName() + `|url|uri|headers)` + space + `[(])[^)]*`, with: `\1withheld`}}},
		{cloudFiles, cloud()},
	}
	for i, g := range own {
		own[i].Filters = slices.Concat(g.Filters, []Filter{comments()}, common())
	}
	return append(own, Group{Said + "*", common()}, Group{"*", append([]Filter{comments()}, common()...)})
}

// ssh are the filters of what OpenSSH reads and sshd -T says: variables that it sets, and what is behind the programs that it runs.
func ssh() []Filter {
	var names []string
	for _, name := range []string{"forcecommand", "authorizedkeyscommand", "authorizedprincipalscommand", "proxycommand", "localcommand", "remotecommand", "knownhostscommand"} {
		names = append(names, anyCase(name))
	}
	command := `((` + strings.Join(names, "|") + `)[[:space:]=]+`
	return []Filter{
		{find: `((command|environment)=)` + quoted, with: `\1"withheld"`},
		{find: `^(` + space + anyCase("setenv") + `[[:space:]=]+)[^[:space:]].*`, with: `\1WITHHELD=withheld`},
		{find: command + `)"[^"]*"?`, with: `\1/withheld`},
		{find: command + `[^"[:space:]]+)` + gap + `.*`, with: `\1 withheld`},
	}
}

// cloud leaves nothing of cloud-init's instance-data.json but the cloud's name and region: older versions have user data in it.
func cloud() []Filter {
	const plain = `"([A-Za-z0-9._-]*)"`
	return []Filter{
		{find: `[<>]`, with: ``},
		{find: `"(cloud_name|region)"` + space + `:` + space + plain, with: `<\1:\2>`},
		{find: `"v1"` + space + `:`, with: `<v1>`},
		{find: quoted, with: `"withheld"`},
		{find: `<(cloud_name|region):([A-Za-z0-9._-]*)>`, with: `"\1": "\2"`},
		{find: `<v1>`, with: `"v1":`},
	}
}
