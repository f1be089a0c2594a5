package policy

import (
	"cmp"
	"slices"
	"time"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// Ledger is what the ledger knows of one key. The zero value is that nothing is known.
type Ledger struct {
	Records []rotation.Record   // those with the key's fingerprint, or else its path; several share the key
	Grave   *rotation.Tombstone // the key was retired or given away; nil if not
}

// Record returns the record that counts: the first of a key in use, or else the first. Nil if there is none.
func (l Ledger) Record() *rotation.Record {
	for i := range l.Records {
		if l.Records[i].Status.Live() {
			return &l.Records[i]
		}
	}
	if len(l.Records) > 0 {
		return &l.Records[0]
	}
	return nil
}

// Check is something that keys are judged by.
type Check struct {
	ID        string           // "key-no-passphrase"
	Severity  finding.Severity // the worst it gives
	Title     string           // what is wrong, in a few words
	Why       string           // one sentence: why it matters
	Reference string           // where the demand and its figures come from
}

// keyCheck is a Check and how it judges.
type keyCheck struct {
	Check
	judge func(s *subject)
}

// KeyChecks returns every check of keys, in the order of their ids.
func KeyChecks() []Check {
	var list []Check
	for _, c := range keyChecks() {
		list = append(list, c.Check)
	}
	slices.SortFunc(list, func(a, b Check) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func keyChecks() []keyCheck {
	return slices.Concat(protectionChecks(), strengthChecks(), accessChecks(), placeChecks(), useChecks(), ageChecks(), backupChecks())
}

// Key judges a key at a time. The worst verdicts come first; those that an exemption of the rules excuses are among them.
// Facts that are not known are not held against the key: one that only authorized_keys or the agent shows is judged by its
// type, its age and the ledger alone.
func Key(k *inventory.Key, l Ledger, rules KeyRules, now time.Time) []Verdict {
	s := subject{Key: k, ledger: l, rec: l.Record(), rules: rules, now: now}
	for _, c := range keyChecks() {
		s.check = c.Check
		c.judge(&s)
	}
	for i := range s.verdicts {
		s.verdicts[i].Excused = rules.excuse(&s, s.verdicts[i], now)
	}
	slices.SortStableFunc(s.verdicts, func(a, b Verdict) int { return cmp.Compare(b.Severity, a.Severity) })
	return s.verdicts
}

// subject is a key before its judges.
type subject struct {
	*inventory.Key
	ledger   Ledger
	rec      *rotation.Record // nil if the ledger does not know the key
	rules    KeyRules
	now      time.Time
	check    Check
	verdicts []Verdict
}

// say gives a verdict of the check at hand. path is the file it is about.
func (s *subject) say(severity finding.Severity, path, evidence, fix string) {
	s.verdicts = append(s.verdicts, Verdict{
		Check: s.check.ID, Severity: severity, Title: s.check.Title, Why: s.check.Why, Fix: fix, Evidence: evidence, Path: path,
	})
}

// name is what commands call the key: its name in the ledger, or else its file.
func (s *subject) name() string {
	if s.rec != nil && s.rec.Name != "" {
		return quote(s.rec.Name)
	}
	return quote(s.Path())
}

// renew is the command that puts a new key in place of this one.
func (s *subject) renew() string {
	if s.rec != nil {
		return renew(s.rec, false, "")
	}
	return "make a new key: keysweep key generate"
}
