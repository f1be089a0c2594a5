package hook_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"keysweep/internal/hook"
)

// record reads the only line of a repository's log of bypasses.
func (r *repo) record(name string) hook.Bypass {
	r.Helper()
	info, err := os.Stat(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		r.Errorf("%s has mode %v", name, info.Mode())
	}
	var b hook.Bypass
	text := r.read(name)
	if err := json.Unmarshal([]byte(text), &b); err != nil || strings.Count(text, "\n") != 1 {
		r.Fatalf("%v in %q", err, text)
	}
	return b
}

func TestBypassOfACommitIsRecorded(t *testing.T) {
	r := newRepo(t)
	head := r.commit("a.txt", "a\n")
	tree := r.at(temp(t) + "/tree")
	r.git("worktree", "add", "-q", tree.dir)
	r.keysweep("hook", "install", "--type", "pre-commit")
	tree.stage("k.txt", apiKey())
	reason := "a \"quoted\" reason\nof two lines"
	tree.with("KEYSWEEP_BYPASS="+reason).want(0, []string{"BYPASSED", "1 finding", "k.txt:1", "recorded in"}, "git", "commit", "-q", "-m", "x")
	b := r.record(".git/keysweep/bypass.log")
	if b.User != "ann" || b.Hook != "pre-commit" || b.Head != head || b.Reason != reason || b.Findings != 1 || b.Exit != 1 || b.Time.IsZero() {
		t.Errorf("recorded %+v", b)
	}
	r.stage("k.txt", apiKey())
	r.with("KEYSWEEP_BYPASS= ").want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "no reason")
}

func TestBypassThatCannotBeRecordedIsRefused(t *testing.T) {
	r := newRepo(t)
	r.keysweep("hook", "install")
	r.write(".git/keysweep", "a file where the directory should be\n")
	r.stage("k.txt", apiKey())
	r.with("KEYSWEEP_BYPASS=reason").want(1, []string{"could not be recorded", "commit refused"}, "git", "commit", "-m", "x")
}

func TestBypassOfWhatCouldNotBeLookedAt(t *testing.T) {
	r := newRepo(t)
	r.keysweep("hook", "install")
	r.write(".keysweep.toml", "this is no TOML\n")
	r.stage("a.txt", "a\n")
	r.want(1, []string{"keysweep: commit refused", ".keysweep.toml", "KEYSWEEP_BYPASS"}, "git", "commit", "-m", "x")
	r.with("KEYSWEEP_BYPASS=reason").want(0, []string{"BYPASSED", "exit code 2"}, "git", "commit", "-q", "-m", "x")
	if b := r.record(".git/keysweep/bypass.log"); b.Exit != 2 || b.Head != "" {
		t.Errorf("recorded %+v", b)
	}
}

func TestMissingObjectRefuses(t *testing.T) {
	r := newRepo(t)
	r.keysweep("hook", "install")
	r.stage("a.txt", "gone from the object store\n")
	id := r.git("rev-parse", ":a.txt")
	if err := os.Remove(r.path(".git/objects/" + id[:2] + "/" + id[2:])); err != nil {
		t.Fatal(err)
	}
	r.stage("k.txt", apiKey())
	r.want(3, []string{"k.txt:1", id[:12], "not everything could be looked at", "KEYSWEEP_BYPASS"}, program, "hook", "run", "pre-commit")
	r.with("KEYSWEEP_BYPASS=the disk is broken").want(0, []string{"BYPASSED", "1 finding", "exit code 3"}, program, "hook", "run", "pre-commit")
}

func TestBypassOfAPush(t *testing.T) {
	r := newRepo(t)
	server := r.at(temp(t))
	server.git("init", "-q", "--bare")
	r.keysweep("hook", "install")
	head := r.commit("k.txt", apiKey())
	r.with("KEYSWEEP_BYPASS=it is revoked").want(0, []string{"BYPASSED"}, "git", "push", "-q", server.dir, "main")
	b := r.record(".git/keysweep/bypass.log")
	if b.Hook != "pre-push" || len(b.Refs) != 1 || !strings.HasSuffix(b.Refs[0], ".."+head) {
		t.Errorf("recorded %+v", b)
	}
}
