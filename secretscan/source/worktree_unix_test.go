//go:build unix

package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOwnership takes a repository that belongs to someone else: git refuses to list it, which is said with what to do, and
// its files are scanned all the same.
func TestOwnership(t *testing.T) {
	dir := repo(t, tmp(t), "a.txt", "s/b.txt")
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to someone else")
	}
	for _, name := range []string{"", ".git", "a.txt"} {
		if err := os.Lchown(filepath.Join(dir, name), 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "a.txt", "s/b.txt", gitConfig)
	p := b.problems["."]
	if p.Op != gitListing || !strings.Contains(p.Err, "another user") || !strings.Contains(p.Hint, "safe.directory") {
		t.Errorf("problems %+v", b.problems)
	}
	excused := append(gitEnviron(), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0="+dir)
	scanIn(t, dir, FileOptions{Environ: excused}, ".").wantNoProblem(t)
}

func TestFIFOWhereAFileIsTracked(t *testing.T) {
	dir := repo(t, tmp(t), "a.txt", "b.txt")
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	mkfifo(t, filepath.Join(dir, "a.txt"))
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "b.txt", gitConfig)
	b.wantSkips(t, skipSpecial, "a.txt")
}

// TestConfigRunsNothing sets everything in a repository's configuration that could start a program while files are listed.
func TestConfigRunsNothing(t *testing.T) {
	dir := repo(t, tmp(t), "a.txt")
	mark := filepath.Join(tmp(t), "ran")
	for _, key := range []string{"core.fsmonitor", "core.pager", "core.sshCommand", "alias.ls-files"} {
		gitIn(t, dir, "config", key, "!touch "+mark)
	}
	gitIn(t, dir, "config", "core.fsmonitor", "touch "+mark)
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "a.txt", gitConfig)
	b.wantNoProblem(t)
	if _, err := os.Stat(mark); err == nil {
		t.Error("the repository's configuration ran a program")
	}
}
