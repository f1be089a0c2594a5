package rotation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func apiRecord(env, name string) Record { return Record{Kind: KindAPI, Env: env, Name: name} }

func TestDoIsOneChange(t *testing.T) {
	l, store := testLedger()
	updates := counted{memory: store}
	l.store = &updates
	var first Record
	err := l.Do(t.Context(), func(tx *Tx) (err error) {
		if first, err = tx.Add(apiRecord("prod", "A")); err != nil {
			return err
		}
		if err := tx.SetSecret(first.ID, []byte("value")); err != nil {
			return err
		}
		if got, err := tx.Secret(first.ID); err != nil || string(got) != "value" {
			t.Errorf("its own secret: %q, %v", got, err)
		}
		if _, err = tx.Add(apiRecord("prod", "B")); err != nil {
			return err
		}
		if _, err := tx.Change(first.ID, "owned", func(r *Record) error { r.Owner = "ann"; return nil }); err != nil {
			return err
		}
		if got, err := tx.Record(first.ID); err != nil || got.Owner != "ann" || got.Seq != 2 {
			t.Errorf("its own change: %+v, %v", got, err)
		}
		if all, err := tx.Records(); err != nil || len(all) != 2 {
			t.Errorf("its own records: %d, %v", len(all), err)
		}
		return tx.Bury("SHA256:x", "lost")
	})
	if err != nil || updates.n != 1 {
		t.Fatalf("%d updates, %v", updates.n, err)
	}
	state, err := l.State(t.Context())
	if err != nil || state.Seq != 1 || state.ID == "" || !state.Latest.Equal(first.FirstSeen) {
		t.Errorf("state %+v, %v", state, err)
	}
	before := maps.Clone(store)
	boom := errors.New("boom")
	err = l.Do(t.Context(), func(tx *Tx) error {
		_, err := tx.Add(apiRecord("prod", "C"))
		return errors.Join(err, tx.RemoveSecret(first.ID), boom)
	})
	if err == nil || !errors.Is(err, boom) || !maps.Equal(before, store) {
		t.Errorf("a Do that fails changed something, or said %v", err)
	}
	if err := l.Do(t.Context(), func(*Tx) error { return nil }); err != nil || !maps.Equal(before, store) {
		t.Errorf("a Do that does nothing changed something: %v", err)
	}
}

// counted counts updates.
type counted struct {
	memory
	n int
}

func (c *counted) Update(ctx context.Context, change func(Txn) error) error {
	c.n++
	return c.memory.Update(ctx, change)
}

