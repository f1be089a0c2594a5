package rollover_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"keysweep/keys"
	"keysweep/rotation"
	"keysweep/rotation/rollover"
)

const (
	stable = "/home/ann/.ssh/id_shop"
	beside = stable + ".new"
	former = stable + ".old"
)

var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// killed is what a process that dies panics with: nothing of it runs on.
type killed struct{}

var (
	errAway   = errors.New("no route to host")
	errBroken = errors.New("no space left on device")
)

// account is a host's side.
type account struct {
	lets    map[string]bool // fingerprints in authorized_keys
	besides map[string]bool // fingerprints that it lets in whatever the file says
	down    bool
	broken  bool // it can be reached, and its file cannot be changed
	dying   bool // it dies once, after the next change
}

func (a *account) accepts(fingerprint string) bool {
	return a.lets[fingerprint] || a.besides[fingerprint]
}

// world is what a rotation acts on: hosts, files, ledger and journal. At every change it checks that nobody is locked out, and
// the process can die before and after each.
type world struct {
	t      *testing.T
	random *rand.Rand
	hosts  map[string]*account
	files  map[string]string // fingerprints of private keys, and ".pub" files by their lines
	ledger *rotation.Ledger
	items  map[string][]byte
	record string
	kept   *rollover.Journal
	old    rollover.Key
	killIn int // changes until the process dies; 0 for never
	agent  []bool
	now    time.Time
}

// change is called before and after every change of the world.
func (w *world) change() {
	w.t.Helper()
	w.invariant()
	if w.killIn--; w.killIn == 0 {
		panic(killed{})
	}
}

// invariant is that of the whole package: every host lets a key in whose private half is in a file that the next run knows.
func (w *world) invariant() {
	w.t.Helper()
	for name, a := range w.hosts {
		ours := slices.ContainsFunc([]string{stable, beside, former}, func(file string) bool { return a.accepts(w.files[file]) })
		if !ours {
			w.t.Fatalf("%s lets in none of our keys: %v, files %v, journal %+v", name, slices.Collect(maps.Keys(a.lets)), w.files, w.kept)
		}
	}
	if w.files[stable] == "" {
		w.t.Fatalf("there is no key under the stable name: %v", w.files)
	}
	if pub := w.files[stable+".pub"]; pub != "" && pub != w.files[stable] {
		w.t.Fatalf("the public half of another key lies beside the private one: %v", w.files)
	}
	if w.kept != nil {
		for name, a := range w.hosts {
			if len(a.lets) > 1 && w.kept.Host(name).Step == rollover.Waiting {
				w.t.Fatalf("%s has the new key, and the journal does not know", name)
			}
		}
	}
}

func newWorld(t *testing.T, random *rand.Rand, hosts int) *world {
	w := &world{t: t, random: random, hosts: map[string]*account{}, files: map[string]string{}, items: map[string][]byte{}, now: today}
	for n := range hosts {
		w.hosts[fmt.Sprintf("ann@web%d", n)] = &account{lets: map[string]bool{}, besides: map[string]bool{}}
	}
	w.old = rollover.KeyOf(w.public(), "ann@laptop")
	w.files[stable], w.files[stable+".pub"] = w.old.Fingerprint, w.old.Fingerprint
	w.ledger = rotation.Open(&memory{w}, "laptop", func() time.Time { return w.now })
	r := rotation.Record{Kind: rotation.KindSSH, Name: "shop", Service: "shop", Fingerprint: w.old.Fingerprint, Path: stable, Machine: "laptop"}
	for name, a := range w.hosts {
		a.lets[w.old.Fingerprint] = true
		r.Installed = append(r.Installed, rotation.Installation{Target: name, At: today.AddDate(0, -4, 0)})
	}
	r, err := w.ledger.Add(t.Context(), r)
	must(t, err)
	w.record = r.ID
	return w
}

