package odb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomDelta makes instructions for a base of so many bytes; they may copy anything in any order.
func randomDelta(random *rand.Rand, base int) (in []byte) {
	for range 1 + random.IntN(6) {
		if base == 0 || random.IntN(3) == 0 {
			n := 1 + random.IntN(9)
			in = append(in, byte(n))
			for range n {
				in = append(in, byte(random.Uint32()))
			}
			continue
		}
		from := random.IntN(base)
		in = append(in, copyOp(from, 1+random.IntN(base-from))...)
	}
	return in
}

// checkFolding compares what a delta is folded into with what it makes, and says whether it could be folded.
func checkFolding(t *testing.T, f *folding, object, in []byte) (next []byte, ok bool) {
	t.Helper()
	want, err := plainPatch(object, in)
	if len(want) > 1<<20 {
		return object, false
	}
	if ok = f.apply(in, len(want)); ok && err != nil {
		t.Fatalf("folded: %v", err)
	}
	if !ok {
		want = object
	}
	got := bytes.Repeat([]byte{'?'}, f.size())
	if f.bytes(got); !bytes.Equal(got, want) {
		t.Fatalf("folded: %t; %d bytes, not the %d bytes that they should be", ok, len(got), len(want))
	}
	if ok && len(want) > 0 && f.apply(in[:len(in)-1], len(want)) {
		t.Fatal("a delta that is cut off is folded")
	}
	return want, ok
}

func TestFolding(t *testing.T) {
	folded, left := 0, 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		object := bytes.Repeat([]byte("some text, "), 1+random.IntN(900))
		var f folding
		f.start(object)
		for range 20 {
			var ok bool
			if object, ok = checkFolding(t, &f, object, randomDelta(random, len(object))); ok {
				folded++
			} else {
				left++
			}
		}
	}
	if folded < 1000 || left < 100 { // the latter have too many pieces
		t.Errorf("%d deltas were folded, %d were not", folded, left)
	}
}

func FuzzFolding(f *testing.F) {
	f.Add([]byte("a base of some bytes"), append(copyOp(0, 6), 3, 'a', 'b', 'c'), append(copyOp(4, 3), copyOp(0, 9)...))
	f.Add(bytes.Repeat([]byte("x"), 70000), append(copyOp(0, 1<<16), 1, 'y'), copyOp(3, 1<<16-2))
	f.Fuzz(func(t *testing.T, base, first, second []byte) {
		var f folding
		f.start(base)
		object, _ := checkFolding(t, &f, base, first)
		checkFolding(t, &f, object, second)
	})
}

// A delta that copies the same insertions again and again has soon more pieces than are worth it, or fit memory.
func TestFoldingIsBounded(t *testing.T) {
	base := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	var in []byte
	for i := range len(base) / 32 {
		in = append(append(in, copyOp(32*i, 31)...), 1, 'x')
	}
	var f folding
	f.start(base)
	if most := f.most(); f.apply(in, len(base)) || cap(f.spare) > 4*most {
		t.Errorf("there is memory for %d pieces; more than %d are too many", cap(f.spare), most)
	}
}

// TestFolded reads versions at the end of a chain of deltas: what lies in between is not made, but for the base where deltas are large.
func TestFolded(t *testing.T) {
	for name, one := range map[string]struct {
		added  int
		cached [4]int // after each of the versions
	}{
		"small deltas": {1, [4]int{1, 1 + 2, 1 + 2, 1 + 2}},
		"large deltas": {2000, [4]int{1 + 1, 1 + 1 + 2, 1 + 1 + 2 + 1, 1 + 1 + 2 + 1}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPackFile(20)
			at := []int{p.whole(Blob, strings.Repeat("a line of text\n", usualFold/15+1))}
			for i := range 9 {
				old := p.objects[at[i]].data
				text := fmt.Sprintf("%0100d\n", i)
				delta := append(deltaHead(len(old), len(old)+one.added*len(text)), copyOp(0, len(old))...)
				for range one.added {
					delta = append(append(delta, byte(len(text))), text...)
				}
				at = append(at, p.delta(at[i], old+strings.Repeat(text, one.added), delta))
			}
			db := openDB(t, Options{Dirs: []string{p.database(t)}})
			for i, version := range [...]int{9, 3, 7, 9} {
				kind, data, err := db.Read(p.id(at[version]), nil)
				if err != nil || kind != Blob || string(data) != p.objects[at[version]].data {
					t.Fatalf("version %d: %s of %d bytes, %v", version, kind, len(data), err)
				}
				if n := len(db.bases.known); n != one.cached[i] {
					t.Errorf("after version %d, %d versions are kept, not %d", version, n, one.cached[i])
				}
			}
		})
	}
}
