package collect_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/host/collect"
	"keysweep/host/live"
	"keysweep/internal/testneed"
)

// nobody is a user without rights.
const nobody = 65534

// TestWithoutRights has a user who is not root collect: what he may not see is said to be so, and not taken for absent.
func TestWithoutRights(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to become somebody else")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	must(t, os.MkdirAll(closed+"/below", 0o700))
	must(t, os.WriteFile(closed+"/file", []byte("x"), 0o644))
	must(t, os.Chmod(closed, 0o700))
	for _, dir := range []string{filepath.Dir(closed), filepath.Dir(filepath.Dir(closed))} { // the test's own, made for root alone
		must(t, os.Chmod(dir, 0o755))
	}
	start, _, _ := strings.Cut(string(collect.Script(nonce, false)), "i dir '/'")
	script := start + "i file /etc/shadow\ni file /etc/passwd\ni file '" + closed + "/file'\ni tree '" + closed + "'\ni file '" + closed + "/below/none'\nprintf 'Z %s\\n' \"$nonce\"\nKEYSWEEP-END\n"
	cmd := exec.CommandContext(t.Context(), testneed.Program(t, "sh"), "-s")
	cmd.Stdin, cmd.Dir = strings.NewReader(script), "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	said, err := cmd.Output()
	must(t, err)
	b, err := collect.Parse(said, nonce, "test")
	must(t, err)
	if b.UID != nobody || b.Root() {
		t.Errorf("it is %+v", b.About)
	}
	for _, name := range []string{"/etc/shadow", closed + "/file", closed + "/below/none"} {
		if _, err := b.Read(name); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Read(%s): %v", name, err)
		}
	}
	if _, err := b.List(closed); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("List: %v", err)
	}
	if _, err := b.Read("/etc/passwd"); err != nil {
		t.Error(err)
	}
}

// TestWithoutStat has the script do with ls where stat(1) cannot be told what to print. Only times are missing then.
func TestWithoutStat(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/a", []byte("x y"), 0o640))
	must(t, os.Chmod(dir+"/a", fs.ModeSetuid|0o710))
	must(t, os.Mkdir(dir+"/d", 0o700))
	must(t, os.Chmod(dir+"/d", fs.ModeSticky|0o777))
	must(t, os.Symlink("a", dir+"/link"))
	must(t, syscall.Mkfifo(dir+"/p", 0o600))
	for name, shell := range shells(t) {
		start, _, _ := strings.Cut(string(collect.Script(nonce, false)), "i dir '/'")
		start = strings.Replace(start, "then stats=yes;", "then stats='';", 1)
		cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
		cmd.Stdin = strings.NewReader(start + "i tree '" + dir + "'\nprintf 'Z %s\\n' \"$nonce\"\nKEYSWEEP-END\n")
		said, err := cmd.Output()
		must(t, err)
		b, err := collect.Parse(said, nonce, "test")
		must(t, err)
		want, err := live.New(live.Options{Now: time.Now}).List(dir)
		must(t, err)
		got, err := b.List(dir)
		must(t, err)
		for i := range got {
			if !got[i].Time.IsZero() {
				t.Errorf("%s: %s has a time", name, got[i].Name)
			}
			if got[i].Time = want[i].Time; got[i].Mode.IsDir() {
				got[i].Size = want[i].Size
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: it is\n%+v\nfor Go it is\n%+v", name, got, want)
		}
		if f, err := b.Read(dir + "/link"); err != nil || string(f.Data) != "x y" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSudo has the script meet a sudo that lets the user in, one that does not, and none at all.
func TestSudo(t *testing.T) {
	sh := testneed.Program(t, "sh")
	dir := t.TempDir()
	write := func(name, text string) {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o755))
	}
	write("id", "echo 1000")
	for name, c := range map[string]struct{ sudo, want string }{
		"lets in":      {"echo \"$*\" >>\"" + dir + "/said\"\nshift\nexec \"$@\"", "-n true\n-n sh -s\n"},
		"asks":         {"echo \"$*\" >>\"" + dir + "/said\"\necho 'sudo: a password is required' >&2\nexit 1", "-n true\n"},
		"is not there": {"", ""},
	} {
		_ = os.Remove(filepath.Join(dir, "said"))
		_ = os.Remove(filepath.Join(dir, "sudo"))
		if c.sudo != "" {
			write("sudo", c.sudo)
		}
		start, _, _ := strings.Cut(string(collect.Script(nonce, true)), "i dir '/'")
		cmd := exec.CommandContext(t.Context(), sh, "-s")
		cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
		cmd.Stdin = strings.NewReader(start + "printf 'Z %s\\n' \"$nonce\"\nKEYSWEEP-END\n")
		said, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := collect.Parse(said, nonce, "test"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, "said")); string(got) != c.want {
			t.Errorf("%s: sudo was called with %q", name, got)
		}
	}
	if strings.Contains(string(collect.Script(nonce, false)), "sudo -n") {
		t.Error("without sudo it is named")
	}
}