// public makes a key.
func (w *world) public() keys.Public {
	w.t.Helper()
	private, err := keys.Generate(w.t.Context(), keys.KindEd25519, "")
	must(w.t, err)
	public, err := private.Public()
	must(w.t, err)
	return public
}

// rotation is what the next process has.
func (w *world) rotation() *rollover.Rotation {
	r := &rollover.Rotation{
		Keeper: w, Hosts: crew{w}, Files: disk{w}, Keys: w, Book: w.ledger, Now: func() time.Time { return w.now },
		Away: func(err error) bool { return errors.Is(err, errAway) },
		Each: func(ctx context.Context, targets []string, do func(context.Context, string)) error {
			for _, i := range w.random.Perm(len(targets)) {
				do(ctx, targets[i])
			}
			return nil
		},
	}
	if w.kept != nil {
		r.Journal = *w.kept
		r.Journal.Hosts = slices.Clone(w.kept.Hosts)
		return r
	}
	r.Journal = rollover.Journal{Schema: rollover.Schema, Record: w.record, Name: "shop", File: stable, Phase: rollover.Planned, Old: w.old}
	r.Journal.Add(slices.Sorted(maps.Keys(w.hosts))...)
	return r
}

// live runs a process, and reports whether it lived to its end.
func (w *world) live(killIn int, run func() (rollover.Result, error)) (res rollover.Result, err error, lived bool) {
	defer func() {
		w.killIn = 0
		if what := recover(); what != nil {
			if _, dead := what.(killed); !dead {
				panic(what)
			}
		}
	}()
	w.killIn = killIn
	res, err = run()
	return res, err, true
}

// Save is Keeper's.
func (w *world) Save(j rollover.Journal) error {
	w.change()
	j.Hosts = slices.Clone(j.Hosts)
	w.kept = &j
	w.change()
	return nil
}

// Remove is Keeper's.
func (w *world) Remove() error {
	w.change()
	w.kept = nil
	w.change()
	return nil
}

// disk is the world's Files.
type disk struct{ *world }

func (d disk) Fingerprint(file string) (string, error) {
	if d.files[file] == "" {
		return "", fs.ErrNotExist
	}
	return d.files[file], nil
}

func (d disk) Exists(file string) (bool, error) { return d.files[file] != "", nil }

func (d disk) Same(a, b string) (bool, error) {
	return d.files[a] != "" && d.files[a] == d.files[b], nil
}

func (d disk) put(file, content string) error {
	d.change()
	d.files[file] = content
	d.change()
	return nil
}

func (d disk) Create(file string, private []byte) error {
	if d.files[file] != "" {
		return fs.ErrExist
	}
	return d.put(file, string(private))
}

func (d disk) WritePublic(file, line string) error {
	public, _, err := keys.ParsePublicLine([]byte(line))
	must(d.t, err)
	return d.put(file, public.SHA256())
}

func (d disk) Link(file, second string) error {
	if d.files[second] != "" {
		return fs.ErrExist
	}
	return d.put(second, d.files[file])
}

func (d disk) Rename(from, to string) error {
	d.change()
	d.files[to] = d.files[from]
	delete(d.files, from)
	d.change()
	return nil
}

func (d disk) Remove(file string) error {
	d.change()
	delete(d.files, file)
	d.change()
	return nil
}

func (d disk) Destroy(file string) error { return d.Remove(file) }

// Make is Keys'. The private key file of the world is its fingerprint.
func (w *world) Make(context.Context) (rollover.Pair, error) {
	public := w.public()
	return rollover.Pair{Private: []byte(public.SHA256()), Public: public, Comment: "new"}, nil
}

func (w *world) Agent(_ context.Context, needed bool) { w.agent = append(w.agent, needed) }

