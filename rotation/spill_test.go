package rotation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func installations(n int) (all []Installation) {
	for i := range n {
		all = append(all, Installation{Target: fmt.Sprintf("deploy@host-%d.example.org", i), At: day(i % 300)})
	}
	return all
}

func moreItems(store memory, r Record) (items []string) {
	for item := range store {
		if strings.HasPrefix(item, morePrefix+r.ID) {
			items = append(items, item)
		}
	}
	slices.Sort(items)
	return items
}

func wantHosts(t *testing.T, l *Ledger, id string, n int) {
	t.Helper()
	all, err := l.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.ID == id && len(r.Installed) != n {
			t.Fatalf("%d installations, want %d", len(r.Installed), n)
		}
	}
}

// TestManyHosts has one key grow onto hundreds of hosts and leave them again: callers see one record all the while.
func TestManyHosts(t *testing.T) {
	l, store := testLedger()
	other := mustAdd(t, l, sshRecord("other"))
	r := sshRecord("a")
	r.Installed = installations(300)
	r.Evidence = []Evidence{{Source: "s", At: day(1)}, {Source: "t", At: day(2)}}
	r.Backups = []Backup{{ID: "b", Form: "age", Place: "safe", At: day(3)}}
	r = mustAdd(t, l, r)
	first := moreItems(store, r)
	if len(first) < 5 || len(r.Installed) != 300 || len(r.Evidence) != 2 || len(r.Backups) != 1 {
		t.Fatalf("%d continuations, %d installations, %d pieces of evidence", len(first), len(r.Installed), len(r.Evidence))
	}
	for item, data := range store {
		if len(data) > MaxItem || strings.HasPrefix(item, "record-") && len(data) > MaxRecord {
			t.Errorf("item %s of %d bytes", item, len(data))
		}
	}
	wantHosts(t, l, r.ID, 300)
	before := maps.Clone(store)
	r, err := l.Change(t.Context(), r.ID, "one more", func(r *Record) error {
		r.Installed = append(r.Installed, Installation{Target: "deploy@new", At: day(9)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for item, data := range store {
		if before[item] != data {
			written++
		}
	}
	if written > 4 { // record, state, the last continuation, one more if that was full
		t.Errorf("%d items were written for one more host", written)
	}
	wantHosts(t, l, r.ID, 301)
	r, err = l.Change(t.Context(), r.ID, "gone", func(r *Record) error { r.Installed = r.Installed[:2]; return nil })
	if err != nil || len(moreItems(store, r)) != 0 || len(r.Installed) != 2 {
		t.Errorf("continuations stayed: %q, %v", moreItems(store, r), err)
	}
	wantHosts(t, l, r.ID, 2)
	wantHosts(t, l, other.ID, 0)
}

func TestTooManyHosts(t *testing.T) {
	l, store := testLedger()
	r := sshRecord("a")
	r.Installed = installations(15_000)
	var large *TooLargeError
	if _, err := l.Add(t.Context(), r); !errors.As(err, &large) || len(store) != 0 {
		t.Errorf("error %v, %d items", err, len(store))
	}
}

// TestTamperedContinuations takes continuations away, swaps them, puts them back to what they were, and damages them.
func TestTamperedContinuations(t *testing.T) {
	l, store := testLedger()
	r := sshRecord("a")
	r.Installed = installations(120)
	r = mustAdd(t, l, r)
	twin := sshRecord("b")
	twin.Installed = installations(120)
	twin = mustAdd(t, l, twin)
	old := maps.Clone(store)
	if _, err := l.Change(t.Context(), r.ID, "removed", func(r *Record) error { r.Installed[0].Removed = day(300); return nil }); err != nil {
		t.Fatal(err)
	}
	items, good := moreItems(store, r), maps.Clone(store)
	for name, tamper := range map[string]func(){
		"gone":            func() { delete(store, items[0]) },
		"swapped":         func() { store[items[0]], store[items[1]] = store[items[1]], store[items[0]] },
		"of another":      func() { store[items[0]] = store[moreItems(store, twin)[0]] },
		"damaged":         func() { store[items[0]] = store[items[0]][1:] },
		"old record":      func() { store[r.item()] = old[r.item()] },
		"no continuation": func() { store[r.item()] = strings.Replace(store[r.item()], `"items":[`, `"items":[],"x":[`, 1) },
		"old continuation": func() {
			for _, item := range items {
				if data, ok := old[item]; ok && data != store[item] {
					store[item] = data
					return
				}
			}
			store[items[len(items)-1]] = old[moreItems(old, r)[0]]
		},
	} {
		tamper()
		if _, err := l.Records(t.Context()); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: %v, want ErrTampered", name, err)
		}
		if _, err := l.Change(t.Context(), r.ID, "x", func(*Record) error { return nil }); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: change: %v, want ErrTampered", name, err)
		}
		clear(store)
		maps.Copy(store, good)
	}
}

// dying is a store whose process is killed after so many writes of an update: what was written stays, as the contract has it.
type dying struct {
	memory
	writes int
}

var errKilled = errors.New("killed")

func (d *dying) Update(_ context.Context, change func(Txn) error) error {
	return change(&dyingTxn{memoryTxn(d.memory), d})
}

type dyingTxn struct {
	memoryTxn
	d *dying
}

func (t *dyingTxn) die() error {
	if t.d.writes--; t.d.writes < 0 {
		return errKilled
	}
	return nil
}

func (t *dyingTxn) Put(name string, data []byte) error {
	if err := t.die(); err != nil {
		return err
	}
	return t.memoryTxn.Put(name, data)
}

func (t *dyingTxn) Delete(name string) error {
	if err := t.die(); err != nil {
		return err
	}
	return t.memoryTxn.Delete(name)
}

// TestKilledWhileContinuing kills a change of a record with continuations after each of its writes: the record is as it was or as it
// is to become, never a mixture, and the next change leaves no litter.
func TestKilledWhileContinuing(t *testing.T) {
	l, store := testLedger()
	r := sshRecord("a")
	r.Installed = installations(100)
	r = mustAdd(t, l, r)
	start := maps.Clone(store)
	for writes := 0; ; writes++ {
		d := &dying{maps.Clone(start), writes}
		killed := Open(d, "desk", l.now)
		_, _ = killed.Change(t.Context(), r.ID, "half", func(r *Record) error {
			r.Installed = r.Installed[30:]
			return nil
		})
		after := Open(d.memory, "desk", l.now)
		left, findErr := after.Find(t.Context(), r.ID)
		if findErr != nil || len(left.Installed) != 100 && len(left.Installed) != 70 {
			t.Fatalf("killed after %d writes: %d installations, %v", writes, len(left.Installed), findErr)
		}
		got, err := after.Change(t.Context(), r.ID, "again", func(r *Record) error { r.Name = "b"; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if litter := moreItems(d.memory, r); len(litter) != len(got.parts) {
			t.Fatalf("killed after %d writes: items %q, %d are named", writes, litter, len(got.parts))
		}
		if writes > 3 && len(got.Installed) == 70 && d.writes > 0 {
			return
		}
	}
}
