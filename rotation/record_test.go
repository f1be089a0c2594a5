package rotation

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func day(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

func TestEvidence(t *testing.T) {
	var r Record
	if _, ok := r.OldestEvidence(); ok {
		t.Error("evidence out of nothing")
	}
	if added := r.AddEvidence(Evidence{Source: "mtime", At: day(5)}, Evidence{Source: "stated", At: day(9)}, Evidence{Source: "none"}); len(added) != 2 {
		t.Errorf("added %v, want two", added)
	}
	if added := r.AddEvidence(Evidence{Source: "mtime", At: day(7)}); len(added) != 0 {
		t.Errorf("a later date of the same source was added: %v", added)
	}
	if added := r.AddEvidence(Evidence{Source: "stated", At: day(3)}); len(added) != 1 || len(r.Evidence) != 2 {
		t.Errorf("an earlier date of the same source: %v, %v", added, r.Evidence)
	}
	if oldest, ok := r.OldestEvidence(); !ok || oldest.Source != "stated" || !oldest.At.Equal(day(3)) {
		t.Errorf("oldest: %v", oldest)
	}
}

// TestRecordStaysSmall changes records for ever and wants them to fit, and to keep what matters.
func TestRecordStaysSmall(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("a"))
	for i := range 60 {
		var err error
		r, err = l.Change(t.Context(), r.ID, fmt.Sprintf("event %d: %s", i, strings.Repeat("ä", i%7*5)), func(r *Record) error {
			r.Evidence = append(r.Evidence, Evidence{Source: fmt.Sprint("source ", i), At: day(-(i * 37 % 60)), Detail: strings.Repeat("d", 30)})
			r.Backups = append(r.Backups, Backup{ID: fmt.Sprint(i), Form: "age", Place: "/media/usb", At: day(i), Verified: day(i)})
			r.Installed = append(r.Installed, Installation{Target: fmt.Sprintf("root@host%d", i), At: day(i), Removed: day(i + 1)})
			if i == 0 {
				r.Installed[0] = Installation{Target: "root@stays", At: day(0)}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if size := len(store["record-"+r.ID]); size > MaxRecord {
			t.Fatalf("%d bytes", size)
		}
	}
	if oldest, _ := r.OldestEvidence(); !oldest.At.Equal(day(-59)) {
		t.Errorf("the oldest evidence was lost: %v", r.Evidence)
	}
	if last := r.History[len(r.History)-1]; !strings.HasPrefix(last.What, "event 59") || len(r.History) > MaxHistory {
		t.Errorf("history %v", r.History)
	}
	if active := r.ActiveInstallations(day(0)); len(active) != 1 || active[0].Target != "root@stays" {
		t.Errorf("active: %v", active)
	}
	if last := r.Backups[len(r.Backups)-1]; last.ID != "59" {
		t.Errorf("the latest backup was lost: %v", r.Backups)
	}
	if r.Seq != 61 {
		t.Errorf("seq %d", r.Seq)
	}
}

func TestHistoryIsShort(t *testing.T) {
	l, _ := testLedger()
	r := mustAdd(t, l, sshRecord("a"))
	for i := range 30 {
		r, _ = l.Change(t.Context(), r.ID, fmt.Sprint(i), func(*Record) error { return nil })
	}
	if len(r.History) != MaxHistory || r.History[MaxHistory-1].What != "29" {
		t.Errorf("history %v", r.History)
	}
}

func TestRecordTooLarge(t *testing.T) {
	l, store := testLedger()
	r := sshRecord("a")
	for i := range 40 {
		r.Hosts = append(r.Hosts, fmt.Sprintf("a-long-host-name-of-a-machine-in-a-rack-%d.example.org", i))
	}
	var large *TooLargeError
	if _, err := l.Add(t.Context(), r); !errors.As(err, &large) || large.Hint() == "" || len(store) != 0 {
		t.Errorf("error %v, items %v", err, store)
	}
}

func TestActiveInstallations(t *testing.T) {
	r := Record{Installed: []Installation{
		{Target: "kept"}, {Target: "removed", Removed: day(1)}, {Target: "expired", Expires: day(2)}, {Target: "expires", Expires: day(9)},
	}}
	if got := fmt.Sprint(r.ActiveInstallations(day(2))); !strings.Contains(got, "kept") || !strings.Contains(got, "expires") || len(r.ActiveInstallations(day(2))) != 2 {
		t.Errorf("active: %s", got)
	}
}

func TestNames(t *testing.T) {
	for _, bad := range []string{"", " a", "a ", "a\nb", "a\x1b[0m", "SHA256:x", strings.Repeat("n", 101), "\xff"} {
		l, _ := testLedger()
		if _, err := l.Add(t.Context(), Record{Kind: KindSSH, Name: bad}); err == nil {
			t.Errorf("the name %q was taken", bad)
		}
	}
	l, _ := testLedger()
	mustAdd(t, l, Record{Kind: KindSSH, Name: "Schlüssel für GitHub"})
}

func FuzzRecord(f *testing.F) {
	f.Add(`{"schema":2,"id":"x","name":"a","x":1,"history":[{"what":"y","z":{}}],"evidence":[null],"unprotected":{"q":1}}`)
	f.Add(`{"NAME":"upper","name":"lower","more":"m"}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		var r Record
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		first, err := json.Marshal(r)
		if err != nil { // a year that JSON cannot hold
			return
		}
		var again Record
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(second) != string(first) {
			t.Fatalf("%s became %s, %v", first, second, err)
		}
	})
}
