package image_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"keysweep/host"
	"keysweep/host/image"
	"keysweep/internal/testneed"
)

func open(t *testing.T, dir string) *image.Source {
	t.Helper()
	s, err := image.Open(dir)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(content), 0o644))
}

// hostile makes a tree beside a file that must not be seen.
func hostile(t *testing.T) (root, outside string) {
	t.Helper()
	base := t.TempDir()
	root, outside = filepath.Join(base, "root"), filepath.Join(base, "outside")
	put(t, base, "outside", "outside")
	put(t, root, "etc/passwd", "inside")
	put(t, root, "usr/lib/os-release", "ID=test")
	for name, target := range map[string]string{
		"etc/os-release": "../usr/lib/os-release", "etc/absolute": "/etc/passwd", "etc/up": "../../../../../etc/passwd", "etc/out": "../../outside",
		"etc/real": outside, "etc/self": "self", "etc/ping": "pong", "etc/pong": "ping", "lib": "/usr/lib", "etc/top": "/..", "proc": "/proc/self/root",
		"etc/deep": strings.Repeat("./", 900) + "passwd",
	} {
		must(t, os.Symlink(target, filepath.Join(root, name)))
	}
	for i := range 60 { // a chain longer than any system follows
		must(t, os.Symlink("chain"+string(rune('A'+i+1)), filepath.Join(root, "chain"+string(rune('A'+i)))))
	}
	return root, outside
}

func TestStaysInside(t *testing.T) {
	root, _ := hostile(t)
	s := open(t, root)
	for name, want := range map[string]string{
		"/etc/passwd": "inside", "/etc/absolute": "inside", "/etc/up": "inside", "/etc/os-release": "ID=test", "/lib/os-release": "ID=test",
		"/../../etc/passwd": "inside", "/etc/top/etc/passwd": "inside", "/etc/deep": "inside", "//etc/./passwd": "inside",
	} {
		f, err := s.Read(name)
		if err != nil || string(f.Data) != want {
			t.Errorf("Read(%s) = %v, %v", name, f, err)
		}
	}
	for name, want := range map[string]error{
		"/etc/out": fs.ErrNotExist, "/etc/real": fs.ErrNotExist, "/outside": fs.ErrNotExist, "/../outside": fs.ErrNotExist, "/proc/etc/passwd": host.ErrLinks,
		"/etc/self": host.ErrLinks, "/etc/ping": host.ErrLinks, "/chainA": host.ErrLinks, "/etc": host.ErrIrregular, "/etc/passwd/x": fs.ErrNotExist,
	} {
		if f, err := s.Read(name); !errors.Is(err, want) {
			t.Errorf("Read(%s) = %v, %v, want %v", name, f, err, want)
		}
		if _, err := s.Read(name); err != nil && strings.Contains(err.Error(), root) {
			t.Errorf("Read(%s) names a file of ours: %v", name, err)
		}
	}
	if info, err := s.Stat("/lib/os-release"); err != nil || info.Real != "/usr/lib/os-release" || info.UID != os.Getuid() {
		t.Errorf("Stat: %+v, %v", info, err)
	}
	if info, err := s.Lstat("/etc/real"); err != nil || info.Link == "" {
		t.Errorf("Lstat: %+v, %v", info, err)
	}
	if _, err := s.Run(t.Context(), "uname", "-r"); !errors.Is(err, host.ErrNotRun) {
		t.Errorf("Run: %v", err)
	}
}

// TestSwapped changes a directory for a link that leads out, again and again, while the tree is read.
func TestSwapped(t *testing.T) {
	root, outside := hostile(t)
	put(t, root, "swap/secret", "inside")
	must(t, os.Mkdir(outside+"dir", 0o755))
	put(t, outside+"dir", "secret", "outside")
	must(t, os.Symlink(outside+"dir", filepath.Join(root, "evil")))
	s := open(t, root)
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
			}
			_ = unix.Renameat2(unix.AT_FDCWD, filepath.Join(root, "swap"), unix.AT_FDCWD, filepath.Join(root, "evil"), unix.RENAME_EXCHANGE)
		}
	}()
	for range 3000 {
		if f, err := s.Read("/swap/secret"); err == nil && string(f.Data) != "inside" {
			t.Errorf("it read %q", f.Data)
			break
		}
	}
	close(done)
	<-stopped
}

func TestOddFiles(t *testing.T) {
	root, _ := hostile(t)
	must(t, unix.Mkfifo(filepath.Join(root, "etc/fifo"), 0o644))
	must(t, os.Symlink("fifo", filepath.Join(root, "etc/tofifo")))
	must(t, os.Truncate(filepath.Join(root, "etc/passwd"), host.MaxFile+1))
	for _, name := range []string{"new\nline", "\x1b[31mred", "\xff\xfe", "-rf", strings.Repeat("n", 255)} {
		put(t, root, "names/"+name, "x")
	}
	s := open(t, root)
	for name, want := range map[string]error{"/etc/fifo": host.ErrIrregular, "/etc/tofifo": host.ErrIrregular, "/etc/passwd": host.ErrTooLarge} {
		if _, err := s.Read(name); !errors.Is(err, want) { // a pipe that is opened would never end
			t.Errorf("Read(%s): %v, want %v", name, err, want)
		}
	}
	if list, err := s.List("/names"); err != nil || len(list) != 5 {
		t.Errorf("List = %v, %v", list, err)
	}
	if _, err := s.List("/etc/fifo"); !errors.Is(err, host.ErrNoDirectory) {
		t.Errorf("List of a pipe: %v", err)
	}
	if _, err := s.List("/none"); !host.Missing(err) {
		t.Errorf("List of nothing: %v", err)
	}
}

func TestDevices(t *testing.T) {
	root, _ := hostile(t)
	if err := unix.Mknod(filepath.Join(root, "etc/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		testneed.Missing(t, "the right to make devices: %v", err)
	}
	s := open(t, root)
	if _, err := s.Read("/etc/null"); !errors.Is(err, host.ErrIrregular) {
		t.Errorf("Read of a device: %v", err)
	}
	if info, err := s.Stat("/etc/null"); err != nil || info.Mode&fs.ModeDevice == 0 {
		t.Errorf("Stat of a device: %v, %v", info.Mode, err)
	}
}

func TestDenied(t *testing.T) {
	root, _ := hostile(t)
	put(t, root, "closed/file", "x")
	must(t, os.Chmod(filepath.Join(root, "closed"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "closed"), 0o755) })
	must(t, os.Chmod(filepath.Join(root, "etc/passwd"), 0))
	testneed.Modes(t)
	s := open(t, root)
	for _, name := range []string{"/closed/file", "/etc/passwd"} {
		if _, err := s.Read(name); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Read(%s): %v", name, err)
		}
	}
	if _, err := s.List("/closed"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("List: %v", err)
	}
}
