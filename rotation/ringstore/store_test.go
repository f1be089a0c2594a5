package ringstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/rotation"
)

func put(t *testing.T, s *Store, name, data string) {
	t.Helper()
	if err := s.Update(t.Context(), func(txn rotation.Txn) error { return txn.Put(name, []byte(data)) }); err != nil {
		t.Fatal(err)
	}
}

// all reads everything in one view, as text.
func all(ctx context.Context, s *Store) (text string, err error) {
	err = s.View(ctx, func(r rotation.Reader) error {
		names, err := r.List()
		for _, name := range names {
			data, bad := r.Get(name)
			err = errors.Join(err, bad)
			text += fmt.Sprintf("%s=%.20s ", name, data)
		}
		return err
	})
	return strings.TrimSpace(text), err
}

func wantAll(t *testing.T, s *Store, want string) {
	t.Helper()
	if got, err := all(t.Context(), s); err != nil || got != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}

func reopen(t *testing.T, place string, ring Ring) *Store {
	t.Helper()
	s, err := Open(t.Context(), optionsAt(place, ring))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantTamper(t *testing.T, err error, parts ...string) {
	t.Helper()
	var tamper *rotation.TamperError
	if !errors.As(err, &tamper) || !errors.Is(err, rotation.ErrTampered) || tamper.Hint() == "" {
		t.Errorf("error %v: want a TamperError with a hint", err)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %v: want it to say %q", err, part)
		}
	}
}

