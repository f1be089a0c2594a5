//go:build unix

package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/keys/deploy"
)

func set(content string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(content), nil }
}

// awkward is every byte there is, and what shells trip over.
func awkward() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return "-n %s%d \\n \\101 'x' \"$HOME\" `id` $(id) !! ~ *\r\n\t\n\n" + string(all) + "\xc3\x28\x81\x82\x88 no newline at the end"
}

func TestChangeIsExactInEveryShell(t *testing.T) {
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			h := newLocal(t)
			h.shell = shell
			h.noise = "Welcome!\nkeysweep-x done\n"
			for _, content := range []string{"first\n", awkward(), strings.Repeat("long line ", 30_000), "", "x"} {
				before, after, err := deploy.Change(t.Context(), h, set(content))
				if err != nil || string(after) != content || h.content() != content {
					t.Fatalf("%.40q: %v; the file holds %.40q", content, err, h.content())
				}
				if again, err := deploy.Read(t.Context(), h); err != nil || string(again) != content {
					t.Fatalf("%.40q was read as %.40q (before %.40q), %v", content, again, before, err)
				}
			}
			h.only()
			for path, want := range map[string]os.FileMode{h.file(): 0o600, filepath.Dir(h.file()): 0o700} {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
					t.Errorf("%s: %v %v, want %o", path, info.Mode(), err, want)
				}
			}
		})
	}
}

// TestDigests leaves one program after the other away.
func TestDigests(t *testing.T) {
	for _, digest := range []string{"sha256sum", "shasum", "cksum", ""} {
		t.Run(digest, func(t *testing.T) {
			h := newLocal(t)
			h.path = t.TempDir()
			for name := range strings.FieldsSeq("cat cp mv rm ln mkdir readlink ls id uname sleep chmod sync " + digest) {
				must(t, os.Symlink(testneed.Program(t, name), filepath.Join(h.path, name)))
			}
			h.write("old\n", 0o600)
			_, _, err := deploy.Change(t.Context(), h, set(awkward()))
			if digest == "" {
				if err == nil || !strings.Contains(err.Error(), "sha256sum") || h.content() != "old\n" {
					t.Errorf("%v; %q", err, h.content())
				}
			} else if err != nil || h.content() != awkward() {
				t.Error(err)
			}
			h.only()
		})
	}
}

func TestModesAndLinksStay(t *testing.T) {
	h := newLocal(t)
	for _, mode := range []os.FileMode{0o600, 0o644, 0o400, 0o640} {
		h.write("old\n", mode)
		_, _, err := deploy.Change(t.Context(), h, set("new\n"))
		if info, _ := os.Stat(h.file()); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %o became %o, %v", mode, info.Mode().Perm(), err)
		}
		must(t, os.Remove(h.file()))
	}
	real := filepath.Join(h.home, "dot files", "keys")
	must(t, os.MkdirAll(filepath.Dir(real), 0o755))
	must(t, os.WriteFile(real, []byte("old\n"), 0o600))
	must(t, os.Symlink("../dot files/link", h.file()))
	must(t, os.Symlink(real, filepath.Join(filepath.Dir(real), "link")))
	if _, _, err := deploy.Change(t.Context(), h, set("linked\n")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(real)
	if info, _ := os.Lstat(h.file()); err != nil || string(data) != "linked\n" || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%q, %v, link %v", data, err, info.Mode())
	}
	if os.Getuid() == 0 {
		must(t, os.Chown(real, 12345, 23456))
		_, _, err := deploy.Change(t.Context(), h, set("owned\n"))
		info, _ := os.Stat(real)
		if stat := info.Sys().(*syscall.Stat_t); err != nil || stat.Uid != 12345 || stat.Gid != 23456 {
			t.Errorf("owner %d:%d, %v", stat.Uid, stat.Gid, err)
		}
	}
	h.only()
}

func TestRefusedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(h *localHost)
		want    string
	}{
		"hard links":  {func(h *localHost) { must(t, os.Link(h.file(), filepath.Join(h.home, "twin"))) }, "hard links"},
		"directory":   {func(h *localHost) { must(t, os.Remove(h.file())); must(t, os.Mkdir(h.file(), 0o700)) }, "not a regular file"},
		"link circle": {func(h *localHost) { must(t, os.Remove(h.file())); must(t, os.Symlink("authorized_keys", h.file())) }, "lead nowhere"},
		"device": {func(h *localHost) { must(t, os.Remove(h.file())); must(t, os.Symlink("/dev/null", h.file())) },
			"not a regular file"},
		"no ssh directory": {func(h *localHost) {
			must(t, os.RemoveAll(filepath.Dir(h.file())))
			must(t, os.WriteFile(filepath.Dir(h.file()), nil, 0o600))
		}, "cannot be made"},
		"busy": {func(h *localHost) {
			must(t, os.Symlink("1@elsewhere", h.file()+".keysweep-lock"))
			h.path = t.TempDir() // with a sleep that does not
			for name := range strings.FieldsSeq("cat cp mv rm ln mkdir readlink ls id uname chmod sync sha256sum") {
				must(t, os.Symlink(testneed.Program(t, name), filepath.Join(h.path, name)))
			}
			must(t, os.Symlink(testneed.Program(t, "true"), filepath.Join(h.path, "sleep")))
		}, "another keysweep"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newLocal(t)
			h.write("old\n", 0o600)
			c.prepare(h)
			_, _, err := deploy.Change(t.Context(), h, set("new\n"))
			var host *deploy.HostError
			if !errors.As(err, &host) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestClosedDirectory has an account whose ~/.ssh cannot be entered: that looks like an empty one.
func TestClosedDirectory(t *testing.T) {
	for _, mode := range []os.FileMode{0, 0o600} {
		h := newLocal(t)
		h.write("old\n", 0o600)
		if os.Getuid() == 0 { // root enters everywhere
			h.shell = []string{testneed.Program(t, "setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", h.shell[0]}
			for dir := h.home; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
				must(t, os.Chmod(dir, 0o755))
			}
			must(t, os.Chown(filepath.Dir(h.file()), 65534, 65534))
		}
		must(t, os.Chmod(filepath.Dir(h.file()), mode))
		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(h.file()), 0o700) })
		if data, err := deploy.Read(t.Context(), h); err == nil || !strings.Contains(err.Error(), "cannot be entered") {
			t.Errorf("mode %v: %q, %v", mode, data, err)
		}
	}
}

// TestOthersChangesAreKept has somebody else change the file between reading and writing, once and always.
func TestOthersChangesAreKept(t *testing.T) {
	h := newLocal(t)
	h.write("mine\n", 0o600)
	times := 1
	h.meddle = func() {
		if h.scripts%2 == 0 && times > 0 {
			times--
			h.write(h.content()+fmt.Sprintf("theirs %d\n", times), 0o600)
		}
	}
	add := func(old []byte) ([]byte, error) { return append(old[:len(old):len(old)], "added\n"...), nil }
	if _, _, err := deploy.Change(t.Context(), h, add); err != nil || h.content() != "mine\ntheirs 0\nadded\n" {
		t.Errorf("%v: %q", err, h.content())
	}
	times = 1000
	if _, _, err := deploy.Change(t.Context(), h, add); !errors.Is(err, deploy.ErrConflict) || strings.Count(h.content(), "added") != 1 {
		t.Errorf("%v: %q", err, h.content())
	}
	h.only()
}

// TestManyAtOnce has many clients add a line each to the same file.
func TestManyAtOnce(t *testing.T) {
	h := newLocal(t)
	h.write("", 0o600)
	const clients = 6
	failed := make(chan error, clients)
	for n := range clients {
		go func() {
			own := *h
			var err error
			for range 20 { // so many at once conflict more often than Change tries
				_, _, err = deploy.Change(t.Context(), &own, func(old []byte) ([]byte, error) {
					return fmt.Appendf(old[:len(old):len(old)], "client %d\n", n), nil
				})
				if !errors.Is(err, deploy.ErrConflict) {
					break
				}
			}
			failed <- err
		}()
	}
	for range clients {
		must(t, <-failed)
	}
	for n := range clients {
		if strings.Count(h.content(), fmt.Sprintf("client %d\n", n)) != 1 {
			t.Errorf("client %d is lost:\n%s", n, h.content())
		}
	}
	h.only()
}

func TestNoShellThere(t *testing.T) {
	h := newLocal(t)
	h.shell = []string{testneed.Program(t, "echo"), "This account is for git only."}
	if _, err := deploy.Read(t.Context(), h); !errors.Is(err, deploy.ErrNoAnswer) {
		t.Error(err)
	}
}

// TestScriptCutOff has the connection break in the middle of the script: only the whole of it does anything.
func TestScriptCutOff(t *testing.T) {
	h := &cutter{localHost: newLocal(t)}
	h.write("old\n", 0o600)
	for h.cut = 2; ; h.cut += 1 + h.cut/3 {
		_, _, err := deploy.Change(t.Context(), h, set("new\n"))
		if err == nil || h.content() != "old\n" {
			t.Fatalf("%d bytes were cut off: %v; %q", h.cut, err, h.content())
		}
		if h.empty {
			break
		}
	}
	h.only()
}

// cutter loses the end of every script that writes.
type cutter struct {
	*localHost
	cut   int
	empty bool // nothing was left
}

func (h *cutter) Run(ctx context.Context, script []byte) ([]byte, error) {
	if bytes.Contains(script, []byte("put()")) {
		h.empty = h.cut >= len(script)
		script = script[:max(0, len(script)-h.cut)]
	}
	return h.localHost.Run(ctx, script)
}
