package live_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"keysweep/host"
	"keysweep/host/live"
	"keysweep/internal/testneed"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/a", []byte("content"), 0o640))
	must(t, os.Symlink("a", dir+"/link"))
	must(t, unix.Mkfifo(dir+"/fifo", 0o600))
	must(t, os.WriteFile(dir+"/large", nil, 0o600))
	must(t, os.Truncate(dir+"/large", host.MaxFile+1))
	var s host.Source = live.New(live.Options{Now: time.Now})
	if f, err := s.Read(dir + "/link"); err != nil || string(f.Data) != "content" || f.Mode != 0o640 || f.UID != os.Getuid() || f.Real != dir+"/a" {
		t.Errorf("Read = %+v, %v", f, err)
	}
	for name, want := range map[string]error{"/fifo": host.ErrIrregular, "/large": host.ErrTooLarge, "/none": fs.ErrNotExist, "/a/x": fs.ErrNotExist, "": host.ErrIrregular} {
		if _, err := s.Read(dir + name); !errors.Is(err, want) {
			t.Errorf("Read(%s): %v, want %v", name, err, want)
		}
	}
	list, err := s.List(dir)
	if err != nil || len(list) != 4 || list[3].Link != "a" || list[3].Path != dir+"/link" {
		t.Errorf("List = %+v, %v", list, err)
	}
	if f, err := s.Read("/proc/sys/kernel/osrelease"); err != nil || len(f.Data) == 0 {
		t.Errorf("a file of /proc: %v, %v", f, err)
	}
	if _, err := s.Read("/dev/zero"); !errors.Is(err, host.ErrIrregular) {
		t.Errorf("a device: %v", err)
	}
}

// programs makes a directory of programs that the source may run: each is a shell script.
func programs(t *testing.T, scripts map[string]string) (s *live.Source, dir string) {
	t.Helper()
	testneed.Program(t, "sh")
	base := "/run" // root runs nothing of a directory that others can write to
	if os.Geteuid() != 0 {
		base = t.TempDir()
	}
	dir, err := os.MkdirTemp(base, "keysweep-live-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	o := live.Options{Now: time.Now, Path: []string{dir, "/usr/bin", "/bin"}}
	for name, script := range scripts {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755))
		o.Allow = append(o.Allow, []string{name})
	}
	return live.New(o), dir
}

func TestRun(t *testing.T) {
	t.Setenv("KEYSWEEP_CANARY", "sings")
	s, _ := programs(t, map[string]string{
		"says":  "echo out; echo err >&2; env; pwd; cat; exit 3",
		"count": "echo x >> /proc/self/fd/1; date +%N",
		"noisy": "yes | head -c 20000000",
		"bare":  "kill -9 $$",
	})
	out, err := s.Run(t.Context(), "says")
	must(t, err)
	text := string(out.Stdout)
	if out.Exit != 3 || string(out.Stderr) != "err\n" || !strings.HasPrefix(text, "out\n") || !strings.HasSuffix(text, "\n/\n") || !strings.Contains(text, "LC_ALL=C\n") {
		t.Errorf("it said %+v\n%s", out, text)
	}
	if strings.Contains(text, "sings") {
		t.Error("it saw our environment")
	}
	first, err := s.Run(t.Context(), "count")
	must(t, err)
	again, err := s.Run(t.Context(), "count")
	if err != nil || string(first.Stdout) != string(again.Stdout) {
		t.Errorf("it was run twice: %v", err)
	}
	if _, err := s.Run(t.Context(), "noisy"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a program that says too much: %v", err)
	}
	if out, err := s.Run(t.Context(), "bare"); err != nil || out.Exit != -1 {
		t.Errorf("a program that was killed: %+v, %v", out, err)
	}
	if ran := s.Programs(); len(ran) != 3 || ran[0].Argv[0] != "bare" || ran[2].CPU == 0 {
		t.Errorf("it ran %+v", ran)
	}
}

func TestNotRun(t *testing.T) {
	s := live.New(live.Options{Now: time.Now, Path: []string{t.TempDir()}})
	for command, want := range map[string]error{"sh": live.ErrNotAllowed, "rm -rf /nowhere": live.ErrNotAllowed, "firewall-cmd --state": fs.ErrNotExist, "": live.ErrNotAllowed} {
		if _, err := s.Run(t.Context(), strings.Fields(command)...); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", command, err, want)
		}
	}
}

func TestAllow(t *testing.T) {
	s, dir := programs(t, nil)
	must(t, os.WriteFile(filepath.Join(dir, "node"), []byte("#!/bin/sh\necho $1\n"), 0o755))
	if _, err := s.Run(t.Context(), "node", "1"); !errors.Is(err, live.ErrNotAllowed) {
		t.Errorf("before: %v", err)
	}
	s.Allow([]string{"node", "2"})
	if out, err := s.Run(t.Context(), "node", "2"); err != nil || string(out.Stdout) != "2\n" {
		t.Errorf("after: %v, %v", out, err)
	}
	if _, err := s.Run(t.Context(), "node", "3"); !errors.Is(err, live.ErrNotAllowed) {
		t.Errorf("another one: %v", err)
	}
}

// TestOthers has root refuse what others could change.
func TestOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root")
	}
	s, _ := programs(t, map[string]string{"says": "echo out"})
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	must(t, os.WriteFile(dir+"/says", []byte("#!/bin/sh\necho out"), 0o755))
	open := live.New(live.Options{Now: time.Now, Path: []string{dir}, Allow: [][]string{{"says"}}})
	if out, err := open.Run(t.Context(), "says"); err == nil {
		t.Errorf("it ran: %s", out.Stdout)
	}
	if _, err := s.Run(t.Context(), "says"); err != nil {
		t.Errorf("one that nobody can change: %v", err)
	}
}

func TestDeadline(t *testing.T) {
	s, dir := programs(t, map[string]string{"sleepy": "sleep 60 & echo $! > \"$0.pid\"; wait"})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for {
			if data, _ := os.ReadFile(dir + "/sleepy.pid"); len(data) > 0 {
				cancel(errors.New("enough"))
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if _, err := s.Run(ctx, "sleepy"); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("it ended so: %v", err)
	}
	var pid int
	data, err := os.ReadFile(dir + "/sleepy.pid")
	must(t, err)
	_, err = fmt.Sscan(string(data), &pid)
	must(t, err)
	for range 2000 { // its child was killed, too
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if _, state, ok := strings.Cut(string(stat), ") "); err != nil || ok && state[0] == 'Z' {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("its child lives on")
}
