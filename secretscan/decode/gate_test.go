package decode

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestGateHalves holds the tables against what they are for.
func TestGateHalves(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		if got, want := gateOf.word.of(b) != 0, classes[b]&wordClass != 0; got != want {
			t.Errorf("%q: a letter or digit: %v", b, got)
		}
		for j := range 256 {
			next := byte(j)
			want := false
			switch b {
			case '%':
				want = next >= '2' && next <= '7'
			case '=':
				want = next >= '2' && next <= '7' || next == '\n' || next == '\r'
			case '\\':
				want = next|0x20 == 'x' || next|0x20 == 'u'
			case 'U':
				want = next == '+'
			case '&':
				want = bytes.IndexByte([]byte("#acglqs"), next) >= 0
			}
			if got := gateOf.first.of(b)&gateOf.second.of(next) != 0; got != want {
				t.Errorf("%q %q: %v, want %v", b, next, got, want)
			}
		}
	}
}

// gateText is a text full of what the gate looks for.
func gateText(rnd *rand.Rand, size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = "%&=\\U2x+\nabcdefgZ019:#. \x80\xff\xb5\x00\r"[rnd.IntN(29)]
		if rnd.IntN(12) > 0 {
			data[i] = "abcXYZ0189"[rnd.IntN(10)]
		}
	}
	return data
}

// TestGateWide holds the instructions against the plain way.
func TestGateWide(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var masks gateMasks
	for range 2_000 {
		n := 1 + rnd.IntN(8)
		data := gateText(rnd, n*gateBytes+1)
		if !gateWide(&masks, data, n) {
			t.Skip("this processor has no instructions for it")
		}
		for k := range n {
			at := k * gateBytes
			if want := gateSlow(data[at:]); masks[k] != want {
				t.Fatalf("%q: %064b, want %064b", data[at:at+gateBytes+1], masks[k], want)
			}
		}
	}
}

// TestGateFill holds the masks of parts of a text, and the words that they have, against the text.
func TestGateFill(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var masks gateMasks
	for range 2_000 {
		data := gateText(rnd, 1+rnd.IntN(3*gateChunk/2))
		from := rnd.IntN(len(data))
		to := from + 1 + rnd.IntN(len(data)-from)
		word, letters := 0, 0
		for at := from; at < to; {
			blocks, end := masks.fill(data, at, to)
			for k, m := range masks[:blocks] {
				first, after := goingOn(m.words, letters)
				first, letters = first|longWords(m.words), after
				for bit := range gateBytes {
					i := at + k*gateBytes + bit
					if i >= to {
						if m.marks>>bit|m.words>>bit != 0 {
							t.Fatalf("%q %d to %d: bits behind it", data, from, to)
						}
						break
					}
					if word++; classes[data[i]]&wordClass == 0 {
						word = 0
					}
					var next byte
					if i+1 < len(data) {
						next = data[i+1]
					}
					mark := gateOf.first.of(data[i])&gateOf.second.of(next) != 0
					if m.marks>>bit&1 != 0 != mark || m.words>>bit&1 != 0 != (word > 0) || first>>bit&1 != 0 != (word == wordLeast) {
						t.Fatalf("%q %d to %d: at %d: %v, first %064b", data, from, to, i, m, first)
					}
				}
				if bits.OnesCount64(first) > gateBytes/wordLeast+1 {
					t.Fatalf("%064b", first)
				}
			}
			at = end
		}
	}
}
