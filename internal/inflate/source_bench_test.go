package inflate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkSource inflates Go sources of the distribution, in pieces as small as deltas and as large as files.
func BenchmarkSource(b *testing.B) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "src", "net", "http", "*.go"))
	if err != nil || len(names) == 0 {
		b.Fatal("no sources of the Go distribution: ", err)
	}
	var text []byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		text = append(text, data...)
	}
	for _, size := range []int{200, 4 << 10, 256 << 10} {
		b.Run(fmt.Sprintf("piece=%d", size), func(b *testing.B) { benchPieces(b, text[:1<<20], size) })
	}
}

func benchPieces(b *testing.B, text []byte, size int) {
	var streams [][]byte
	for at := 0; at+size <= len(text); at += size {
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		if _, err := w.Write(text[at : at+size]); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		streams = append(streams, packed.Bytes())
	}
	dst := make([]byte, size)
	var d Decoder
	b.SetBytes(int64(size * len(streams)))
	for b.Loop() {
		for _, src := range streams {
			if n, _, err := d.Zlib(dst, src); err != nil || n != size {
				b.Fatal(n, err)
			}
		}
	}
}