func TestCreate(t *testing.T) {
	place, ring, s := create(t)
	o := optionsAt(place, ring)
	if _, err := Create(t.Context(), o); !errors.Is(err, ErrExists) {
		t.Errorf("a second ledger: %v, want ErrExists", err)
	}
	if exists, err := Exists(t.Context(), o); !exists || err != nil {
		t.Errorf("exists: %v, %v", exists, err)
	}
	if len(s.Notes()) > 0 || s.ID() == "" || s.ID() != reopen(t, place, ring).ID() {
		t.Errorf("notes %q, id %q", s.Notes(), s.ID())
	}
	empty := optionsAt(t.TempDir(), newMemory(t.TempDir()+"/ring"))
	if _, err := Open(t.Context(), empty); !errors.Is(err, ErrNone) {
		t.Errorf("open nothing: %v, want ErrNone", err)
	}
	for _, o := range []Options{{Ring: ring, Lock: "relative"}, {Ring: ring, Lock: "/x", Anchor: "relative"}} {
		if _, err := Create(t.Context(), o); err == nil || !strings.Contains(err.Error(), "absolute") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestNothingIsMadeOverARest refuses to make a ledger where one is gone.
func TestNothingIsMadeOverARest(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "record-1", "x")
	ctx := t.Context()
	_ = ring.Remove(ctx, identityKey)
	_, err := Create(ctx, optionsAt(place, ring))
	wantTamper(t, err, "identity is gone, and items are there")
	_ = ring.Remove(ctx, itemPrefix+"record-1")
	_, err = Create(ctx, optionsAt(place, ring))
	wantTamper(t, err, "keyring is gone: there was a ledger on this machine")
	if err := os.Remove(optionsAt(place, ring).Anchor); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(ctx, optionsAt(place, ring)); err != nil {
		t.Errorf("a head alone is in the way: %v", err)
	}
}

// TestForgetfulRing: a ring that takes everything and keeps nothing is found out when the ledger is made.
func TestForgetfulRing(t *testing.T) {
	place := t.TempDir()
	ring := newMemory(place + "/ring")
	if _, err := Create(t.Context(), optionsAt(place, forgetful{ring})); err == nil || !strings.Contains(err.Error(), "does not give back") {
		t.Errorf("error %v", err)
	}
}

type forgetful struct{ *memory }

func (f forgetful) Set(context.Context, string, string, []byte) error { return nil }

// TestEveryCrash stops an update at each of its calls, as a killed process would, and opens the ledger.
func TestEveryCrash(t *testing.T) {
	change := func(txn rotation.Txn) error {
		return errors.Join(txn.Put("a", []byte("2")), txn.Delete("gone"), txn.Put("new", []byte("2")), txn.Put("a", []byte("3")))
	}
	states := []string{"a=1 gone=1", "a=2 gone=1", "a=2", "a=2 new=2", "a=3 new=2"}
	killed := errors.New("killed")
	reached := map[string]bool{}
	for writes := range 7 { // head, four items, head; and one more than there are
		place, ring, s := create(t)
		put(t, s, "a", "1")
		put(t, s, "gone", "1")
		left := writes
		ring.fail = func(op, _ string) error {
			if op != "set" && op != "remove" {
				return nil
			}
			if left--; left < 0 {
				return killed
			}
			return nil
		}
		err := s.Update(t.Context(), change)
		if done := writes > 5; (err == nil) != done || !done && !errors.Is(err, killed) {
			t.Errorf("%d writes: %v", writes, err)
		}
		ring.fail = nil
		want := states[min(max(writes-1, 0), 4)]
		reached[want] = true
		wantAll(t, s, want) // the process goes on reading: nothing is repaired yet
		again := reopen(t, place, ring)
		wantAll(t, again, want)
		if h, _, err := again.load(t.Context()); err != nil || len(h.Intent) > 0 {
			t.Errorf("%d writes: not repaired: %v, %v", writes, h.Intent, err)
		}
		put(t, again, "a", "4")
		wantAll(t, reopen(t, place, ring), strings.NewReplacer("a=1", "a=4", "a=2", "a=4", "a=3", "a=4").Replace(want))
	}
	if len(reached) != len(states) {
		t.Errorf("states %v", reached)
	}
}

// TestTornItem: the keyring died while it added an item, and left one without a content.
func TestTornItem(t *testing.T) {
	for name, test := range map[string]struct{ torn, want string }{
		"new": {"record-3", "record-1=2 record-2=1"}, "old": {"record-2", ""},
	} {
		place, ring, s := create(t)
		other := reopen(t, place, newMemory(ring.path))
		put(t, s, "record-1", "1")
		put(t, s, "record-2", "1")
		ring.fail = func(op, key string) error {
			if op == "set" && key == itemPrefix+test.torn {
				alter(t, ring, key, []byte("torn"))
				return errors.New("killed")
			}
			return nil
		}
		err := s.Update(t.Context(), func(txn rotation.Txn) error {
			return errors.Join(txn.Put("record-1", []byte("2")), txn.Put(test.torn, []byte("2")))
		})
		if err == nil {
			t.Fatal("it was not killed")
		}
		ring.fail = nil
		if test.want == "" {
			_, err := Open(t.Context(), optionsAt(place, ring))
			wantTamper(t, err, test.torn)
			continue
		}
		wantAll(t, s, test.want)
		if _, err := s.Get(t.Context(), test.torn); !errors.Is(err, rotation.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		put(t, other, "record-9", "9")
		wantAll(t, other, test.want+" record-9=9")
		wantAll(t, reopen(t, place, newMemory(ring.path)), test.want+" record-9=9")
	}
}

// TestUpdateAfterCrash writes without opening the ledger anew: another process was killed meanwhile.
func TestUpdateAfterCrash(t *testing.T) {
	place, ring, s := create(t)
	other := reopen(t, place, newMemory(ring.path))
	put(t, s, "record-a", "1")
	writes := 0
	ring.fail = func(op, _ string) error {
		if op == "set" {
			if writes++; writes > 2 {
				return errors.New("killed")
			}
		}
		return nil
	}
	err := s.Update(t.Context(), func(txn rotation.Txn) error {
		return errors.Join(txn.Put("record-a", []byte("2")), txn.Put("record-b", []byte("2")))
	})
	if err == nil {
		t.Fatal("it was not killed")
	}
	put(t, other, "record-c", "3")
	wantAll(t, other, "record-a=2 record-c=3")
	wantAll(t, reopen(t, place, newMemory(ring.path)), "record-a=2 record-c=3")
}

// TestManyChanges makes more changes in one update than a head has room for, and stops them everywhere.
func TestManyChanges(t *testing.T) {
	const many = 60
	change := func(txn rotation.Txn) error {
		for i := range many {
			if err := txn.Put(fmt.Sprintf("%s-%02d-%s", []string{"record", "secret", "tombstone"}[i%3], i, strings.Repeat("x", 44)), []byte("x")); err != nil {
				return err
			}
		}
		return nil
	}
	_, ring, s := create(t)
	before := maps.Clone(ring.calls)
	if err := s.Update(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	heads := ring.calls["set"] - before["set"] - many
	if heads < 3 {
		t.Errorf("%d heads were written: want several batches", heads)
	}
	for writes := 0; writes < many+heads; writes += 7 {
		place, ring, s := create(t)
		left := writes
		ring.fail = func(op, _ string) error {
			if op == "set" {
				left--
			}
			if left < 0 {
				return errors.New("killed")
			}
			return nil
		}
		if err := s.Update(t.Context(), change); err == nil {
			t.Fatal("it was not stopped")
		}
		ring.fail = nil
		again := reopen(t, place, ring)
		text, err := all(t.Context(), again)
		if err != nil {
			t.Errorf("after %d writes: %v", writes, err)
		}
		got, want := len(strings.Fields(text)), writes
		if got > want || got < want-heads {
			t.Errorf("after %d writes: %d items", writes, got)
		}
		if err := again.Update(t.Context(), change); err != nil {
			t.Error(err)
		}
		if text, err := all(t.Context(), again); err != nil || len(strings.Fields(text)) != many {
			t.Errorf("written again: %d items, %v", len(strings.Fields(text)), err)
		}
	}
}

// TestManyClasses: classes that there is no room for are one.
func TestManyClasses(t *testing.T) {
	place, ring, s := create(t)
	var want []string
	for i := range 20 {
		put(t, s, fmt.Sprintf("kind%02d-a", i), "1")
		put(t, s, fmt.Sprintf("kind%02d-b", i), "1")
		want = append(want, fmt.Sprintf("kind%02d-b=1", i))
	}
	put(t, s, strings.Repeat("long", 16), "1")
	again := reopen(t, place, ring)
	for i := range 20 {
		if err := again.Update(t.Context(), func(txn rotation.Txn) error { return txn.Delete(fmt.Sprintf("kind%02d-a", i)) }); err != nil {
			t.Fatal(err)
		}
	}
	wantAll(t, again, strings.Join(append(want, strings.Repeat("long", 16)+"=1"), " "))
	h, _, err := again.load(t.Context())
	if err != nil || len(h.Classes) != maxClasses+1 {
		t.Errorf("%d classes, %v", len(h.Classes), err)
	}
}

// TestHeadIsSmall: the largest head there can be has room for a change.
func TestHeadIsSmall(t *testing.T) {
	id := newIdentity()
	all := digest{^uint64(0), ^uint64(0)}
	h := head{Schema: 1, Store: id.Store, Seq: ^uint64(0)}
	for i := range maxClasses {
		h.Classes = append(h.Classes, class{fmt.Sprint(strings.Repeat("c", maxClassName-1), i), 1 << 40, all, all})
	}
	h.Classes = append(h.Classes, class{otherClass, 1 << 40, all, all})
	for range 6 {
		h.Intent = append(h.Intent, step{strings.Repeat("n", 64), &all, &all})
	}
	if box, err := id.sealHead(h); err != nil || len(box) > maxRing {
		t.Errorf("%d bytes, %v", len(box), err)
	}
	if box := id.seal(strings.Repeat("n", 64), ^uint64(0), make([]byte, rotation.MaxItem)); len(box) > maxRing {
		t.Errorf("an item of %d bytes", len(box))
	}
}

// TestTamperingIsNamed wants to be told what it was, as far as that can be known.
func TestTamperingIsNamed(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "record-1", "1")
	put(t, s, "record-2", "2")
	put(t, s, "secret-1", "s")
	old, _ := ring.items()
	put(t, s, "record-1", "11")
	put(t, s, "secret-1", "ss")
	now, _ := ring.items()
	one, two, secret := itemPrefix+"record-1", itemPrefix+"record-2", itemPrefix+"secret-1"
	for what, test := range map[string]struct {
		key  string
		data []byte
		want string
	}{
		"rolled back": {one, old[one], "an item of the kind record was put back to an older state"},
		"swapped":     {one, now[two], "item record-1 was swapped: it holds the item record-2"},
		"damaged":     {one, now[one][:20], "item record-1 is damaged, or was not written by keysweep"},
		"edited":      {one, bytes.Replace(now[one], []byte("11"), []byte("12"), 1), "item record-1 is damaged, or was not written by keysweep"},
		"deleted":     {one, nil, "1 item of the kind record is not there any more"},
		"added":       {itemPrefix + "record-3", now[one], "1 item of the kind record is not put there by keysweep"},
		"new kind":    {itemPrefix + "other", now[one], "1 item of the kind other is not put there by keysweep"},
		"bad name":    {itemPrefix + "A/B", now[one], "item A/B was added"},
		"head":        {headKey, old[headKey], "keyring was put back to an older state"},
		"head cut":    {headKey, now[headKey][:30], "head is damaged"},
		"no head":     {headKey, nil, "head is gone"},
		"other head":  {headKey, now[one], "head is damaged"},
	} {
		alter(t, ring, test.key, test.data)
		var text string
		again, err := Open(t.Context(), optionsAt(place, ring))
		if err == nil {
			text, err = all(t.Context(), again)
		}
		wantTamper(t, err, test.want)
		if err == nil {
			t.Errorf("%s: read %q", what, text)
		}
		alter(t, ring, test.key, now[test.key])
	}
	// A secret that was put back does not keep the records from being read, and is noticed by who reads the secrets.
	alter(t, ring, secret, old[secret])
	again := reopen(t, place, ring)
	for kind, want := range map[string]error{"record": nil, "secret": rotation.ErrTampered} {
		err := again.View(t.Context(), func(r rotation.Reader) error {
			names, err := r.List()
			for _, name := range names {
				if err == nil && strings.HasPrefix(name, kind) {
					_, err = r.Get(name)
				}
			}
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("all of %s: %v, want %v", kind, err, want)
		}
	}
	identity := now[identityKey]
	alter(t, ring, identityKey, identity[:40])
	_, err := Open(t.Context(), optionsAt(place, ring))
	wantTamper(t, err, "identity is damaged")
}

// alter sets an item behind the store's back, or takes it away.
func alter(t *testing.T, ring *memory, key string, data []byte) {
	t.Helper()
	err := ring.change(func(items map[string][]byte) {
		if items[key] = data; data == nil {
			delete(items, key)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRolledBackItemIsNotForgotten: to write an item that was put back does not make it good.
func TestRolledBackItemIsNotForgotten(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "record-1", "1")
	old, _ := ring.items()
	put(t, s, "record-1", "2")
	alter(t, ring, itemPrefix+"record-1", old[itemPrefix+"record-1"])
	put(t, s, "record-1", "3")
	_, err := all(t.Context(), reopen(t, place, ring))
	wantTamper(t, err, "put back to an older state")
}

// TestTamperingDuringUpdate changes an item that a killed process was about to change: neither old nor new is there.
func TestTamperingDuringUpdate(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "record-1", "1")
	old, _ := ring.items()
	put(t, s, "record-1", "2")
	ring.fail = func(op, key string) error {
		if op == "set" && key != headKey {
			return errors.New("killed")
		}
		return nil
	}
	if err := s.Update(t.Context(), func(txn rotation.Txn) error { return txn.Put("record-1", []byte("3")) }); err == nil {
		t.Fatal("it was not killed")
	}
	ring.fail = nil
	alter(t, ring, itemPrefix+"record-1", old[itemPrefix+"record-1"])
	_, err := Open(t.Context(), optionsAt(place, ring))
	wantTamper(t, err, "item record-1 was changed while an update was under way")
}

// TestRolledBack puts the whole ring back to an older state, and what the anchor says of it.
func TestRolledBack(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "a", "old")
	older, _ := os.ReadFile(ring.path)
	put(t, s, "a", "new")
	if err := os.WriteFile(ring.path, older, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), optionsAt(place, ring))
	wantTamper(t, err, "keyring was put back to an older state")
	_, err = s.Get(t.Context(), "a") // the process that wrote it remembers, without an anchor too
	wantTamper(t, err, "keyring was put back to an older state")
	without := optionsAt(place, ring)
	without.Anchor = ""
	other, err := Open(t.Context(), without)
	if err != nil {
		t.Fatalf("without an anchor it cannot be noticed: %v", err)
	}
	put(t, other, "a", "other") // as many changes as the anchor knows of
	_, err = Open(t.Context(), optionsAt(place, ring))
	wantTamper(t, err, "changed by another machine")
	if err := os.Remove(optionsAt(place, ring).Anchor); err != nil {
		t.Fatal(err)
	}
	if notes := reopen(t, place, ring).Notes(); len(notes) != 1 {
		t.Errorf("a new machine: notes %q, want one", notes)
	}
	if notes := reopen(t, place, ring).Notes(); len(notes) != 0 {
		t.Errorf("the second time: notes %q, want none", notes)
	}
}

// TestCost counts the calls: each costs milliseconds, and some of them a prompt.
func TestCost(t *testing.T) {
	place, ring, s := create(t)
	for i := range 20 {
		put(t, s, fmt.Sprintf("record-%02d", i), "x")
		put(t, s, fmt.Sprintf("secret-%02d", i), "x")
	}
	cost := func(work func()) map[string]int {
		clear(ring.calls)
		work()
		return maps.Clone(ring.calls)
	}
	for what, test := range map[string]struct {
		work func()
		want map[string]int
	}{
		"open":             {func() { reopen(t, place, ring) }, map[string]int{"get": 2}},
		"get":              {func() { _, _ = s.Get(t.Context(), "secret-07") }, map[string]int{"get": 2}},
		"put one":          {func() { put(t, s, "record-07", "y") }, map[string]int{"get": 2, "set": 3}},
		"all, one by one":  {func() { _, _ = all(t.Context(), s) }, map[string]int{"get": 41, "keys": 1}},
		"read and put one": {func() { _ = s.Update(t.Context(), raise) }, map[string]int{"get": 2, "set": 3}},
	} {
		if got := cost(test.work); !maps.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", what, got, test.want)
		}
	}
	bulk := &bulkMemory{memory: ring}
	quick := reopen(t, place, bulk)
	err := quick.View(t.Context(), func(r rotation.Reader) error {
		names, err := r.List()
		clear(ring.calls)
		for _, name := range names {
			if strings.HasPrefix(name, "record-") && err == nil {
				_, err = r.Get(name)
			}
		}
		return err
	})
	if err != nil || ring.calls["get"] != readAheadAfter-1 || len(bulk.asked) != 20-readAheadAfter+1 {
		t.Errorf("%v: calls %v, %d items at once", err, ring.calls, len(bulk.asked))
	}
	if slices.ContainsFunc(bulk.asked, func(key string) bool { return strings.Contains(key, "secret") }) {
		t.Errorf("secrets were read: %q", bulk.asked)
	}
}

func raise(txn rotation.Txn) error {
	data, err := txn.Get("record-01")
	if err != nil {
		return err
	}
	return txn.Put("record-01", append(data, 'x'))
}

// bulkMemory is a Ring that reads many items at once.
type bulkMemory struct {
	*memory
	asked []string
}

func (m *bulkMemory) GetAll(_ context.Context, keys []string) (map[string][]byte, error) {
	m.asked = append(m.asked, keys...)
	items, err := m.items()
	found := map[string][]byte{}
	for _, key := range keys {
		if data, ok := items[key]; ok {
			found[key] = data
		}
	}
	return found, err
}

func FuzzHead(f *testing.F) {
	id := newIdentity()
	one := digest{1, 2}
	h := head{1, id.Store, 7, []class{{"record", 2, one, one}}, []step{{"record-1", nil, &one}}}
	box, err := id.sealHead(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(box)
	f.Add(box[:40])
	f.Add(id.seal(headKey, 7, []byte(`{"schema":1,"store":"`+id.Store+`","intent":[{}]}`)))
	f.Add(id.seal("record-1", 7, []byte("data")))
	f.Add(append(bytes.Repeat([]byte{1}, 9), 255))
	f.Fuzz(func(t *testing.T, data []byte) {
		if item, err := id.unseal(data); err == nil && !bytes.Equal(id.seal(item.name, item.seq, item.data), data) {
			t.Errorf("it is not what was sealed: %+v", item)
		}
		h, err := id.unsealHead(data)
		if err != nil {
			return
		}
		if again, err := id.sealHead(h); err != nil {
			t.Errorf("%x: %v", again, err)
		}
	})
}

func FuzzIdentity(f *testing.F) {
	f.Add([]byte(`{"schema":1,"store":"00","key":"AAAA"}`))
	f.Add([]byte(`{"schema":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if id, err := readIdentity(data); err == nil && (len(id.Key) != keySize || id.Store == "") {
			t.Errorf("took %+v", id)
		}
	})
}

// TestMadeMeanwhile lets another process make the ledger after its identity was looked for, and before what would be left of one is.
func TestMadeMeanwhile(t *testing.T) {
	place := t.TempDir()
	ring := newMemory(filepath.Join(place, "ring.json"))
	ring.fail = func(op, _ string) error {
		if op == "keys" {
			ring.fail = nil
			_, err := Create(t.Context(), optionsAt(place, newMemory(ring.path)))
			return err
		}
		return nil
	}
	if err := Missing(t.Context(), optionsAt(place, ring)); err != nil {
		t.Error(err)
	}
	if ring.fail != nil {
		t.Error("nobody made a ledger")
	}
}
