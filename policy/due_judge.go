package policy

import (
	"fmt"
	"strings"
	"time"

	"keysweep/rotation"
)

// judge finds the item's state, how much it presses, and what to do.
func (s *dueSubject) judge(rules RotationRules) {
	it := &s.item
	it.Exemption = rules.exemption(s)
	switch {
	case s.Record == nil && s.Key == nil && s.Certificate == nil:
		it.State, it.Why = StateRetired, "there is nothing to judge"
	case s.Certificate == nil && s.Record != nil && s.ended():
	case s.Key != nil && s.Key.HostKey:
		it.State, it.Why = StateOK, "a host is known by its key, which stays"
	default:
		it.Urgency = s.urgency()
		it.State, it.Why = s.state(), s.why()
		s.exempt()
	}
	it.Fix = s.fix()
}

// ended judges records whose status decides alone, and reports whether it did.
func (s *dueSubject) ended() bool {
	it, r := &s.item, s.Record
	switch {
	case r.Status == rotation.Compromised:
		it.State, it.Urgency, it.Why = StateCompromised, PastDue, "others know it; it is due until it is revoked"
	case !r.Status.Live() && s.Key != nil && places(s.Key) != "":
		it.State, it.Urgency, it.Why = StateRetiring, DueNow, string(r.Status)+" in the ledger, but still in "+places(s.Key)
	case !r.Status.Live():
		it.State, it.Why = StateRetired, "out of use"
	default:
		return false
	}
	return true
}

// reached reports whether it is t or later.
func (s *dueSubject) reached(t time.Time) bool { return !t.IsZero() && !s.now.Before(t) }

// urgency compares the dates with now.
func (s *dueSubject) urgency() Urgency {
	switch it := &s.item; {
	case s.reached(it.Overdue):
		return PastDue
	case s.reached(it.Due):
		return DueNow
	case it.Due.IsZero() && s.unknown() && s.Record != nil:
		return DueNow // not even when it was first seen is known: there is no time to wait for
	case s.reached(it.Soon), s.unknown(), s.retiring():
		return DueSoon
	}
	return NotDue
}

func (s *dueSubject) retiring() bool { return s.Record != nil && s.Record.Status == rotation.Retiring }

// unknown reports whether no date tells how old the item is. That it was seen long ago is enough to know that it is due.
func (s *dueSubject) unknown() bool {
	return s.Certificate == nil && s.age.vague && !s.reached(s.deadline) && !s.reached(s.item.Expires)
}

func (s *dueSubject) state() DueState {
	switch {
	case s.Certificate == nil && s.retiring():
		return StateRetiring
	case s.unknown():
		return StateUnknown
	}
	return []DueState{NotDue: StateOK, DueSoon: StateSoon, DueNow: StateDue, PastDue: StateOverdue}[s.item.Urgency]
}

// exempt takes an exemption into account. One that is about to end is announced, if the item is due then.
func (s *dueSubject) exempt() {
	it, x := &s.item, s.item.Exemption
	switch {
	case x == nil || it.State == StateRetiring:
		return
	case x.Ended && it.Urgency > NotDue:
		it.Why += fmt.Sprintf("; the exemption ended on %s (%s)", date(x.Until), x.Where)
		return
	case x.Ended:
		return
	}
	until, announced := "for good", false
	if !x.Until.IsZero() {
		end := x.Until.Add(day)
		until, announced = "until "+date(x.Until), s.reached(end.Add(-s.rule.warn.before(s.rule.maxAge))) && !it.Due.After(end)
	}
	it.Why = fmt.Sprintf("exempt %s: %s (%s); %s", until, x.Reason, x.Where, it.Why)
	if it.State, it.Urgency = StateExempt, NotDue; announced {
		it.Urgency = DueSoon
	}
}

// why says in a sentence what the dates rest on.
func (s *dueSubject) why() string {
	it := &s.item
	var parts []string
	if s.retiring() {
		said := "replaced, but not yet gone everywhere"
		for i, target := range s.Record.ActiveInstallations(s.now) {
			said += []string{": ", ", "}[min(i, 1)] + target.Target
		}
		parts = append(parts, said)
	}
	switch {
	case s.Certificate != nil && it.Expires.IsZero():
		parts = append(parts, "it has no end; the age of its key counts")
	case s.Certificate != nil:
	default:
		parts = append(parts, s.whyAge())
	}
	if !it.Expires.IsZero() {
		parts = append(parts, fmt.Sprintf("it ends on %s", date(it.Expires)))
	}
	return strings.Join(parts, "; ")
}

func (s *dueSubject) whyAge() string {
	it := &s.item
	rule := fmt.Sprintf("the rule is %s (%s)", inDays(it.MaxAge), it.Rule)
	switch future := s.age.future; {
	case s.age.vague && !future.At.IsZero():
		return fmt.Sprintf("its age is unknown: its dates lie in the future (%s, %s)", future.Source, date(future.At))
	case s.age.vague && it.Created.IsZero():
		return "its age is unknown: there is no date at all"
	case s.unknown():
		return fmt.Sprintf("its age is unknown; it was first seen on %s", date(it.Created))
	case it.Exact:
		return fmt.Sprintf("%s old (%s, %s); %s", countDays(it.Age), it.Evidence.Source, date(it.Created), rule)
	}
	return fmt.Sprintf("at least %s old (%s, %s); %s", countDays(it.Age), it.Evidence.Source, date(it.Created), rule)
}
