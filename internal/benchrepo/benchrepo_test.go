package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func made(t *testing.T, kind string, commits, times int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := run(bufio.NewWriter(&out), kind, 7, commits, times); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// imported makes a repository of a history and returns what a git command says of it.
func imported(t *testing.T, history []byte) func(args ...string) string {
	t.Helper()
	dir := t.TempDir()
	git := func(in []byte, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		cmd.Stdin = bytes.NewReader(in)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git(nil, "init", "-q", "--bare")
	git(history, "fast-import", "--quiet")
	return func(args ...string) string { return git(nil, args...) }
}

func TestDeep(t *testing.T) {
	history := made(t, "deep", 30, 50)
	if !bytes.Equal(history, made(t, "deep", 30, 50)) {
		t.Error("the same seed made another history")
	}
	git := imported(t, history)
	if n := git("rev-list", "--count", "main"); n != "30" {
		t.Errorf("%s commits", n)
	}
	for _, file := range hugeFiles {
		if versions := git("log", "--format=%h", "main", "--", file.path); strings.Count(versions, "\n") < 2 {
			t.Errorf("%s is changed too seldom: %s", file.path, versions)
		}
	}
}

// TestSecrets wants some revision to hold a fake secret.
func TestSecrets(t *testing.T) {
	if !bytes.Contains(made(t, "deep", 120, 50), []byte("aws_access_key_id = AKI")) {
		t.Error("no secret in 120 commits")
	}
}

func TestUnique(t *testing.T) {
	one, three := len(made(t, "unique", 10, 1)), len(made(t, "unique", 10, 3))
	if one < 10*uniqueSize || three < 30*uniqueSize || three > 3*one {
		t.Errorf("%d and %d bytes", one, three)
	}
}

// TestSame wants more commits to bring no object but themselves.
func TestSame(t *testing.T) {
	count := func(commits int) int {
		git := imported(t, made(t, "same", commits, 1))
		kinds := git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
		return strings.Count(kinds, "\n") + 1 - strings.Count(kinds, "commit")
	}
	if few, many := count(510), count(600); few != many {
		t.Errorf("%d objects besides commits, then %d", few, many)
	}
}

func TestUnknown(t *testing.T) {
	if err := run(bufio.NewWriter(&bytes.Buffer{}), "other", 1, 1, 1); err == nil {
		t.Error("no error")
	}
}
