package attest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func store(t *testing.T) Store {
	t.Helper()
	dir := t.TempDir()
	return Store{Dir: dir, Name: "state/attestations.jsonl", Lock: filepath.Join(dir, "lock"), Mode: 0o600}
}

func record(id string, n int) Record {
	return Record{ID: id, Scope: "account", Status: Done, By: "ann", Date: noon.Add(time.Duration(n) * time.Hour),
		Evidence: Evidence{Kind: "text", Text: fmt.Sprintf("evidence <%d> & \"more\"", n)}}
}

// filled returns a store with n attestations, and its file's content.
func filled(t *testing.T, n int) (Store, []byte) {
	t.Helper()
	s := store(t)
	for i := range n {
		if _, err := s.Append(t.Context(), record("account.mfa", i)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

func TestAppendAndRead(t *testing.T) {
	s := store(t)
	if l, err := s.Read(); err != nil || len(l.Records) != 0 {
		t.Fatalf("%v %v", l, err)
	}
	first, err := s.Append(t.Context(), record("account.mfa", 0))
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Append(t.Context(), record("account.mfa", 1))
	if err != nil {
		t.Fatal(err)
	}
	if first.Prev != "" || len(second.Prev) != 64 {
		t.Errorf("prev %q, %q", first.Prev, second.Prev)
	}
	l, err := s.Read()
	if err != nil || len(l.Records) != 2 || l.Records[0] != first || l.Records[1] != second {
		t.Errorf("%+v %v", l, err)
	}
}

// TestTorn cuts the file off at every byte, as a kill or a full disk may: what was whole is kept, and the next one follows it.
func TestTorn(t *testing.T) {
	s, data := filled(t, 3)
	for cut := range len(data) {
		if err := os.WriteFile(s.Path(), data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := strings.Count(string(data[:cut+1]), "\n") // one whose newline alone is missing is whole
		l, err := s.Read()
		if err != nil || len(l.Records) != whole {
			t.Fatalf("cut at %d: %d records, want %d, %v", cut, len(l.Records), whole, err)
		}
		if _, err := s.Append(t.Context(), record("account.mfa", 9)); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if l, err = s.Read(); err != nil || len(l.Records) != whole+1 || l.Torn != 0 {
			t.Fatalf("cut at %d, then appended: %+v %v", cut, l, err)
		}
	}
	if err := os.WriteFile(s.Path(), append(data, make([]byte, 500)...), 0o600); err != nil { // as after a power cut
		t.Fatal(err)
	}
	if l, err := s.Read(); err != nil || len(l.Records) != 3 || l.Torn != 500 {
		t.Errorf("zeros behind: %+v, %v", l, err)
	}
}

// TestTampered changes every byte, takes every line out, doubles it and swaps it: each is noticed at the right line. Only what stands in
// the last line can be changed unseen, as long as nothing follows it.
func TestTampered(t *testing.T) {
	s, data := filled(t, 3)
	lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	lines[2] += "\n"
	broken := func(what, text string, line int) {
		t.Helper()
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := s.Read()
		var chain *ChainError
		if !errors.As(err, &chain) || chain.Line != line || chain.Path != s.Path() || len(l.Records) != line-1 {
			t.Errorf("%s: %v, want line %d", what, err, line)
		}
		if _, err := s.Append(t.Context(), record("account.mfa", 9)); !errors.As(err, &chain) {
			t.Errorf("%s: appended to: %v", what, err)
		}
		if now, _ := os.ReadFile(s.Path()); string(now) != text {
			t.Errorf("%s: the file was changed", what)
		}
	}
	for i := range len(lines[0]) + len(lines[1]) {
		text := []byte(data)
		text[i] ^= 1
		if text[i] == '\n' {
			continue
		}
		if err := os.WriteFile(s.Path(), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(); err == nil {
			t.Fatalf("byte %d changed unseen: %s", i, text)
		}
	}
	broken("first taken out", lines[1]+lines[2], 1)
	broken("second taken out", lines[0]+lines[2], 2)
	broken("second twice", lines[0]+lines[1]+lines[1]+lines[2], 3)
	broken("swapped", lines[1]+lines[0]+lines[2], 1)
	broken("an empty line", lines[0]+"\n"+lines[1]+lines[2], 2)
	broken("a conflict", lines[0]+"<<<<<<< ours\n"+lines[1], 2)
	broken("two in a line", strings.TrimSuffix(lines[0], "\n")+lines[1]+lines[2], 1)
	broken("another schema", strings.Replace(lines[0], `"schema":1`, `"schema":2`, 1), 1)
	broken("no scope", strings.Replace(lines[0], `"account"`, `"moon"`, 1), 1)
	broken("text behind the last", lines[0]+"true", 2)
}

func TestConcurrent(t *testing.T) {
	s := store(t)
	const writers, each = 8, 12
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if _, err := s.Append(t.Context(), record(fmt.Sprintf("w.%d", w), n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	l, err := s.Read()
	if err != nil || len(l.Records) != writers*each {
		t.Errorf("%d records, %v", len(l.Records), err)
	}
	for w := range writers { // of each writer all, in its order; a record for each scope counts
		if got := Latest(l.Records, fmt.Sprintf("w.%d", w)); len(got) != 1 || !got[0].Date.Equal(noon.Add((each-1)*time.Hour)) {
			t.Errorf("writer %d: %+v", w, got)
		}
	}
}

func TestStoreStaysInside(t *testing.T) {
	s := store(t)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(s.Dir, "state")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if _, err := s.Append(t.Context(), record("account.mfa", 0)); err == nil {
		t.Error("it was written through a link")
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(outside), "attestations.jsonl"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(); err == nil {
		t.Error("it was read through a link")
	}
}

func TestAppendRefuses(t *testing.T) {
	s := store(t)
	for name, change := range map[string]func(*Record){
		"no id":            func(r *Record) { r.ID = "" },
		"no who":           func(r *Record) { r.By = " " },
		"control":          func(r *Record) { r.By = "a\x1b[31m" },
		"no date":          func(r *Record) { r.Date = time.Time{} },
		"status":           func(r *Record) { r.Status = "perhaps" },
		"scope":            func(r *Record) { r.Scope = "host" },
		"script":           func(r *Record) { r.Scope = "script:" },
		"until":            func(r *Record) { r.Until = "tomorrow" },
		"subject":          func(r *Record) { r.Subject = "beef" },
		"long evidence":    func(r *Record) { r.Evidence.Text = strings.Repeat("x", maxText+1) },
		"evidence unknown": func(r *Record) { r.Evidence.Kind = "song" },
		"file, no hash":    func(r *Record) { r.Evidence.Kind = "file" },
	} {
		r := record("account.mfa", 0)
		change(&r)
		if _, err := s.Append(t.Context(), r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := os.Stat(s.Path()); err == nil {
		t.Error("something was written")
	}
	if err := os.MkdirAll(s.Path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(); err == nil {
		t.Error("a directory was read")
	}
}

func TestAppendWaits(t *testing.T) {
	s, _ := filled(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Append(ctx, record("account.mfa", 1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzParse reads anything as a file of attestations. What is taken must be valid and give the same when it is written again.
func FuzzParse(f *testing.F) {
	line := `{"schema":1,"id":"a.b","scope":"account","status":"done","by":"x","date":"2026-03-01T12:00:00Z","prev":""}`
	for _, text := range []string{"", line, line + "\n", line + "\n" + line, line[:40], "{}\n", "\n", "null\n", strings.Replace(line, "1,", "1e400,", 1)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("x", []byte(text))
		var chain *ChainError
		if err != nil && !errors.As(err, &chain) || l == nil || l.Size > int64(len(text)) || l.Torn > len(text) {
			t.Fatalf("%+v %v", l, err)
		}
		for _, r := range l.Records {
			if err := r.valid(); err != nil {
				t.Errorf("%+v: %v", r, err)
			}
		}
		again, err := Parse("x", []byte(text)[:l.Size])
		if err != nil || len(again.Records) != len(l.Records) {
			t.Errorf("%d records, then %d: %v", len(l.Records), len(again.Records), err)
		}
	})
}

// TestAppendNamesThePractice has a directory that cannot be made: what is said names what was to be attested.
func TestAppendNamesThePractice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Store{Dir: filepath.Join(file, "below"), Name: "a.jsonl", Lock: filepath.Join(file, "below", "lock"), Mode: 0o600}
	r, err := s.Append(t.Context(), record("account.mfa", 0))
	if err == nil || !strings.HasPrefix(err.Error(), "attest account.mfa: ") || r.ID != "account.mfa" {
		t.Errorf("%v, of %q", err, r.ID)
	}
}
