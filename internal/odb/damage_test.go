package odb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// damagedRepo is a repository with one pack, and which objects each byte of the pack is needed for.
type damagedRepo struct {
	objects     map[string]stored
	pack, index []byte
	size        int
	forest      *forest
}

func newDamagedRepo(t *testing.T, option string) *damagedRepo {
	t.Helper()
	r := newRepo(t)
	r.fill(5, 60)
	r.git("-c", "repack.useDeltaBaseOffset="+option, "repack", "-adfq", "--depth=20")
	d := &damagedRepo{objects: r.oracle(), size: 20}
	paths, _ := filepath.Glob(filepath.Join(r.objects(), "pack", "*.pack"))
	for ext, to := range map[string]*[]byte{".pack": &d.pack, ".idx": &d.index} {
		data, err := os.ReadFile(strings.TrimSuffix(paths[0], ".pack") + ext)
		if err != nil {
			t.Fatal(err)
		}
		*to = data
	}
	db := r.open(Options{})
	p := (*db.stores.Load())[0].packs[0]
	forest, err := db.plant(t.Context(), p, make([]bool, db.Len()), &WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.forest = forest
	return d
}

// needs returns the objects that cannot be read without the bytes from..to of the pack.
func (d *damagedRepo) needs(from, to int) map[string]bool {
	lost := map[string]bool{}
	var add func(i uint32)
	add = func(i uint32) {
		lost[d.forest.id(i).String()] = true
		for _, kid := range d.forest.kids[d.forest.first[i]:d.forest.first[i+1]] {
			add(kid)
		}
	}
	for i := range uint32(len(d.forest.offsets)) {
		if int(d.forest.offsets[i]) < to && d.forest.end(i) > from {
			add(i)
		}
	}
	return lost
}

// written puts a pack and an index into an object directory.
func written(t testing.TB, pack, index []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pack"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"pack-1.pack": pack, "pack-1.idx": index} {
		if err := os.WriteFile(filepath.Join(dir, "pack", name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// outcome is what came of looking at a damaged database.
type outcome struct {
	*recorder
	damage []error
}

// look walks over a database and reads everything in it one by one, within bounds of time and memory.
func look(t *testing.T, dir string, o Options, want map[string]stored) outcome {
	t.Helper()
	const mostMemory, patience = 100 << 20, time.Minute
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o.Dirs = []string{dir}
	db, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out := outcome{recorder: newRecorder()}
	if err := db.Walk(ctx, WalkOptions{Workers: 2, Visitor: out.visitor}); err != nil {
		t.Errorf("Walk: %v", err)
	}
	out.damage = db.Damage()
	for i := range uint32(db.Len()) {
		checkRead(t, db, db.ID(i), want)
	}
	db.fold, db.bases = 0, cache{} // chains of deltas are folded, however small
	for digits := range want {
		checkRead(t, db, parseID(t, digits), want)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > mostMemory {
		t.Errorf("%d bytes of memory were asked for", used)
	}
	for _, w := range out.wrong {
		t.Error(w)
	}
	for id, object := range out.objects {
		if want[id.String()] != object {
			t.Errorf("%s is visited with a wrong content", id)
		}
	}
	for id, err := range out.failed {
		checkNamed(t, id, err)
	}
	return out
}

func checkRead(t *testing.T, db *DB, id ID, want map[string]stored) {
	t.Helper()
	kind, data, err := db.Read(id, nil)
	if err == nil && want[id.String()] != (stored{kind.String(), string(data)}) {
		t.Errorf("Read %s gives a wrong content", id)
	}
	if err != nil && !errors.Is(err, ErrMissing) {
		checkNamed(t, id, err)
	}
	_, _, _ = db.Stat(id)
}

// checkNamed wants the error to say which object it is about, and of a damaged one where it is and what is wrong.
func checkNamed(t *testing.T, id ID, err error) {
	t.Helper()
	var corrupt *CorruptError
	var large *TooLargeError
	if strings.Contains(err.Error(), "internal error") {
		t.Errorf("%s: %v", id, err)
	}
	switch {
	case errors.As(err, &corrupt):
		if corrupt.ID != id || corrupt.File == "" || corrupt.Err == nil || !strings.Contains(err.Error(), id.String()) {
			t.Errorf("%s: the error does not say enough: %v", id, err)
		}
		if len(err.Error()) > 500+len(corrupt.File) || strings.Count(err.Error(), "its base") > 2 {
			t.Errorf("%s: the error says too much: %v", id, err)
		}
	case errors.As(err, &large):
		if large.ID != id || !strings.Contains(err.Error(), id.String()) {
			t.Errorf("%s: the error is about another object: %v", id, err)
		}
	default:
		t.Errorf("%s: unexpected error %v", id, err)
	}
}

// TestDamagedPack changes one place of the pack in each of many ways. Only what needs that place may be lost.
func TestDamagedPack(t *testing.T) {
	for _, option := range []string{"true", "false"} {
		d := newDamagedRepo(t, option)
		random := newRandom(7)
		for n := range 60 {
			pack := bytes.Clone(d.pack)
			from := packHead + random.IntN(len(pack)-packHead-d.size)
			to := from + 1
			switch n % 6 {
			case 0, 1:
				pack[from] ^= 1 << random.IntN(8)
			case 2:
				pack[from] = byte(random.Uint32())
			case 3:
				to = min(from+random.IntN(2000), len(pack)-d.size)
				clear(pack[from:to])
			case 4:
				pack, to = pack[:from], len(pack)
			case 5:
				to = min(from+random.IntN(300), len(pack)-d.size)
				copy(pack[from:to], pack[packHead+random.IntN(300):])
			}
			if bytes.Equal(pack, d.pack) {
				continue
			}
			t.Run(fmt.Sprintf("offsets %s, %d: %d to %d", option, n, from, to), func(t *testing.T) {
				out := look(t, written(t, pack, d.index), Options{}, d.objects)
				lost := d.needs(from-d.size*(n%6/4), to) // a cut-off pack ends with what was content
				for digits := range d.objects {
					id := parseID(t, digits)
					_, seen := out.objects[id]
					if out.failed[id] != nil == seen || !seen && !lost[digits] {
						t.Errorf("%s: visited %t, error %v, harmed %t", id, seen, out.failed[id], lost[digits])
					}
				}
			})
		}
	}
}

// TestDamagedIndex changes the index, of which git keeps a checksum: what it says is either right or not believed.
func TestDamagedIndex(t *testing.T) {
	d := newDamagedRepo(t, "true")
	random := newRandom(8)
	for n := range 60 {
		index := bytes.Clone(d.index)
		at := random.IntN(len(index))
		switch n % 4 {
		case 0, 1:
			index[at] ^= 1 << random.IntN(8)
		case 2:
			index = index[:at]
		case 3:
			for range 20 {
				index[random.IntN(len(index))] = byte(random.Uint32())
			}
		}
		if len(index) == 0 {
			continue
		}
		t.Run(fmt.Sprintf("%d at %d", n, at), func(t *testing.T) {
			out := look(t, written(t, d.pack, index), Options{}, d.objects)
			if len(out.objects) < len(d.objects) && len(out.failed) == 0 && len(out.damage) == 0 {
				t.Errorf("%d objects are gone, and nothing is said about it", len(d.objects)-len(out.objects))
			}
		})
	}
}

// TestDamagedCopy checks that a good copy makes up for a bad one, also for a base.
func TestDamagedCopy(t *testing.T) {
	d := newDamagedRepo(t, "true")
	random := newRandom(9)
	for n := range 10 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := written(t, d.pack, d.index)
			for range 20 {
				flip(t, filepath.Join(dir, "pack", "pack-1.pack"), random.IntN(len(d.pack)-40)+packHead)
			}
			for _, name := range []string{"pack-0", "pack-2"}[n%2 : n%2+1] {
				for ext, data := range map[string][]byte{".pack": d.pack, ".idx": d.index} {
					if err := os.WriteFile(filepath.Join(dir, "pack", name+ext), data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			out := look(t, dir, Options{}, d.objects)
			if len(out.objects) != len(d.objects) || len(out.failed) > 0 {
				t.Errorf("%d of %d objects were visited, %d could not be read", len(out.objects), len(d.objects), len(out.failed))
			}
		})
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 0x10
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedLoose damages loose objects in every way.
func TestDamagedLoose(t *testing.T) {
	r := newRepo(t)
	r.fill(3, 20)
	r.unpack()
	want := r.oracle()
	random := newRandom(4)
	paths, _ := filepath.Glob(filepath.Join(r.objects(), "??", "*"))
	harmed := map[string]bool{}
	for n, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil || n%3 == 0 {
			continue
		}
		harmed[filepath.Base(filepath.Dir(path))+filepath.Base(path)] = true
		switch n % 5 {
		case 0:
			data = nil
		case 1:
			data = data[:random.IntN(len(data))]
		case 2:
			data[random.IntN(len(data))] ^= 4
		case 3:
			data = deflated([]byte("blob 99999999999\x00xyz"))
		case 4:
			data = deflated([]byte("blob 3\x00xyz"))
		}
		if err := errors.Join(os.Remove(path), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	out := look(t, r.objects(), Options{}, want)
	for digits := range want {
		id := parseID(t, digits)
		if _, seen := out.objects[id]; seen == (out.failed[id] != nil) || !seen && !harmed[digits] {
			t.Errorf("%s: visited %t, error %v", id, seen, out.failed[id])
		}
	}
	if len(out.failed) < len(paths)/3 {
		t.Errorf("only %d of %d objects fail", len(out.failed), len(paths))
	}
}
