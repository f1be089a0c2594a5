package cli

import (
	"fmt"
	"strings"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/report"
	"keysweep/rotation"
)

// due says what is due, from the snapshot.
func (s *status) due() error {
	a, err := dueItems(s.ctx, s.env, ownSnapshotQuestion(s.env))
	if err != nil {
		return err
	}
	const area = "due"
	d := a.report(s.env)
	s.problems = append(s.problems, d.Problems...)
	if len(d.Problems) > 0 {
		s.lines = append(s.lines, statusLine{area: area, state: report.Bad, text: "could not look everywhere", next: "keysweep rotate-due"})
		return nil
	}
	counts := map[policy.DueState]int{}
	for i := range a.items {
		counts[a.items[i].State]++
	}
	text, good := d.Verdict()
	switch {
	case text == "":
		s.note(area, "keysweep key generate, key adopt FILE or cred add NAME", "nothing is tracked")
	case good:
		s.good(area, "%s", text)
	default:
		s.bad(area, "keysweep rotate-due", "%s%s", text, mentioned(counts))
	}
	s.separate(a.records)
	return nil
}

// separate says whether one secret serves for several things.
func (s *status) separate(records []rotation.Record) {
	var what []string
	for _, shared := range policy.Shared(records) {
		what = append(what, shared.Evidence)
	}
	if len(what) > 0 {
		s.bad("separate keys", "keysweep cred list", "%s used for several things: %s", counted(len(what), "secret", "secrets"), names(what))
	}
}

// mentioned says which states deserve to be named.
func mentioned(counts map[policy.DueState]int) string {
	var parts []string
	for _, state := range []policy.DueState{policy.StateCompromised, policy.StateOverdue, policy.StateUnknown, policy.StateRetiring} {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// keys says how the SSH keys of this account stand: protected, backed up, and everything else that key list looks at.
func (s *status) keys() error {
	l, err := s.listKeys()
	if err != nil {
		return err
	}
	var unprotected, unsaved []string
	others, recorded := 0, 0
	for i := range l {
		name := s.nameOf(&l[i])
		if l[i].ledger.Record() != nil {
			recorded++
		}
		bare, unsafe, other := sorted(l[i].verdicts)
		if bare {
			unprotected = append(unprotected, name)
		}
		if unsafe {
			unsaved = append(unsaved, name)
		}
		if other {
			others++
		}
	}
	if len(l) == 0 {
		s.note("SSH keys", "keysweep key generate", "none here")
		return nil
	}
	if len(unprotected) > 0 {
		s.bad("passphrases", "keysweep key passphrase "+shellWord(unprotected[0]), "%s without: %s", counted(len(unprotected), "key", "keys"), names(unprotected))
	} else {
		s.good("passphrases", "every key here has one")
	}
	if len(unsaved) > 0 {
		s.bad("backups", "keysweep key backup "+shellWord(unsaved[0]), "%s without a proven one: %s", counted(len(unsaved), "key", "keys"), names(unsaved))
	} else if recorded > 0 {
		s.good("backups", "every recorded key has a proven one (%d)", recorded)
	} else {
		s.note("backups", "keysweep key adopt FILE", "not known: the ledger knows none of the keys here")
	}
	if others > 0 {
		s.bad("SSH keys", "keysweep key list -v", "%s of %d with something else wrong", counted(others, "key", "keys"), len(l))
	} else {
		s.good("SSH keys", "%s, nothing else wrong", counted(len(l), "key", "keys"))
	}
	return nil
}

// listKeys is key list without the ledger: what it would say is in the snapshot.
func (s *status) listKeys() ([]listedKey, error) {
	settings, err := readPolicy(s.env)
	if err != nil {
		return nil, err
	}
	l := &keyList{env: s.env, opts: &keyListOptions{}, rules: settings.rules}
	if snap, err := readSnapshot(s.ctx, s.env, snapshotPath(s.env)); err == nil { // if not, due has said so
		l.records = snap.Records
	}
	found, err := inventory.Walk(s.ctx, inventoryEnv(s.env), inventory.Options{Paths: append(settings.paths, recordedPaths(s.env, l.records)...)})
	if err != nil {
		return nil, err
	}
	return l.judge(found), nil
}

func (s *status) nameOf(k *listedKey) string {
	if r := k.ledger.Record(); r != nil && r.Name != "" {
		return r.Name
	}
	if path := k.Path(); path != "" {
		return homePath(s.env, path)
	}
	return k.Fingerprint()
}

// sorted says what kinds of things are wrong with a key. What is due is said elsewhere.
func sorted(verdicts []policy.Verdict) (unprotected, unsaved, other bool) {
	for _, v := range verdicts {
		switch {
		case v.Excused != nil || v.Severity <= finding.Info:
		case v.Check == "key-no-passphrase":
			unprotected = true
		case strings.HasPrefix(v.Check, "key-no-backup"), strings.HasPrefix(v.Check, "key-backup-"):
			unsaved = true
		case v.Check != "key-overdue" && v.Check != "key-due-soon" && v.Check != "key-age-unknown":
			other = true
		}
	}
	return unprotected, unsaved, other
}
