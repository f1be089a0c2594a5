package policy

import (
	"strings"
	"testing"
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// secret returns a credential that keysweep made at a time.
func secret(made time.Time) rotation.Record {
	return rotation.Record{
		ID: "0123456789abcdef", Kind: rotation.KindAPI, Name: "TOKEN", Env: "prod", Status: rotation.Active, FirstSeen: made,
		Evidence: []rotation.Evidence{{Source: rotation.MadeHere, At: made}},
	}
}

func judged(r rotation.Record, rules RotationRules, now time.Time) DueItem {
	return Due(DueSubject{Record: &r, Machine: "here"}, rules, now)
}

func TestDueToTheSecond(t *testing.T) {
	made := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after   time.Duration
		state   DueState
		urgency Urgency
	}{
		{0, StateOK, NotDue},
		{76*day - time.Second, StateOK, NotDue},
		{76 * day, StateSoon, DueSoon},
		{90*day - time.Second, StateSoon, DueSoon},
		{90*day - time.Nanosecond, StateSoon, DueSoon}, // whole seconds count
		{90 * day, StateDue, DueNow},
		{104*day - time.Second, StateDue, DueNow},
		{104 * day, StateOverdue, PastDue},
		{9000 * day, StateOverdue, PastDue},
	} {
		it := judged(secret(made), DefaultRotationRules(), made.Add(c.after))
		if it.State != c.state || it.Urgency != c.urgency {
			t.Errorf("after %s: %s (%d), want %s (%d)", c.after, it.State, it.Urgency, c.state, c.urgency)
		}
		if !it.Due.Equal(made.Add(90*day)) || !it.Exact || it.Age != int(c.after/day) || it.Name != "prod/TOKEN" {
			t.Errorf("after %s: %+v", c.after, it)
		}
		if (it.Fix == "") != (c.urgency == NotDue) || it.Fix != "" && it.Fix != "keysweep cred rotate prod/TOKEN" {
			t.Errorf("after %s: do %q", c.after, it.Fix)
		}
	}
}

