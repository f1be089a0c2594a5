package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/report"
	"keysweep/rotation"
)

// userID is the user's number; -1 on Windows, where files have no such owner.
func userID() int { return os.Getuid() }

// keyColumns are the columns of key list. Those without a title are for JSON and CSV.
func keyColumns(ledger bool) []report.Column {
	backup, name := "BACKUP", "LEDGER"
	if !ledger {
		backup, name = "", ""
	}
	return []report.Column{
		{Name: "key", Title: "KEY", Least: 18, Tail: true},
		{Name: "type", Title: "TYPE"},
		{Name: "bits"},
		{Name: "age", Title: "AGE", Least: 9},
		{Name: "age_days"}, {Name: "age_at"}, {Name: "age_source"},
		{Name: "protected", Title: "PASSPHRASE"},
		{Name: "used_for", Title: "USED FOR", Least: 8},
		{Name: "agent", Title: "AGENT"},
		{Name: "shared"},
		{Name: "backup", Title: backup, Least: 6},
		{Name: "ledger", Title: name, Least: 8},
		{Name: "state", Title: "STATE", Least: 24},
		{Name: "fingerprint"}, {Name: "comment"},
		{Name: "files"}, {Name: "public_files"}, {Name: "certificates"}, {Name: "authorized"}, {Name: "hosts"}, {Name: "host_key"},
		{Name: "verdicts"},
	}
}

// row makes a key's row, its cells in the order of keyColumns.
func (l *keyList) row(k *listedKey) report.Row {
	age, days, evidence := l.age(k)
	cells := []report.Cell{
		{Text: l.name(k)},
		{Text: kindWords(k.Type, k.Bits), Value: k.Type},
		{Text: positive(k.Bits), Value: k.Bits},
		age, days, {Text: instant(evidence.At)}, {Text: evidence.Source},
		protectedCell(&k.Key),
		l.usedFor(k),
		yesCell(len(k.Agent) > 0),
		l.shared(k),
		l.backup(k),
		l.ledgerCell(k),
		stateCell(k.verdicts),
		{Text: k.Fingerprint()}, {Text: k.Comment},
	}
	cells = append(cells, l.dataCells(k)...)
	return report.Row{Cells: cells, Details: l.details(k)}
}

// name is what the key is called in the first column: its file, or where else it is.
func (l *keyList) name(k *listedKey) string {
	switch path := k.Path(); {
	case path != "":
		return l.home(path)
	case len(k.Authorized) > 0:
		return fmt.Sprintf("%s:%d", l.home(k.Authorized[0].Path), k.Authorized[0].Number)
	case len(k.Agent) > 0:
		return "agent: " + k.Comment
	}
	if r := k.ledger.Record(); r != nil && r.Path != "" && r.Machine != l.env.Hostname {
		return r.Machine + ":" + r.Path
	} else if r != nil && r.Path != "" {
		return l.home(r.Path)
	} else if r != nil && k.Fingerprint() == "" {
		return r.Fingerprint // nothing of the key is here
	}
	return k.Fingerprint()
}

// kindWords shortens the names of algorithms: "ed25519", "rsa 4096", "ecdsa 256", "ed25519-sk".
func kindWords(keyType string, bits int) string {
	name := strings.TrimSuffix(keyType, "@openssh.com")
	sk := strings.HasPrefix(name, "sk-")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "sk-"), "ssh-")
	name = strings.Replace(name, "dss", "dsa", 1)
	if strings.HasPrefix(name, "ecdsa-") {
		name = "ecdsa"
	}
	if sk {
		name += "-sk"
	}
	switch {
	case name == "":
		return "?"
	case strings.HasPrefix(name, "ed25519") || bits == 0:
		return name
	}
	return fmt.Sprintf("%s %d", name, bits)
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// age says how old the key is at least, and how that is known.
func (l *keyList) age(k *listedKey) (words, days report.Cell, e inventory.Evidence) {
	e, exact, ok := policy.Age(&k.Key, k.ledger, l.env.Now())
	if !ok {
		return report.Cell{Text: "unknown", State: report.Dull}, report.Cell{Value: (*int)(nil)}, e
	}
	n := max(int(l.env.Now().Sub(e.At)/(24*time.Hour)), 0)
	words = report.Cell{Text: fmt.Sprintf("%d d, %s", n, sourceWord(e.Source))}
	if !exact {
		words.Text = ">= " + words.Text
	}
	return words, report.Cell{Text: fmt.Sprint(n), Value: n}, e
}

// sourceWord shortens the sources of evidence that files give.
func sourceWord(source string) string {
	short := map[string]string{
		inventory.FromCertificate: "certificate", inventory.FromGit: "git", inventory.FromBirth: "file birth",
		inventory.FromPubBirth: "birth of .pub", inventory.FromAuthorized: "authorized_keys",
		inventory.FromPubChange: "change of .pub", inventory.FromChange: "file change",
	}[source]
	if short == "" {
		return source
	}
	return short
}

