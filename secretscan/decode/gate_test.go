package decode

import (
	"math/rand/v2"
	"testing"
)

// TestGateHalves holds the tables against what they are for.
func TestGateHalves(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		word := classes[b]&wordClass != 0 || b == ':'
		if got := gateFirst.of(b)&wordBits != 0; got != word {
			t.Errorf("%q: a letter or digit: %v", b, got)
		}
		for j := range 256 {
			next := byte(j)
			must := false
			switch b {
			case '%':
				must = next >= '2' && next <= '7'
			case '=':
				must = next >= '2' && next <= '7' || next == '\n' || next == '\r'
			case '\\':
				must = next == 'x' || next == 'u' || next == 'U'
			case 'U':
				must = next == '+'
			case '&':
				must = next == '#' || next == 'a' || next == 'c' || next == 'g' || next == 'l' || next == 'q' || next == 's'
			}
			if got := gateFirst.of(b)&gateSecond.of(next) != 0; must && !got || got && !must && b != '&' && !(b == '\\' && next == 'X') {
				t.Errorf("%q %q: %v, want %v", b, next, got, must)
			}
		}
	}
}

// TestGateWide holds the instructions against the plain way.
func TestGateWide(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var masks [gateChunk / gateBytes]gateMask
	for range 2_000 {
		n := 1 + rnd.IntN(8)
		data := make([]byte, n*gateBytes+1)
		for i := range data {
			data[i] = "%&=\\U2x+\nabcdefgZ019:#. \x80\xff\xb5\x00\r"[rnd.IntN(29)]
			if rnd.IntN(4) > 0 {
				data[i] = "abcXYZ0189"[rnd.IntN(10)]
			}
		}
		if !gateWide(&masks, data, n) {
			t.Skip("this processor has no instructions for it")
		}
		for k := range n {
			at := k * gateBytes
			if want := gateSlow(data[at:at+gateBytes], data[at+gateBytes]); masks[k] != want {
				t.Fatalf("%q: %032b, want %032b", data[at:at+gateBytes+1], masks[k], want)
			}
		}
	}
}
