package inflate

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"
)

// streams are what is decompressed by the benchmarks, with the contents' size.
func streams(b *testing.B) map[string][]entry {
	sets := map[string][]entry{}
	for _, pack := range packs(b) {
		for _, e := range entries(b, pack) {
			set := map[int]string{1: "commits", 2: "trees", 3: "blobs", 4: "commits", ofsDelta: "deltas", refDelta: "deltas"}[e.kind]
			switch {
			case set == "deltas" && e.size > 500:
				set = "deltas-large"
			case set == "blobs" && e.size > 32768:
				set = "blobs-large"
			}
			sets[set] = append(sets[set], e)
			sets["all"] = append(sets["all"], e)
		}
	}
	return sets
}

func BenchmarkPacks(b *testing.B) {
	for name, set := range streams(b) {
		var total, largest int
		for _, e := range set {
			total += e.size
			largest = max(largest, e.size)
		}
		dst := make([]byte, largest)
		b.Run(name+"/ours", func(b *testing.B) {
			var d Decoder
			b.SetBytes(int64(total))
			for b.Loop() {
				for _, e := range set {
					if _, _, err := d.Zlib(dst[:e.size], e.src); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(name+"/zlib", func(b *testing.B) {
			b.SetBytes(int64(total))
			source := bytes.NewReader(set[0].src)
			r, err := zlib.NewReader(source)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, e := range set {
					source.Reset(e.src)
					if err := r.(zlib.Resetter).Reset(source, nil); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(r, dst[:e.size]); err != nil && e.size > 0 {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
