package policy

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
	_ "time/tzdata" // the same zones everywhere

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// world makes subjects at random whose dates lie before a time, in any zone.
type world struct {
	*rand.Rand
	now   time.Time
	zones []*time.Location
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{rand.New(rand.NewPCG(seed, 4)), time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC), []*time.Location{time.UTC}}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		w.zones = append(w.zones, zone)
	}
	return w
}

func (w *world) zone() *time.Location { return w.zones[w.IntN(len(w.zones))] }

// past returns a time before now, often none, or one near where something changes.
func (w *world) past() time.Time {
	ago := time.Duration(w.IntN(200*24*3600)) * time.Second
	switch w.IntN(5) {
	case 0:
		return time.Time{}
	case 1:
		ago = []time.Duration{76 * day, 90 * day, 104 * day, 14 * day, 0}[w.IntN(5)] + time.Duration(w.IntN(3)-1)*time.Second
	}
	return w.now.Add(-max(ago, 0)).In(w.zone())
}

func (w *world) record() *rotation.Record {
	r := &rotation.Record{
		ID: "0123", Kind: []rotation.Kind{rotation.KindSSH, rotation.KindAPI}[w.IntN(2)], Name: "name", FirstSeen: w.past(), RotatedAt: w.past(),
		Status: []rotation.Status{rotation.Active, rotation.Active, rotation.Retiring, rotation.Compromised}[w.IntN(4)],
	}
	for range w.IntN(3) {
		r.Evidence = append(r.Evidence, rotation.Evidence{Source: []string{rotation.MadeHere, "stated by owner"}[w.IntN(2)], At: w.past()})
	}
	if w.IntN(3) == 0 {
		r.Expires = w.now.Add(time.Duration(w.IntN(200)-100) * day)
	}
	return r
}

func (w *world) key() *inventory.Key {
	k := &inventory.Key{Files: []inventory.File{{Path: "/id", Protected: true}}}
	for range w.IntN(3) {
		k.Evidence = append(k.Evidence, inventory.Evidence{Source: inventory.FromBirth, At: w.past()})
	}
	return k
}

func (w *world) subject() (s DueSubject) {
	kind := w.IntN(4)
	if kind != 1 {
		s.Record = w.record()
	}
	if kind == 1 || kind == 2 && s.Record.Kind == rotation.KindSSH {
		s.Key = w.key()
	}
	if s.Key != nil && w.IntN(4) == 0 {
		s.Certificate = &inventory.Certificate{Path: "/id-cert.pub", From: w.past(), Until: w.now.Add(time.Duration(w.IntN(9)-4) * day)}
	}
	s.Since = w.past()
	return s
}

func (w *world) rules() RotationRules {
	rules := DefaultRotationRules()
	for range w.IntN(3) {
		age, grace := time.Duration(1+w.IntN(100))*day, time.Duration(w.IntN(30))*day
		rules.Rules = append(rules.Rules, RotationRule{
			Selector: Selector{Kind: []rotation.Kind{"", rotation.KindSSH, KindCertificate}[w.IntN(3)], Key: []string{"", "name"}[w.IntN(2)]},
			MaxAge:   &age, Grace: &grace, Warn: &Warning{Span: time.Duration(w.IntN(20)) * day, Percent: w.IntN(60)}, Where: "test",
		})
	}
	if w.IntN(3) == 0 {
		rules.Exemptions = []RotationExemption{{Key: "name", Reason: "test", Until: w.now.Truncate(day).Add(time.Duration(w.IntN(60)-30) * day)}}
	}
	return rules
}

const worlds = 3000

// Nothing gets less urgent by waiting.
func TestDueOnlyGetsMoreUrgent(t *testing.T) {
	w := newWorld(t, 1)
	for range worlds {
		s, rules := w.subject(), w.rules()
		now, before := w.now, DueItem{}
		for range 30 {
			it := Due(s, rules, now)
			if it.Urgency < before.Urgency {
				t.Fatalf("at %s: %s (%d), and before that %s (%d)\n%+v\n%+v", now, it.State, it.Urgency, before.State, before.Urgency, s, s.Record)
			}
			before, now = it, now.Add(time.Duration(w.IntN(20*24*3600))*time.Second)
		}
	}
}

// The dates say when each urgency begins, to the second.
func TestDueDatesAreWhereUrgencyChanges(t *testing.T) {
	w := newWorld(t, 2)
	for range worlds {
		s, rules := w.subject(), w.rules()
		rules.Exemptions = nil
		if s.Record != nil {
			s.Record.Status = rotation.Active
		}
		it := Due(s, rules, w.now)
		for _, c := range []struct {
			at time.Time
			is Urgency
		}{{it.Due, DueNow}, {it.Overdue, PastDue}} {
			if c.at.IsZero() || c.at.Before(w.now) {
				continue
			}
			if got := Due(s, rules, c.at.Add(-time.Second)); got.Urgency >= c.is {
				t.Fatalf("a second before %s: %d\n%+v\n%+v", c.at, got.Urgency, got, s.Record)
			}
			if got := Due(s, rules, c.at); got.Urgency < c.is {
				t.Fatalf("at %s: %d, want %d\n%+v\n%+v", c.at, got.Urgency, c.is, got, s.Record)
			}
		}
	}
}