func (w *world) End(ctx context.Context) error {
	if err := w.ledger.Bury(ctx, w.old.Fingerprint, "retired"); err != nil {
		return err
	}
	if err := (disk{w}).Remove(former); err != nil {
		return err
	}
	_, err := w.ledger.Change(ctx, w.record, "retired", func(r *rotation.Record) error { r.Status = rotation.Retired; return nil })
	return err
}

// visit is what happens to everybody who goes to a host.
func (w *world) visit(target string) (*account, error) {
	w.change()
	a := w.hosts[target]
	if a.down {
		return a, errAway
	}
	return a, nil
}

// alter changes a host's file, unless it is broken.
func (w *world) alter(a *account, fingerprint string, has bool) error {
	if a.broken {
		return errBroken
	}
	if a.lets[fingerprint] == has {
		return nil
	}
	w.change()
	if delete(a.lets, fingerprint); has {
		a.lets[fingerprint] = true
	}
	w.change()
	if a.dying {
		a.dying, a.down = false, true
		return errAway
	}
	return nil
}

func (w *world) Install(_ context.Context, target string, again bool) (rollover.Installed, error) {
	a, err := w.visit(target)
	if err != nil {
		return rollover.Installed{Absent: true}, err
	}
	fresh := w.kept.New.Fingerprint
	if !again && a.lets[fresh] {
		w.t.Fatalf("%s has the new key, and nobody told", target)
	}
	if again && a.accepts(fresh) {
		return rollover.Installed{}, nil
	}
	if !a.accepts(w.old.Fingerprint) || w.files[former] != w.old.Fingerprint && w.files[stable] != w.old.Fingerprint {
		w.t.Fatalf("%s: no way in with the old key", target)
	}
	if err := w.alter(a, fresh, true); err != nil {
		return rollover.Installed{Absent: errors.Is(err, errBroken)}, err
	}
	return rollover.Installed{}, nil
}

func (w *world) TakeBack(_ context.Context, target string) error {
	a, err := w.visit(target)
	if err == nil {
		err = w.alter(a, w.kept.New.Fingerprint, false)
	}
	return err
}

// crew is the world's Hosts: the name Remove is taken.
type crew struct{ *world }

func (c crew) Remove(_ context.Context, target string) (rollover.Removal, error) {
	a, err := c.visit(target)
	if err != nil {
		return rollover.Removal{}, err
	}
	if !a.lets[c.kept.New.Fingerprint] {
		return rollover.Removal{}, rollover.ErrNotProven
	}
	if err := c.alter(a, c.old.Fingerprint, false); err != nil {
		return rollover.Removal{Removed: errors.Is(err, errAway)}, err
	}
	if a.accepts(c.old.Fingerprint) {
		return rollover.Removal{Removed: true}, errors.New("still accepted")
	}
	return rollover.Removal{Removed: true, Refused: true}, nil
}

// memory is a Store of the world.
type memory struct{ w *world }

func (m *memory) Describe() string { return "memory" }

func (m *memory) Get(_ context.Context, name string) ([]byte, error) {
	return view(m.w.items).Get(name)
}

func (m *memory) List(context.Context) ([]string, error) { return view(m.w.items).List() }

func (m *memory) View(_ context.Context, look func(rotation.Reader) error) error {
	return look(view(m.w.items))
}

func (m *memory) Update(_ context.Context, change func(rotation.Txn) error) error {
	next := view(maps.Clone(m.w.items))
	if err := change(next); err != nil {
		return err
	}
	m.w.change()
	m.w.items = next
	m.w.change()
	return nil
}

type view map[string][]byte

func (v view) Get(name string) ([]byte, error) {
	data, ok := v[name]
	if !ok {
		return nil, rotation.ErrNotFound
	}
	return bytes.Clone(data), nil
}

func (v view) List() ([]string, error) { return slices.Sorted(maps.Keys(v)), nil }

func (v view) Put(name string, data []byte) error { v[name] = bytes.Clone(data); return nil }

func (v view) Delete(name string) error { delete(v, name); return nil }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
