package keyctl

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"keysweep/internal/testneed"
)

// jobVar and nameVar tell the test binary, run again, what to do.
const (
	jobVar  = "KEYSWEEP_KEYCTL_JOB"
	nameVar = "KEYSWEEP_KEYCTL_NAME"
)

// TestMain is also what the processes of the tests run.
func TestMain(m *testing.M) {
	if os.Getenv(jobVar) == "" {
		os.Exit(m.Run())
	}
	if err := work(os.Getenv(jobVar), os.Getenv(nameVar)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func work(job, name string) error {
	job, number, _ := strings.Cut(job, " ")
	n, _ := strconv.Atoi(number)
	switch job {
	case "set":
		return Set(name, []byte(name+"2"), time.Minute)
	case "remove":
		_, err := Remove(name)
		return err
	case "read": // a key of that number
		data := make([]byte, 100)
		_, err := unix.KeyctlBuffer(unix.KEYCTL_READ, n, data, 0)
		return err
	case "get":
		_, err := Get(name)
		return err
	case "all":
		if err := Usable(); err != nil {
			return err
		}
		return Set(name, []byte("a"), time.Minute)
	case "fill":
		for i := range 10_000 {
			if err := Set(fmt.Sprint(name, i), bytes.Repeat([]byte("a"), 3000), time.Minute); err != nil {
				_, _ = Remove(name)
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("there is no job %q", job)
}

// child makes this test binary ready to do a job.
func child(job, name string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), jobVar+"="+job, nameVar+"="+name)
	return cmd
}

// fresh returns a name that nobody has, in a kernel that has keyrings for us.
func fresh(t *testing.T) string {
	t.Helper()
	if err := Usable(); err != nil {
		testneed.Missing(t, "the kernel's keyring: %v", err)
	}
	name := "keysweep:test:" + rand.Text() + ":"
	t.Cleanup(func() { _, _ = Remove(name) })
	return name
}

func wantKept(t *testing.T, name, want string) {
	t.Helper()
	if got, err := Get(name); err != nil || string(got) != want {
		t.Errorf("kept under %s is %q, %v; want %q", name, got, err, want)
	}
}

func TestKeep(t *testing.T) {
	name := fresh(t)
	if _, err := Get(name); !errors.Is(err, ErrNone) {
		t.Fatalf("nothing is kept: %v", err)
	}
	for _, data := range []string{"a", "b", strings.Repeat("c", 5000), "d"} {
		if err := Set(name, []byte(data), time.Hour); err != nil {
			t.Fatal(err)
		}
		wantKept(t, name, data)
	}
	other := name + "x;y"
	if err := Set(other, []byte("other"), time.Hour); err != nil {
		t.Fatal(err)
	}
	wantKept(t, other, "other")
	for _, want := range []int{2, 0} {
		if n, err := Remove(name); n != want || err != nil {
			t.Errorf("%d removed, %v; want %d", n, err, want)
		}
	}
	for _, name := range []string{name, other} {
		if data, err := Get(name); !errors.Is(err, ErrNone) {
			t.Errorf("after Remove there is %q, %v", data, err)
		}
	}
}

// held is a line of /proc/keys about a key: number, flags, uses, time left, permissions, owner, group, type, name.
func held(t *testing.T, name string) (lines [][]string) {
	t.Helper()
	all, err := os.ReadFile("/proc/keys")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		if parts := strings.Fields(line); len(parts) > 8 && strings.HasPrefix(parts[8], name) && !strings.ContainsAny(parts[1], "RDi") {
			lines = append(lines, parts)
		}
	}
	return lines
}

// wantOurs wants one key of that name in all keyrings, with an end, and for its owner alone.
func wantOurs(t *testing.T, name string) {
	t.Helper()
	lines := held(t, name)
	if len(lines) != 1 || lines[0][3] == "perm" || lines[0][4] != "003f0000" || lines[0][5] != strconv.Itoa(os.Geteuid()) {
		t.Errorf("/proc/keys has %q: want one key, with an end and the permissions 003f0000", lines)
	}
}

func TestOwnerOnlyAndWithAnEnd(t *testing.T) {
	name := fresh(t)
	for range 2 {
		if err := Set(name, []byte("a"), time.Hour); err != nil {
			t.Fatal(err)
		}
		wantOurs(t, name)
	}
}

func TestEnd(t *testing.T) {
	name := fresh(t)
	if err := Set(name, []byte("a"), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := Get(name)
		if errors.Is(err, ErrNone) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := Set(name, []byte("b"), time.Hour); err != nil {
		t.Fatalf("one that is over cannot be replaced: %v", err)
	}
	wantKept(t, name, "b")
}

// TestRevokedEverywhere has a key in another keyring, too, from which a process could go on reading it.
func TestRevokedEverywhere(t *testing.T) {
	name := fresh(t)
	for what, end := range map[string]func() error{
		"removed":  func() error { _, err := Remove(name); return err },
		"replaced": func() error { return Set(name, []byte("b"), time.Hour) },
	} {
		if err := Set(name, []byte("a"), time.Hour); err != nil {
			t.Fatal(err)
		}
		id, err := search(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := control(unix.KEYCTL_LINK, id, unix.KEY_SPEC_PROCESS_KEYRING); err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if data, err := read(id); err == nil {
			t.Errorf("%s: who has it linked elsewhere still reads %q", what, data)
		}
	}
}

// TestForeign puts keys into the keyring that are not as ours are: they are not believed, and can be taken away.
func TestForeign(t *testing.T) {
	name := fresh(t)
	for _, perm := range []uint32{0x3f3f0000, 0x003f0002, 0x013f0000, 0x3f1f0000} {
		id, err := unix.AddKey(keyType, name, []byte("a"), unix.KEY_SPEC_USER_KEYRING)
		if err == nil {
			err = unix.KeyctlSetperm(id, perm)
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, err := Get(name); !errors.Is(err, ErrForeign) {
			t.Errorf("permissions %08x: %q, %v", perm, data, err)
		}
		if n, err := Remove(name); n != 1 || err != nil {
			t.Errorf("permissions %08x: %d removed, %v", perm, n, err)
		}
	}
}

// TestOtherSession looks from a session that has no link to the user's keyring, as services, user timers and some cron jobs are.
func TestOtherSession(t *testing.T) {
	name := fresh(t)
	if err := Set(name, []byte("a"), time.Hour); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // for good: the thread has another session from here on
	if _, err := unix.KeyctlJoinSessionKeyring(name + "session"); err != nil {
		t.Fatal(err)
	}
	wantKept(t, name, "a")
	if err := Set(name, []byte("b"), time.Hour); err != nil {
		t.Fatal(err)
	}
	wantKept(t, name, "b")
	if n, err := Remove(name); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
}

// TestOtherUser starts a process of another user that has inherited a session with this user's keyring in it, as sudo -u does.
func TestOtherUser(t *testing.T) {
	name := fresh(t)
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to become another user")
	}
	if err := os.Chmod(os.Args[0], 0o755); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // for good: the thread has another session from here on
	if _, err := unix.KeyctlJoinSessionKeyring(strings.TrimSuffix(name, ":")); err != nil {
		t.Fatal(err)
	}
	if err := control(unix.KEYCTL_LINK, unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_SESSION_KEYRING); err != nil {
		t.Fatal(err)
	}
	as := func(job string) (string, error) {
		cmd := child(job, name)
		cmd.Dir = "/"
		cmd.Path = reachable(t)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 61234, Gid: 61234}}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if err := Set(name, []byte("a"), time.Hour); err != nil {
		t.Fatal(err)
	}
	id, err := search(name)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := as(fmt.Sprint("read ", id)); err == nil || !strings.Contains(out, "permission denied") {
		t.Errorf("another user reads the key: %s %v", out, err)
	}
	if out, err := as("get"); err == nil || !strings.Contains(out, ErrNone.Error()) {
		t.Errorf("another user finds the key: %s %v", out, err)
	}
	// What keys usually permit would let it.
	usual, err := unix.AddKey(keyType, name+"usual", []byte("a"), unix.KEY_SPEC_USER_KEYRING)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := as(fmt.Sprint("read ", usual)); err != nil {
		t.Errorf("a key as others make it is not read, and this test proves nothing: %s %v", out, err)
	}
}

// reachable copies this test binary to where another user may run it.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyctl")
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		err = exec.Command("cp", os.Args[0], dir+"/test").Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir + "/test"
}

// TestKilled kills a process at each of the calls by which it replaces a key: there is the old one or the new one, never both or one without
// an end, and nothing is left of a key that was not finished.
func TestKilled(t *testing.T) {
	name := fresh(t)
	done := 0
	for _, call := range []string{"add_key", "keyctl"} {
		for when := 1; ; when++ {
			if err := Set(name, []byte("old"), time.Hour); err != nil {
				t.Fatal(err)
			}
			err := traced(t, child("set", name), fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, when))
			want := "old"
			if data, err := Get(name); err == nil && string(data) != want {
				want = name + "2"
			}
			wantKept(t, name, want)
			if lines := living(t, name); lines > 2 || lines == 2 && err == nil {
				t.Errorf("killed at %s %d: %d keys are left", call, when, lines)
			}
			if err == nil {
				wantKept(t, name, name+"2")
				break
			}
			done++
			if n, err := Remove(name); n != 1 || err != nil {
				t.Errorf("killed at %s %d: %d keys removed, %v", call, when, n, err)
			}
		}
	}
	if done < 6 {
		t.Errorf("it was killed %d times only", done)
	}
}

// TestKilledWhileRemoving wants a key that is begun to be taken away to be of no use, and in nobody's way.
func TestKilledWhileRemoving(t *testing.T) {
	name := fresh(t)
	for when := 1; ; when++ {
		if err := Set(name, []byte("old"), time.Hour); err != nil {
			t.Fatal(err)
		}
		err := traced(t, child("remove", name), fmt.Sprintf("inject=keyctl:signal=KILL:when=%d", when))
		if data, err := Get(name); err == nil && string(data) != "old" || err != nil && !errors.Is(err, ErrNone) {
			t.Errorf("killed at %d: %q, %v", when, data, err)
		}
		if _, err := Remove(name); err != nil {
			t.Errorf("killed at %d: %v", when, err)
		}
		if data, err := Get(name); !errors.Is(err, ErrNone) {
			t.Errorf("killed at %d: there is %q, %v", when, data, err)
		}
		if err == nil {
			break
		}
	}
}

// living counts keys of a name once those of threads that have ended are gone, and wants each to be as ours are.
func living(t *testing.T, name string) int {
	t.Helper()
	lines := held(t, name)
	for i := 0; len(lines) > 1 && i < 100; i++ { // the kernel takes away what nobody has, a moment later
		time.Sleep(10 * time.Millisecond)
		lines = held(t, name)
	}
	for _, line := range lines {
		if line[3] == "perm" || line[4] != "003f0000" {
			t.Errorf("there is a key %q", line)
		}
	}
	return len(lines)
}

// traced runs a command under strace with a fault.
func traced(t *testing.T, cmd *exec.Cmd, fault string) error {
	t.Helper()
	out, err := tracedOutput(t, cmd, fault)
	if err != nil && out != "" {
		t.Logf("%s: %s", fault, out)
	}
	return err
}

func tracedOutput(t *testing.T, cmd *exec.Cmd, fault string) (string, error) {
	t.Helper()
	strace := testneed.Program(t, "strace")
	if out, err := exec.Command(strace, "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "strace, which does not work here: %v\n%s", err, out)
	}
	under := exec.Command(strace, append([]string{"-f", "-o", "/dev/null", "-e", "trace=add_key,keyctl", "-e", fault}, cmd.Args...)...)
	under.Env = cmd.Env
	out, err := under.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// TestRefused lets the kernel refuse, as in containers, and on a system that has used up what it may.
func TestRefused(t *testing.T) {
	name := fresh(t)
	for fault, want := range map[string]string{
		"inject=add_key,keyctl:error=EPERM":  "operation not permitted (containers and sandboxes forbid it)",
		"inject=add_key,keyctl:error=ENOSYS": "function not implemented (containers and sandboxes forbid it)",
		"inject=add_key:error=EDQUOT":        "disk quota exceeded (this user's keys take all the room that they may)",
	} {
		out, err := tracedOutput(t, child("all", name), fault)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %q, %v; want %q", fault, out, err, want)
		}
	}
	if lines := held(t, name); len(lines) > 0 {
		t.Errorf("keys are left: %q", lines)
	}
	var hint interface{ Hint() string }
	if err := refused("x", unix.EDQUOT); !errors.As(err, &hint) || hint.Hint() == "" || !errors.Is(err, unix.EDQUOT) {
		t.Errorf("%v has no hint", err)
	}
}

// TestQuota uses up what a user of few rights may have.
func TestQuota(t *testing.T) {
	name := fresh(t)
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to become another user")
	}
	cmd := child("fill", name)
	cmd.Dir, cmd.Path = "/", reachable(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 61235, Gid: 61235}}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "quota exceeded") {
		t.Errorf("%s, %v: want it to be refused", out, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"user;0;0;003f0000;keysweep:x", "user;1;-1;3f010000;a;b", "", ";;;;", "user;4294967296;0;0;a", "keyring;0;65534;3f1f0000;_uid.0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := parse(text)
		if err == nil && (k.kind != text[:len(k.kind)] || !strings.HasSuffix(text, ";"+k.name) || k.uid > 1<<32 || k.perm > 1<<32) {
			t.Errorf("%q is %+v", text, k)
		}
	})
}
