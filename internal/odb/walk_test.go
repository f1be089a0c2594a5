package odb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder is the visitor of all workers of a walk.
type recorder struct {
	mu      sync.Mutex
	objects map[ID]stored
	failed  map[ID]error
	deltas  int
	wrong   []string
	indexes map[uint32]bool
}

func newRecorder() *recorder {
	return &recorder{objects: map[ID]stored{}, failed: map[ID]error{}, indexes: map[uint32]bool{}}
}

// carried is what is handed from a base to its deltas.
type carried struct {
	id   ID
	data string
}

func (r *recorder) Visit(o *Object) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.objects[o.ID]; twice || r.indexes[o.Index] {
		r.wrong = append(r.wrong, fmt.Sprintf("%s (%d) is visited twice", o.ID, o.Index))
	}
	r.indexes[o.Index] = true
	r.objects[o.ID] = stored{o.Kind.String(), string(o.Data)}
	if o.Delta {
		r.deltas++
		if err := checkCopies(o); err != nil {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: %v", o.ID, err))
		}
	} else if o.Base != nil || o.Copies != nil || o.BaseData != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("%s is no delta and has a base", o.ID))
	}
	return carried{o.ID, string(o.Data)}, nil
}

func checkCopies(o *Object) error {
	if base, ok := o.Base.(carried); o.Base != nil && (!ok || base.data != string(o.BaseData)) {
		return errors.New("the base was visited with another content")
	}
	end := uint32(0)
	for i, c := range o.Copies {
		if c.To < end || c.Len == 0 || int(c.To+c.Len) > len(o.Data) || int(c.From+c.Len) > len(o.BaseData) ||
			string(o.Data[c.To:c.To+c.Len]) != string(o.BaseData[c.From:c.From+c.Len]) {
			return fmt.Errorf("copy %d is wrong: %v", i, c)
		}
		if i > 0 && c.To == end && c.From == o.Copies[i-1].From+o.Copies[i-1].Len {
			return fmt.Errorf("copy %d could be joined with the one before it", i)
		}
		end = c.To + c.Len
	}
	return nil
}

func (r *recorder) Failed(id ID, index uint32, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed[id] != nil || r.indexes[index] {
		r.wrong = append(r.wrong, fmt.Sprintf("%s (%d) fails, and not for the first time", id, index))
	}
	r.indexes[index] = true
	r.failed[id] = err
}

func (r *recorder) visitor(int) Visitor { return r }

// compare checks that a walk has shown everything.
func (r *recorder) compare(t *testing.T, want map[string]stored) {
	t.Helper()
	for _, w := range r.wrong {
		t.Error(w)
	}
	for id, err := range r.failed {
		t.Errorf("Failed %s: %v", id, err)
	}
	got := map[string]stored{}
	for id, object := range r.objects {
		got[id.String()] = object
	}
	if !maps.Equal(got, want) {
		t.Errorf("%d objects were visited; git knows %d, or some differ", len(got), len(want))
	}
}

// TestReadAndWalk compares everything with what git says, in all shapes.
func TestReadAndWalk(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		for name, shape := range shapes {
			t.Run(format+" "+name, func(t *testing.T) {
				t.Parallel()
				r := newRepo(t, "--object-format="+format)
				shape(r)
				want := r.oracle()
				db := r.open(Options{})
				compareReads(t, db, want)
				folding := r.open(Options{})
				folding.fold = 0 // however small
				compareReads(t, folding, want)
				for i, workers := range []int{1, 3, 1, 3} {
					if i >= 2 {
						db.heavy = 0 // trees of two objects are begun early
					}
					seen := newRecorder()
					if err := db.Walk(t.Context(), WalkOptions{Workers: workers, Visitor: seen.visitor}); err != nil {
						t.Fatal(err)
					}
					seen.compare(t, want)
					if name == "one pack" && seen.deltas == 0 {
						t.Error("no object was visited as a delta")
					}
				}
			})
		}
	}
}

// TestWalkSkips checks that what is skipped is not visited, and all else is, with its base's content.
func TestWalkSkips(t *testing.T) {
	r := newRepo(t)
	shapes["packs and loose"](r)
	want := r.oracle()
	maps.DeleteFunc(want, func(id string, o stored) bool { return o.kind == "tree" || id < "7" })
	db := r.open(Options{})
	for _, round := range []string{"first", "again"} { // what the first walk learned is of use to the second
		skip := func(index uint32, kind Kind) bool { return kind == Tree || db.ID(index).String() < "7" }
		seen := newRecorder()
		if err := db.Walk(t.Context(), WalkOptions{Skip: skip, Visitor: seen.visitor}); err != nil {
			t.Fatal(round, err)
		}
		seen.compare(t, want)
	}
	all := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Visitor: all.visitor}); err != nil {
		t.Fatal(err)
	}
	all.compare(t, r.oracle())
}

