package collect_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/collect"
	"keysweep/host/live"
	"keysweep/host/tree"
	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const nonce = "NONCE7"

// shells returns the shells that are here, by name.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	list := map[string][]string{"bash": {testneed.Program(t, "bash"), "--posix"}, "busybox": {testneed.Program(t, "busybox"), "sh"}}
	list["dash"] = []string{testneed.Program(t, "dash")}
	sh := testneed.Program(t, "sh")
	real, err := filepath.EvalSymlinks(sh)
	must(t, err)
	if list[filepath.Base(real)] == nil { // mostly it is dash or bash
		list["sh"] = []string{sh}
	}
	return list
}

// TestSameAsLocal has the script and Go collect from this machine: two programs that must come to the same.
func TestSameAsLocal(t *testing.T) {
	local, err := bundle.Collect(t.Context(), quick{live.New(live.Options{Now: time.Now})}, bundle.About{UID: os.Getuid()})
	must(t, err)
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sameAsLocal(t, name, shell, local)
		})
	}
}

func sameAsLocal(t *testing.T, name string, shell []string, local *bundle.Bundle) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
	text := string(collect.Script(nonce, false))
	text = strings.ReplaceAll(text, "\np ", "\n# ") // TestOver runs the programs; here, one is enough
	text = strings.ReplaceAll(text, "\n# 20 'uname'", "\np 20 'uname'")
	cmd.Stdin = strings.NewReader(text)
	var said, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Errorf("%s: %v: %s", name, err, &stderr)
	}
	t.Logf("%s: %d bytes in %s, with %s of processor time", name, said.Len(), time.Since(begin), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	b, err := collect.Parse(said.Bytes(), nonce, "test")
	must(t, err)
	if b.UID != os.Getuid() || b.Name() == "" || time.Since(b.Time()) > time.Hour {
		t.Errorf("%s: it is %+v", name, b.About)
	}
	same(t, name, b, local)
	if out, err := b.Run(t.Context(), "uname", "-r"); err != nil || len(out.Stdout) == 0 {
		t.Errorf("%s: uname: %v, %v", name, out, err)
	}
	for _, dir := range []string{"/proc/1/fd", fmt.Sprintf("/proc/%d/fd", os.Getpid())} {
		_, err := b.List(dir)
		if _, want := local.List(dir); (err == nil) != (want == nil) {
			t.Errorf("%s: %s: %v, by Go %v", name, dir, err, want)
		}
	}
	if comm, err := b.Read("/proc/1/comm"); err != nil || len(comm.Data) < 2 {
		t.Errorf("%s: process 1: %v", name, err)
	}
}

// same compares what does not change while the test runs.
func same(t *testing.T, name string, got, want *bundle.Bundle) {
	t.Helper()
	for _, path := range want.Paths() {
		if !strings.HasPrefix(path, "/etc/") && !strings.HasPrefix(path, "/usr/") && !strings.HasPrefix(path, "/root") && !strings.HasPrefix(path, "/var/lib/") {
			continue
		}
		w, g := want.Node(path), got.Node(path)
		if g == nil {
			t.Errorf("%s: %s was not collected", name, path)
			continue
		}
		if w, g := facts(w), facts(g); !reflect.DeepEqual(w, g) {
			t.Errorf("%s: %s is\n%+v, by Go\n%+v", name, path, g, w)
		}
	}
	if len(got.Paths()) < len(want.Paths())*9/10 {
		t.Errorf("%s: %d paths, by Go %d", name, len(got.Paths()), len(want.Paths()))
	}
}

func facts(n *tree.Node) tree.Node {
	f := *n
	f.Path, f.Name = "", ""
	f.Time = f.Time.Truncate(time.Second).UTC()
	f.Data = append([]byte{}, f.Data...)
	if strings.HasPrefix(f.Real, "/proc/") { // of the process that asks
		f.Real = ""
	}
	if f.Mode.IsDir() {
		f.Size, f.Time = 0, time.Time{}
	}
	if f.Gone != nil {
		f = tree.Node{Gone: f.Gone}
	}
	return f
}

func TestOver(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	tools, target := client(t, s)
	b, err := collect.Over(t.Context(), tools, target, collect.Options{Version: "1.2"})
	must(t, err)
	if b.Collector != "1.2" || b.UID != os.Getuid() {
		t.Errorf("it is %+v", b.About)
	}
	f, err := b.Read("/etc/os-release")
	want, wantErr := live.New(live.Options{Now: time.Now}).Read("/etc/os-release")
	must(t, errors.Join(err, wantErr))
	if !bytes.Equal(f.Data, want.Data) || f.Real != want.Real {
		t.Errorf("os-release is %q at %s", f.Data, f.Real)
	}
	var file bytes.Buffer
	must(t, b.Write(&file))
	again, err := bundle.Open(&file)
	must(t, err)
	if !reflect.DeepEqual(again.Paths(), b.Paths()) {
		t.Error("saved and opened, it has other paths")
	}
}

