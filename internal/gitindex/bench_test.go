package gitindex

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkIndex reads the index of a repository with five thousand files, entry by entry.
func BenchmarkIndex(b *testing.B) {
	dir := b.TempDir()
	var entries strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&entries, "100644 %040x\tpackage%02d/folder%d/a-file-of-some-name%04d.go\n", i+1, i%40, i%7, i)
	}
	for _, args := range [][]string{{"init", "-q"}, {"update-index", "--index-info"}} {
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		cmd.Stdin = strings.NewReader(entries.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		f, err := Parse(data, 20)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		c := f.Cursor()
		for c.Next() {
			n++
		}
		if n != 5000 || c.Err != nil {
			b.Fatal(n, c.Err)
		}
	}
}
