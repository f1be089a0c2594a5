package suppress

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"keysweep/finding"
)

// repo is a real repository for one test, out of reach of the machine's git configuration.
type repo struct {
	t   *testing.T
	dir string
}

func (r repo) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com"}
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (r repo) commit(name string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.git("add", name)
	r.git("commit", "-q", "-m", "change "+name)
}

// TestGitMergesByItself lets two branches change the baseline in the same lines and wants git to merge them without a hand.
func TestGitMergesByItself(t *testing.T) {
	r := repo{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	r.commit(".gitattributes", []byte(FileName+" merge=union\n"))
	now := day("2026-05-05")
	change := func(b *Baseline, until string, findings ...finding.Finding) []byte {
		if _, err := b.Add(findings, Decision{Reason: "known", Until: until}, now); err != nil {
			t.Fatal(err)
		}
		return b.Encode()
	}
	start := change(mustParse(t, []byte(first)), "", found("5", "a"))
	r.commit(FileName, start)
	r.git("checkout", "-q", "-b", "topic")
	r.commit(FileName, change(mustParse(t, start), "2026-12-31", found("4", "x"), found("5", "b")))
	r.git("checkout", "-q", "main")
	r.commit(FileName, change(mustParse(t, start), "2026-08-31", found("5", "c"), found("6", "y")))
	r.git("merge", "-q", "-m", "merge", "topic")

	data, err := os.ReadFile(filepath.Join(r.dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	got := mustParse(t, data).Encode()
	want := mustParse(t, lines("F4 | rule | x | known | - | 2026-12-31", "F5 | rule | a,b,c | known | - | 2026-08-31",
		"F6 | rule | y | known | - | 2026-08-31")).Encode()
	if !bytes.Equal(got, want) {
		t.Errorf("git merged\n%s\nwhich reads as\n%s\nwant\n%s", data, got, want)
	}
}
