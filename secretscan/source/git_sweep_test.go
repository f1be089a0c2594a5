package source

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keysweep/internal/git"
	"keysweep/internal/odb"
)

// Every entry of a tree is looked at, in it or in the tree that it is made from, however the copies lie: names and ids may look like
// entries themselves, so that a copy can begin in the middle of one and still be read as entries.
func TestCopiedEntries(t *testing.T) {
	objects := filepath.Join(t.TempDir(), "objects")
	if err := os.Mkdir(objects, 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := odb.Open(odb.Options{Dirs: []string{objects}, HashSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		base := entries(r, r.IntN(12))
		data, copies := remade(r, base)
		w := &gitSweeper{sweep: &gitSweep{db: db, idSize: 20}, trees: gitTreeNotes{names: newGitNames()}, modules: map[string]bool{}}
		carry := w.tree(&odb.Object{Index: 1, Kind: odb.Tree, Data: base})
		seen := map[git.OID]bool{}
		note := func(tree int) {
			w.settle()
			for _, e := range w.trees.own(tree) {
				if e.child != gitNothing {
					seen[w.absent[e.child]] = true // the database is empty, so all is
				}
			}
		}
		note(0)
		next := w.tree(&odb.Object{Index: 2, Kind: odb.Tree, Data: data, Delta: true, Base: carry, Copies: copies})
		note(1)
		compareNotes(t, w, 1, data, compareNotes(t, w, 0, base, nil))
		it := git.NewTreeIter(data, 20)
		var starts []uint32
		for at := 0; it.Next(); at = it.Offset() {
			starts = append(starts, uint32(at))
			if it.Mode.IsBlob() && !seen[it.OID()] { // others are told of where they are read

				t.Fatalf("seed %d: an entry of %q, made from %q with %v, was not looked at", seed, data, base, copies)
			}
		}
		if it.Err == nil && fmt.Sprint(next.starts) != fmt.Sprint(append(starts, uint32(len(data)))) {
			t.Fatalf("seed %d: entries start at %v, not %v", seed, next.starts, starts)
		}
	}
}

// compareNotes compares what was noted of a tree with its content.
func compareNotes(t *testing.T, w *gitSweeper, number int, data []byte, base []gitWay) []gitWay {
	t.Helper()
	all := newGitSet(len(w.absent))
	for i := range all {
		all[i] = 1<<64 - 1
	}
	noted := w.trees.ways(number, base, all, nil)
	var got, want []string
	for _, e := range noted {
		got = append(got, fmt.Sprintf("%d %o %s %s", e.at, e.mode(), w.trees.names.list[e.name()], w.absent[e.child]))
	}
	it := git.NewTreeIter(data, 20)
	for at := 0; it.Next(); at++ {
		if it.Mode.IsBlob() || it.Mode.Kind() == git.ModeTree { // what others name is not in the database
			want = append(want, fmt.Sprintf("%d %o %s %s", at, it.Mode.Kind(), it.Name, it.OID()))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("of %q was noted\n%q, not\n%q", data, got, want)
	}
	return noted
}

// entries makes a tree whose names and ids look like entries now and then.
func entries(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for range n {
		name := fmt.Sprintf("f%d", r.IntN(50))
		if r.IntN(3) == 0 {
			name = "100644 " + name
		}
		id := make([]byte, 20)
		for i := range id {
			id[i] = byte(r.IntN(256))
		}
		if r.IntN(4) == 0 {
			copy(id[r.IntN(8):], "100644 x\x00")
		}
		fmt.Fprintf(&b, "100644 %s\x00%s", name, id)
	}
	return b.Bytes()
}

// remade makes a tree of pieces of another, some of which begin where an entry does, and of new ones.
func remade(r *rand.Rand, base []byte) (data []byte, copies []odb.Copy) {
	var bounds []int
	it := git.NewTreeIter(base, 20)
	for at := 0; ; at = it.Offset() {
		bounds = append(bounds, at)
		if !it.Next() {
			break
		}
	}
	for range 1 + r.IntN(6) {
		if r.IntN(2) == 0 {
			data = append(data, entries(r, r.IntN(3))...)
			continue
		}
		from, to := bounds[r.IntN(len(bounds))], bounds[r.IntN(len(bounds))]
		if r.IntN(3) == 0 && len(base) > 0 {
			from = r.IntN(len(base))
		}
		if r.IntN(3) == 0 {
			to = r.IntN(len(base) + 1)
		}
		if from < to {
			copies = append(copies, odb.Copy{From: uint32(from), To: uint32(len(data)), Len: uint32(to - from)})
			data = append(data, base[from:to]...)
		}
	}
	return data, copies
}