// The zone in which a time is written, summer or winter, changes nothing.
func TestDueInEveryZone(t *testing.T) {
	w := newWorld(t, 3)
	for range worlds {
		s, rules := w.subject(), w.rules()
		now := w.now.Add(time.Duration(w.IntN(400*24*3600)) * time.Second)
		want := Due(s, rules, now)
		if s.Record != nil {
			r := *s.Record
			r.FirstSeen, r.RotatedAt, r.Expires = r.FirstSeen.In(w.zone()), r.RotatedAt.In(w.zone()), r.Expires.In(w.zone())
			s.Record = &r
		}
		s.Since = s.Since.In(w.zone())
		got := Due(s, rules, now.In(w.zone()))
		got.Evidence.At, want.Evidence.At = got.Evidence.At.UTC(), want.Evidence.At.UTC()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	}
}

// A day is 24 hours, also in leap years and where the clocks are changed.
func TestDueOnLeapDays(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for made, want := range map[time.Time]string{
		time.Date(2023, 12, 1, 0, 0, 0, 0, time.UTC):     "2024-02-29T00:00:00Z",
		time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC):  "2024-05-29T23:59:59Z",
		time.Date(2022, 12, 1, 0, 0, 0, 0, time.UTC):     "2023-03-01T00:00:00Z",
		time.Date(2026, 3, 28, 2, 30, 0, 0, berlin):      "2026-06-26T01:30:00Z", // summer time begins the night after
		time.Date(2026, 10, 24, 2, 30, 0, 0, berlin):     "2027-01-22T00:30:00Z", // and ends
		time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC): "2000-03-30T23:59:59Z",
	} {
		it := judged(secret(made), DefaultRotationRules(), made)
		if got := it.Due.Format(time.RFC3339); got != want {
			t.Errorf("made %s: due %s, want %s", made, got, want)
		}
		if due := judged(secret(made), DefaultRotationRules(), it.Due.In(berlin)); due.State != StateDue {
			t.Errorf("made %s: %s when it is due", made, due.State)
		}
	}
}

// Dates as far apart as files can hold them do no harm.
func TestDueFarAway(t *testing.T) {
	edges := []time.Time{
		{}, time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Unix(0, 0), time.Unix(1<<31, 0), time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	rules := DefaultRotationRules()
	years := 3660 * day
	rules.Rules = append(rules.Rules, RotationRule{Selector: Selector{Kind: rotation.KindAPI}, MaxAge: &years, Grace: &years})
	for _, now := range edges {
		for _, made := range edges {
			for _, expires := range edges {
				r := secret(made)
				r.Expires = expires
				for _, it := range []DueItem{
					judged(r, rules, now), judged(r, DefaultRotationRules(), now),
					Due(certificate(made, expires)(), rules, now),
				} {
					if _, err := json.Marshal([]time.Time{it.Soon, it.Due, it.Overdue, it.Created}); err != nil {
						t.Fatalf("made %s, ends %s, now %s: %v", made, expires, now, err)
					}
					if it.Age < -1 || !it.Due.IsZero() && it.Soon.After(it.Due) || it.Overdue.Before(it.Due) {
						t.Fatalf("made %s, ends %s, now %s: %+v", made, expires, now, it)
					}
				}
			}
		}
	}
	if it := judged(secret(edges[1]), rules, edges[5]); it.Age != 3652058 || it.State != StateOverdue {
		t.Errorf("from the first to the last day: %d days, %s", it.Age, it.State)
	}
}

// Whatever lies more than ten minutes in the future says nothing of an age.
func TestDueOfTheFuture(t *testing.T) {
	w := newWorld(t, 5)
	for range worlds {
		s, rules := w.subject(), w.rules()
		if s.Record == nil || s.Certificate != nil {
			continue
		}
		want := Due(s, rules, w.now)
		r := *s.Record
		r.Evidence = append([]rotation.Evidence{{Source: "stated by owner", At: w.now.Add(clockSkew + time.Duration(1+w.IntN(1e9))*time.Second)}}, r.Evidence...)
		s.Record = &r
		got := Due(s, rules, w.now)
		got.Why, want.Why = "", "" // it is said, where nothing else is known
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	}
}

// key list and rotate-due say the same of every key.
func TestKeyListAgreesWithDue(t *testing.T) {
	w := newWorld(t, 6)
	for range worlds {
		s := w.subject()
		if s.Certificate != nil || s.Key == nil {
			continue
		}
		rules := DefaultKeyRules()
		rules.Rotation = w.rules()
		if s.Record != nil && s.Record.Status == rotation.Retiring {
			rules.Rotation.Exemptions = nil // what has begun is finished; key list excuses the age all the same
		}
		var l Ledger
		if s.Record != nil {
			l.Records = []rotation.Record{*s.Record}
		}
		said := map[string]*Verdict{}
		for _, v := range Key(s.Key, l, rules, w.now) {
			said[v.Check] = &v
		}
		it := Due(DueSubject{Record: s.Record, Key: s.Key}, rules.Rotation, w.now)
		pressing := func(check string) bool { return said[check] != nil && said[check].Excused == nil }
		overdue := it.State == StateDue || it.State == StateOverdue || it.State == StateRetiring && it.Urgency >= DueNow
		if overdue != pressing("key-overdue") || (it.State == StateSoon) != pressing("key-due-soon") || (it.State == StateUnknown) != pressing("key-age-unknown") {
			t.Fatalf("rotate-due: %s (%d): %s\nkey list: %+v", it.State, it.Urgency, it.Why, said)
		}
		if pressing("key-overdue") && said["key-overdue"].Severity != finding.Medium {
			t.Fatalf("%+v", said)
		}
	}
}
