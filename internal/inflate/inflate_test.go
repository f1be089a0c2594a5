package inflate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// kinds are contents that make blocks of every kind, and matches of all lengths and distances.
var kinds = map[string]func(r *rand.Rand, size int) []byte{
	"zeros": func(_ *rand.Rand, size int) []byte { return make([]byte, size) },
	"noise": func(r *rand.Rand, size int) []byte { return noise(r, size, 256) },
	"two":   func(r *rand.Rand, size int) []byte { return noise(r, size, 2) },
	"skewed": func(r *rand.Rand, size int) []byte { // codes of all lengths
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(r.ExpFloat64() * 12)
		}
		return data
	},
	"text": text,
	"near": func(r *rand.Rand, size int) []byte { // matches that overlap themselves
		var data []byte
		for len(data) < size {
			data = append(data, bytes.Repeat(noise(r, 1+r.IntN(12), 256), 1+r.IntN(40))...)
		}
		return data[:size]
	},
	"far": func(r *rand.Rand, size int) []byte { // matches at the end of the window
		data := noise(r, min(size, 32768), 256)
		for len(data) < size {
			from := max(0, len(data)-32768+r.IntN(3))
			data = append(data, data[from:min(len(data), from+3+r.IntN(300))]...)
			data = append(data, noise(r, r.IntN(3), 256)...)
		}
		return data[:size]
	},
	"tree": func(r *rand.Rand, size int) []byte { // as git's
		var data []byte
		for len(data) < size {
			data = append(fmt.Appendf(data, "100644 file%d.go\x00", r.IntN(1000)), noise(r, 20, 256)...)
		}
		return data[:size]
	},
}

func noise(r *rand.Rand, size, alphabet int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(r.IntN(alphabet))
	}
	return data
}

func text(r *rand.Rand, size int) []byte {
	words := strings.Fields("package import func return if err != nil { } for range the a of and to in is that it // := == string int error bytes")
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteString([]string{" ", " ", " ", "\n\t", "(", ")", ".", "_x" + fmt.Sprint(r.IntN(5000))}[r.IntN(8)])
	}
	return []byte(b.String()[:size])
}

var sizes = []int{0, 1, 2, 3, 7, 8, 9, 30, 31, 100, 257, 258, 259, 300, 500, 1000, 4000, 33000, 70000, 200000}

func TestEveryKindAndLevel(t *testing.T) {
	var d Decoder
	r := rand.New(rand.NewPCG(1, 2))
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			for _, size := range sizes {
				data := kind(r, size)
				for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
					src := append(compressed(t, data, level), noise(r, r.IntN(20), 256)...)
					if err := agree(t, &d, src, size); err != nil {
						t.Fatalf("%d bytes, level %d: %v", size, level, err)
					}
				}
			}
		})
	}
}

func TestWrongSize(t *testing.T) {
	var d Decoder
	r := rand.New(rand.NewPCG(1, 3))
	for _, kind := range kinds {
		for _, size := range []int{1, 2, 9, 100, 300, 1000} {
			for _, level := range []int{0, 1, 6, zlib.HuffmanOnly} {
				src := compressed(t, kind(r, size), level)
				for wrong := max(0, size-260); wrong < size; wrong++ {
					if err := agree(t, &d, src, wrong); err != ErrTooLong {
						t.Fatalf("%d bytes into %d: %v", size, wrong, err)
					}
				}
				for _, more := range []int{1, 8, 300} {
					if err := agree(t, &d, src, size+more); err != ErrTooShort {
						t.Fatalf("%d bytes into %d: %v", size, size+more, err)
					}
				}
			}
		}
	}
}

func TestTruncatedAtEveryByte(t *testing.T) {
	var d Decoder
	r := rand.New(rand.NewPCG(1, 4))
	for name, kind := range kinds {
		for _, level := range []int{0, 1, 6, zlib.HuffmanOnly} {
			src := compressed(t, kind(r, 700), level)
			for n := range src {
				if err := agree(t, &d, src[:n], 700); err != ErrTruncated {
					t.Fatalf("%s, level %d, %d of %d bytes: %v", name, level, n, len(src), err)
				}
			}
		}
	}
}

func TestFlippedBits(t *testing.T) {
	var d Decoder
	r := rand.New(rand.NewPCG(1, 5))
	for _, kind := range kinds {
		for _, level := range []int{0, 1, 6, zlib.HuffmanOnly} {
			src := compressed(t, kind(r, 300), level)
			for bit := range 8 * len(src) {
				src[bit/8] ^= 1 << (bit % 8)
				if bit/8 != 1 || src[1]&presetDictionary == 0 {
					_ = agree(t, &d, src, 300)
				}
				src[bit/8] ^= 1 << (bit % 8)
			}
		}
	}
}

func TestPrefix(t *testing.T) {
	var d Decoder
	r := rand.New(rand.NewPCG(1, 6))
	for name, kind := range kinds {
		for _, level := range []int{0, 1, 6, zlib.HuffmanOnly} {
			data := kind(r, 600)
			src := compressed(t, data, level)
			for size := range 700 {
				dst := make([]byte, size)
				n, err := d.Prefix(dst, src)
				if err != nil || n != min(size, len(data)) || !bytes.Equal(dst[:n], data[:n]) {
					t.Fatalf("%s, level %d, %d bytes: %d, %v", name, level, size, n, err)
				}
			}
			if n, err := d.Prefix(make([]byte, 300), src[:len(src)/4]); err != ErrTruncated || !bytes.HasPrefix(data, data[:n]) {
				t.Fatalf("%s, level %d, truncated: %d, %v", name, level, n, err)
			}
		}
	}
}

func TestZlibAlone(t *testing.T) {
	data := text(rand.New(rand.NewPCG(1, 7)), 3000)
	dst := make([]byte, len(data))
	src := compressed(t, data, 9)
	if n, used, err := Zlib(dst, src); err != nil || n != len(data) || used != len(src) || !bytes.Equal(dst, data) {
		t.Fatalf("%d, %d, %v", n, used, err)
	}
}

func TestPresetDictionary(t *testing.T) {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevelDict(&b, 6, []byte("a dictionary"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("a dictionary")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Zlib(make([]byte, 12), b.Bytes()); err != ErrDictionary {
		t.Fatal(err)
	}
}

func TestAllocatesNothing(t *testing.T) {
	var d Decoder
	src := compressed(t, text(rand.New(rand.NewPCG(1, 8)), 3000), 6)
	wrong := bytes.Clone(src)
	wrong[len(wrong)-1] ^= 1
	dst := make([]byte, 3000)
	if n := testing.AllocsPerRun(20, func() {
		_, _, _ = d.Zlib(dst, src)
		_, _, _ = d.Zlib(dst, wrong)
		_, _ = d.Prefix(dst[:10], src)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestErrorsSayDifferentThings(t *testing.T) {
	seen := map[string]Error{}
	for e := ErrHeader; e <= ErrChecksum; e++ {
		if other, ok := seen[e.Error()]; ok {
			t.Errorf("errors %d and %d say the same", other, e)
		}
		seen[e.Error()] = e
	}
}
