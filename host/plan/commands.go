// Package plan holds what is looked at of a machine: the programs that may be asked, and the files that a collection holds. It is one table,
// from which the live source takes what it may run, and a collection what it brings home.
//
// Start at Commands and Files.
package plan

import (
	"slices"
	"strings"
)

// Command is a program that only looks.
type Command struct {
	// Argv is the program's name and its arguments. An argument "*" stands for one word that is chosen when it is run, see Word; "..." at the
	// end for options of sshd's with such words: those that it is started with.
	Argv []string
	// Seconds is how long it may take; 0 for the usual 20.
	Seconds int
}

// Fixed reports whether all words are settled, so that a collection can hold the answer.
func (c Command) Fixed() bool {
	return !slices.Contains(c.Argv, "*") && !slices.Contains(c.Argv, "...")
}

// String returns the words with single spaces between them.
func (c Command) String() string { return strings.Join(c.Argv, " ") }

// commands is the table: a line for each, in the order of what they are about. What is not here is not run.
const commands = `
uname -r
sshd -T
sshd -t
sshd -t ...
sshd -T -C * ...
sshd -V
ssh -V
nft -j list ruleset
ps -ww -C sshd -o pid=,args=
iptables-save
ip6tables-save
iptables-legacy-save
ip6tables-legacy-save
ipset save
firewall-cmd --state
fail2ban-client -t
fail2ban-client ping
nmcli -t -f active,ssid,security dev wifi
apt-get -s -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= dist-upgrade
dnf -q -C check-update
dnf -q -C check-update --security
needrestart -b
needs-restarting -r
last -x -F -n 50 reboot shutdown
last -w -F -i -n 5000
journalctl --no-pager --utc --output=short-iso --identifier=sshd --identifier=sshd-session --grep=^Accepted --lines=20000
grep -a -h -E sshd(-session)?.[0-9]+.:.Accepted.[a-z/-]+.for.+.from.+.port.[0-9]+ /var/log/auth.log /var/log/auth.log.1 /var/log/secure /var/log/secure.1 /var/log/messages /var/log/messages.1
`

// slow are the programs that may take longer than usual, with their seconds: package managers read all of their lists.
const slow = `
apt-get 60
dnf 60
needrestart 60
journalctl 60
`

// usual is how long a program may take, in seconds.
const usual = 20

// Commands returns the table.
func Commands() (list []Command) {
	for line := range strings.Lines(strings.TrimSpace(commands)) {
		list = append(list, command(strings.TrimSpace(line)))
	}
	return list
}

func command(line string) Command {
	c := Command{Argv: strings.Fields(line), Seconds: usual}
	for s := range strings.Lines(strings.TrimSpace(slow)) {
		if name, seconds, _ := strings.Cut(strings.TrimSpace(s), " "); name == c.Argv[0] {
			c.Seconds = 0
			for _, digit := range seconds {
				c.Seconds = c.Seconds*10 + int(digit-'0')
			}
		}
	}
	return c
}

// Find returns the command of the table that argv is one of.
func Find(argv []string) (Command, bool) {
	for _, c := range Commands() {
		if c.fits(argv) {
			return c, true
		}
	}
	return Command{}, false
}

func (c Command) fits(argv []string) bool {
	if n := len(c.Argv) - 1; n >= 0 && c.Argv[n] == "..." {
		if len(argv) < n || !options(argv[n:]) {
			return false
		}
		argv, c.Argv = argv[:n], c.Argv[:n]
	}
	if len(argv) != len(c.Argv) {
		return false
	}
	for i, word := range c.Argv {
		if word != argv[i] && !(word == "*" && Word(argv[i])) {
			return false
		}
	}
	return true
}

// options reports whether words are pairs of one of sshd's options, -f FILE, -o NAME=VALUE or -p PORT, and a Word.
func options(words []string) bool {
	if len(words)%2 != 0 || len(words) > 64 {
		return false
	}
	for i := 0; i < len(words); i += 2 {
		if !slices.Contains([]string{"-f", "-o", "-p"}, words[i]) || !Word(words[i+1]) {
			return false
		}
	}
	return true
}

// Word reports whether a word may be chosen for a "*": it is no option, and holds nothing but letters, digits and -._:,=@/+%[].
func Word(word string) bool {
	return word != "" && len(word) <= 512 && word[0] != '-' && !strings.ContainsFunc(word, func(r rune) bool {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return false
		}
		return !strings.ContainsRune("-._:,=@/+%[]", r)
	})
}
