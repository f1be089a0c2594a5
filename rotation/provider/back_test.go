package provider

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// inGrace returns a world in which the new credential is in use and the old one still valid.
func inGrace(t *testing.T) (*world, rotation.Record) {
	t.Helper()
	w, r := newWorld(t, plugin.Dual, nil)
	w.grace = 24 * time.Hour
	if result, err := w.run(r, nil); err != nil || result.Done || w.values(r.ID)[""] != "value-1" {
		t.Fatalf("%+v, %v", result, err)
	}
	return w, r
}

// TestGoneInGrace wants somebody's end of the new credential to be noticed before the old one is revoked, and the old one to come back
// into use, wherever that is killed.
func TestGoneInGrace(t *testing.T) {
	for _, kind := range []fault{none, killed, after, broken, busy, full} {
		for at := 1; ; at++ {
			w, r := inGrace(t)
			delete(w.valid, "value-1")
			w.now = w.now.Add(48 * time.Hour)
			var gone *GoneError
			if _, err := w.run(r, nil); !errors.As(err, &gone) || !gone.Old || !w.valid["value-0"] {
				t.Fatalf("%v; at the provider: %v", err, w.valid)
			}
			w.count, w.faults = 0, map[int]fault{at: kind}
			err := w.abort(r)
			reached := w.count
			if w.wantNotStranded(r); err != nil {
				err = w.abort(r)
			}
			var nothing *NothingError
			if err != nil && !errors.As(err, &nothing) { // the last change may have been all that was missing
				t.Fatalf("fault %d at %d: %v", kind, at, err)
			}
			w.wantBack(r)
			if t.Failed() {
				t.Fatalf("fault %d at operation %d", kind, at)
			}
			w.faults = nil
			if result, err := w.run(r, nil); err != nil || result.Done {
				t.Fatalf("a fresh one: %+v, %v", result, err)
			}
			if kind == none || reached < at {
				break
			}
		}
	}
}

// wantBack wants the ledger to be as it was before the rotation.
func (w *world) wantBack(r rotation.Record) {
	w.t.Helper()
	if values := w.values(r.ID); len(values) != 1 || values[""] != "value-0" {
		w.t.Errorf("in the ledger: %v", values)
	}
	got, err := recordOf(w.t.Context(), w.ledger(), r.ID)
	if err != nil || got.Account != r.Account || got.Mark != r.Mark || !got.Expires.Equal(r.Expires) || !got.RotatedAt.Equal(r.RotatedAt) ||
		got.Status != rotation.Active || !reflect.DeepEqual(got.Evidence, r.Evidence) {
		w.t.Errorf("record %+v, %v", got, err)
	}
	mark, err := w.ledger().Mark(w.t.Context(), []byte("value-1"))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.ledger().Buried(w.t.Context(), rotation.MarkPrint(mark)); err != nil {
		w.t.Errorf("the new value has no tombstone: %v", err)
	}
}

// TestKilledAbortThenRotate wants a rotation after an abort that was killed to be a fresh one.
func TestKilledAbortThenRotate(t *testing.T) {
	for at := 1; at < 25; at++ {
		w, r := inGrace(t)
		delete(w.valid, "value-1")
		w.count, w.faults = 0, map[int]fault{at: killed}
		if err := w.abort(r); err == nil {
			break
		}
		w.faults = nil
		if j, found, err := Load(t.Context(), w.ledger(), r.ID); err != nil || found && j.Step != Returning {
			continue // it says that the new one is gone
		}
		w.grace = 0
		zero := func(f *Flow) { f.Grace = new(time.Duration) }
		if result, err := w.run(r, zero); err != nil || !result.Done {
			t.Fatalf("killed at %d: %+v, %v", at, result, err)
		}
		w.wantEnd(r)
	}
}

func TestBothGoneInGrace(t *testing.T) {
	w, r := inGrace(t)
	clear(w.valid)
	var gone *GoneError
	if _, err := w.run(r, nil); !errors.As(err, &gone) || gone.Old {
		t.Fatalf("%v", err)
	}
	if err := w.abort(r); !errors.As(err, &gone) {
		t.Fatalf("%v", err)
	}
	w.byHand(r)
}

// TestNoWayBack wants a credential that works to stay in use.
func TestNoWayBack(t *testing.T) {
	w, r := inGrace(t)
	var late *LateError
	if err := w.abort(r); !errors.As(err, &late) || w.values(r.ID)[""] != "value-1" {
		t.Fatalf("%v, %v", err, w.values(r.ID))
	}
}
