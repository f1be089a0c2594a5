package secretscan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// prefilterCase makes literals and a text that has them, parts of them, and bytes near them.
func prefilterCase(rnd *rand.Rand) (*prefilterTargets, []byte) {
	alphabets := []string{"ab", "abc.-_", "keyKEY=", "aA0{}[]9.-", "\x00\x1f\x20\x2d\x2e\x30\x3f\x40\x5f\x60\x7f\x80\xc5\xbf\xe2\x84\xaa\xff", "abcdefghijklmnopqrstuvwxyz"}
	word := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			if rnd.IntN(40) == 0 {
				b.WriteByte(byte(rnd.IntN(256)))
			} else {
				b.WriteByte(alphabet[rnd.IntN(len(alphabet))])
			}
		}
		return b.String()
	}
	targets, alphabet := new(prefilterTargets), alphabets[rnd.IntN(len(alphabets))]
	var texts []string
	for i := range 1 + rnd.IntN(30) {
		text := word(alphabet, literalLeast+rnd.IntN(1+rnd.IntN(20)))
		texts = append(texts, text)
		targets.add(text, target{int32(i), int32(rnd.IntN(3)) - 1})
	}
	for range rnd.IntN(2) * len(texts) { // some choice, possible or not
		targets.triples += string(rune(firstTriple - 1 + rnd.IntN(1+rnd.IntN(6))))
	}
	var data []byte
	for size := rnd.IntN(300) * rnd.IntN(40); len(data) < size; {
		text := texts[rnd.IntN(len(texts))]
		switch rnd.IntN(4) {
		case 0:
			text = text[:rnd.IntN(len(text))]
		case 1:
			text = strings.ToUpper(text)
		case 2:
			text = word(alphabet, rnd.IntN(50))
		}
		data = append(data, text...)
	}
	return targets, data
}

// plainly is prefilter.scan as it would be without tables: every literal compared at every place.
func plainly(c *prefilterTargets, data []byte, from, to int) (hits []string) {
	for at := from; at < to; at++ {
		for i, text := range c.order {
			if hasFolded(data[at:], string(foldAll(text))) {
				hits = append(hits, fmt.Sprintf("%09d %v", at, c.targets[i]))
			}
		}
	}
	slices.Sort(hits)
	return hits
}

func checkPrefilter(t *testing.T, rnd *rand.Rand) {
	t.Helper()
	targets, data := prefilterCase(rnd)
	from := rnd.IntN(len(data) + 1)
	to := from + rnd.IntN(len(data)-from+1)
	if rnd.IntN(3) == 0 {
		from, to = 0, len(data)
	}
	p := newPrefilter(newLiteralTable(targets))
	want := plainly(targets, data, from, to)
	for _, wide := range []*widePairs{p.wide, nil} {
		p.wide = wide
		var got []string
		last := 0
		p.scan(data, from, to, func(h target, at int) {
			if at < last {
				t.Errorf("a hit at %d after one at %d", at, last)
			}
			last = at
			got = append(got, fmt.Sprintf("%09d %v", at, h))
		})
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("literals %q in %q[%d:%d]: %v, want %v", targets.order, data, from, to, got, want)
		}
	}
}

// TestPrefilter holds the prefilter, with the processor's instructions for many bytes and without, against comparing everything
// everywhere.
func TestPrefilter(t *testing.T) {
	for seed := range uint64(1500) {
		if checkPrefilter(t, rand.New(rand.NewPCG(seed, 9))); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzPrefilter(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkPrefilter(t, rand.New(rand.NewPCG(a, b))) })
}

// TestWidePairs holds the instructions for many bytes against the table that they stand for, for every pair of bytes.
func TestWidePairs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 11))
	var set pairSet
	for range 300 {
		set.add(byte(rnd.IntN(signs)), byte(rnd.IntN(signs)))
	}
	w := newWidePairs(&set)
	if w == nil {
		t.Log("this processor has no instructions for many bytes: there is nothing to compare")
		return
	}
	var data []byte
	for a := range 256 {
		for b := range 256 {
			data = append(data, byte(a), byte(b))
		}
	}
	data = append(data, make([]byte, wideBytes)...)
	for at := 0; at+1 < 2<<16; at += chunk {
		var masks [chunk / wideBytes]uint32
		w.find(&masks, data[at+1:], chunk/wideBytes, signOf(data[at]))
		for j := range chunk {
			got := masks[j/wideBytes]>>(j%wideBytes)&1 != 0
			if want := set.has(signOf(data[at+j]), signOf(data[at+j+1])); got != want {
				t.Fatalf("%#x after %#x: %v, want %v", data[at+j+1], data[at+j], got, want)
			}
		}
	}
}
