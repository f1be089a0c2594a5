package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"keysweep/rotation"
)

const (
	workers = 10
	shared  = 3 // items that all workers count up
	own     = 5 // items that each worker has for itself
)

func (h Harness) changes() int { return cmp.Or(h.Changes, 100) }

// Work does a job in a process that Harness.Start has started.
func Work(ctx context.Context, h Harness, place, job string) error {
	s, err := h.Open(ctx, place)
	if err != nil {
		return err
	}
	var worker, changes int
	if _, err := fmt.Sscanf(job, "count %d %d", &worker, &changes); err == nil {
		return count(ctx, s, worker, changes)
	}
	if job == "write" {
		return write(ctx, s)
	}
	return fmt.Errorf("storetest: there is no job %q", job)
}

// count makes the changes of one worker: each reads a shared counter and writes it one higher, and writes an item of its own.
func count(ctx context.Context, s rotation.Store, worker, changes int) error {
	for i := range changes {
		err := s.Update(ctx, func(txn rotation.Txn) error {
			if err := raise(txn, fmt.Sprint("shared-", i%shared)); err != nil {
				return err
			}
			return txn.Put(fmt.Sprint("own-", worker, "-", i%own), content(i))
		})
		if err != nil {
			return fmt.Errorf("worker %d, change %d: %w", worker, i, err)
		}
	}
	return nil
}

func raise(txn rotation.Txn, name string) error {
	n, err := numberOf(txn.Get(name))
	if err != nil {
		return err
	}
	return txn.Put(name, content(n+1))
}

// numberOf is number of an item that may not be there: 0.
func numberOf(data []byte, err error) (int, error) {
	if errors.Is(err, rotation.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return number(data)
}

// written are the items of write, in the order in which an update changes them. "odd" is there only after odd numbers.
var written = [...]string{"first", "second", "odd", "third"}

// state holds the numbers of the items of write; 0 for one that is not there.
type state [len(written)]int

// after returns the state that the first k steps of the update of number n make of s.
func (s state) after(n, k int) state {
	for i := range k {
		s[i] = n
		if written[i] == "odd" && n%2 == 0 {
			s[i] = 0
		}
	}
	return s
}

// write counts its items up in one update after the other, until it is killed.
func write(ctx context.Context, s rotation.Store) error {
	for {
		err := s.Update(ctx, func(txn rotation.Txn) error {
			n, err := numberOf(txn.Get(written[0]))
			if err != nil {
				return err
			}
			for i, n := range (state{}).after(n+1, len(written)) {
				if n == 0 {
					err = txn.Delete(written[i])
				} else {
					err = txn.Put(written[i], content(n))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func testGoroutines(t *testing.T, h Harness) {
	s := h.open(t, h.New(t))
	const together = 4
	each := 10
	if h.Slow {
		each = 2
	}
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for range each {
				if err := s.Update(t.Context(), func(txn rotation.Txn) error { return raise(txn, "n") }); err != nil {
					t.Error(err)
				}
				if n, err := numberOf(s.Get(t.Context(), "n")); err != nil || n == 0 {
					t.Errorf("read %d, %v", n, err)
				}
			}
		})
	}
	all.Wait()
	wantItem(t, s, "n", string(content(together*each)))
}

// testProcesses lets ten processes make their changes. None may be lost.
func testProcesses(t *testing.T, h Harness) {
	place := h.New(t)
	var running []Process
	for i := range workers {
		p, err := h.Start(place, fmt.Sprintf("count %d %d", i, h.changes()))
		if err != nil {
			t.Fatal(err)
		}
		running = append(running, p)
	}
	for _, p := range running {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	s, sum := h.open(t, place), 0
	for i := range shared {
		n, err := numberOf(s.Get(t.Context(), fmt.Sprint("shared-", i)))
		if err != nil {
			t.Error(err)
		}
		sum += n
	}
	if sum != workers*h.changes() {
		t.Errorf("%d changes are left of %d", sum, workers*h.changes())
	}
	for w := range workers {
		for last := max(0, h.changes()-own); last < h.changes(); last++ {
			wantItem(t, s, fmt.Sprint("own-", w, "-", last%own), string(content(last)))
		}
	}
}

// testKilled kills a process that writes, again and again, and wants to find a beginning of its last update each time.
func testKilled(t *testing.T, h Harness) {
	place := h.New(t)
	kills := h.Kills
	if kills == 0 {
		kills = 20
	}
	var last state
	idle, within := 0, 0
	wait := 50 * time.Millisecond
	if h.Slow {
		wait *= 8
	}
	for i := 0; i < kills || last[0] == 0 && i < 10*kills; i++ {
		kill(t, h, place, rand.N(wait))
		now := wantBeginning(t, h.open(t, place), last)
		if t.Failed() {
			return
		}
		if now != now.after(now[0], len(now)) {
			within++
		}
		if idle++; now != last {
			idle = 0
		}
		if idle > 2 { // a slow machine: processes are killed before they write
			wait *= 2
		}
		last = now
	}
	if last[0] == 0 {
		t.Error("no process wrote anything: the test shows nothing")
	}
	t.Logf("%d updates, %d processes killed, %d of them between two items of an update", last[0], kills, within)
}

func kill(t *testing.T, h Harness, place string, after time.Duration) {
	t.Helper()
	p, err := h.Start(place, "write")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // it was killed
}

// wantBeginning wants the items of write to be as a beginning of an update leaves them, and no older than they were.
func wantBeginning(t *testing.T, s rotation.Store, last state) (now state) {
	t.Helper()
	for i, name := range written {
		var err error
		if now[i], err = numberOf(s.Get(t.Context(), name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.List(t.Context()); err != nil {
		t.Error(err)
	}
	n := now[0]
	good := now == last
	for k := 1; k <= len(now) && n > last[0]; k++ {
		good = good || now == last.after(n-1, len(now)).after(n, k) || n == last[0]+1 && now == last.after(n, k)
	}
	if !good {
		t.Errorf("found %v after %v: no beginning of an update", now, last)
	}
	return now
}
