package git

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzEachSetting compares what is read of a configuration with what git reads. Whatever is accepted, git accepts too, with the same
// keys, and with the same values where they count.
func FuzzEachSetting(f *testing.F) {
	for _, text := range []string{
		"[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
		"[Core]\nBare=false\n; text\n# text\n\n[remote \"Or.ig in\"]\n\turl = x # \"\n\tflag\n\tv = \"a;b\" c\n",
		"[a \"b\"]\n\tc = d\\\n e\n", "[a]b=c\n", "[a.b]\nc=d\n", "[core]\n\tbare = \"true\"\n", "[core]\nworktree = /a b\\t\n", "[a \"b\\\"c\"]\nd\n",
		"[a]\nb = \"\n", "[a]\nb = \\x\n", "x = y\n", "[a]\n1 = 2\n", "[a]\nb-c = \xff\n", "[a]\r\nb = c\r\n", "\xef\xbb\xbf[a]\nb=c\n", "[core]\n\tbare = \t true \t\n",
	} {
		f.Add(text)
	}
	program, err := exec.LookPath("git")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got []string
		ok := eachSetting(text, func(key, value string, hasValue bool) bool {
			got = append(got, setting(key, value, hasValue))
			return true
		})
		if !ok {
			return
		}
		cmd := exec.Command(program, "config", "-z", "--list", "--file", "-")
		cmd.Env, cmd.Dir, cmd.Stdin = []string{"GIT_CONFIG_NOSYSTEM=1", "HOME=/"}, t.TempDir(), strings.NewReader(text)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%q: git refuses it: %s", text, said.String())
		}
		var want []string
		for field := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
			if field != "" {
				key, value, hasValue := strings.Cut(field, "\n")
				want = append(want, setting(key, value, hasValue))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, git's %q", text, got, want)
		}
	})
}

// setting writes a setting, with its value where it counts.
func setting(key, value string, hasValue bool) string {
	switch section, _, _ := strings.Cut(key, "."); {
	case !hasValue:
		return key
	case section != "core" && section != "extensions":
		return key + " is set"
	}
	return key + "=" + value
}

// FuzzHead compares HEAD, and the branch that it names in packed-refs, with what git says.
func FuzzHead(f *testing.F) {
	id := strings.Repeat("12", 20)
	f.Add("ref: refs/heads/main\n", id+" refs/heads/main\n")
	f.Add("ref: refs/heads/a b\n", "")
	f.Add("ref: refs/heads/x.lock\n", "# pack-refs with: peeled fully-peeled sorted \n"+id+" refs/heads/a\n"+id+" refs/tags/t\n^"+id+"\n")
	f.Add(id+"\n", "")
	f.Add("ref: refs/heads/../x\n", "x refs/heads/main\n")
	f.Add("ref: refs/heads/@{\n", id+" refs/heads/@{")
	dir := f.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + f.TempDir(), "GIT_CONFIG_NOSYSTEM=1"}
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	if _, err := git("init", "-q"); err != nil {
		f.Fatal(err)
	}
	gitDir := filepath.Join(dir, ".git")
	f.Fuzz(func(t *testing.T, head, packed string) {
		for name, text := range map[string]string{"HEAD": head, "packed-refs": packed} {
			if err := os.WriteFile(filepath.Join(gitDir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := &Repo{gitDir: gitDir, commonDir: gitDir, format: "sha1", plain: true}
		id, ok := r.Head()
		if !ok {
			return
		}
		want, err := git("rev-parse", "--verify", "--quiet", "HEAD")
		if id.IsZero() {
			if err == nil {
				t.Errorf("HEAD %q, packed %q: nothing, git's %q", head, packed, want)
			}
			return
		}
		if err == nil && want != id.String() {
			t.Errorf("HEAD %q, packed %q: %s, git's %q", head, packed, id, want)
		}
	})
}
