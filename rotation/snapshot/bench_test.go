package snapshot

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// BenchmarkKeep has the cost of a snapshot of ten thousand credentials: after one change, and from the whole ledger.
func BenchmarkKeep(b *testing.B) {
	dir := b.TempDir()
	store, err := filestore.Create(b.Context(), filestore.Options{Dir: filepath.Join(dir, "ledger"), WorkFactor: 1}, []byte("test"))
	if err != nil {
		b.Fatal(err)
	}
	l := rotation.Open(store, "desk", time.Now)
	var one rotation.Record
	err = l.Do(b.Context(), func(tx *rotation.Tx) (err error) {
		for i := range 10_000 {
			if one, err = tx.Add(rotation.Record{Kind: rotation.KindAPI, Name: fmt.Sprintf("SERVICE_%d_TOKEN", i), Env: "prod", Owner: "payments team",
				Purpose: "reads the list of invoices for the monthly report", Mark: fmt.Sprintf("%032x", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	k := Keeper{Path: filepath.Join(dir, "snapshot.json"), Machine: "desk", Ledger: l, Now: time.Now()}
	keep := func(b *testing.B, k Keeper, whole bool) {
		if kept, err := k.Keep(b.Context()); err != nil || !kept.Wrote || kept.Whole != whole {
			b.Fatal(kept.Wrote, kept.Whole, err)
		}
	}
	keep(b, k, true)
	change := func(b *testing.B) {
		if _, err := l.Change(b.Context(), one.ID, "x", func(*rotation.Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("Change", func(b *testing.B) {
		for b.Loop() {
			change(b)
			b.StopTimer()
			keep(b, k, false)
			b.StartTimer()
		}
	})
	b.Run("AfterOne", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			change(b)
			b.StartTimer()
			keep(b, k, false)
		}
	})
	b.Run("Whole", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			change(b)
			k.Ledger = rotation.Open(store, "desk", time.Now) // another process
			b.StartTimer()
			keep(b, k, true)
		}
	})
}
