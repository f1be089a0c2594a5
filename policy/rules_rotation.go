package policy

import (
	"slices"
	"time"

	"keysweep/rotation"
)

// RotationRules say how old keys and credentials may get. The zero value is not usable; start from DefaultRotationRules.
type RotationRules struct {
	// Rules are the figures for all, and for some: for each figure the most specific rule that has it counts, and of equally
	// specific ones the last.
	Rules      []RotationRule
	Command    RotationRule  // figures that count before all others: the command line's
	Onboarding time.Duration // something of unknown age counts as due when it was known for so long
	Exemptions []RotationExemption
}

// RotationRule is a rule for everything that its selector selects. Figures that are nil are left to others.
type RotationRule struct {
	Selector
	MaxAge *time.Duration
	Warn   *Warning
	Grace  *time.Duration // how long something may be due before it is overdue
	Where  string         // file and line: "default"
}

// RotationExemption is a decision not to replace something for a time.
type RotationExemption struct {
	Key    string // what it is for: as in Selector
	Reason string
	Until  time.Time // the last day on which it counts, in UTC; zero: no end
	Where  string    // file and line
}

// Selector says what a rule is for. Empty fields select everything.
type Selector struct {
	Kind    rotation.Kind
	Env     string
	Service string
	Key     string // name, ENV/NAME, id, fingerprint or absolute path
}

// Warning says how long before something is due it is announced: the shorter one, if both figures are set.
type Warning struct {
	Span    time.Duration // 0: not set
	Percent int           // of the whole time that it may be used; 0: not set
}

// DefaultRotationRules returns the rules in force where nobody set others: 90 days, announced 14 days before, or 20 % of the
// period where that is less, and overdue after another 14.
//
// The 90 days are the usual demand for keys and credentials of people: CIS benchmarks for cloud accounts.
func DefaultRotationRules() RotationRules {
	maxAge, grace := 90*day, 14*day
	return RotationRules{
		Rules:      []RotationRule{{MaxAge: &maxAge, Warn: &Warning{Span: 14 * day, Percent: 20}, Grace: &grace, Where: "default"}},
		Onboarding: 14 * day,
	}
}

// weight orders selectors: naming the key counts more than all else together, the kind least.
func (s Selector) weight() (weight int) {
	for i, set := range []bool{s.Kind != "", s.Env != "", s.Service != "", s.Key != ""} {
		if set {
			weight += 1 << i
		}
	}
	return weight
}

func (s Selector) selects(item *DueItem, aliases []string) bool {
	return (s.Kind == "" || s.Kind == item.Kind) && (s.Env == "" || s.Env == item.Env) &&
		(s.Service == "" || s.Service == item.Service) && (s.Key == "" || slices.Contains(aliases, s.Key))
}

// figures are what the rules say of one subject.
type figures struct {
	maxAge time.Duration
	where  string // of the rule that maxAge is from
	warn   Warning
	grace  time.Duration
}

// of returns the figures that count for a subject.
func (r RotationRules) of(s *dueSubject) (f figures) {
	age, warn, grace := -1, -1, -1
	take := func(rule *RotationRule, weight int) {
		if rule.MaxAge != nil && weight >= age {
			f.maxAge, f.where, age = *rule.MaxAge, rule.Where, weight
		}
		if rule.Warn != nil && weight >= warn {
			f.warn, warn = *rule.Warn, weight
		}
		if rule.Grace != nil && weight >= grace {
			f.grace, grace = *rule.Grace, weight
		}
	}
	for i := range r.Rules {
		if r.Rules[i].selects(&s.item, s.aliases) {
			take(&r.Rules[i], r.Rules[i].weight())
		}
	}
	take(&r.Command, 1<<10)
	return f
}

// before returns how long before its end a period is announced. A span that is no shorter than the period would announce it
// always: a fifth is taken instead.
func (w Warning) before(period time.Duration) time.Duration {
	part := period / 100 * time.Duration(w.Percent)
	switch {
	case w.Span == 0:
		return part
	case w.Span >= period && w.Percent == 0:
		return period / 5
	case w.Percent == 0:
		return w.Span
	}
	return min(w.Span, part)
}

// exemption returns the exemption for a subject, or nil: one that counts, or else the one that ended last.
func (r RotationRules) exemption(s *dueSubject) *DueExemption {
	var found *DueExemption
	for _, e := range r.Exemptions {
		if !slices.Contains(s.aliases, e.Key) || found != nil && (found.Until.IsZero() || !e.Until.IsZero() && !e.Until.After(found.Until)) {
			continue
		}
		found = &DueExemption{Reason: e.Reason, Until: e.Until, Where: e.Where, Ended: !e.Until.IsZero() && !s.now.Before(e.Until.Add(day))}
	}
	return found
}

// excuses returns what the exemptions mean for a check of keys: those of their age.
func (r RotationRules) excuses(check string) (list []Exemption) {
	if check != "key-overdue" && check != "key-due-soon" && check != "key-age-unknown" {
		return nil
	}
	for _, e := range r.Exemptions {
		list = append(list, Exemption{Check: check, Key: e.Key, Reason: e.Reason, Until: e.Until, Where: e.Where})
	}
	return list
}