func TestDueStates(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * day) }
	ssh := func(change func(*rotation.Record)) func() DueSubject {
		return func() DueSubject {
			r := secret(ago(10))
			r.Kind, r.Name, r.Env = rotation.KindSSH, "work key", ""
			change(&r)
			return DueSubject{Record: &r, Machine: "here"}
		}
	}
	api := func(change func(*rotation.Record)) func() DueSubject {
		return func() DueSubject {
			r := secret(ago(10))
			change(&r)
			return DueSubject{Record: &r}
		}
	}
	bare := func(r *rotation.Record) { r.Evidence = nil }
	file := &inventory.Key{Files: []inventory.File{{Path: "/home/ann/.ssh/id"}}}
	for _, c := range []struct {
		name    string
		subject func() DueSubject
		state   DueState
		urgency Urgency
		fix     string
		why     string
	}{
		{"compromised key", ssh(func(r *rotation.Record) { r.Status = rotation.Compromised }), StateCompromised, PastDue, "keysweep key revoke 'work key'", "others know it"},
		{"compromised credential", api(func(r *rotation.Record) { r.Status = rotation.Compromised }), StateCompromised, PastDue, "keysweep cred rotate prod/TOKEN", ""},
		{"retired", ssh(func(r *rotation.Record) { r.Status = rotation.Retired }), StateRetired, NotDue, "", ""},
		{"retiring", ssh(func(r *rotation.Record) {
			r.Status, r.Successor, r.Installed = rotation.Retiring, "f00", []rotation.Installation{{Target: "ann@web1"}, {Target: "ann@web2", Removed: now}, {Target: "ann@web3"}}
		}), StateRetiring, DueSoon, "keysweep key rotate 'work key'", "not yet gone everywhere: ann@web1, ann@web3; 10 days old"},
		{"retiring for too long", ssh(func(r *rotation.Record) {
			r.Status, r.Successor, r.Evidence[0].At = rotation.Retiring, "f00", ago(91)
		}), StateRetiring, DueNow, "keysweep key rotate 'work key'", ""},
		{"half revoked", ssh(func(r *rotation.Record) { r.Status = rotation.Retiring }), StateRetiring, DueSoon, "keysweep key revoke 'work key'", ""},
		{"the old value still works", api(func(r *rotation.Record) {
			r.Status, r.RotatedAt, r.FirstSeen = rotation.Retiring, ago(1), ago(200)
		}), StateRetiring, PastDue, "keysweep cred rotate prod/TOKEN", "at least 200 days old"},
		{"the new value counts", api(func(r *rotation.Record) {
			r.RotatedAt, r.FirstSeen, r.Evidence = ago(1), ago(200), []rotation.Evidence{{Source: rotation.FromProvider, At: ago(300)}}
		}), StateOK, NotDue, "", "at least 1 day old (replaced with keysweep"},
		{"replaced in the future", api(func(r *rotation.Record) {
			r.RotatedAt, r.Evidence[0].At = now.Add(90*day), ago(200)
		}), StateOverdue, PastDue, "keysweep cred rotate prod/TOKEN", "200 days old"},
		{"unknown, just seen", api(func(r *rotation.Record) { bare(r); r.FirstSeen = ago(13) }), StateUnknown, DueSoon, "keysweep cred describe prod/TOKEN --created YYYY-MM-DD", "first seen on 2026-05-19"},
		{"unknown for two weeks", api(func(r *rotation.Record) { bare(r); r.FirstSeen = ago(14) }), StateUnknown, DueNow, "keysweep cred describe prod/TOKEN --created YYYY-MM-DD", ""},
		{"known to others, and unknown", api(func(r *rotation.Record) { bare(r); r.FirstSeen, r.Status = ago(1), rotation.Compromised }), StateCompromised, PastDue, "keysweep cred rotate prod/TOKEN", ""},
		{"unknown, seen 90 days ago", api(func(r *rotation.Record) { bare(r); r.FirstSeen = ago(90) }), StateDue, DueNow, "keysweep cred rotate prod/TOKEN", "at least 90 days old"},
		{"unknown, seen 104 days ago", api(func(r *rotation.Record) { bare(r); r.FirstSeen = ago(104) }), StateOverdue, PastDue, "keysweep cred rotate prod/TOKEN", ""},
		{"no date at all", api(func(r *rotation.Record) { bare(r); r.FirstSeen = time.Time{} }), StateUnknown, DueNow, "keysweep cred describe prod/TOKEN --created YYYY-MM-DD", "there is no date at all"},
		{"all in the future", api(func(r *rotation.Record) {
			r.FirstSeen, r.Evidence[0].At = now.Add(time.Hour), now.Add(time.Hour)
		}), StateUnknown, DueNow, "keysweep cred describe prod/TOKEN --created YYYY-MM-DD", "lie in the future (made by keysweep, 2026-06-01)"},
		{"a clock a little off", api(func(r *rotation.Record) { r.Evidence[0].At, r.FirstSeen = now.Add(10*time.Minute), now }), StateOK, NotDue, "", "0 days old"},
		{"ends tomorrow", api(func(r *rotation.Record) { r.Expires = now.Add(day) }), StateSoon, DueSoon, "keysweep cred rotate prod/TOKEN", "it ends on 2026-06-02"},
		{"has ended", api(func(r *rotation.Record) { r.Expires = now }), StateDue, DueNow, "keysweep cred rotate prod/TOKEN", ""},
		{"ended long ago", api(func(r *rotation.Record) { r.Expires = ago(14) }), StateOverdue, PastDue, "keysweep cred rotate prod/TOKEN", ""},
		{"unknown, but it has ended", api(func(r *rotation.Record) { bare(r); r.FirstSeen, r.Expires = ago(1), now }), StateDue, DueNow, "keysweep cred rotate prod/TOKEN", ""},
		{"ends after it is due", api(func(r *rotation.Record) { r.Expires, r.Evidence[0].At = now.Add(day), ago(90) }), StateDue, DueNow, "keysweep cred rotate prod/TOKEN", ""},
		{"on another machine", ssh(func(r *rotation.Record) { r.Machine, r.Evidence[0].At = "web1", ago(90) }), StateDue, DueNow, "on web1: keysweep key rotate 'work key'", ""},

		{"untracked", func() DueSubject {
			k := *file
			k.Evidence = []inventory.Evidence{{Source: inventory.FromBirth, At: ago(91)}}
			return DueSubject{Key: &k}
		}, StateDue, DueNow, "keysweep key adopt /home/ann/.ssh/id", "at least 91 days old (file birth time, 2026-03-02)"},
		{"untracked and unknown", func() DueSubject { return DueSubject{Key: file} }, StateUnknown, DueSoon, "keysweep key adopt /home/ann/.ssh/id", ""},
		{"untracked and unknown since the ledger began", func() DueSubject { return DueSubject{Key: file, Since: ago(14)} }, StateUnknown, DueNow, "keysweep key adopt /home/ann/.ssh/id", ""},
		{"somebody else's", func() DueSubject {
			return DueSubject{Key: &inventory.Key{Authorized: []inventory.Line{{Path: "/home/ann/.ssh/authorized_keys", Number: 3}}, Evidence: []inventory.Evidence{{At: ago(90)}}}}
		}, StateDue, DueNow, "have its owner replace it, or remove line 3 of /home/ann/.ssh/authorized_keys", ""},
		{"in the agent", func() DueSubject {
			return DueSubject{Key: &inventory.Key{Comment: "ann@work", Agent: []inventory.AgentKey{{}}}}
		}, StateUnknown, DueSoon, "find its file, and take it into the ledger: keysweep key adopt FILE", ""},
		{"host key", func() DueSubject {
			k := *file
			k.HostKey, k.Evidence = true, []inventory.Evidence{{At: ago(900)}}
			return DueSubject{Key: &k}
		}, StateOK, NotDue, "", ""},
		{"retired and back", func() DueSubject {
			r := secret(ago(10))
			r.Kind, r.Status = rotation.KindSSH, rotation.Revoked
			return DueSubject{Record: &r, Key: file}
		}, StateRetiring, DueNow, "archive or remove it: rm /home/ann/.ssh/id", "revoked in the ledger, but still in /home/ann/.ssh/id"},
		{"older by its file", func() DueSubject {
			r := secret(ago(10))
			r.Kind = rotation.KindSSH
			k := *file
			k.Evidence = []inventory.Evidence{{Source: inventory.FromGit, At: ago(412)}}
			return DueSubject{Record: &r, Key: &k, Machine: "here"}
		}, StateOverdue, PastDue, "keysweep key rotate TOKEN", "at least 412 days old (git history of the .pub"},

		{"certificate", certificate(ago(8), now.Add(2*day+time.Second)), StateOK, NotDue, "", ""},
		{"certificate with a fifth left", certificate(ago(8), now.Add(2*day)), StateSoon, DueSoon, "have it signed again, or remove it", "it ends on 2026-06-03"},
		{"certificate of a year, 14 days before", certificate(ago(351), now.Add(14*day)), StateSoon, DueSoon, "have it signed again, or remove it", ""},
		{"certificate at its end", certificate(ago(8), now), StateDue, DueNow, "have it signed again, or remove it", ""},
		{"certificate without end", certificate(ago(900), time.Time{}), StateOK, NotDue, "", "it has no end"},
		{"certificate without beginning", certificate(time.Time{}, now.Add(13*day)), StateSoon, DueSoon, "have it signed again, or remove it", ""},
		{"nothing", func() DueSubject { return DueSubject{} }, StateRetired, NotDue, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			it := Due(c.subject(), DefaultRotationRules(), now)
			if it.State != c.state || it.Urgency != c.urgency || it.Fix != c.fix || !strings.Contains(it.Why, c.why) || it.Why == "" {
				t.Errorf("%s (%d), do %q, because %q\nwant %s (%d), do %q, because %q", it.State, it.Urgency, it.Fix, it.Why, c.state, c.urgency, c.fix, c.why)
			}
		})
	}
}

