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
		others := make([][]byte, n)
		for i, id := range ids {
			others[i] = bytes.Clone(id)
			others[i][r.IntN(20)] ^= 1 << r.IntN(8)
		}
		for _, skip := range []int{0, 4} {
			table := tableOf(ids, skip)
			for _, refined := range []bool{false, true} {
				if refined {
					table.refine()
				}
				if got := table.fine.Load() != nil; got != (refined && n >= 1<<12) {
					t.Fatalf("of %d ids a finer table was made: %v", n, got)
				}
				found := make([]uint32, 2*n)
				table.findAll(append(bytes.Join(ids, nil), bytes.Join(others, nil)...), found)
				for i, id := range ids {
					want, there := slices.BinarySearchFunc(ids, others[i], bytes.Compare)
					if found[i] != uint32(i) || found[n+i] != uint32(want) && there || found[n+i] != absent && !there {
						t.Fatalf("of %d, %x is found at %d, and %x at %d", n, id, found[i], others[i], found[n+i])
					}
					if at, ok := table.find(id); !ok || at != i {
						t.Fatalf("id %d of %d is found at %d, %v", i, n, at, ok)
					}
					if at, ok := table.find(others[i]); ok != there || ok && at != want {
						t.Fatalf("%x of %d is found at %d, %v", others[i], n, at, ok)
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
