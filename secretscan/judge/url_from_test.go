package judge

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestURLFrom changes what stands before a place: from where URLFrom says, nothing is different.
func TestURLFrom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		out := make([]byte, n)
		for i := range out {
			out[i] = "aab:://@@ \n\"x"[random.IntN(13)]
		}
		if random.IntN(3) == 0 { // one that goes on for long
			out = append(out, bytes.Repeat([]byte("a"), random.IntN(2*urlMost))...)
		}
		return append(out, "a:b@c"...)
	}
	settled := 0
	for range 20_000 {
		before, other, rest := text(random.IntN(12)), text(random.IntN(12)), text(random.IntN(30))
		a, b := append(before, rest...), append(other, rest...)
		from := URLFrom(a, len(before))
		for at := from; at < len(a); at++ {
			if a[at] != '@' {
				continue
			}
			settled++
			shift := len(other) - len(before)
			x, y := URLBefore(a, at), URLBefore(b, at+shift)
			if x >= 0 {
				x += shift
			}
			if x != y {
				t.Fatalf("%q and %q: %d and %d", a[:at+1], b[:at+shift+1], x, y)
			}
		}
	}
	if settled < 1000 {
		t.Errorf("only %d places were looked at", settled)
	}
}
