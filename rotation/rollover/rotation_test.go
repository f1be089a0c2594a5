package rollover_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"keysweep/rotation"
	"keysweep/rotation/rollover"
)

// TestNobodyIsLockedOut rotates in worlds where hosts go down, break and come back at random, and the process dies at random
// between any two changes. The world checks at every change that nobody is locked out (world.invariant). When all is well
// again, one more run brings the rotation to its end.
func TestNobodyIsLockedOut(t *testing.T) {
	deaths, aborted, promoted := 0, 0, 0
	for seed := range uint64(400) {
		w := newWorld(t, rand.New(rand.NewPCG(seed, 1)), 1+int(seed%5))
		for range w.random.IntN(12) {
			w.trouble()
			r := w.rotation()
			run := r.Run
			if r.Journal.Phase != rollover.Promoted && r.Journal.Phase != rollover.Promoting && w.random.IntN(5) == 0 {
				run = r.Abort
			}
			_, err, lived := w.live(1+w.random.IntN(80), func() (rollover.Result, error) { return run(t.Context()) })
			if err != nil {
				t.Fatalf("seed %d: %v\n%+v", seed, err, w.kept)
			}
			if !lived {
				deaths++
			}
			if w.kept == nil {
				aborted++ // or it is over
			}
			if w.over() {
				break
			}
		}
		w.well()
		if !w.over() {
			_, err, _ := w.live(0, func() (rollover.Result, error) { return w.rotation().Run(t.Context()) })
			must(t, err)
		}
		w.wantOver(fmt.Sprintf("seed %d", seed))
		promoted++
	}
	t.Logf("%d rotations, the process died %d times", promoted, deaths)
	if deaths < 400 || aborted == 0 {
		t.Errorf("it died %d times only, and aborted %d times", deaths, aborted)
	}
}

// TestEveryDeath kills the process before and after every single change of a rotation, and of the aborting of one.
func TestEveryDeath(t *testing.T) {
	for n := 1; ; n++ {
		w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
		_, err, lived := w.live(n, func() (rollover.Result, error) { return w.rotation().Run(t.Context()) })
		must(t, err)
		if lived {
			w.wantOver("not killed at all")
			t.Logf("a rotation on 2 hosts has %d moments to die", n-1)
			break
		}
		if !w.over() {
			_, err, _ = w.live(0, func() (rollover.Result, error) { return w.rotation().Run(t.Context()) })
			must(t, err)
		}
		w.wantOver(fmt.Sprintf("killed at %d", n))
	}
	for n := 1; ; n++ {
		w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
		w.hosts["ann@web1"].broken = true // so that it stops before the promotion
		_, err := w.rotation().Run(t.Context())
		must(t, err)
		w.well()
		_, err, lived := w.live(n, func() (rollover.Result, error) { return w.rotation().Abort(t.Context()) })
		must(t, err)
		if !lived && w.kept != nil {
			_, err, _ = w.live(0, func() (rollover.Result, error) { return w.rotation().Abort(t.Context()) })
			must(t, err)
		}
		w.wantAborted(fmt.Sprintf("killed at %d", n))
		if lived {
			return
		}
	}
}

// trouble changes which hosts are well.
func (w *world) trouble() {
	for _, name := range slices.Sorted(maps.Keys(w.hosts)) {
		a := w.hosts[name]
		a.down, a.broken, a.dying = w.random.IntN(3) == 0, w.random.IntN(5) == 0, w.random.IntN(4) == 0
		delete(a.besides, w.old.Fingerprint)
		if w.random.IntN(6) == 0 {
			a.besides[w.old.Fingerprint] = true
		}
	}
}

func (w *world) well() {
	for _, a := range w.hosts {
		a.down, a.broken, a.dying = false, false, false
		clear(a.besides)
	}
}

// over reports whether a rotation has been done: then nothing would be left to be run again.
func (w *world) over() bool { return w.kept == nil && w.files[stable] != w.old.Fingerprint }

func (w *world) records() (old rotation.Record, others []rotation.Record) {
	w.t.Helper()
	all, err := w.ledger.Records(w.t.Context())
	must(w.t, err)
	for _, r := range all {
		if r.ID == w.record {
			old = r
		} else if r.Status.Live() {
			others = append(others, r)
		}
	}
	return old, others
}

// wantOver wants the state after a rotation.
func (w *world) wantOver(when string) {
	w.t.Helper()
	fresh := w.files[stable]
	if w.kept != nil || fresh == w.old.Fingerprint || len(w.files) != 2 || w.files[stable+".pub"] != fresh {
		w.t.Fatalf("%s: journal %+v, files %v", when, w.kept, w.files)
	}
	for name, a := range w.hosts {
		if !a.lets[fresh] || len(a.lets) != 1 {
			w.t.Fatalf("%s: %s lets in %v", when, name, a.lets)
		}
	}
	old, others := w.records()
	if old.Status != rotation.Retired || len(old.ActiveInstallations(w.now)) != 0 || len(others) != 1 || old.Successor != others[0].ID {
		w.t.Fatalf("%s: old %+v\nothers %+v", when, old, others)
	}
	if r := others[0]; r.Name != "shop" || r.Path != stable || r.Predecessor != old.ID || r.Status != rotation.Active || r.Fingerprint != fresh ||
		len(r.ActiveInstallations(w.now)) != len(w.hosts) || r.Service != "shop" {
		w.t.Fatalf("%s: %+v", when, r)
	}
}

