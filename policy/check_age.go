package policy

import (
	"fmt"
	"time"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

func ageChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-overdue", finding.Medium, "a key that is due for replacement",
			"the longer a key is in use, the more copies and doors of it nobody remembers",
			"CIS benchmarks: credentials are replaced after 90 days at most; NIST SP 800-57 part 1, 5.3"}, (*subject).overdue},
		{Check{"key-due-soon", finding.Info, "a key that will be due soon",
			"replacing a key takes some days when several hosts have it",
			"the rule for the age of keys"}, (*subject).dueSoon},
		{Check{"key-age-unknown", finding.Low, "a key of unknown age",
			"without a date nobody can tell when it is due",
			"the rule for the age of keys"}, (*subject).ageUnknown},
	}
}

// clockSkew is by how much a date may lie in the future before it is called wrong.
const clockSkew = 10 * time.Minute

// Age returns the oldest evidence of a key's age, from the ledger and from files. ok is false if there is none. A key's true age
// is at least that much, and no more if keysweep made the key: its files are then a moment older than its record, which does not
// count. Dates in the future prove nothing.
func Age(k *inventory.Key, l Ledger, now time.Time) (evidence inventory.Evidence, ok bool) {
	consider := func(e inventory.Evidence) {
		if !e.At.IsZero() && !e.At.After(now.Add(clockSkew)) && (!ok || e.At.Before(evidence.At)) {
			evidence, ok = e, true
		}
	}
	for i := range l.Records {
		for _, e := range l.Records[i].Evidence {
			consider(inventory.Evidence{Source: e.Source, At: e.At, Detail: e.Detail})
		}
		consider(inventory.Evidence{Source: "first seen by keysweep", At: l.Records[i].FirstSeen})
	}
	for _, e := range k.Evidence {
		consider(e)
	}
	for i := range l.Records {
		for _, e := range l.Records[i].Evidence {
			if e.Source == rotation.MadeHere && ok && e.At.Sub(evidence.At) >= 0 && e.At.Sub(evidence.At) < clockSkew {
				return inventory.Evidence{Source: e.Source, At: e.At, Detail: e.Detail}, true
			}
		}
	}
	return evidence, ok
}

// aged returns how old the key is at least, and whether its age matters: a host's keys are known by it and stay, and a key out
// of use is judged by other checks.
func (s *subject) aged() (age time.Duration, e inventory.Evidence, ok bool) {
	if s.HostKey || s.rec != nil && (!s.rec.Status.Live() || s.rec.Status == rotation.Compromised) {
		return 0, e, false
	}
	e, ok = Age(s.Key, s.ledger, s.now)
	return s.now.Sub(e.At), e, ok
}

func (s *subject) overdue() {
	if age, e, ok := s.aged(); ok && age >= s.rules.MaxAge {
		s.say(finding.Medium, "", fmt.Sprintf("at least %s old (%s, %s); the rule is %s", inDays(age), e.Source, date(e.At), inDays(s.rules.MaxAge)), s.renew())
	}
}

func (s *subject) dueSoon() {
	if age, e, ok := s.aged(); ok && age < s.rules.MaxAge && age >= s.rules.MaxAge-s.rules.Warn {
		due := e.At.Add(s.rules.MaxAge)
		s.say(finding.Info, "", fmt.Sprintf("due on %s (%s, %s)", date(due), e.Source, date(e.At)), s.renew())
	}
}

func (s *subject) ageUnknown() {
	if s.HostKey || len(s.Files) == 0 {
		return
	}
	if _, ok := Age(s.Key, s.ledger, s.now); ok {
		return
	}
	evidence := "no date is known"
	if len(s.Evidence) > 0 {
		evidence = fmt.Sprintf("its dates lie in the future: %s, %s", s.Evidence[0].Source, date(s.Evidence[0].At))
	}
	s.say(finding.Low, "", evidence, "say how old it is: keysweep key adopt "+quote(s.Path())+" --created YYYY-MM-DD")
}