var errEnough = errors.New("enough")

// enough ends the walk after some objects.
type enough struct {
	left int
	end  func() error
}

func (e *enough) Visit(*Object) (any, error) {
	if e.left--; e.left == 0 {
		return nil, e.end()
	}
	if e.left < -1000 {
		return nil, errors.New("the walk goes on")
	}
	return nil, nil
}

func (e *enough) Failed(ID, uint32, error) {}

func TestWalkEnds(t *testing.T) {
	r := newRepo(t)
	shapes["one pack"](r)
	db := r.open(Options{})
	err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: func(int) Visitor {
		return &enough{50, func() error { return errEnough }}
	}})
	if !errors.Is(err, errEnough) {
		t.Errorf("a visitor's error gives %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	err = db.Walk(ctx, WalkOptions{Workers: 2, Visitor: func(int) Visitor {
		return &enough{50, func() error { cancel(errEnough); runtime.Gosched(); return nil }}
	}})
	if !errors.Is(err, errEnough) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// TestWalkSharesOneTree checks that a history that is a single tree of deltas occupies all workers.
func TestWalkSharesOneTree(t *testing.T) {
	p := newPackFile(20)
	base := strings.Repeat("a line of the base\n", 50)
	p.whole(Blob, base)
	random := newRandom(3)
	for i := range 3000 {
		p.insertion(random.IntN(i+1), fmt.Sprintf("more %d\n", i))
	}
	db := openDB(t, Options{Dirs: []string{p.database(t)}})
	seen := make([]*counter, 4)
	err := db.Walk(t.Context(), WalkOptions{Workers: 4, Visitor: func(i int) Visitor { seen[i] = &counter{}; return seen[i] }})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, c := range seen {
		total += c.visited
		if c.visited < 50 || c.failed > 0 {
			t.Errorf("worker %d has visited %d objects and could not read %d", i, c.visited, c.failed)
		}
	}
	if total != 3001 {
		t.Errorf("%d objects were visited", total)
	}
}

// counter takes some time for each object, and lets others run.
type counter struct{ visited, failed int }

// Visit sleeps, which leaves the processor to workers that have not even begun: to give way is not enough on a busy machine.
func (c *counter) Visit(*Object) (any, error) {
	c.visited++
	time.Sleep(10 * time.Microsecond)
	return nil, nil
}
func (c *counter) Failed(ID, uint32, error) { c.failed++ }

// TestWalkGoesDeep checks chains far longer than git makes them, which must need neither stack nor memory.
func TestWalkGoesDeep(t *testing.T) {
	const depth = 5000
	p := newPackFile(20)
	p.whole(Blob, "base\n")
	for i := range depth {
		p.insertion(i, fmt.Sprintf("%d\n", i))
	}
	db := openDB(t, Options{Dirs: []string{p.database(t)}})
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	want := map[string]stored{}
	for i := range p.objects {
		want[p.id(i).String()] = stored{"blob", p.objects[i].data}
	}
	seen.compare(t, want)
	last := slices.Sorted(maps.Keys(want))[0]
	if _, data, err := db.Read(parseID(t, last), nil); err != nil || string(data) != want[last].data {
		t.Errorf("Read at the end of the chain: %d bytes, %v", len(data), err)
	}
}

// balanced makes a tree of deltas in which each object has two of the same weight, so that the most of them are on the stack.
func balanced(p *packFile, base, depth int) {
	for i := range 2 {
		kid := p.insertion(base, fmt.Sprintf("%d.%d ", depth, i))
		if depth > 1 {
			balanced(p, kid, depth-1)
		}
	}
}

// TestWalkFades walks with room for a few contents only: those that are given up are read again.
func TestWalkFades(t *testing.T) {
	p := newPackFile(20)
	balanced(p, p.whole(Blob, strings.Repeat("some text\n", 100)), 7)
	want := map[string]stored{}
	for i := range p.objects {
		want[p.id(i).String()] = stored{"blob", p.objects[i].data}
	}
	for _, room := range []int{0, 4000} {
		db := openDB(t, Options{Dirs: []string{p.database(t)}})
		db.held = room
		seen := newRecorder()
		if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
			t.Fatal(err)
		}
		seen.compare(t, want)
	}
}