func client(t *testing.T, s *testsshd.Server) (*openssh.Tools, openssh.Target) {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	line, err := os.ReadFile(key + ".pub")
	must(t, err)
	s.Authorize(t, string(line))
	config := filepath.Join(t.TempDir(), "config")
	must(t, os.WriteFile(config, []byte("Host *\n  IdentityFile "+key+"\n  IdentitiesOnly yes\nInclude "+s.Config+"\n"), 0o600))
	target, err := openssh.ParseTarget(s.Target())
	must(t, err)
	return &openssh.Tools{Environ: os.Environ(), Config: config}, target
}

// TestHostileServer has the other side answer with whatever it likes.
func TestHostileServer(t *testing.T) {
	for name, answer := range map[string]string{
		"garbage":    "head -c 300000 /dev/urandom",
		"terminal":   `printf '\033]0;owned\007\033[2J'`,
		"nothing":    "true",
		"endless":    "yes keysweep-host",
		"files":      "printf 'keysweep-host 1 0 1700000000\\n'; yes '|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
		"fails":      "cat >/dev/null; echo 'keysweep-host 1 0 1700000000'; printf '\\033[31mred\\n' >&2; exit 7",
		"odd header": "echo 'keysweep-host 1 -1 x'",
	} {
		s := testsshd.Start(t, testsshd.Options{Extra: []string{"Match all", "ForceCommand " + script(t, answer)}, Shell: ""})
		tools, target := client(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		b, err := collect.Over(ctx, tools, target, collect.Options{})
		cancel()
		if err == nil {
			t.Errorf("%s: it was taken for a bundle: %+v", name, b.About)
		} else if strings.ContainsAny(err.Error(), "\x1b\x07\n") {
			t.Errorf("%s: %q", name, err)
		}
		s.Stop()
	}
}

func script(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "answer")
	must(t, os.WriteFile(file, []byte(content+"\n"), 0o600))
	return "/bin/sh " + file
}

// TestOddNames has the script meet names and links that try to forge lines of its answer.
func TestOddNames(t *testing.T) {
	dir := t.TempDir()
	forged := "S 81ed 0 0 5 5\t/etc/forged"
	must(t, os.WriteFile(dir+"/a\n"+strings.ReplaceAll(forged, "/", "_"), nil, 0o600))
	must(t, os.MkdirAll(dir+"/x\nS 81ed 0 0 5 5\t/etc", 0o700))
	must(t, os.WriteFile(dir+"/x\nS 81ed 0 0 5 5\t/etc/forged", nil, 0o600))
	must(t, os.Symlink("y\n"+forged, dir+"/link"))
	must(t, os.WriteFile(dir+"/content", []byte("Z "+nonce+"\n"+forged+"\nx"+nonce+"\nE missing\t/etc/passwd"), 0o600))
	for name, shell := range shells(t) {
		text := string(collect.Script(nonce, false))
		start, _, _ := strings.Cut(text, "i dir '/'")
		cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
		cmd.Stdin = strings.NewReader(start + "t '" + dir + "' 2\nprintf 'Z %s\\n' \"$nonce\"\nKEYSWEEP-END\n")
		said, err := cmd.Output()
		must(t, err)
		b, err := collect.Parse(said, nonce, "test")
		must(t, err)
		if n := b.Node("/etc/forged"); n != nil {
			t.Errorf("%s: a line was forged: %+v", name, n)
		}
		f, err := b.Read(dir + "/content")
		if err != nil || !strings.HasSuffix(string(f.Data), "E missing\t/etc/passwd") {
			t.Errorf("%s: the content is %+v, %v", name, f, err)
		}
		if _, err := b.List(dir); !errors.Is(err, host.ErrNotCollected) {
			t.Errorf("%s: a directory whose names cannot be told is whole: %v", name, err)
		}
	}
}

func TestLocal(t *testing.T) {
	data, err := collect.Local(t.Context(), quick{live.New(live.Options{Now: time.Now})}, "test", os.Getuid())
	must(t, err)
	b, err := bundle.Open(bytes.NewReader(data))
	must(t, err)
	if _, err := b.Read("/etc/passwd"); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("keysweep-host 1 0 1700000000\nH h\nS 81a4 0 0 3 17\t/a\nF /a\n|ab\n|xN\nT drwxr-xr-x 0 0 1\t/b\nD /b\nL /c\t/a\t/a\nE missing\t/d\nA sshd -T\nP uname -r\n|6.1\n|\n|xN\n|\n|0\nN\n|/proc/1/fd:\n|3 -> socket:[5]\nZ N\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		b, err := collect.Parse(said, "N", "test")
		if err != nil {
			return
		}
		_, _ = b.Read("/a")
		_, _ = b.List("/")
		_, _ = b.Run(context.Background(), "uname", "-r")
	})
}
