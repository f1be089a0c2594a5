package rollover_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"keysweep/rotation/rollover"
)

// someJournal is a journal of a rotation under way.
func someJournal(t *testing.T) rollover.Journal {
	t.Helper()
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 3)
	w.hosts["ann@web1"].down = true
	_, err := w.rotation().Run(t.Context())
	must(t, err)
	return *w.kept
}

func TestJournalIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "journal")
	j := someJournal(t)
	f, err := rollover.Open(dir, j.Record)
	must(t, err)
	if _, err := f.Load(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it was saved: %v", err)
	}
	must(t, f.Save(j))
	got, err := f.Load()
	must(t, err)
	if !reflect.DeepEqual(got, j) {
		t.Errorf("it comes back as\n%+v, not\n%+v", got, j)
	}
	info, err := os.Stat(f.Path())
	must(t, err)
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := rollover.Open(dir, j.Record); !errors.Is(err, rollover.ErrBusy) {
		t.Errorf("opened twice: %v", err)
	}
	other, err := rollover.Open(dir, "another")
	must(t, err)
	must(t, other.Close())
	must(t, f.Close())
	again, err := rollover.Open(dir, j.Record)
	must(t, err)
	must(t, again.Remove())
	must(t, again.Remove())
	must(t, again.Close())
	if _, err := rollover.Read(dir, j.Record); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after it was removed: %v", err)
	}
}

// TestJournalIsRefused: what a rotation could not go on with in safety is not read, and not written either.
func TestJournalIsRefused(t *testing.T) {
	f, err := rollover.Open(t.TempDir(), "x")
	must(t, err)
	defer func() { must(t, f.Close()) }()
	for name, spoil := range map[string]func(*rollover.Journal){
		"another version":          func(j *rollover.Journal) { j.Schema = "keysweep.rotation/v2" },
		"no key":                   func(j *rollover.Journal) { j.Record = "" },
		"a relative path":          func(j *rollover.Journal) { j.File = "id_shop" },
		"an unknown phase":         func(j *rollover.Journal) { j.Phase = "begun" },
		"the wrong public key":     func(j *rollover.Journal) { j.Old.Line = j.New.Line },
		"no new key":               func(j *rollover.Journal) { j.New = rollover.Key{} },
		"a host twice":             func(j *rollover.Journal) { j.Hosts[0] = j.Hosts[1] },
		"an unknown step":          func(j *rollover.Journal) { j.Hosts[0].Step = "done" },
		"removed before promotion": func(j *rollover.Journal) { j.Phase = rollover.Generated },
	} {
		j := someJournal(t)
		spoil(&j)
		data, err := json.Marshal(j)
		must(t, err)
		if err := f.Save(j); err == nil {
			t.Errorf("%s: is written", name)
		}
		must(t, os.WriteFile(f.Path(), data, 0o600))
		if _, err := f.Load(); !errors.Is(err, rollover.ErrJournal) || !strings.Contains(err.Error(), f.Path()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"schema":"keysweep.rotation/v1","record":"a","name":"b","file":"/c","phase":"planned","begun":"2026-03-01T12:00:00Z","old":{"fingerprint":"","line":""},"hosts":[{"target":"ann@web1","step":"waiting"}]}`))
	f.Add([]byte(`{"schema":1}`))
	f.Add([]byte("{\"phase\":\"promoted\",\"hosts\":null}trailing"))
	dir := f.TempDir()
	path := filepath.Join(dir, "x.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		must(t, os.WriteFile(path, data, 0o600))
		j, err := rollover.Read(dir, "x")
		if err != nil {
			return
		}
		file, err := rollover.Open(dir, "y")
		must(t, err)
		must(t, file.Save(j))
		again, err := file.Load()
		must(t, err)
		must(t, file.Close())
		if !reflect.DeepEqual(again, j) {
			t.Errorf("it comes back as\n%+v, not\n%+v", again, j)
		}
	})
}