func protectedCell(k *inventory.Key) report.Cell {
	switch answer := k.Protected(); answer {
	case inventory.Yes:
		return report.Cell{Text: "yes", State: report.Good}
	case inventory.No:
		state := report.Bad
		if k.HostKey {
			state = report.Plain
		}
		return report.Cell{Text: "no", State: state}
	default:
		return report.Cell{Text: "-", Value: answer.String(), State: report.Dull}
	}
}

func yesCell(yes bool) report.Cell {
	if yes {
		return report.Cell{Text: "yes", Value: true}
	}
	return report.Cell{Text: "-", Value: false, State: report.Dull}
}

// usedFor names the hosts that the key is for: those of the configuration, those of the ledger, and this account.
func (l *keyList) usedFor(k *listedKey) report.Cell {
	names := []string{}
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if k.HostKey {
		add("this host's server")
	}
	if len(k.Authorized) > 0 {
		add("login here")
	}
	for _, u := range k.Hosts {
		switch {
		case u.Match:
			add("match " + strings.Join(u.Patterns, " "))
		case len(u.Patterns) == 0:
			add("every host")
		}
		for _, p := range u.Patterns {
			if !u.Match {
				add(p)
			}
		}
	}
	for _, r := range k.ledger.Records {
		for _, h := range r.Hosts {
			add(h)
		}
		for _, i := range r.ActiveInstallations(l.env.Now()) {
			add(i.Target)
		}
	}
	if len(names) == 0 {
		return report.Cell{Text: "-", Value: names, State: report.Dull}
	}
	return report.Cell{Text: strings.Join(names, ", "), Value: names}
}

func (l *keyList) shared(k *listedKey) report.Cell {
	for _, v := range k.verdicts {
		if v.Check == "key-shared" {
			return report.Cell{Text: v.Evidence, Value: strings.Split(v.Evidence, ", ")}
		}
	}
	return report.Cell{Value: []string{}}
}

// backup says when a backup was last proven.
func (l *keyList) backup(k *listedKey) report.Cell {
	r := k.ledger.Record()
	switch {
	case r == nil:
		return report.Cell{Text: "-", Value: "unknown", State: report.Dull}
	case len(r.Backups) == 0:
		return report.Cell{Text: "none", State: report.Notable}
	}
	var at time.Time
	for _, b := range r.Backups {
		if b.Verified.After(at) {
			at = b.Verified
		}
	}
	if at.IsZero() {
		return report.Cell{Text: "never verified", State: report.Notable}
	}
	return report.Cell{Text: "verified " + at.UTC().Format(time.DateOnly)}
}

func (l *keyList) ledgerCell(k *listedKey) report.Cell {
	r := k.ledger.Record()
	switch {
	case r == nil && l.noLedger:
		return report.Cell{Text: "-", Value: "", State: report.Dull}
	case r == nil:
		return report.Cell{Text: "not recorded", Value: "", State: report.Dull}
	case r.Status != rotation.Active:
		return report.Cell{Text: fmt.Sprintf("%s (%s)", r.Name, r.Status), Value: r.Name, State: report.Notable}
	}
	return report.Cell{Text: r.Name}
}

// stateCell is the worst verdict in a few words.
func stateCell(verdicts []policy.Verdict) report.Cell {
	var worst *policy.Verdict
	more := 0
	for i := range verdicts {
		if v := &verdicts[i]; v.Excused == nil && v.Severity > finding.Info {
			if worst == nil {
				worst = v
			} else {
				more++
			}
		}
	}
	if worst == nil {
		return report.Cell{Text: "ok", State: report.Good}
	}
	text := fmt.Sprintf("%s: %s", worst.Severity, strings.TrimPrefix(worst.Check, "key-"))
	if more > 0 {
		text = fmt.Sprintf("%s +%d", text, more)
	}
	state := report.Notable
	if worst.Severity >= finding.High {
		state = report.Bad
	}
	return report.Cell{Text: text, Value: worst.Severity.String(), State: state}
}

// details are the lines below a row with -v: what the key is, then each verdict with its way out.
func (l *keyList) details(k *listedKey) (lines []report.Detail) {
	add := func(text string) { lines = append(lines, report.Detail{Text: text}) }
	if print := k.Fingerprint(); print != "" {
		add(print + " " + k.Comment)
	}
	for _, f := range k.Files[min(1, len(k.Files)):] {
		add("also in " + l.home(f.Path))
	}
	for _, v := range k.verdicts {
		what := fmt.Sprintf("%s: %s [%s]: %s", v.Severity, v.Title, v.Check, v.Evidence)
		if v.Path != "" && v.Path != k.Path() {
			what += " (" + l.home(v.Path) + ")"
		}
		if x := v.Excused; x != nil {
			what = "excused: " + what + "; because: " + x.Reason
			if x.Until != "" {
				what += ", until " + x.Until
			}
			add(what)
			continue
		}
		add(what)
		add("  why: " + v.Why)
		lines = append(lines, report.Detail{Text: "  do: " + v.Fix, Whole: true})
	}
	return lines
}