// TestOlderLedger opens a ledger of a version without state and marks.
func TestOlderLedger(t *testing.T) {
	l, store := testLedger()
	r := mustAdd(t, l, sshRecord("a"))
	delete(store, stateItem)
	if s, err := l.State(t.Context()); err != nil || s.Seq != 0 || s.ID != "" {
		t.Errorf("state %+v, %v", s, err)
	}
	if got, err := l.Find(t.Context(), "a"); err != nil || got.ID != r.ID {
		t.Error(got, err)
	}
	if _, err := l.Change(t.Context(), r.ID, "x", func(*Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if s, err := l.State(t.Context()); err != nil || s.Seq != 1 || s.ID == "" {
		t.Errorf("state %+v, %v", s, err)
	}
}

func TestMark(t *testing.T) {
	l, store := testLedger()
	a, errA := l.Mark(t.Context(), []byte("value"))
	b, errB := l.Mark(t.Context(), []byte("value"))
	c, errC := l.Mark(t.Context(), []byte("other"))
	if err := errors.Join(errA, errB, errC); err != nil || a != b || a == c || len(a) != 32 {
		t.Fatalf("marks %s %s %s, %v", a, b, c, err)
	}
	elsewhere, _ := testLedger()
	if d, err := elsewhere.Mark(t.Context(), []byte("value")); err != nil || d == a {
		t.Errorf("two ledgers have the same mark: %v", err)
	}
	if err := l.SetSecret(t.Context(), ownSecrets+"mark-key", []byte("mine")); err == nil {
		t.Error("the ledger's own key can be set")
	}
	for item, data := range store {
		if strings.Contains(data, "keysweep/") && !strings.HasPrefix(item, secretPrefix) {
			t.Errorf("the key lies in %s", item)
		}
	}
}

// TestSameValueAgain refuses what is called a rotation and is none, and values that were taken out of use.
func TestSameValueAgain(t *testing.T) {
	l, _ := testLedger()
	mark := func(value string) string {
		m, err := l.Mark(t.Context(), []byte(value))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	r := apiRecord("prod", "TOKEN")
	r.Mark = mark("one")
	r = mustAdd(t, l, r)
	rotate := func(value string) error {
		_, err := l.Change(t.Context(), r.ID, "rotated", func(r *Record) error {
			r.Mark, r.RotatedAt = mark(value), day(200)
			return nil
		})
		return err
	}
	var same *UnchangedError
	if err := rotate("one"); !errors.As(err, &same) || same.Hint() == "" || !strings.Contains(err.Error(), "prod/TOKEN") {
		t.Errorf("the same value: %v", err)
	}
	successor := apiRecord("prod", "TOKEN2")
	successor.Mark, successor.Predecessor = r.Mark, r.ID
	if _, err := l.Add(t.Context(), successor); !errors.As(err, &same) {
		t.Errorf("a successor with the same value: %v", err)
	}
	if err := l.Bury(t.Context(), MarkPrint(mark("two")), "leaked"); err != nil {
		t.Fatal(err)
	}
	var buried *BuriedError
	if err := rotate("two"); !errors.As(err, &buried) || buried.Hint() == "" || !strings.Contains(err.Error(), "leaked") || strings.Contains(err.Error(), mark("two")) {
		t.Errorf("a buried value: %v", err)
	}
	other := apiRecord("dev", "TOKEN")
	other.Mark = mark("two")
	if _, err := l.Add(t.Context(), other); !errors.As(err, &buried) {
		t.Errorf("a buried value, new: %v", err)
	}
	if err := rotate("three"); err != nil {
		t.Error(err)
	}
	if err := l.Bury(t.Context(), MarkPrint(mark("three")), "leaked"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Change(t.Context(), r.ID, "compromised", func(r *Record) error { r.Status = Compromised; return nil }); err != nil {
		t.Errorf("what is said of a buried value that is in the ledger: %v", err)
	}
}

func TestNamesPerEnvironment(t *testing.T) {
	l, _ := testLedger()
	prod, dev := mustAdd(t, l, apiRecord("prod", "TOKEN")), mustAdd(t, l, apiRecord("dev", "TOKEN"))
	ssh := mustAdd(t, l, sshRecord("other"))
	var dup *DuplicateError
	if _, err := l.Add(t.Context(), apiRecord("dev", "TOKEN")); !errors.As(err, &dup) || !strings.Contains(err.Error(), "dev/TOKEN") {
		t.Errorf("twice in one environment: %v", err)
	}
	if _, err := l.Change(t.Context(), dev.ID, "moved", func(r *Record) error { r.Env = "prod"; return nil }); !errors.As(err, &dup) {
		t.Errorf("moved onto another: %v", err)
	}
	for ref, want := range map[string]string{"prod/TOKEN": prod.ID, "dev/TOKEN": dev.ID, "other": ssh.ID} {
		if got, err := l.Find(t.Context(), ref); err != nil || got.ID != want {
			t.Errorf("find %s: %s, %v", ref, got.ID, err)
		}
	}
	var ambiguous *AmbiguousError
	if _, err := l.Find(t.Context(), "TOKEN"); !errors.As(err, &ambiguous) || !strings.Contains(ambiguous.Hint(), "/TOKEN") {
		t.Errorf("in two environments: %v", err)
	}
	if _, err := l.Change(t.Context(), dev.ID, "retired", func(r *Record) error { r.Status = Retired; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Find(t.Context(), "TOKEN"); err != nil || got.ID != prod.ID {
		t.Errorf("the live one: %s, %v", got.ID, err)
	}
	mustAdd(t, l, apiRecord("dev", "TOKEN"))
}

func TestFields(t *testing.T) {
	good := Record{Kind: KindAPI, Name: "GITLAB_TOKEN_2", Env: "eu-1.staging", Provider: "gitlab", Purpose: "CI, für Berichte", Account: "token 7",
		URL: "https://gitlab.example.org/x?y=1", Owner: "ann", Mark: strings.Repeat("0a", 16)}
	l, _ := testLedger()
	mustAdd(t, l, good)
	for what, spoil := range map[string]func(*Record){
		"name":        func(r *Record) { r.Name = "2TOKEN" },
		"name too":    func(r *Record) { r.Name = "MY-TOKEN" },
		"env":         func(r *Record) { r.Env = "Prod" },
		"env too":     func(r *Record) { r.Env = ".prod" },
		"provider":    func(r *Record) { r.Provider = strings.Repeat("x", 101) },
		"purpose":     func(r *Record) { r.Purpose = "a\nb" },
		"account":     func(r *Record) { r.Account = "\x1b[31m" },
		"url":         func(r *Record) { r.URL = "file:///etc/passwd" },
		"url too":     func(r *Record) { r.URL = "https://ann:" + "pw@example.org" },
		"mark":        func(r *Record) { r.Mark = "SHA256:x" },
		"successor":   func(r *Record) { r.Successor = "abc" },
		"predecessor": func(r *Record) { r.Predecessor = "abc" },
	} {
		bad := good
		bad.Name = "OTHER"
		spoil(&bad)
		var field *FieldError
		if _, err := l.Add(t.Context(), bad); !errors.As(err, &field) || !strings.HasPrefix(what, field.Field) {
			t.Errorf("%s: %v", what, err)
		}
	}
	store := memory{"record-" + strings.Repeat("0", 32): `{"schema":1,"id":"` + strings.Repeat("0", 32) + `","kind":"api-key","name":"Old name","env":"Prod Env","status":"active","first_seen":"2026-01-01T00:00:00Z","seq":1}`}
	old := Open(store, "desk", time.Now)
	if _, err := old.Change(t.Context(), strings.Repeat("0", 32), "x", func(r *Record) error { r.Owner = "bo"; return nil }); err != nil {
		t.Errorf("what an older version took cannot be changed any more: %v", err)
	}
}

func TestShared(t *testing.T) {
	mark := strings.Repeat("0", 32)
	a, b, c := apiRecord("prod", "A"), apiRecord("dev", "A"), apiRecord("dev", "C")
	a.Mark, b.Mark, c.Mark = mark, mark, strings.Repeat("1", 32)
	x, y, z := sshRecord("k"), sshRecord("k"), sshRecord("k")
	x.Service, x.Machine, y.Service, y.Machine, z.Fingerprint = "github", "one", "backup", "two", "SHA256:z"
	for _, r := range []*Record{&a, &b, &c, &x, &y, &z} {
		r.Status = Active
	}
	groups := Shared([]Record{a, x, b, c, y, z})
	if len(groups) != 2 || groups[0].Mark != mark || len(groups[0].Records) != 2 || groups[1].Fingerprint != "SHA256:k" || len(groups[1].Records) != 2 {
		t.Errorf("groups %+v", groups)
	}
	y.Service, b.Status = "github", Retired
	if groups := Shared([]Record{a, x, b, c, y, z}); len(groups) != 0 {
		t.Errorf("one key known to two machines, and a secret that is used once: %+v", groups)
	}
}

func TestChangesSince(t *testing.T) {
	l, store := testLedger()
	a := mustAdd(t, l, sshRecord("a"))
	b := mustAdd(t, l, sshRecord("b"))
	if c, ok := l.Changes(1); !ok || len(c.Records) != 1 || c.Records[b.ID].Name != "b" || c.To.Seq != 2 {
		t.Errorf("since 1: %+v, %t", c, ok)
	}
	if c, ok := l.Changes(0); !ok || len(c.Records) != 2 {
		t.Errorf("since 0: %+v, %t", c, ok)
	}
	mustAdd(t, Open(store, "desk", time.Now), sshRecord("c"))
	if _, err := l.Change(t.Context(), a.ID, "x", func(*Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for since, want := range []bool{false, false, false, true, false} {
		if _, ok := l.Changes(uint64(since)); ok != want {
			t.Errorf("since %d: %t, with somebody else's change between 2 and 3", since, ok)
		}
	}
}

// model is what a ledger is to hold, the plain way.
type model struct {
	records map[string]Record
	secrets map[string]string
	graves  map[string]bool
	seq     uint64
}

func (m *model) clone() *model {
	return &model{maps.Clone(m.records), maps.Clone(m.secrets), maps.Clone(m.graves), m.seq}
}

// step does one random thing to the ledger and to the model; the ledger may refuse it.
func (m *model) step(tx *Tx, random *rand.Rand) error {
	ids := slices.Sorted(maps.Keys(m.records))
	pick := func() string {
		if len(ids) == 0 {
			return strings.Repeat("f", 32)
		}
		return ids[random.IntN(len(ids))]
	}
	switch random.IntN(6) {
	case 0, 1:
		r := apiRecord([]string{"prod", "dev"}[random.IntN(2)], fmt.Sprint("T", random.IntN(8)))
		if random.IntN(2) == 0 {
			r = sshRecord(fmt.Sprint("k", random.IntN(8)))
			r.Installed = installations(random.IntN(60))
		}
		added, err := tx.Add(r)
		if err == nil {
			m.records[added.ID] = added
		}
		return err
	case 2:
		id := pick()
		changed, err := tx.Change(id, "changed", func(r *Record) error {
			r.Status = []Status{Active, Retired, Compromised}[random.IntN(3)]
			r.Installed = append(r.Installed, installations(random.IntN(30))...)
			return nil
		})
		if err == nil {
			m.records[id] = changed
		}
		return err
	case 3:
		id, value := pick(), fmt.Sprint("secret ", random.IntN(100))
		m.secrets[id] = value
		return tx.SetSecret(id, []byte(value))
	case 4:
		id := pick()
		delete(m.secrets, id)
		return tx.RemoveSecret(id)
	}
	print := fmt.Sprint("SHA256:k", random.IntN(8))
	m.graves[print] = true
	return tx.Bury(print, "gone")
}

// holds compares the ledger with the model.
func (m *model) holds(t *testing.T, l *Ledger) {
	t.Helper()
	all, err := l.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Records) != len(m.records) || all.Tombstones != len(m.graves) || all.State.Seq < m.seq {
		t.Fatalf("%d records, %d tombstones, change %d; want %d, %d, %d", len(all.Records), all.Tombstones, all.State.Seq, len(m.records), len(m.graves), m.seq)
	}
	live := map[string]bool{}
	for _, r := range all.Records {
		want := m.records[r.ID]
		r.parts, want.parts = nil, nil
		if a, b := fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", want); a != b {
			t.Fatalf("record\n%s, want\n%s", a, b)
		}
		if r.Status.Live() && live[r.nameKey()] {
			t.Fatalf("two live records of the name %s", r.Ref())
		}
		live[r.nameKey()] = live[r.nameKey()] || r.Status.Live()
		secret, err := l.Secret(t.Context(), r.ID)
		if value, kept := m.secrets[r.ID]; kept != (err == nil) || string(secret) != value {
			t.Fatalf("secret %q, %v; want %q", secret, err, value)
		}
	}
}

// TestRandomChanges does random sequences of changes, some of which fail as a whole, and compares the ledger with a model after each.
func TestRandomChanges(t *testing.T) {
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 7))
		l, store := testLedger()
		m := &model{map[string]Record{}, map[string]string{}, map[string]bool{}, 0}
		for range 40 {
			next := m.clone()
			fails := random.IntN(5) == 0
			err := l.Do(t.Context(), func(tx *Tx) error {
				for range 1 + random.IntN(4) {
					err := next.step(tx, random)
					var dup *DuplicateError
					var buried *BuriedError
					if err != nil && !errors.As(err, &dup) && !errors.As(err, &buried) && !errors.Is(err, ErrNotFound) {
						return err
					}
				}
				if fails {
					return errKilled
				}
				return nil
			})
			switch {
			case fails != errors.Is(err, errKilled) || err != nil && !fails:
				t.Fatal(seed, err)
			case !fails:
				m = next
			}
			m.holds(t, l)
		}
		for item, data := range store {
			if len(data) > MaxItem || len(item) > 64 {
				t.Fatalf("item %s of %d bytes", item, len(data))
			}
		}
	}
}
