package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWriteReplacesAndCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, content := range []string{"first", "second, longer", "", "3"} {
		if err := Write(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, content)
		wantMode(t, path, 0o640)
	}
	wantOnly(t, filepath.Dir(path), "f")
}

func TestWriteRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("f", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantContent(t, "f", "x")
	wantOnly(t, ".", "f")
}

func TestFailedFillKeepsOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	mustWrite(t, path, "old")
	boom := errors.New("boom")
	err := Stream(path, 0o600, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of the n"); err != nil {
			t.Fatal(err)
		}
		return boom
	})
	if !errors.Is(err, boom) || !strings.Contains(err.Error(), path) {
		t.Fatalf("error %v: want the cause and the path", err)
	}
	wantContent(t, path, "old")
	wantOnly(t, filepath.Dir(path), "f")
}

func TestPanicInFillKeepsOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	mustWrite(t, path, "old")
	func() {
		defer func() { _ = recover() }()
		_ = Stream(path, 0o600, func(io.Writer) error { panic("bad") })
	}()
	wantContent(t, path, "old")
	wantOnly(t, filepath.Dir(path), "f")
}

// TestKilledProcessKeepsOldFile runs this test binary again as a process that dies in the middle of a write.
func TestKilledProcessKeepsOldFile(t *testing.T) {
	if path := os.Getenv("ATOMICFILE_DIE"); path != "" {
		_ = Stream(path, 0o600, func(w io.Writer) error {
			_, _ = io.WriteString(w, "half")
			os.Exit(7)
			return nil
		})
	}
	path := filepath.Join(t.TempDir(), "f")
	mustWrite(t, path, "old")
	child := exec.Command(os.Args[0], "-test.run=^TestKilledProcessKeepsOldFile$")
	child.Env = append(os.Environ(), "ATOMICFILE_DIE="+path)
	var exit *exec.ExitError
	if err := child.Run(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Fatalf("child ended with %v, want exit code 7", err)
	}
	wantContent(t, path, "old")
	if err := Write(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, "new")
}

func TestWriteRefusesOtherThings(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	symlink(t, "nowhere", filepath.Join(dir, "dangling"))
	symlink(t, "d", filepath.Join(dir, "todir"))
	symlink(t, "loop", filepath.Join(dir, "loop"))
	for _, name := range []string{"d", "dangling", "todir", "loop", "missing/f"} {
		if err := Write(filepath.Join(dir, name), []byte("x"), 0o600); err == nil {
			t.Errorf("writing to %s succeeded", name)
		}
	}
	wantOnly(t, dir, "d", "dangling", "loop", "todir")
	if runtime.GOOS != "windows" {
		if err := Write("/dev/null", []byte("x"), 0o600); err == nil {
			t.Error("a device was replaced")
		}
	}
}

func TestWriteThroughLinkToRegularFile(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, "f"), "old")
	link := filepath.Join(dir, "link")
	symlink(t, "f", link)
	if err := Write(link, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantContent(t, filepath.Join(dir, "f"), "new")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v %v", info, err)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := Create(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	wantMode(t, path, 0o644)
	if err := Create(path, []byte("other"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Create: %v, want ErrExist", err)
	}
	wantContent(t, path, "mine")
	symlink(t, "elsewhere", filepath.Join(dir, "dangling"))
	if err := Create(filepath.Join(dir, "dangling"), []byte("x"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a dangling link: %v, want ErrExist", err)
	}
	wantOnly(t, dir, "dangling", "f")
}

func mustWrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != want {
		t.Errorf("mode of %s is %o, want %o", path, got, want)
	}
}

func wantOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("directory holds %v, want %v", got, want)
	}
}
