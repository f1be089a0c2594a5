package report

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/finding"
)

func TestAdviceChoosesCommands(t *testing.T) {
	secret := githubSecret()
	blob := func(path, digit string, inHead finding.Tri, pushed finding.Tri) finding.Place {
		return inCommit(place(finding.KindBlob, path, 1, "{}", secret), digit, inHead, pushed)
	}
	message := inCommit(place(finding.KindMessage, "", 1, "{}", secret), "c", finding.Unknown, finding.No)
	tag := inCommit(place(finding.KindTag, "refs/tags/v1", 1, "{}", secret), "c", finding.Unknown, finding.No)
	for name, c := range map[string]struct {
		places []finding.Place
		want   []string
	}{
		"staged":               {[]finding.Place{place(finding.KindIndex, "a b", 1, "{}", secret)}, []string{"git restore --staged -- 'a b'"}},
		"file":                 {[]finding.Place{place(finding.KindFile, "a", 1, "{}", secret)}, nil},
		"one commit, in HEAD":  {[]finding.Place{blob("a", "a", finding.Yes, finding.No)}, []string{"git rebase -i aaaaaaaaaaaa^", "git commit -a --amend --no-edit && git rebase --continue"}},
		"came and went":        {[]finding.Place{blob("a", "a", finding.No, finding.No)}, []string{"git filter-repo --force --replace-text FILE"}},
		"two commits":          {[]finding.Place{blob("a", "a", finding.Yes, finding.No), blob("b", "b", finding.Yes, finding.No)}, []string{"git filter-repo --force --replace-text FILE"}},
		"message":              {[]finding.Place{message}, []string{"git rebase -i cccccccccccc^"}},
		"tag":                  {[]finding.Place{tag}, []string{"git tag -d v1"}},
		"pushed":               {[]finding.Place{blob("a", "a", finding.Yes, finding.Yes)}, []string{"git filter-repo --force --replace-text FILE"}},
		"nobody knows whether": {[]finding.Place{blob("a", "a", finding.Yes, finding.Unknown)}, []string{"git filter-repo --force --replace-text FILE"}},
	} {
		var got []string
		for s, where := range bySituation(&finding.Finding{Places: c.places}) {
			if len(where) > 0 {
				got = append(got, stepsFor(situation(s), where, target{rotate: "rotate it"}).run...)
			}
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: commands are\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestPushedIsRotatedFirst(t *testing.T) {
	f := newFinding(githubSecret(), finding.High,
		inCommit(place(finding.KindBlob, "a", 1, "{}", githubSecret()), "a", finding.Yes, finding.Yes),
		place(finding.KindIndex, "b", 1, "{}", githubSecret()))
	out := newView(newReport(f), Options{}).adviceFor(&f)
	rotate, unstage := strings.Index(out, "rotate it at GitHub"), strings.Index(out, "git restore")
	if rotate < 0 || unstage < rotate {
		t.Errorf("rotating does not come first in\n%s", out)
	}
}

func TestFileFoundByNameIsTakenOutWhole(t *testing.T) {
	p := inCommit(finding.Place{Kind: finding.KindBlob, Path: "id_rsa"}, "a", finding.Yes, finding.No)
	f := finding.Finding{Rules: []string{"private-key-file"}, Places: []finding.Place{p}}
	out := newView(newReport(f), Options{}).adviceFor(&f)
	if !strings.Contains(out, "--invert-paths --path id_rsa") || strings.Contains(out, "keysweep:allow") {
		t.Errorf("advice for a whole file is\n%s", out)
	}
}

// TestCommandsWork runs advised commands in real repositories, through a shell as a person would.
func TestCommandsWork(t *testing.T) {
	dir := t.TempDir()
	sh := func(script string) string {
		t.Helper()
		cmd := exec.Command("bash", "-e", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_EDITOR=true")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	sh("git init -q . && git commit -q --allow-empty -m first")
	odd := "-a b'$x\t.txt"
	if err := os.WriteFile(filepath.Join(dir, odd), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	sh("git add -A")
	for _, command := range unstage([]finding.Place{{Kind: finding.KindIndex, Path: odd}}) {
		sh(command)
	}
	if staged := sh("git diff --cached --name-only"); staged != "" {
		t.Errorf("still staged: %s", staged)
	}
	sh("git notes add -m hide-me && git notes edit -m shown")
	_, run := rewriteCommands([]finding.Place{{Kind: finding.KindNote}}, target{})
	sh("GIT_EDITOR=true " + strings.ReplaceAll(run[0], "COMMIT", "HEAD"))
	sh(run[1])
	if log := sh("git log -p refs/notes/commits && git notes show"); strings.Contains(log, "hide-me") || !strings.Contains(log, "shown") {
		t.Errorf("notes are now\n%s", log)
	}
	sh("git tag -a v1 -m x")
	_, run = rewriteCommands([]finding.Place{{Kind: finding.KindTag, Path: "refs/tags/v1"}}, target{})
	sh(run[0])
	sh("git rm -q --cached -r . 2>/dev/null || true; echo s > f && git add f && git commit -q -m bring && echo t > g && git add g && git commit -q -m more")
	id := sh("git rev-parse HEAD~1")
	_, run = rewriteCommands([]finding.Place{{Kind: finding.KindBlob, InHead: finding.Yes, Commit: &finding.Commit{ID: id}}}, target{})
	sh("GIT_SEQUENCE_EDITOR='sed -i s/^pick/edit/\\;2s/^edit/pick/' " + run[0] + " && echo clean > f && " + run[1])
	if got := sh("git show HEAD~1:f && git status --short --untracked-files=no"); got != "clean" {
		t.Errorf("after the rebase: %q", got)
	}
}

func TestNobodyWritesACommentIntoAnArchive(t *testing.T) {
	packed := place(finding.KindFile, "a.jar!b.env", 1, "{}", githubSecret())
	f := newFinding(githubSecret(), finding.High, packed)
	if out := newView(newReport(f), Options{}).adviceFor(&f); strings.Contains(out, "keysweep:allow") || !strings.Contains(out, "baseline add") {
		t.Errorf("advice for what is in an archive is\n%s", out)
	}
	f = newFinding(githubSecret(), finding.High, packed, place(finding.KindFile, "b.env", 1, "{}", githubSecret()))
	if out := newView(newReport(f), Options{}).adviceFor(&f); !strings.Contains(out, "keysweep:allow") {
		t.Errorf("advice for what is in an archive and in a file is\n%s", out)
	}
}
