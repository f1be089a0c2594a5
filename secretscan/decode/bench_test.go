package decode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// source returns Go files of the distribution, as far as 8 MB: text that has next to nothing to decode.
func source(b *testing.B) (data []byte) {
	_ = filepath.WalkDir(filepath.Join(os.Getenv("GOROOT"), "src", "cmd"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && len(data) < 8<<20 {
			text, _ := os.ReadFile(path)
			data = append(data, text...)
		}
		return nil
	})
	if len(data) == 0 {
		b.Skip("GOROOT is not set, or has no sources")
	}
	return data
}

// BenchmarkFind goes through a text as a whole.
func BenchmarkFind(b *testing.B) {
	var f Finder
	data, runs := source(b), 0
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		f.Reset()
		f.Find(data, 0, len(data), len(data), func(Run) { runs++ })
	}
	b.ReportMetric(float64(runs)/float64(b.N), "runs")
}

// BenchmarkFindParts goes through parts of a text, as they are in histories: of 400 bytes in 3,000.
func BenchmarkFindParts(b *testing.B) {
	const part, apart = 400, 3000
	var f Finder
	data, runs := source(b)[:1<<20], 0
	yield := func(Run) { runs++ }
	b.SetBytes(int64(len(data) * part / apart))
	for b.Loop() {
		f.Reset()
		for at := 0; at+part < len(data); at += apart {
			f.Find(data, at, at+part, len(data), yield)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(len(data)/apart)), "ns/part")
}
