package odb

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// tableOf makes a table of ids, which are sorted, with so many bytes before each.
func tableOf(ids [][]byte, skip int) *table {
	t := &table{n: len(ids), size: 20, skip: skip, stride: 20 + skip}
	for _, id := range ids {
		t.rows = append(append(t.rows, make([]byte, skip)...), id...)
		for b := int(id[0]) + 1; b <= 256; b++ {
			t.fan[b]++
		}
	}
	return t
}

// TestTableFinds looks up ids that are there and ids that are nearly, with the finer table and without.
func TestTableFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() []byte {
		id := make([]byte, 20)
		for i := range id {
			id[i] = byte(r.IntN(256))
		}
		return id
	}
	for _, n := range []int{1, 5, 1 << 12, 5000, 20000} {
		ids := make([][]byte, n)
		for i := range ids {
			ids[i] = random()
			if i > 0 && r.IntN(4) == 0 {
				copy(ids[i], ids[i-1][:r.IntN(16)])
			}
		}
		slices.SortFunc(ids, bytes.Compare)
		for _, skip := range []int{0, 4} {
			table := tableOf(ids, skip)
			for _, refined := range []bool{false, true} {
				if refined {
					table.refine()
				}
				if got := table.fine.Load() != nil; got != (refined && n >= 1<<12) {
					t.Fatalf("of %d ids a finer table was made: %v", n, got)
				}
				for i, id := range ids {
					if at, ok := table.find(id); !ok || at != i {
						t.Fatalf("id %d of %d is found at %d, %v", i, n, at, ok)
					}
					other := bytes.Clone(id)
					other[r.IntN(20)] ^= 1 << r.IntN(8)
					want, there := slices.BinarySearchFunc(ids, other, bytes.Compare)
					if at, ok := table.find(other); ok != there || ok && at != want {
						t.Fatalf("%x of %d is found at %d, %v", other, n, at, ok)
					}
				}
				if _, ok := table.find(ids[0][:19]); ok {
					t.Error("a part of an id is found")
				}
			}
		}
		slices.Reverse(ids)
		table := tableOf(ids, 0)
		if table.refine(); n > 1 && table.fine.Load() != nil {
			t.Error("a table that is not in order is made finer")
		}
	}
}
