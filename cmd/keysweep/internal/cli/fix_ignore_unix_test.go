//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFixIgnore has the real git ignore files of environments, and takes it back byte for byte.
func TestFixIgnore(t *testing.T) {
	for name, before := range map[string]string{"none": "", "lines": "node_modules\n*.log\n", "no end": "node_modules", "let in above": "!.env\n"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fix := func(want int, args ...string) string {
				t.Helper()
				cmd := exec.Command(program(t), append([]string{"fix", "git.env-ignored"}, args...)...)
				cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
				out, err := cmd.CombinedOutput()
				if code := cmd.ProcessState.ExitCode(); code != want {
					t.Fatalf("%s: exit code %d, want %d, %v\n%s", args, code, want, err, out)
				}
				return string(out)
			}
			file := filepath.Join(dir, ".gitignore")
			content := func() string {
				data, err := os.ReadFile(file)
				if err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
				return string(data)
			}
			git := func(args ...string) error {
				cmd := exec.Command("git", args...)
				cmd.Dir = dir
				return cmd.Run()
			}
			if err := git("init", "-q"); err != nil {
				t.Fatal(err)
			}
			if before != "" {
				if err := os.WriteFile(file, []byte(before), 0o640); err != nil {
					t.Fatal(err)
				}
			}
			if out := fix(exitOK); !strings.Contains(out, "+.env.*\n") || content() != before {
				t.Fatalf("the diff:\n%s", out)
			}
			fix(exitOK, "--apply")
			for path, ignored := range map[string]bool{".env": true, "app/.env.production": true, ".env.example": false, "env": false} {
				if got := git("check-ignore", "-q", "--no-index", path) == nil; got != ignored {
					t.Errorf("git ignores %s: %v", path, got)
				}
			}
			if !strings.HasPrefix(content(), before) {
				t.Errorf("lines were changed:\n%s", content())
			}
			if out := fix(exitOK, "--apply"); !strings.Contains(out, "so already") {
				t.Fatalf("a second time:\n%s", out)
			}
			fix(exitOK, "--revert")
			if _, err := os.Stat(file); content() != before || before == "" && err == nil {
				t.Fatalf("taken back: %q", content())
			}
			if out := fix(exitOK, "--revert"); !strings.Contains(out, "so already") {
				t.Fatalf("taken back twice:\n%s", out)
			}
			if before != "" {
				return
			}
			if err := os.Symlink("elsewhere", file); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "elsewhere"), []byte("a\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := fix(exitIncomplete, "--apply"); !strings.Contains(out, "no regular file") {
				t.Fatalf("a link:\n%s", out)
			}
			if data, err := os.ReadFile(filepath.Join(dir, "elsewhere")); err != nil || string(data) != "a\n" {
				t.Fatalf("through a link: %q %v", data, err)
			}
		})
	}
}
