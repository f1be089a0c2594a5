package rotation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// memory is a Store in a map: what the ledger does with any store is tested with it.
type memory map[string]string

func (m memory) Get(_ context.Context, name string) ([]byte, error) {
	if data, ok := m[name]; ok {
		return []byte(data), nil
	}
	return nil, ErrNotFound
}

func (m memory) List(context.Context) ([]string, error) { return slices.Sorted(maps.Keys(m)), nil }

func (m memory) View(_ context.Context, look func(Reader) error) error { return look(memoryTxn(m)) }

func (m memory) Update(_ context.Context, change func(Txn) error) error {
	copied := maps.Clone(m)
	if err := change(memoryTxn(copied)); err != nil {
		return err
	}
	clear(m)
	maps.Copy(m, copied)
	return nil
}

func (m memory) Describe() string { return "memory" }

type memoryTxn memory

func (m memoryTxn) Get(name string) ([]byte, error) { return memory(m).Get(context.Background(), name) }
func (m memoryTxn) List() ([]string, error)         { return memory(m).List(context.Background()) }
func (m memoryTxn) Put(name string, data []byte) error {
	if len(data) > MaxItem {
		return fmt.Errorf("item of %d bytes", len(data))
	}
	m[name] = string(data)
	return nil
}

func (m memoryTxn) Delete(name string) error {
	delete(m, name)
	return nil
}

// start is the time of the tests' first change, in a zone that is not UTC; each look at the clock takes an hour.
func testLedger() (*Ledger, memory) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	store := memory{}
	return Open(store, "desk", func() time.Time {
		now = now.Add(time.Hour)
		return now
	}), store
}

func sshRecord(name string) Record {
	return Record{Kind: KindSSH, Name: name, Fingerprint: "SHA256:" + name, Path: "/home/ann/.ssh/" + name}
}

func mustAdd(t *testing.T, l *Ledger, r Record) Record {
	t.Helper()
	got, err := l.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAddFillsIn(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("github"))
	if len(r.ID) != 32 || r.Seq != 1 || r.Prev != "" || r.Schema != SchemaVersion || r.Status != Active || r.Machine != "desk" {
		t.Errorf("added: %+v", r)
	}
	if r.FirstSeen.Location() != time.UTC || r.FirstSeen.Nanosecond() != 0 || r.FirstSeen.IsZero() {
		t.Errorf("first seen %v: want UTC in whole seconds", r.FirstSeen)
	}
	if len(r.History) != 1 || r.History[0].What != "added" || r.History[0].At.IsZero() {
		t.Errorf("history %+v", r.History)
	}
	for item := range store {
		if item != "record-"+r.ID && item != stateItem {
			t.Errorf("item %q", item)
		}
	}
	all, err := l.Records(t.Context())
	if err != nil || len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(r) {
		t.Errorf("records: %+v, %v; want what Add returned", all, err)
	}
}