// certificate is a certificate for a key that is old itself.
func certificate(from, until time.Time) func() DueSubject {
	return func() DueSubject {
		k := &inventory.Key{Files: []inventory.File{{Path: "/id"}}, Evidence: []inventory.Evidence{{At: time.Unix(1, 0)}}}
		return DueSubject{Key: k, Certificate: &inventory.Certificate{Path: "/id-cert.pub", KeyID: "ann", From: from, Until: until}, Machine: "here"}
	}
}

func TestSortDue(t *testing.T) {
	at := func(days int) time.Time { return time.Unix(0, 0).Add(time.Duration(days) * day) }
	items := []DueItem{
		{Name: "ok", State: StateOK, Due: at(9)},
		{Name: "never", State: StateOK},
		{Name: "b", State: StateDue, Urgency: DueNow, Due: at(2)},
		{Name: "a", State: StateDue, Urgency: DueNow, Due: at(2)},
		{Name: "first", State: StateDue, Urgency: DueNow, Due: at(1)},
		{Name: "unknown", State: StateUnknown, Urgency: DueNow},
		{Name: "known", State: StateCompromised, Urgency: PastDue},
		{Name: "soon", State: StateSoon, Urgency: DueSoon, Due: at(3)},
		{Name: "overdue", State: StateOverdue, Urgency: PastDue, Due: at(0)},
	}
	SortDue(items)
	var names []string
	for _, it := range items {
		names = append(names, it.Name)
	}
	if got, want := strings.Join(names, " "), "known overdue first a b unknown soon ok never"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
