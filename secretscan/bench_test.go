package secretscan_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// BenchmarkCompile is what every start costs.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := secretscan.Compile(rules.Default()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan scans Go source text of the distribution's net/http, again and again.
func BenchmarkScan(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(goSources(b), "net", "http", "*.go"))
	if err != nil || len(files) == 0 {
		b.Fatal("no sources of the Go distribution: ", err)
	}
	var text bytes.Buffer
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		text.Write(data)
	}
	e := defaultEngine(b)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		e.Scan(text.Bytes())
	}
}
