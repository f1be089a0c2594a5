package policy

import (
	"fmt"

	"keysweep/finding"
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

// due judges the key's age as rotate-due does. ok is false where its age does not matter: a host's keys are known by it and stay,
// and a key out of use is judged by other checks. Exemptions excuse the verdicts afterwards.
func (s *subject) due() (item DueItem, ok bool) {
	if s.HostKey || s.rec != nil && (!s.rec.Status.Live() || s.rec.Status == rotation.Compromised) {
		return item, false
	}
	rules := s.rules.Rotation
	rules.Exemptions = nil
	return Due(DueSubject{Record: s.rec, Key: s.Key}, rules, s.now), true
}

func (s *subject) overdue() {
	if it, ok := s.due(); ok && it.Urgency >= DueNow && it.State != StateUnknown {
		s.say(finding.Medium, "", it.Why, s.renew())
	}
}

func (s *subject) dueSoon() {
	if it, ok := s.due(); ok && it.State == StateSoon {
		s.say(finding.Info, "", fmt.Sprintf("due on %s (%s, %s)", date(it.Due), it.Evidence.Source, date(it.Created)), s.renew())
	}
}

func (s *subject) ageUnknown() {
	if it, ok := s.due(); ok && it.State == StateUnknown && len(s.Files) > 0 {
		s.say(finding.Low, "", it.Why, "say how old it is: keysweep key adopt "+quote(s.Path())+" --created YYYY-MM-DD")
	}
}
