package inflate

import (
	"bytes"
	std "hash/adler32"
	"math/rand/v2"
	"testing"
)

func TestAdler32(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	check := func(data []byte) {
		t.Helper()
		if got, want := adler32(data), std.Checksum(data); got != want {
			t.Fatalf("%d bytes: %08x, want %08x", len(data), got, want)
		}
	}
	random := make([]byte, 3<<20)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	largest := bytes.Repeat([]byte{0xff}, 3<<20)
	for n := range 1200 {
		check(random[:n])
		check(random[n : 2*n])
		check(largest[:n])
	}
	for _, n := range []int{5552, 5553, 1<<20 - 1, 1 << 20, 1<<20 + 1, 1<<20 + 185, 3 << 20} {
		check(random[:n])
		check(largest[:n])
	}
}

func BenchmarkAdler32(b *testing.B) {
	data := bytes.Repeat([]byte("0123456789"), 1000)
	for _, f := range []struct {
		name string
		sum  func([]byte) uint32
	}{{"ours", adler32}, {"hash", std.Checksum}} {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				f.sum(data)
			}
		})
	}
}
