package odb

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAlternates(t *testing.T) {
	r := newRepo(t)
	r.fill(1, 30)
	shared := &repo{t: t, dir: filepath.Join(t.TempDir(), "shared"), env: r.env}
	r.git("clone", "-q", "--shared", "--bare", r.dir, shared.dir)
	shared.fill(2, 30)
	again := &repo{t: t, dir: filepath.Join(t.TempDir(), "again"), env: r.env}
	shared.git("clone", "-q", "--shared", "--bare", shared.dir, again.dir)
	again.fill(3, 3)
	want := again.oracle()
	db := again.open(Options{})
	compareReads(t, db, want)
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	seen.compare(t, want)
}

// TestAlternateLines checks how the file is read: gitrepository-layout(5), and quoting as git does it.
func TestAlternateLines(t *testing.T) {
	root := t.TempDir()
	odd := "with \"quotes\"\\and\ttab\xe4"
	for _, name := range []string{"main/info", "relative", "absolute", "#comment", "deep/1/info", "deep/2", odd} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Join([]string{
		"../relative", "# comment", "", filepath.Join(root, "absolute"), "../absolute", "../main", "../deep/1",
		`"` + root + `/with \"quotes\"\\and\ttab\344"`, "../gone",
	}, "\n")
	if err := os.WriteFile(filepath.Join(root, "main/info/alternates"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "deep/1/info/alternates"), []byte("../2\n../../main\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := Open(Options{Dirs: []string{filepath.Join(root, "main")}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range *db.stores.Load() {
		name, err := filepath.Rel(root, s.dir)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, name)
	}
	want := []string{"main", "relative", "absolute", "deep/1", "deep/2", odd}
	if !slices.Equal(got, want) {
		t.Errorf("directories %q, want %q", got, want)
	}
	if damage := db.Damage(); len(damage) != 1 || !strings.Contains(damage[0].Error(), filepath.Join(root, "gone")) {
		t.Errorf("damage %v", damage)
	}
}

// TestAlternatesGoTooDeep makes a chain of ten.
func TestAlternatesGoTooDeep(t *testing.T) {
	root := t.TempDir()
	for i := range 10 {
		dir := filepath.Join(root, string(rune('a'+i)), "info")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "alternates"), []byte("../"+string(rune('b'+i))+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(Options{Dirs: []string{filepath.Join(root, "a")}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(*db.stores.Load()); n != 1+deepestAlternate || len(db.Damage()) != 1 {
		t.Errorf("%d directories, damage %v", n, db.Damage())
	}
}

func TestWorktree(t *testing.T) {
	r := newRepo(t)
	r.fill(1, 10)
	tree := &repo{t: t, dir: filepath.Join(t.TempDir(), "tree"), env: r.env}
	r.git("worktree", "add", "-q", tree.dir, "side1")
	compareReads(t, tree.open(Options{Dirs: []string{filepath.Join(r.dir, ".git", "objects")}}), tree.oracle())
}

// TestLater reads objects that come while the database is open; those counted before keep their indexes.
func TestLater(t *testing.T) {
	r := newRepo(t)
	r.fill(1, 30)
	db := r.open(Options{})
	first := r.oracle()
	compareReads(t, db, first)
	r.fill(2, 60)
	r.fill(3, 2)
	for digits, object := range r.oracle() {
		kind, data, err := db.Read(parseID(t, digits), nil)
		if err != nil || (stored{kind.String(), string(data)}) != object {
			t.Fatalf("Read %s: %v", digits, err)
		}
	}
	if db.Len() != len(first) {
		t.Errorf("Len is %d now, and was %d", db.Len(), len(first))
	}
	if _, _, err := db.Read(idOf(20, Blob, "not there"), nil); !errors.Is(err, ErrMissing) {
		t.Errorf("Read of what is not there: %v", err)
	}
	if _, _, err := db.Stat(idOf(20, Blob, "not there")); !errors.Is(err, ErrMissing) {
		t.Errorf("Stat of what is not there: %v", err)
	}
	if _, _, err := db.Read(ID{}, nil); !errors.Is(err, ErrMissing) {
		t.Errorf("Read of nothing: %v", err)
	}
}

// TestRepacked reads and walks after all packs have been replaced under the open database, of which none was mapped yet.
func TestRepacked(t *testing.T) {
	r := newRepo(t)
	r.fill(1, 40)
	r.fill(2, 40)
	want := r.oracle()
	db := r.open(Options{})
	r.git("repack", "-adkq")
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	seen.compare(t, want)
	compareReads(t, db, want)
}

func TestMultiIndexIsUsed(t *testing.T) {
	r := newRepo(t)
	shapes["multi-pack-index"](r)
	want := r.oracle()
	good := r.read("pack/multi-pack-index")
	db := r.open(Options{})
	if s := (*db.stores.Load())[0]; s.multi == nil || db.census().table != &s.multi.table {
		t.Error("the multi-pack-index is not used")
	}
	random := newRandom(1)
	for n := range 40 {
		bad := slices.Clone(good)
		if n == 0 {
			bad = bad[:len(bad)-1]
		} else {
			bad[random.IntN(len(bad))] ^= 1 << random.IntN(8)
		}
		if err := os.Remove(filepath.Join(r.objects(), "pack", "multi-pack-index")); err != nil {
			t.Fatal(err)
		}
		r.write("pack/multi-pack-index", bad)
		compareReads(t, r.open(Options{}), want)
	}
}

func TestOpenErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"no directory":       {Dirs: []string{filepath.Join(t.TempDir(), "none")}},
		"a file":             {Dirs: []string{file}},
		"nothing":            {},
		"an unknown id size": {Dirs: []string{t.TempDir()}, HashSize: 21},
	} {
		if db, err := Open(o); err == nil {
			t.Errorf("%s: opened %v", name, db)
		}
	}
}

// TestNothingHangs puts things that are no files where files should be.
func TestNothingHangs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pack/pack-1.idx", "pack/pack-1.pack", "pack/multi-pack-index", "info/alternates", "ab/cd"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	if len(db.Damage()) != 2 || db.Len() != 0 {
		t.Errorf("%d objects, damage %v", db.Len(), db.Damage())
	}
}