func TestChangeChains(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("github"))
	for i := 2; i < 5; i++ {
		before := sha256.Sum256([]byte(store["record-"+r.ID]))
		changed, err := l.Change(t.Context(), r.ID, "moved", func(r *Record) error {
			r.ID, r.Seq, r.Prev, r.FirstSeen, r.Schema = "x", 77, "y", time.Time{}, 0
			r.Path = fmt.Sprint("/p", i)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if changed.ID != r.ID || changed.Seq != i || changed.Prev != hex.EncodeToString(before[:]) || !changed.FirstSeen.Equal(r.FirstSeen) {
			t.Errorf("changed: %+v", changed)
		}
		if last := changed.History[len(changed.History)-1]; last.What != "moved" || len(changed.History) != i {
			t.Errorf("history %+v", changed.History)
		}
	}
}

func TestChangeThatFailsChangesNothing(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("github"))
	before := maps.Clone(store)
	boom := errors.New("boom")
	if _, err := l.Change(t.Context(), r.ID, "x", func(r *Record) error { r.Name = "other"; return boom }); !errors.Is(err, boom) {
		t.Errorf("error %v, want boom", err)
	}
	if _, err := l.Change(t.Context(), r.ID, "x", func(r *Record) error { r.Status = "odd"; return nil }); err == nil {
		t.Error("an unknown status was written")
	}
	if _, err := l.Change(t.Context(), strings.Repeat("0", 32), "x", func(*Record) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if !maps.Equal(before, store) {
		t.Error("something was changed")
	}
}

func TestDuplicates(t *testing.T) {
	l, _ := testLedger()
	first := mustAdd(t, l, sshRecord("github"))
	second := mustAdd(t, l, sshRecord("gitlab"))
	var dup *DuplicateError
	same := sshRecord("github")
	same.Fingerprint = "SHA256:other"
	if _, err := l.Add(t.Context(), same); !errors.As(err, &dup) || dup.Field != "name" || dup.Existing.ID != first.ID {
		t.Errorf("same name: %v", err)
	}
	again := sshRecord("new")
	again.Fingerprint = first.Fingerprint
	if _, err := l.Add(t.Context(), again); !errors.As(err, &dup) || dup.Field != "fingerprint" {
		t.Errorf("same fingerprint: %v", err)
	}
	rename := func(r *Record) error { r.Name = "github"; return nil }
	if _, err := l.Change(t.Context(), second.ID, "renamed", rename); !errors.As(err, &dup) {
		t.Errorf("renamed to a name that is taken: %v", err)
	}
	if _, err := l.Change(t.Context(), first.ID, "retired", func(r *Record) error { r.Status = Retired; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Change(t.Context(), second.ID, "renamed", rename); err != nil {
		t.Errorf("the name of a retired key is free: %v", err)
	}
	if _, err := l.Change(t.Context(), first.ID, "back", func(r *Record) error { r.Status = Active; return nil }); !errors.As(err, &dup) {
		t.Errorf("a record came back to a name that is taken: %v", err)
	}
}

func TestBury(t *testing.T) {
	l, _ := testLedger()
	r := sshRecord("github")
	if err := l.Bury(t.Context(), r.Fingerprint, "laptop stolen"); err != nil {
		t.Fatal(err)
	}
	var buried *BuriedError
	if _, err := l.Add(t.Context(), r); !errors.As(err, &buried) || !strings.Contains(err.Error(), "2026-03-01") || !strings.Contains(err.Error(), "laptop stolen") {
		t.Errorf("error %v: want when and why", err)
	}
	first, err := l.Buried(t.Context(), r.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Bury(t.Context(), r.Fingerprint, "laptop stolen"); err != nil {
		t.Fatal(err)
	}
	graves, err := l.Tombstones(t.Context())
	if err != nil || len(graves) != 1 || graves[0] != first {
		t.Errorf("tombstones %+v, %v; want %+v alone", graves, err, first)
	}
	if _, err := l.Buried(t.Context(), "SHA256:other"); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}

func TestSecrets(t *testing.T) {
	l, store := testLedger()
	value := []byte("a\nb\x00c")
	if err := l.SetSecret(t.Context(), "some-id", value); err != nil {
		t.Fatal(err)
	}
	for item := range store {
		if item != stateItem && !strings.HasPrefix(item, "secret-") || strings.Contains(item, "some") {
			t.Errorf("item %q", item)
		}
	}
	if got, err := l.Secrets(t.Context(), []string{"none", "some-id"}); err != nil || len(got) != 2 || got[0] != nil || string(got[1]) != string(value) {
		t.Errorf("secrets: %q, %v", got, err)
	}
	if got, err := l.Secret(t.Context(), "some-id"); err != nil || string(got) != string(value) {
		t.Errorf("secret %q, %v", got, err)
	}
	if all, err := l.Records(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("a secret among the records: %v, %v", all, err)
	}
	for range 2 {
		if err := l.RemoveSecret(t.Context(), "some-id"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Secret(t.Context(), "some-id"); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if err := l.SetSecret(t.Context(), "n", make([]byte, MaxSecret)); err != nil {
		t.Errorf("the largest secret: %v", err)
	}
	for _, bad := range [][]byte{nil, make([]byte, MaxSecret+1)} {
		if err := l.SetSecret(t.Context(), "n", bad); err == nil {
			t.Errorf("%d bytes were taken", len(bad))
		}
	}
}

func TestSwappedItemsAreNoticed(t *testing.T) {
	l, store := testLedger()
	a, b := mustAdd(t, l, sshRecord("a")), mustAdd(t, l, sshRecord("b"))
	store["record-"+a.ID] = store["record-"+b.ID]
	if _, err := l.Records(t.Context()); !errors.Is(err, ErrTampered) {
		t.Errorf("error %v, want ErrTampered", err)
	}
}

func TestFind(t *testing.T) {
	l, _ := testLedger()
	a, b := mustAdd(t, l, sshRecord("a")), mustAdd(t, l, sshRecord("b"))
	for _, ref := range []string{"a", a.ID, a.ID[:8], a.Fingerprint, a.Path} {
		if got, err := l.Find(t.Context(), ref); err != nil || got.ID != a.ID {
			t.Errorf("find %q: %+v, %v", ref, got, err)
		}
	}
	for _, ref := range []string{"", "c", a.ID[:7], "home/ann/.ssh/a"} {
		if _, err := l.Find(t.Context(), ref); !errors.Is(err, ErrNotFound) {
			t.Errorf("find %q: %v, want ErrNotFound", ref, err)
		}
	}
	all, err := l.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := FindIn(all, a.Path, "elsewhere"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a path of another machine: %v", err)
	}
	twin := func(r *Record) error { r.Path = a.Path; return nil }
	if _, err := l.Change(t.Context(), b.ID, "moved", twin); err != nil {
		t.Fatal(err)
	}
	var ambiguous *AmbiguousError
	if _, err := l.Find(t.Context(), a.Path); !errors.As(err, &ambiguous) || !errors.Is(err, ErrAmbiguous) || len(ambiguous.Candidates) != 2 {
		t.Errorf("find a path of two: %v", err)
	}
	if _, err := l.Change(t.Context(), b.ID, "retired", func(r *Record) error { r.Status = Retired; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Find(t.Context(), a.Path); err != nil || got.ID != a.ID {
		t.Errorf("the live one of two: %+v, %v", got, err)
	}
}

// TestFutureFieldsStay writes as a later version might, and wants an older one to keep what it does not know, in lists too.
func TestFutureFieldsStay(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("a"))
	item := "record-" + r.ID
	future := `{"schema":9,"id":"` + r.ID + `","kind":"ssh-key","name":"a","fingerprint":"SHA256:a","status":"active",
		"evidence":[{"source":"s","at":"2020-01-01T00:00:00Z","proof":{"x":[1,2]}},{"source":"t","at":"2021-01-01T00:00:00Z"}],
		"installed":[{"target":"u@h","at":"2021-01-01T00:00:00Z","port_knock":"yes"}],
		"first_seen":"2026-01-01T00:00:00Z","history":[{"at":"2026-01-01T00:00:00Z","what":"made","who":"ann"}],
		"seq":4,"owner_key":{"deep":{"er":1.5}},"tags":["x"]}`
	store[item] = future
	_, err := l.Change(t.Context(), r.ID, "host gone", func(r *Record) error {
		r.AddEvidence(Evidence{Source: "s", At: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)})
		r.Evidence[0], r.Evidence[1] = r.Evidence[1], r.Evidence[0]
		r.Installed[0].Removed = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(store[item]), &got); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(got)
	for _, want := range []string{"schema:9", "owner_key:map[deep:map[er:1.5]]", "tags:[x]", "port_knock:yes", "who:ann", "proof:map[x:[1 2]]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s was lost: %s", want, store[item])
		}
	}
	second := got["evidence"].([]any)[1].(map[string]any)
	if second["proof"] == nil || second["at"] != "2019-01-01T00:00:00Z" {
		t.Errorf("the field did not go with its element: %v", second)
	}
}

// TestRecordOfAnotherShape shows that a record of a newer version that cannot be read is said to be that, not damaged.
func TestRecordOfAnotherShape(t *testing.T) {
	_, _, err := decodeRecord("record-a", []byte(`{"schema":9,"id":"a","hosts":{"web1":true}}`))
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Schema != 9 || newer.Hint() == "" {
		t.Errorf("error %v", err)
	}
	if _, _, err := decodeRecord("record-a", []byte(`{"schema":1,"id":"a","hosts":{"web1":true}}`)); err == nil || errors.As(err, &newer) {
		t.Errorf("a damaged record of today: %v", err)
	}
}
