package decode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkFind goes through the Go distribution's own sources, as far as 8 MB: text that has next to nothing to decode.
func BenchmarkFind(b *testing.B) {
	var data []byte
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
	var f Finder
	runs := 0
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		f.Reset()
		f.Find(data, 0, len(data), len(data), func(Run) { runs++ })
	}
	b.ReportMetric(float64(runs)/float64(b.N), "runs")
}
