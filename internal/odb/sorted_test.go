package odb

import (
	"slices"
	"testing"
)

// TestOffsetTable finds what is there and nothing else, however the offsets are spread.
func TestOffsetTable(t *testing.T) {
	random := newRandom(1)
	spreads := map[string]func() uint64{
		"even":      func() uint64 { return random.Uint64N(100_000) },
		"far":       func() uint64 { return random.Uint64N(1 << 62) },
		"clustered": func() uint64 { return 12 + random.Uint64N(500) + 1<<40*random.Uint64N(2) },
		"one":       func() uint64 { return 12 },
		"nothing":   func() uint64 { return 0 },
	}
	for name, spread := range spreads {
		for _, n := range []int{1, 2, 1000} {
			offsets := make([]uint64, n)
			for i := range offsets {
				offsets[i] = spread()
			}
			slices.Sort(offsets)
			table := newOffsetTable(offsets)
			for range 5000 {
				offset := spread() + random.Uint64N(3)
				want, wantOK := slices.BinarySearch(offsets, offset)
				if got, ok := table.find(offset); ok != wantOK || ok && got != want {
					t.Fatalf("%s, %d offsets: %d is found at %d, %t; want %d, %t", name, n, offset, got, ok, want, wantOK)
				}
			}
		}
	}
}
