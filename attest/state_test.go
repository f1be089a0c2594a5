package attest

import (
	"errors"
	"testing"
	"time"

	"keysweep/internal/chain"
)

func TestJudge(t *testing.T) {
	const d = 24 * time.Hour
	a, b := chain.Hash([]byte("a")), chain.Hash([]byte("b"))
	tests := []struct {
		name    string
		change  func(*Record)
		every   int
		subject Subject
		after   time.Duration
		want    State
		until   string
	}{
		{"today", nil, 90, Subject{}, 0, Attested, "2026-05-30"},
		{"15 days before its end", nil, 90, Subject{}, 75 * d, Attested, "2026-05-30"},
		{"14 days before its end", nil, 90, Subject{}, 76*d + 12*time.Hour, Due, "2026-05-30"},
		{"the last day", nil, 90, Subject{}, 90*d + 11*time.Hour, Due, "2026-05-30"},
		{"the day after", nil, 90, Subject{}, 90*d + 12*time.Hour, Stale, "2026-05-30"},
		{"of a week the fifth", nil, 7, Subject{}, 5 * d, Attested, "2026-03-08"},
		{"of a week the fifth, near", nil, 7, Subject{}, 7 * d, Due, "2026-03-08"},
		{"until shortens", func(r *Record) { r.Until = "2026-03-05" }, 90, Subject{}, 5 * d, Stale, "2026-03-05"},
		{"until does not lengthen", func(r *Record) { r.Until = "2029-03-05" }, 90, Subject{}, 100 * d, Stale, "2026-05-30"},
		{"the script as it was", func(r *Record) { r.Subject = a }, 90, Subject{SHA256: a}, d, Attested, "2026-05-30"},
		{"the script edited", func(r *Record) { r.Subject = a }, 90, Subject{SHA256: b}, d, Stale, "2026-05-30"},
		{"the script gone", func(r *Record) { r.Subject = a }, 90, Subject{Gone: true}, d, Stale, "2026-05-30"},
		{"the script unreadable", func(r *Record) { r.Subject = a }, 90, Subject{Err: errors.New("permission denied")}, d, Stale, "2026-05-30"},
		{"the script not looked at", func(r *Record) { r.Subject = a }, 90, Subject{}, d, Stale, "2026-05-30"},
		{"not done", func(r *Record) { r.Status = NotDone }, 90, Subject{}, d, Refuted, "2026-05-30"},
		{"not done long ago", func(r *Record) { r.Status = NotDone }, 90, Subject{}, 900 * d, Refuted, "2026-05-30"},
		{"not applicable", func(r *Record) { r.Status = NotApplicable }, 7, Subject{}, 300 * d, Excluded, "2027-03-01"},
		{"not applicable long ago", func(r *Record) { r.Status = NotApplicable }, 7, Subject{}, 400 * d, Stale, "2027-03-01"},
		{"dated ahead", nil, 90, Subject{}, -30 * d, Stale, "2026-05-30"},
	}
	for _, tt := range tests {
		r := record("x.y", 0)
		if tt.change != nil {
			tt.change(&r)
		}
		s := Judge(&r, tt.every, tt.subject, noon.Add(tt.after))
		if s.State != tt.want || s.Until.Format(time.DateOnly) != tt.until {
			t.Errorf("%s: %s until %s, want %s until %s", tt.name, s.State, s.Until.Format(time.DateOnly), tt.want, tt.until)
		}
		if (s.State == Stale) != (s.Why != "") {
			t.Errorf("%s: why %q", tt.name, s.Why)
		}
	}
}

// TestWhyAScriptIsStale tells a script that is gone from one that was edited or cannot be read: what to do next is another thing each time.
func TestWhyAScriptIsStale(t *testing.T) {
	r := record("x.y", 0)
	r.Subject = chain.Hash([]byte("a"))
	for want, subject := range map[string]Subject{
		"the script is gone":                               {Gone: true},
		"the script has changed since":                     {SHA256: chain.Hash([]byte("b"))},
		"the script cannot be read now: permission denied": {Err: errors.New("permission denied")},
	} {
		if s := Judge(&r, 90, subject, noon); s.State != Stale || s.Why != want || s.Gone != subject.Gone {
			t.Errorf("%s %q, gone %v; want %q", s.State, s.Why, s.Gone, want)
		}
	}
}

func TestWorst(t *testing.T) {
	of := func(states ...State) (list []Standing) {
		for _, s := range states {
			list = append(list, Standing{State: s})
		}
		return list
	}
	for _, tt := range []struct {
		list []Standing
		want State
	}{
		{nil, Never},
		{of(Excluded), Excluded},
		{of(Excluded, Attested), Attested},
		{of(Attested, Stale, Due), Stale},
		{of(Refuted, Stale), Refuted},
	} {
		if got := Worst(tt.list); got.State != tt.want {
			t.Errorf("%v: %s, want %s", tt.list, got.State, tt.want)
		}
	}
	for _, s := range []State{Stale, Never, Refuted} {
		if !s.Open() {
			t.Errorf("%s is open", s)
		}
	}
	if Attested.Open() || Due.Open() || Excluded.Open() {
		t.Error("what is attested is not open")
	}
}
