// Package practice is the table of practices: what three guides on accounts, keys and servers ask for, line by line, in our words,
// and what judges each: checks, commands, or a person who attests it. It is data; it judges nothing itself.
//
// Start at All. Nothing of a guide is missing: a test fails if a line is neither cited by a practice nor listed by Others, or if a
// practice has nothing that judges it.
package practice

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"keysweep/finding"
)

// Version of the table. It goes up when a practice is added, taken away or judged in another way.
const Version = 1

// Kind says what judges a practice.
type Kind string

// The kinds of practices.
const (
	Check     Kind = "check"         // checks of a machine
	Repo      Kind = "repo"          // what is looked for in files and repositories
	Inventory Kind = "key inventory" // what is known of keys and credentials
	Partly    Kind = "partly"        // checks judge a part of it, and a person attests the rest
	Attested  Kind = "attestation"   // only a person can say
	Incident  Kind = "incident"      // a step for the case of need: a person attests that it was taken or rehearsed
)

// Scope says what attestations of a practice are about, if nobody says otherwise.
type Scope string

// The scopes.
const (
	Account    Scope = "account"    // a person's or organisation's accounts and habits
	Host       Scope = "host"       // a machine
	Repository Scope = "repository" // a repository: its attestations lie in it
	Script     Scope = "script"     // a startup script in one version of it
)

// Practice is something that one or more of the guides ask for.
type Practice struct {
	ID       string // "ssh.root-login"
	Area     string // the id of an Area
	Title    string // what should be so, in our words
	Kind     Kind
	Lines    []Line   // of the guides; at least one
	Checks   []string // ids of the checks and rules that judge it
	Also     []string // ids of checks of other things that it stands behind, too: their results cite its lines, and do not judge it
	Commands []string // commands that judge it, without the program's name: "scan --history"
	Every    int      // days for which an attestation counts; 0: a person is not asked
	Scope    Scope    // of its attestations
	Evidence string   // what an attestation should name, in a few words
	Severity finding.Severity
}

// Line is a line of a guide.
type Line struct {
	Seed string // "000", "001", "002"
	Line int    // from 1
}

// String returns "000:62".
func (l Line) String() string { return l.Seed + ":" + strconv.Itoa(l.Line) }

// Area is a group of practices.
type Area struct{ ID, Title string }

// Areas lists the areas in the order in which they are shown.
func Areas() []Area {
	return []Area{
		{"accounts", "Accounts"},
		{"channels", "Phishing and official channels"},
		{"ssh-keys", "SSH keys"},
		{"secrets", "API keys and secrets"},
		{"monitoring", "Monitoring, alerts and logs"},
		{"network", "Network, firewall and ports"},
		{"sshd", "SSH server"},
		{"fail2ban", "Guessing of passwords"},
		{"updates", "Updates and software"},
		{"services", "Services"},
		{"scripts", "Startup scripts"},
		{"wallets", "Wallets and seed phrases"},
		{"clients", "Data of clients"},
		{"backup", "Backups"},
		{"incident", "Incidents"},
		{"organisation", "Organisation"},
	}
}

// All returns every practice, by area. The slices in them are shared: change none.
func All() []Practice { return slices.Clone(table()) }

var table = sync.OnceValue(func() (all []Practice) {
	for _, group := range []struct {
		area string
		list []Practice
	}{
		{"accounts", accountPractices()}, {"channels", channelPractices()}, {"ssh-keys", keyPractices()}, {"secrets", secretPractices()},
		{"monitoring", monitoringPractices()}, {"network", networkPractices()}, {"sshd", sshdPractices()}, {"fail2ban", fail2banPractices()},
		{"updates", updatePractices()}, {"services", servicePractices()}, {"scripts", scriptPractices()}, {"wallets", walletPractices()},
		{"clients", clientPractices()}, {"backup", backupPractices()}, {"incident", incidentPractices()}, {"organisation", organisationPractices()},
	} {
		for _, p := range group.list {
			p.Area, p.Scope = group.area, cmp.Or(p.Scope, Account)
			if p.Kind == Incident {
				p.Evidence = "the incident or the rehearsal, who did it, and how long it took"
			}
			all = append(all, p)
		}
	}
	return all
})

// Find returns the practice of an id.
func Find(id string) (Practice, bool) {
	i := slices.IndexFunc(table(), func(p Practice) bool { return p.ID == id })
	if i < 0 {
		return Practice{}, false
	}
	return table()[i], true
}

// For returns the lines of the guides that a check comes from: those of the practices that it judges or that stand behind it, or of the
// practice that has its id. They stand in the order of the guides; there are none if no guide asks for it.
func For(check string) []finding.Cite {
	var cites []finding.Cite
	for _, p := range table() {
		if p.ID == check || slices.Contains(p.Checks, check) || slices.Contains(p.Also, check) {
			cites = append(cites, p.Cites()...)
		}
	}
	slices.SortStableFunc(cites, func(a, b finding.Cite) int { return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Line, b.Line)) })
	return slices.CompactFunc(cites, func(a, b finding.Cite) bool { return a.Seed == b.Seed && a.Line == b.Line })
}

// Cites returns the lines that the practice comes from, each with the practice in our words.
func (p Practice) Cites() []finding.Cite {
	var cites []finding.Cite
	for _, l := range p.Lines {
		cites = append(cites, finding.Cite{Seed: l.Seed, Line: l.Line, Text: p.Title})
	}
	return cites
}

// Hash returns what the table holds as one short text: reports name it, so that two of them can be told apart.
func Hash() string {
	text, err := json.Marshal(struct {
		Version   int
		Practices []Practice
		Others    []Other
	}{Version, table(), Others()})
	if err != nil { // there is nothing in it that has no JSON
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// at reads lines as the table writes them: "000:10 001:81-87". What is no line is left out; a test sees to it that nothing is.
func at(text string) (lines []Line) {
	for word := range strings.FieldsSeq(text) {
		seed, rest, _ := strings.Cut(word, ":")
		first, last, isRange := strings.Cut(rest, "-")
		from, err := strconv.Atoi(first)
		if err != nil {
			continue
		}
		to := from
		if isRange {
			to, _ = strconv.Atoi(last)
		}
		for n := from; n <= to; n++ {
			lines = append(lines, Line{seed, n})
		}
	}
	return lines
}

// ids reads ids that are separated by blanks.
func ids(text string) []string { return strings.Fields(text) }
