package hook_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is the keysweep that the hooks of the tests call.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "keysweep-hook-test-")
	if err == nil {
		program = filepath.Join(dir, "keysweep")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", program, "keysweep/cmd/keysweep").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "build keysweep:", err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// repo is a real repository, and a user with a home of their own.
type repo struct {
	*testing.T
	dir string
	env []string
}

func temp(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func newRepo(t *testing.T, initArgs ...string) *repo {
	t.Helper()
	home := temp(t)
	r := &repo{t, temp(t), []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Com", "GIT_COMMITTER_EMAIL=com@example.org",
		"USER=ann",
	}}
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return r
}

// at returns the same user in another directory.
func (r *repo) at(dir string) *repo { return &repo{r.T, dir, r.env} }

// with returns the same repository for a user with further variables.
func (r *repo) with(env ...string) *repo {
	return &repo{r.T, r.dir, append(append([]string(nil), r.env...), env...)}
}

// run runs a program and returns its exit code and all it printed.
func (r *repo) run(name string, args ...string) (int, string) {
	r.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		r.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// want runs a program and wants an exit code and some words.
func (r *repo) want(code int, words []string, name string, args ...string) string {
	r.Helper()
	got, out := r.run(name, args...)
	if got != code {
		r.Fatalf("%s %q: exit code %d, want %d\n%s", filepath.Base(name), args, got, code, out)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			r.Fatalf("%s %q: does not say %q\n%s", filepath.Base(name), args, w, out)
		}
	}
	return out
}

func (r *repo) git(args ...string) string {
	r.Helper()
	return strings.TrimSpace(r.want(0, nil, "git", args...))
}

// keysweep runs the program and wants exit code 0.
func (r *repo) keysweep(args ...string) string { r.Helper(); return r.want(0, nil, program, args...) }

func (r *repo) path(name string) string { return filepath.Join(r.dir, name) }

func (r *repo) write(name, text string) {
	r.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

// script writes an executable file.
func (r *repo) script(name, text string) {
	r.Helper()
	r.write(name, text)
	if err := os.Chmod(r.path(name), 0o755); err != nil {
		r.Fatal(err)
	}
}

func (r *repo) read(name string) string {
	r.Helper()
	data, err := os.ReadFile(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	return string(data)
}

// commit writes and commits a file past all hooks, and returns the commit's id.
func (r *repo) commit(name, text string) string {
	r.Helper()
	r.write(name, text)
	r.git("add", "-f", "--", name)
	r.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "change "+name)
	return r.git("rev-parse", "HEAD")
}

// stage writes and stages a file.
func (r *repo) stage(name, text string) {
	r.Helper()
	r.write(name, text)
	r.git("add", "-f", "--", name)
}

// snapshot lists everything below a directory: path, mode, and content or target.
func (r *repo) snapshot(dir string) string {
	r.Helper()
	var b bytes.Buffer
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content := ""
		if info.Mode()&os.ModeSymlink != 0 {
			content, err = os.Readlink(name)
		} else if data, rerr := os.ReadFile(name); rerr == nil {
			content = string(data)
		}
		rel, _ := filepath.Rel(dir, name)
		fmt.Fprintf(&b, "%s %v %q\n", rel, info.Mode(), content)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		r.Fatal(err)
	}
	return b.String()
}

// apiKey is a secret that nobody uses.
func apiKey() string { return "aws_id = \"AK" + "IA" + "Q3EGZX5N7RBTJ2MW\"\n" }

// privateKey is one too.
func privateKey() string {
	kind := "RSA PRIVATE" + " KEY-----\n"
	body := ""
	for i := range 6 {
		body += strings.Repeat(fmt.Sprintf("Zq%dXv8LkP", i), 8)[:64] + "\n"
	}
	return "-----" + "BEGIN " + kind + body + "-----" + "END " + kind
}
