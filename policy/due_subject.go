package policy

import (
	"fmt"
	"path/filepath"
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// dueSubject is a subject before its judge.
type dueSubject struct {
	DueSubject
	now      time.Time
	item     DueItem
	aliases  []string // what rules and exemptions may call it
	rule     figures
	age      age
	deadline time.Time // when the greatest age is reached, by what is known of it; zero if nothing is
}

// describe says what the item is.
func (s *dueSubject) describe() {
	it := &s.item
	it.Age = -1
	it.Kind = rotation.KindSSH
	it.Tracked = s.Record != nil
	if r := s.Record; r != nil {
		it.Kind, it.ID, it.Name, it.Env, it.Owner, it.Service = r.Kind, r.ID, recordName(r), r.Env, r.Owner, r.Service
		it.Provider, it.Machine, it.Fingerprint, it.Path, it.Expires = r.Provider, r.Machine, r.Fingerprint, r.Path, whole(r.Expires)
		s.aliases = append(s.aliases, r.ID, r.Name, it.Name)
	}
	if s.Key != nil {
		s.describeKey()
	}
	if s.Certificate != nil {
		s.describeCertificate()
	}
	for _, alias := range []string{it.Fingerprint, it.Path} {
		if alias != "" {
			s.aliases = append(s.aliases, alias)
		}
	}
}

// recordName is what commands call a record.
func recordName(r *rotation.Record) string {
	if r.Kind == rotation.KindAPI && r.Env != "" {
		return r.Env + "/" + r.Name
	}
	return r.Name
}

func (s *dueSubject) describeKey() {
	it := &s.item
	it.Found = len(s.Key.Files)+len(s.Key.PublicFiles)+len(s.Key.Agent)+len(s.Key.Authorized) > 0
	if it.Fingerprint == "" {
		it.Fingerprint = s.Key.Fingerprint()
	}
	if !it.Found {
		return
	}
	for _, f := range s.Key.Files {
		s.aliases = append(s.aliases, f.Path)
	}
	if it.Path == "" || it.Machine == s.Machine {
		it.Machine, it.Path = s.Machine, s.Key.Path()
	}
	if it.Name == "" {
		it.Name = foundName(s.Key)
	}
}

// foundName is what a key is called that the ledger does not know: its file, or where else it is.
func foundName(k *inventory.Key) string {
	switch {
	case k.Path() != "":
		return k.Path()
	case len(k.Authorized) > 0:
		return fmt.Sprintf("%s:%d", k.Authorized[0].Path, k.Authorized[0].Number)
	case len(k.Agent) > 0 && k.Comment != "":
		return "agent: " + k.Comment
	}
	return k.Fingerprint()
}

func (s *dueSubject) describeCertificate() {
	it, c := &s.item, s.Certificate
	s.aliases = []string{c.KeyID} // what is decided about the key is not decided about this
	it.Kind, it.ID, it.Tracked, it.Found, it.Machine, it.Path, it.Expires = KindCertificate, "", false, true, s.Machine, c.Path, whole(c.Until)
	if it.Name = c.Path; it.Name == "" {
		it.Name = "agent: " + c.KeyID
	}
}

// whole is a time in whole seconds and UTC.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// date finds out how old the item is and when it is due.
func (s *dueSubject) date(rules RotationRules) {
	it := &s.item
	period := s.rule.maxAge
	if s.Certificate != nil {
		period = s.dateCertificate()
	} else {
		s.dateAge(rules)
	}
	if !it.Expires.IsZero() && (it.Due.IsZero() || !it.Expires.After(it.Due)) {
		it.Due = it.Expires
		if !it.Created.IsZero() && it.Created.Before(it.Due) {
			if period = it.Due.Sub(it.Created); !it.Exact {
				period = max(period, s.rule.maxAge) // it may be older: then the warning begins earlier
			}
		}
	}
	if !it.Created.IsZero() {
		it.Age = wholeDays(it.Created, s.now)
	}
	if it.Due.IsZero() {
		return
	}
	it.Soon = earlier(it.Due, s.rule.warn.before(max(period, 0))) // a certificate may end before it begins
	it.Overdue = later(it.Due, s.rule.grace)
	if s.age.vague && s.deadline.After(it.Due) && !it.Due.Equal(it.Expires) {
		it.Overdue = later(s.deadline, s.rule.grace)
	}
}

func (s *dueSubject) dateCertificate() (life time.Duration) {
	it := &s.item
	if s.Certificate.From.IsZero() {
		return s.rule.maxAge
	}
	it.Created, it.Exact = whole(s.Certificate.From), true
	it.Evidence = inventory.Evidence{Source: inventory.FromCertificate, At: it.Created, Detail: it.Path}
	return it.Expires.Sub(it.Created)
}

func (s *dueSubject) dateAge(rules RotationRules) {
	it := &s.item
	s.age = ageOf(s.Key, s.Record, s.now)
	it.MaxAge, it.Rule = s.rule.maxAge, s.rule.where
	it.Evidence, it.Exact, it.Created = s.age.oldest, s.age.exact, whole(s.age.oldest.At)
	if !it.Created.IsZero() {
		s.deadline = later(it.Created, s.rule.maxAge)
		it.Due = s.deadline
	}
	if s.age.vague {
		s.dateUnknown(rules)
	}
}

// dateUnknown gives something of unknown age the time to find out.
func (s *dueSubject) dateUnknown(rules RotationRules) {
	since := s.item.Created
	if since.IsZero() && s.Record == nil && !s.Since.After(s.now.Add(clockSkew)) {
		since = whole(s.Since)
	}
	if end := later(since, rules.Onboarding); !since.IsZero() && (s.deadline.IsZero() || end.Before(s.deadline)) {
		s.item.Due = end
	}
}

// file is the private key file on this machine that names the key; "" if there is none.
func (s *dueSubject) file() string {
	if s.Key == nil || len(s.Key.Files) == 0 {
		return ""
	}
	return filepath.Clean(s.Key.Files[0].Path)
}
