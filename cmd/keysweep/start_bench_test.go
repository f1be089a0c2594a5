package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStart runs whole processes that have next to nothing to do, and beside them a program that does nothing.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	build := func(name, from string) string {
		program := filepath.Join(dir, name)
		if out, err := exec.Command("go", "build", "-o", program, from).CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", name, err, out)
		}
		return program
	}
	nothing := filepath.Join(dir, "nothing.go")
	if err := os.WriteFile(nothing, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	empty, keysweep, repo := build("empty", nothing), build("keysweep", "."), filepath.Join(dir, "repo")
	if out, err := exec.Command("git", "init", "-q", repo).CombinedOutput(); err != nil {
		b.Fatalf("git init: %v\n%s", err, out)
	}
	for _, run := range []struct {
		name string
		argv []string
	}{
		{"empty program", []string{empty}},
		{"version", []string{keysweep, "version"}},
		{"help", []string{keysweep, "--help"}},
		{"nothing staged", []string{keysweep, "scan", "--staged", "-q"}},
	} {
		b.Run(run.name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command(run.argv[0], run.argv[1:]...)
				cmd.Dir, cmd.Env = repo, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C"}
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%q: %v\n%s", run.argv, err, out)
				}
			}
		})
	}
}
