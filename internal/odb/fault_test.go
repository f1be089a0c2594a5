//go:build unix

package odb

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestCutOffWhileOpen cuts a pack off that is mapped: reading the memory is a fault then, which ends a program that does not
// expect it.
func TestCutOffWhileOpen(t *testing.T) {
	p := newPackFile(20)
	for i := range 3 {
		random := newRandom(uint64(i))
		noise := make([]byte, 1<<16)
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		p.whole(Blob, string(noise))
	}
	dir := p.database(t)
	db := openDB(t, Options{Dirs: []string{dir}})
	if _, _, err := db.Read(p.id(2), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "pack", "pack-made.pack"), 70_000); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Read(p.id(0), nil); err != nil {
		t.Errorf("Read of what is left: %v", err)
	}
	if _, _, err := db.Read(p.id(2), nil); !errors.Is(err, errFault) {
		t.Errorf("Read: %v", err)
	}
	if _, _, err := db.Stat(p.id(2)); !errors.Is(err, errFault) {
		t.Errorf("Stat: %v", err)
	}
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	if len(seen.objects) != 1 || len(seen.failed) != 2 || !errors.Is(seen.failed[p.id(2)], errFault) {
		t.Errorf("%d objects are visited, failed: %v", len(seen.objects), seen.failed)
	}
}

// TestPipes puts named pipes where files should be, which nobody will ever write to.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pack/pack-1.idx", "pack/pack-1.pack", "pack/multi-pack-index", "info/alternates", "ab/" + idOf(20, Blob, "").String()[2:]} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), syscall.Mkfifo(path, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	if len(db.Damage()) != 2 || len(seen.failed) != 1 {
		t.Errorf("damage %v, failed %v", db.Damage(), seen.failed)
	}
}
