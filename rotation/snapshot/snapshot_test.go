package snapshot

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// world is a ledger in files, its snapshot, and a clock.
type world struct {
	t      *testing.T
	dir    string
	store  *filestore.Store
	ledger *rotation.Ledger
	keeper Keeper
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	store, err := filestore.Create(t.Context(), w.options(), []byte("test"))
	if err != nil {
		t.Fatal(err)
	}
	w.open(store)
	return w
}

// options have no anchor: what the store does not notice by itself, the snapshot is to notice.
func (w *world) options() filestore.Options {
	return filestore.Options{Dir: filepath.Join(w.dir, "ledger"), WorkFactor: 1}
}

func (w *world) open(store *filestore.Store) {
	w.store = store
	w.ledger = rotation.Open(store, "desk", func() time.Time { w.now = w.now.Add(time.Minute); return w.now })
	w.keeper = Keeper{Path: filepath.Join(w.dir, "state", "snapshot.json"), Machine: "desk", Ledger: w.ledger, Now: w.now}
}

// restart opens the ledger as another process would.
func (w *world) restart() {
	w.t.Helper()
	store, err := filestore.Open(w.t.Context(), w.options(), []byte("test"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.open(store)
}

func (w *world) add(names ...string) (records []rotation.Record) {
	w.t.Helper()
	for _, name := range names {
		mark, err := w.ledger.Mark(w.t.Context(), []byte("value of "+name[:1]))
		if err != nil {
			w.t.Fatal(err)
		}
		r, err := w.ledger.Add(w.t.Context(), rotation.Record{Kind: rotation.KindAPI, Name: name, Env: "prod", Mark: mark})
		if err != nil {
			w.t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func (w *world) keep() Kept {
	w.t.Helper()
	w.keeper.Now = w.now
	kept, err := w.keeper.Keep(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return kept
}

func (w *world) read() Snapshot {
	w.t.Helper()
	s, err := Read(w.keeper.Path)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// wantTrue compares the snapshot with the ledger.
func (w *world) wantTrue() {
	w.t.Helper()
	s := w.read()
	all, err := w.ledger.Read(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if s.Seq != all.State.Seq || s.Ledger != all.State.ID || !s.Latest.Equal(all.State.Latest) || s.Tombstones != all.Tombstones || s.Machine != "desk" {
		w.t.Errorf("snapshot of change %d, latest %s, %d tombstones; the ledger is at %+v with %d", s.Seq, s.Latest, s.Tombstones, all.State, all.Tombstones)
	}
	if a, b := described(s.Records), described(all.Records); a != b {
		w.t.Errorf("the snapshot has\n%s, the ledger\n%s", a, b)
	}
}

// described are records without their marks, as text.
func described(records []rotation.Record) string {
	var all []string
	for _, r := range records {
		r.Mark = ""
		text, _ := json.Marshal(r)
		all = append(all, string(text))
	}
	return strings.Join(all, "\n")
}

func wantWhy(t *testing.T, err error, why Why) {
	t.Helper()
	var trust *TrustError
	if !errors.As(err, &trust) || trust.Why != why || !errors.Is(err, ErrUntrusted) || trust.Hint() == "" || trust.Path == "" {
		t.Errorf("error %v; want that it %s, with path and hint", err, why)
	}
}

func TestKeep(t *testing.T) {
	w := newWorld(t)
	if kept := w.keep(); !kept.Wrote || !kept.Whole {
		t.Errorf("first: %+v", kept)
	}
	w.wantTrue()
	if kept := w.keep(); kept.Wrote {
		t.Errorf("nothing changed: %+v", kept)
	}
	if err := w.keeper.Audit(t.Context()); err != nil {
		t.Error(err)
	}
	records := w.add("B", "A", "C")
	if err := w.ledger.Bury(t.Context(), "SHA256:x", "gone"); err != nil {
		t.Fatal(err)
	}
	if kept := w.keep(); !kept.Wrote || kept.Whole {
		t.Errorf("own changes: %+v, want them alone to be written", kept)
	}
	w.wantTrue()
	if _, err := w.ledger.Change(t.Context(), records[1].ID, "moved", func(r *rotation.Record) error { r.Owner = "bo"; return nil }); err != nil {
		t.Fatal(err)
	}
	if kept := w.keep(); !kept.Wrote || kept.Whole {
		t.Errorf("one more change: %+v", kept)
	}
	w.wantTrue()
	info, err := os.Stat(w.keeper.Path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	data, _ := os.ReadFile(w.keeper.Path)
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil || len(document["records"].([]any)) != 3 {
		t.Errorf("it is no JSON document: %v", err)
	}
}

// TestKilledBeforeSnapshot has processes die between a change and its snapshot, and another one change the ledger meanwhile.
func TestKilledBeforeSnapshot(t *testing.T) {
	w := newWorld(t)
	w.add("A")
	w.keep()
	w.add("B") // and the process is killed
	w.restart()
	if kept := w.keep(); !kept.Wrote || !kept.Whole {
		t.Errorf("stale snapshot: %+v, want it written from the whole ledger", kept)
	}
	w.wantTrue()
	other := newerHand(w)
	w.add("D")
	if _, err := other.Add(t.Context(), rotation.Record{Kind: rotation.KindAPI, Name: "E", Env: "prod"}); err != nil {
		t.Fatal(err)
	}
	if kept := w.keep(); !kept.Wrote || !kept.Whole {
		t.Errorf("another process changed the ledger too: %+v", kept)
	}
	w.wantTrue()
}

// newerHand is the ledger in another process.
func newerHand(w *world) *rotation.Ledger {
	return rotation.Open(w.store, "desk", func() time.Time { return w.now })
}

func TestFresh(t *testing.T) {
	w := newWorld(t)
	w.add("A")
	w.keep()
	before := w.read()
	w.now = w.now.Add(13 * time.Hour)
	w.keeper.Fresh = 12 * time.Hour
	if kept := w.keep(); !kept.Wrote || kept.Whole {
		t.Errorf("an old snapshot: %+v", kept)
	}
	after := w.read()
	w.now = before.GeneratedAt.Add(-48 * time.Hour)
	if kept := w.keep(); kept.Wrote || !kept.Snapshot.GeneratedAt.Equal(after.GeneratedAt) {
		t.Errorf("the clock went back: %+v", kept)
	}
	w.add("B")
	if kept := w.keep(); !kept.Wrote || !kept.Snapshot.GeneratedAt.Equal(after.GeneratedAt) {
		t.Errorf("the clock went back, and the ledger was changed: %+v", kept)
	}
	if !after.GeneratedAt.After(before.GeneratedAt) || after.Sum != before.Sum || after.Seq != before.Seq {
		t.Errorf("%s became %s, sum %s became %s", before.GeneratedAt, after.GeneratedAt, before.Sum, after.Sum)
	}
}

// TestMarks wants equal secrets to be seen, and nothing else.
func TestMarks(t *testing.T) {
	w := newWorld(t)
	records := w.add("A1", "A2", "B")
	w.keep()
	data, err := os.ReadFile(w.keeper.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if bytes.Contains(data, []byte(r.Mark)) {
			t.Errorf("the mark of %s is in the snapshot", r.Name)
		}
	}
	if groups := rotation.Shared(w.read().Records); len(groups) != 1 || len(groups[0].Records) != 2 {
		t.Errorf("shared: %+v", groups)
	}
	w.keeper.Machine = "other"
	w.keep()
	moved, _ := os.ReadFile(w.keeper.Path)
	for _, r := range w.read().Records {
		if bytes.Contains(data, []byte(r.Mark)) || !bytes.Contains(moved, []byte(r.Mark)) {
			t.Errorf("the mark of %s is the same on two machines", r.Name)
		}
	}
}

// TestEveryByte flips each byte, cuts the file everywhere, and adds to it: none of that is read.
func TestEveryByte(t *testing.T) {
	w := newWorld(t)
	w.add("A", "B")
	w.keep()
	data, err := os.ReadFile(w.keeper.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, flip := range []byte{1, 0x20, 0x80} {
			changed := bytes.Clone(data)
			changed[i] ^= flip
			if _, err := Parse(changed); !errors.Is(err, ErrUntrusted) {
				t.Fatalf("byte %d (%q) became %q: %v", i, data[i], changed[i], err)
			}
		}
		if _, err := Parse(data[:i]); !errors.Is(err, ErrUntrusted) {
			t.Fatalf("the first %d bytes: %v", i, err)
		}
	}
	if _, err := Parse(append(bytes.Clone(data), '\n')); !errors.Is(err, ErrUntrusted) {
		t.Errorf("a line more: %v", err)
	}
}

// TestEditedDate makes a key younger in the snapshot, and then signs that with another key.
func TestEditedDate(t *testing.T) {
	w := newWorld(t)
	w.add("A")
	w.keep()
	data, _ := os.ReadFile(w.keeper.Path)
	edited := bytes.Replace(data, []byte(`"first_seen":"2026`), []byte(`"first_seen":"2027`), 1)
	if bytes.Equal(edited, data) {
		t.Fatal("there is no date")
	}
	_, err := Parse(edited)
	var trust *TrustError
	if !errors.As(err, &trust) || trust.Why != Changed {
		t.Errorf("edited date: %v", err)
	}
	pinsAt := filepath.Join(w.dir, "pins.json")
	if first, err := check(t, pinsAt, w.read(), w.keeper.Path); err != nil || !first {
		t.Fatal(first, err)
	}
	raw, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := raw.encode(ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(forged)
	if err != nil {
		t.Fatal(err) // by itself it is whole
	}
	_, err = check(t, pinsAt, s, w.keeper.Path)
	wantWhy(t, err, Resigned)
	overwrite(t, w.keeper.Path, forged)
	if kept := w.keep(); !kept.Wrote || kept.Found == nil || kept.Found.Why != Resigned {
		t.Errorf("the ledger's own look at it: %+v", kept)
	}
	w.wantTrue()
	overwrite(t, w.keeper.Path, edited)
	if kept := w.keep(); !kept.Wrote || kept.Found == nil || kept.Found.Why != Changed {
		t.Errorf("the ledger's own look at it: %+v", kept)
	}
	w.wantTrue()
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRolledBackLedger puts the ledger back to what it was, without its snapshot.
func TestRolledBackLedger(t *testing.T) {
	w := newWorld(t)
	w.add("A")
	w.keep()
	older := filepath.Join(w.dir, "older")
	if err := os.CopyFS(older, os.DirFS(w.options().Dir)); err != nil {
		t.Fatal(err)
	}
	w.add("B")
	w.keep()
	if err := errors.Join(os.RemoveAll(w.options().Dir), os.Rename(older, w.options().Dir)); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(w.keeper.Path)
	w.restart()
	_, err := w.keeper.Keep(t.Context())
	wantWhy(t, err, RolledBack)
	if after, _ := os.ReadFile(w.keeper.Path); !bytes.Equal(before, after) {
		t.Error("the snapshot was written although the ledger is older")
	}
}

// TestEditedLedger changes records in the store as somebody with the passphrase could, without keysweep.
func TestEditedLedger(t *testing.T) {
	for what, edit := range map[string]func(text string) string{
		"a date": func(text string) string { return strings.Replace(text, `"first_seen":"2026`, `"first_seen":"2027`, 1) },
		"older":  func(text string) string { return strings.Replace(text, `"seq":2`, `"seq":1`, 1) },
		"in disguise": func(text string) string {
			return strings.Replace(strings.Replace(text, `"seq":2`, `"seq":3`, 1), "first_seen\":\"2026", "first_seen\":\"2027", 1)
		},
		"gone": func(string) string { return "" },
	} {
		w := newWorld(t)
		r := w.add("A", "B")[0]
		if _, err := w.ledger.Change(t.Context(), r.ID, "x", func(*rotation.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
		w.keep()
		err := w.store.Update(t.Context(), func(txn rotation.Txn) error {
			data, err := txn.Get("record-" + r.ID)
			if err != nil {
				return err
			}
			if text := edit(string(data)); text != "" {
				return txn.Put("record-"+r.ID, []byte(text))
			}
			return txn.Delete("record-" + r.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		w.restart()
		wantWhy(t, w.keeper.Audit(t.Context()), Edited)
		w.add("C") // a change makes the next look at the whole ledger
		w.restart()
		_, err = w.keeper.Keep(t.Context())
		if wantWhy(t, err, Edited); t.Failed() {
			t.Fatal(what)
		}
	}
}

func check(t *testing.T, pinsAt string, s Snapshot, path string) (first bool, err error) {
	t.Helper()
	err = WithPins(t.Context(), pinsAt, func(p *Pins) (err error) {
		first, err = p.Check(s, path, nil, time.Now())
		return err
	})
	return first, err
}

func TestPins(t *testing.T) {
	w := newWorld(t)
	pinsAt := filepath.Join(t.TempDir(), "state", "pins.json")
	w.add("A")
	w.keep()
	old := w.read()
	w.add("B")
	w.keep()
	now := w.read()
	if first, err := check(t, pinsAt, now, "/p"); !first || err != nil {
		t.Error(first, err)
	}
	if first, err := check(t, pinsAt, now, "/p"); first || err != nil {
		t.Error("again:", first, err)
	}
	_, err := check(t, pinsAt, old, "/p")
	wantWhy(t, err, PutBack)
	forked := now
	forked.Sum = old.Sum
	_, err = check(t, pinsAt, forked, "/p")
	wantWhy(t, err, Forked)
	other := newWorld(t)
	other.keep()
	_, err = check(t, pinsAt, other.read(), "/p")
	wantWhy(t, err, Replaced)
	if first, err := check(t, pinsAt, other.read(), "/q"); !first || err != nil {
		t.Error("another file:", first, err)
	}
	_, err = check(t, pinsAt, now, "/q") // both are known: one was copied over the other
	wantWhy(t, err, Replaced)
	if first, err := check(t, pinsAt, now, "/p"); first || err != nil {
		t.Error("refusals were remembered:", first, err)
	}
	overwrite(t, pinsAt, []byte(`{"schema":1,"pins":[{`))
	var damaged *PinsError
	if _, err := check(t, pinsAt, now, "/p"); !errors.As(err, &damaged) || damaged.Hint() == "" {
		t.Errorf("damaged pins: %v", err)
	}
}

// TestTrustedKey has a policy name the key: it outranks what was seen, both ways.
func TestTrustedKey(t *testing.T) {
	w := newWorld(t)
	w.keep()
	s := w.read()
	stranger := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	pins := &Pins{}
	_, err := pins.Check(s, "/p", stranger, w.now)
	wantWhy(t, err, Resigned)
	if first, err := pins.Check(s, "/p", s.PublicKey, w.now); first || err != nil {
		t.Error("a key that the policy names:", first, err)
	}
	pins.list[0].Key = stranger // seen before, and wrong
	if _, err := pins.Check(s, "/p", s.PublicKey, w.now); err != nil || !pins.list[0].Key.Equal(s.PublicKey) {
		t.Error("the policy outranks what was seen:", err)
	}
	other := Snapshot{Machine: "other", Ledger: "1", PublicKey: s.PublicKey}
	_, err = pins.Check(other, "/p", other.PublicKey, w.now) // a key says nothing about the file of another machine
	wantWhy(t, err, Replaced)
	if key, err := ParseKey(KeyText(s.PublicKey)); err != nil || !key.Equal(s.PublicKey) {
		t.Error(key, err)
	}
	if _, err := ParseKey("abc"); err == nil {
		t.Error("a short key was taken")
	}
}

func TestReadOther(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Read(dir); err == nil {
		t.Error("a directory was read")
	}
	path := filepath.Join(dir, "f")
	for _, text := range []string{"", "{}", "{}\n", `{"schema":"x","records":[` + "\n" + `],"generated_at":"","signature":""}` + "\n", strings.Repeat("[", 10_000)} {
		overwrite(t, path, []byte(text))
		_, err := Read(path)
		wantWhy(t, err, Damaged)
	}
}

func FuzzParse(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	r := &raw{header: header{Machine: "m", Ledger: "l"}, lines: [][]byte{[]byte(`{"id":"a"}`), []byte(`{"id":"b"}`)}}
	good, err := r.encode(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":"keysweep.snapshot/v1","records":[` + "\n" + `],"generated_at":"2026-01-01T00:00:00Z","signature":"AAAA"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Parse(data); err == nil && !bytes.Equal(data, good) {
			t.Fatalf("it was never signed: %+v", s)
		}
		// What is signed by whoever has a key is read without a panic, whatever it says.
		raw, err := parse(resigned(key, data))
		if err == nil {
			_, _ = raw.snapshot()
		}
	})
}

// resigned is data with a signature that fits.
func resigned(key ed25519.PrivateKey, body []byte) []byte {
	r := &raw{lines: bytes.Split(body, []byte{'\n'})}
	data, _ := r.encode(key)
	return data
}

// BenchmarkRead reads ten thousand credentials; Keep writes one change of them.
func BenchmarkRead(b *testing.B) {
	path, key := filepath.Join(b.TempDir(), "snapshot.json"), ed25519.NewKeyFromSeed(make([]byte, 32))
	r := &raw{header: header{Machine: "desk", Ledger: "l", Seq: 10_000}}
	for i := range 10_000 {
		line, _ := json.Marshal(rotation.Record{
			Schema: 1, ID: fmt.Sprintf("%032x", i), Kind: rotation.KindAPI, Name: fmt.Sprintf("SERVICE_%d_TOKEN", i), Service: "billing", Env: "prod",
			Owner: "payments team", Provider: "gitlab", Purpose: "reads the list of invoices for the monthly report", Account: fmt.Sprint("token ", i),
			URL: "https://gitlab.example.org/-/user_settings/personal_access_tokens", Mark: fmt.Sprintf("%032x", i*7), Status: rotation.Active,
			Evidence:  []rotation.Evidence{{Source: "provider", At: time.Unix(1.7e9, 0).UTC()}, {Source: "stated by owner", At: time.Unix(1.7e9, 0).UTC(), Detail: "by mail"}},
			FirstSeen: time.Unix(1.7e9, 0).UTC(), RotatedAt: time.Unix(1.75e9, 0).UTC(), History: []rotation.Event{{At: time.Unix(1.7e9, 0).UTC(), What: "added"}},
			Seq: 2, Prev: strings.Repeat("ab", 32),
		})
		r.lines = append(r.lines, line)
	}
	data, err := r.encode(key)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("Read", func(b *testing.B) {
		for b.Loop() {
			if s, err := Read(path); err != nil || len(s.Records) != 10_000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("Sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.encode(key); err != nil {
				b.Fatal(err)
			}
		}
	})
}