// wantAborted wants the state before a rotation.
func (w *world) wantAborted(when string) {
	w.t.Helper()
	if w.kept != nil || len(w.files) != 2 || w.files[stable] != w.old.Fingerprint {
		w.t.Fatalf("%s: journal %+v, files %v", when, w.kept, w.files)
	}
	for name, a := range w.hosts {
		if !a.lets[w.old.Fingerprint] || len(a.lets) != 1 {
			w.t.Fatalf("%s: %s lets in %v", when, name, a.lets)
		}
	}
	old, others := w.records()
	if old.Status != rotation.Active || old.Name != "shop" || old.Path != stable || len(others) != 0 {
		w.t.Fatalf("%s: %+v, %+v", when, old, others)
	}
}

// TestBarrier says when the new key takes the old one's place.
func TestBarrier(t *testing.T) {
	for name, c := range map[string]struct {
		down, broken int
		set          func(*rollover.Rotation)
		promoted     bool
		waits        int
		failed       int
	}{
		"all are well":              {promoted: true},
		"one is away":               {down: 1, promoted: true, failed: 1},
		"one is away, all wanted":   {down: 1, set: func(r *rollover.Rotation) { r.All = true }, waits: 1, failed: 1},
		"one is broken":             {broken: 1, waits: 1, failed: 1},
		"one is broken, and left":   {broken: 1, set: func(r *rollover.Rotation) { r.Left = is("ann@web0") }, promoted: true},
		"all are away":              {down: 3, waits: 3, failed: 3},
		"nobody went to two":        {set: func(r *rollover.Rotation) { r.Only = is("ann@web1") }, waits: 2},
		"gone hosts do not count":   {down: 1, set: func(r *rollover.Rotation) { r.All = true; r.Journal.Hosts[0].Step = rollover.Gone }, promoted: true},
		"without any host, at once": {set: func(r *rollover.Rotation) { r.Journal.Hosts = nil }, promoted: true},
	} {
		w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 3)
		for n, host := range slices.Sorted(maps.Keys(w.hosts)) {
			w.hosts[host].down, w.hosts[host].broken = n < c.down, n < c.broken
		}
		if name == "without any host, at once" {
			clear(w.hosts)
		}
		r := w.rotation()
		if c.set != nil {
			c.set(r)
		}
		for _, h := range r.Journal.Hosts {
			if h.Step == rollover.Gone {
				delete(w.hosts, h.Target)
			}
		}
		res, err := r.Run(t.Context())
		must(t, err)
		if got := w.files[stable] != w.old.Fingerprint; got != c.promoted || len(res.Waits) != c.waits || len(res.Failed) != c.failed {
			t.Errorf("%s: promoted %v, result %+v", name, got, res)
		}
	}
}

func is(name string) func(string) bool { return func(target string) bool { return target == name } }

// TestStillAccepted: a host that takes the old key from elsewhere keeps it alive.
func TestStillAccepted(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 3)
	w.hosts["ann@web1"].besides[w.old.Fingerprint] = true
	res, err := w.rotation().Run(t.Context())
	must(t, err)
	old, _ := w.records()
	if res.Over || len(res.Failed) != 1 || w.kept.Host("ann@web1").Step != rollover.Removed || old.Status != rotation.Retiring || old.Name != "shop.old" ||
		old.Path != former || len(old.ActiveInstallations(w.now)) != 1 {
		t.Fatalf("%+v\n%+v\n%+v", res, w.kept, old)
	}
	w.well()
	res, err = w.rotation().Run(t.Context())
	must(t, err)
	if !res.Over {
		t.Errorf("%+v", res)
	}
	w.wantOver("rechecked")
}

func TestAbortComesTooLate(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
	w.hosts["ann@web1"].down = true
	_, err := w.rotation().Run(t.Context())
	must(t, err)
	if _, err := w.rotation().Abort(t.Context()); !errors.Is(err, rollover.ErrPromoted) {
		t.Error(err)
	}
	if want := []bool{true}; !slices.Equal(w.agent, want) {
		t.Errorf("agent: %v", w.agent)
	}
	w.well()
	_, err = w.rotation().Run(t.Context())
	must(t, err)
	if want := []bool{true, false}; !slices.Equal(w.agent, want) {
		t.Errorf("agent: %v", w.agent)
	}
	w.wantOver("in the end")
}

// TestNamesAreTaken: nothing that is in the way is touched, and nothing has begun.
func TestNamesAreTaken(t *testing.T) {
	for _, file := range []string{beside, beside + ".pub", former, former + ".pub", former + "-cert.pub"} {
		w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
		w.files[file] = "SHA256:somebody"
		_, err := w.rotation().Run(t.Context())
		var taken *rollover.TakenError
		if !errors.As(err, &taken) || taken.File != file || taken.Hint() == "" || w.files[file] != "SHA256:somebody" {
			t.Errorf("%s: %v", file, err)
		}
		if _, others := w.records(); len(others) != 0 || len(w.hosts["ann@web0"].lets) != 1 {
			t.Errorf("%s: it went on: %+v", file, others)
		}
	}
}

// TestFilesAreLost: without the new key no host is touched.
func TestFilesAreLost(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
	w.hosts["ann@web1"].broken = true
	_, err := w.rotation().Run(t.Context())
	must(t, err)
	delete(w.files, beside)
	_, err = w.rotation().Run(t.Context())
	var lost *rollover.LostError
	if !errors.As(err, &lost) || lost.File != beside || lost.Hint() == "" {
		t.Error(err)
	}
	w.well()
	_, err = w.rotation().Abort(t.Context())
	must(t, err)
	w.wantAborted("without the new key's file")
}

func TestInterrupted(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 2)
	ctx, cancel := context.WithCancel(t.Context())
	r := w.rotation()
	r.Tell = func(e rollover.Event) {
		if e.Target != "" {
			cancel()
		}
	}
	if _, err := r.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, err := w.rotation().Run(t.Context())
	must(t, err)
	w.wantOver("in the end")
}
