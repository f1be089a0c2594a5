//go:build unix

package source

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"keysweep/secretscan"
)

func mkfifo(t *testing.T, name string) {
	t.Helper()
	if err := unix.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSpecialFiles(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "a", "a")
	mkfifo(t, filepath.Join(dir, "fifo"))
	listener, err := net.Listen("unix", filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "a")
	b.wantSkips(t, skipSpecial, "fifo", "sock")
	collect(t, List(dir, "fifo")).wantSkips(t, skipSpecial, "fifo")
	for _, name := range []string{filepath.Join(dir, "fifo"), filepath.Join(dir, "sock"), os.DevNull} {
		_, err := walkError(t, Files(targets(name), FileOptions{Dir: dir}))
		var te *TargetError
		if !errors.As(err, &te) || !strings.Contains(te.Hint, "scan - <") {
			t.Errorf("%s as a target: %v", name, err)
		}
	}
}

// TestBecomesSpecial replaces a file after it was listed: opening it must neither wait nor follow.
func TestBecomesSpecial(t *testing.T) {
	tests := map[string]func(name string) error{
		skipSpecial: func(name string) error { return unix.Mkfifo(name, 0o644) },
		skipLinks:   func(name string) error { return os.Symlink(os.DevNull, name) },
	}
	for reason, replace := range tests {
		dir := tmp(t)
		name := write(t, dir, "a", "a")
		b := newBasket()
		b.before = func(string) {
			if err := errors.Join(os.Remove(name), replace(name)); err != nil {
				t.Error(err)
			}
		}
		if err := Files(targets("."), FileOptions{Dir: dir}).Walk(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		b.wantNames(t)
		b.wantSkips(t, reason, "a")
	}
	for _, special := range []string{os.DevNull, "/dev/zero"} {
		var skip *secretscan.SkipError
		if _, err := openFile(special, special, new(rooms)); !errors.As(err, &skip) {
			t.Errorf("%s is opened: %v", special, err)
		}
	}
}

func TestSparseFile(t *testing.T) {
	dir := tmp(t)
	const size = 5 << 30
	if err := os.Truncate(write(t, dir, "huge", ""), size); err != nil {
		t.Fatal(err)
	}
	r, err := openFile(filepath.Join(dir, "huge"), "huge", new(rooms))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, r, 1<<20); n != 1<<20 || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	var blob secretscan.Blob
	s := only{newBasket(), func(b secretscan.Blob) { blob = b }}
	if err := Files(targets("."), FileOptions{Dir: dir}).Walk(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if blob.Data != nil || blob.Open == nil || blob.Size != size {
		t.Errorf("the blob has %d bytes of data and says %d", len(blob.Data), blob.Size)
	}
}

// TestUnreadable runs itself again as a user who may not read everything: root may.
func TestUnreadable(t *testing.T) {
	const nobody = 65534
	if dir := os.Getenv("KEYSWEEP_TEST_UNREADABLE"); dir != "" {
		unreadable(t, dir)
		return
	}
	dir := tmp(t)
	write(t, dir, "plain/ok", "ok")
	write(t, dir, "plain/secret", "s")
	write(t, dir, "plain/closed/x", "x")
	write(t, dir, "git/ok", "ok")
	write(t, dir, "git/closed/x", "x")
	gitIn(t, filepath.Join(dir, "git"), "init", "-q")
	write(t, dir, "git/.git/refs/heads/closed/x", strings.Repeat("1", 40)+"\n")
	for _, name := range []string{"plain/secret", "plain/closed", "git/closed", "git/.git/refs/heads/closed"} {
		if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	self := "/proc/self/exe" // an ordinary user may run it wherever it is
	if _, err := os.Lstat(self); err != nil {
		self = os.Args[0]
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestUnreadable$", "-test.v")
	cmd.Env = append(os.Environ(), "KEYSWEEP_TEST_UNREADABLE="+dir)
	if os.Geteuid() == 0 {
		letIn(t, dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnreadable") {
		t.Errorf("as an ordinary user: %v\n%s", err, out)
	}
	for _, name := range []string{"plain/closed", "git/closed", "git/.git/refs/heads/closed"} {
		_ = os.Chmod(filepath.Join(dir, name), 0o755)
	}
}

// letIn lets everyone come to dir, and gives the repository in it to an ordinary user.
func letIn(t *testing.T, dir string) {
	t.Helper()
	top, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for at := dir; at != top; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"git", "git/.git", "git/ok"} {
		if err := os.Lchown(filepath.Join(dir, name), 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}

func unreadable(t *testing.T, dir string) {
	b := scanIn(t, filepath.Join(dir, "plain"), FileOptions{}, ".")
	b.wantNames(t, "ok", "secret")
	if p := problemIn(t, b.blobs["secret"].err); p.Where != "secret" || p.Err != "permission denied" || p.Hint == "" {
		t.Errorf("unreadable file: %+v", p)
	}
	if p := b.problems["closed"]; p.Op != "list directory" || p.Err != "permission denied" || p.Hint == "" {
		t.Errorf("unreadable directory: %+v of %+v", p, b.problems)
	}
	b = scanIn(t, filepath.Join(dir, "git"), FileOptions{}, ".")
	b.wantNames(t, "ok", ".git/config")
	if p := b.problems["closed"]; len(b.problems) != 1 || p.Err != "permission denied" || p.Hint == "" {
		t.Errorf("unreadable directory in git: %+v", b.problems)
	}
	r := &gitRepo{t, filepath.Join(dir, "git"), gitEnviron()}
	res := r.scan(History(r.open(), HistoryOptions{}))
	if len(res.Problems) != 1 || res.Problems[0].Where != "refs/heads/closed" || !strings.HasPrefix(res.Problems[0].Err, "permission denied") {
		t.Errorf("a history with refs that cannot be read: %+v", res.Problems)
	}
}
