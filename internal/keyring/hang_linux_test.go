package keyring

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus"

	"keysweep/internal/testkeyring"
)

// brief is a deadline that tests can wait for.
const brief = 300 * time.Millisecond

// silentBus is a socket that accepts and never answers. It tells who comes and who is gone.
func silentBus(t *testing.T) (address string, come, gone <-chan struct{}) {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	here, away := make(chan struct{}, 10), make(chan struct{}, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			here <- struct{}{}
			go func() {
				_, _ = io.Copy(io.Discard, conn) // however it ends, the other side is gone
				away <- struct{}{}
			}()
		}
	}()
	return "unix:path=" + filepath.Join(dir, "bus"), here, away
}

func wantHang(t *testing.T, err error, parts ...string) {
	t.Helper()
	var hang *HangError
	if !errors.As(err, &hang) || !errors.Is(err, ErrHang) || !strings.Contains(hang.Hint(), "rotate-due --snapshot") {
		t.Fatalf("error %v: want a HangError with a hint", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %v: want it to say %q", err, part)
		}
	}
}

// TestSilentBus: the library hangs before main, and the child is killed all the same.
func TestSilentBus(t *testing.T) {
	address, _, gone := silentBus(t)
	o := onBus(address)
	o.Deadline = brief
	_, err := Start(t.Context(), o)
	wantHang(t, err, "secret-service at "+address, "did not answer within 300ms")
	<-gone
}

// TestParentOfSilentBusDies: a child that hangs before main reads no pipe, and ends with its parent nevertheless.
func TestParentOfSilentBusDies(t *testing.T) {
	address, come, gone := silentBus(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVar+"="+address)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	<-come
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	<-gone
}

func TestLocked(t *testing.T) {
	bus := testkeyring.Start(t)
	c := connect(t, onBus(bus.Address))
	if err := c.Set(t.Context(), "a", "label", []byte("1")); err != nil {
		t.Fatal(err)
	}
	bus.Lock(t)
	wantLocked(t, c)
	bus.Stop(t)
	bus.RunLocked(t) // as when nobody has logged in
	wantLocked(t, connect(t, onBus(bus.Address)))
}

func wantLocked(t *testing.T, c *Client) {
	t.Helper()
	if locked, err := c.Locked(t.Context()); err != nil || !locked {
		t.Errorf("locked: %v, %v", locked, err)
	}
	_, get := c.Get(t.Context(), "a")
	_, many := c.GetAll(t.Context(), []string{"a"})
	_, keys := c.Keys(t.Context())
	for what, err := range map[string]error{
		"get": get, "getAll": many, "keys": keys, "set": c.Set(t.Context(), "a", "label", []byte("2")), "remove": c.Remove(t.Context(), "a"),
	} {
		var locked *LockedError
		if !errors.As(err, &locked) || !errors.Is(err, ErrLocked) || !strings.Contains(locked.Hint(), "unlock it") {
			t.Errorf("%s: %v: want a LockedError with a hint", what, err)
		}
	}
}

// TestDaemonIsKilled: the same client works again when the daemon does.
func TestDaemonIsKilled(t *testing.T) {
	bus := testkeyring.Start(t)
	c := connect(t, onBus(bus.Address))
	if err := c.Set(t.Context(), "a", "label", []byte("1")); err != nil {
		t.Fatal(err)
	}
	bus.Stop(t)
	if _, err := c.Get(t.Context(), "a"); err == nil || errors.Is(err, ErrHang) {
		t.Errorf("without a daemon: %v", err)
	}
	if _, err := Start(t.Context(), Options{Backend: SecretService, Executable: os.Args[0], Environ: bus.Environ(nil)}); !errors.Is(err, ErrNone) {
		t.Errorf("without a daemon: %v, want ErrNone", err)
	}
	bus.Run(t)
	if data, err := c.Get(t.Context(), "a"); err != nil || string(data) != "1" {
		t.Errorf("with a new daemon: %q, %v", data, err)
	}
}

// TestDaemonIsKilledWithinACall: the daemon has the question, and is killed before it answers.
func TestDaemonIsKilledWithinACall(t *testing.T) {
	bus := testkeyring.Start(t)
	c := connect(t, onBus(bus.Address))
	bus.Freeze(t)
	failed := make(chan error)
	go func() { failed <- c.Set(t.Context(), "a", "label", []byte("1")) }()
	time.Sleep(brief) // long enough for the question to get there; if not, the daemon is gone before, and that must be an error too
	bus.Stop(t)
	if err := <-failed; err == nil || errors.Is(err, ErrHang) {
		t.Errorf("error %v: want what became of the daemon", err)
	}
}

// TestDaemonHangs: the daemon is there and does nothing.
func TestDaemonHangs(t *testing.T) {
	bus := testkeyring.Start(t)
	c := connect(t, onBus(bus.Address))
	c.options.Deadline = brief
	bus.Freeze(t)
	_, err := c.Get(t.Context(), "a")
	wantHang(t, err, "secret-service at "+bus.Address, "within 300ms")
	<-c.child.ended
	if err := c.Remove(t.Context(), "a"); !errors.Is(err, ErrHang) {
		t.Errorf("after that: %v", err)
	}
}

// TestCancelled: a call that nobody waits for any more does not get in the way of the next one.
func TestCancelled(t *testing.T) {
	bus := testkeyring.Start(t)
	c := connect(t, onBus(bus.Address))
	bus.Freeze(t)
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	if err := c.Set(ctx, "a", "label", []byte("1")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	bus.Thaw(t)
	if data, err := c.Get(t.Context(), "a"); err != nil || string(data) != "1" {
		t.Errorf("read %q, %v", data, err)
	}
}

// neverAsked is a Secret Service that is locked, and whose prompt nobody ever answers.
type neverAsked struct{ prompted chan struct{} }

func (neverAsked) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/org/freedesktop/secrets/session/1", nil
}

func (neverAsked) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return nil, "/org/freedesktop/secrets/prompt/1", nil
}

func (n neverAsked) Prompt(string) *dbus.Error {
	n.prompted <- struct{}{}
	return nil
}

func (neverAsked) Get(_, property string) (dbus.Variant, *dbus.Error) {
	if property == "Collections" {
		return dbus.MakeVariant([]dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}), nil
	}
	return dbus.MakeVariant(true), nil // Locked
}

func TestPromptIsNeverAnswered(t *testing.T) {
	bus := testkeyring.StartBus(t)
	conn := bus.Dial(t)
	t.Cleanup(func() { _ = conn.Close() })
	service := neverAsked{make(chan struct{}, 1)}
	for path, of := range map[dbus.ObjectPath]string{
		"/org/freedesktop/secrets": "Service", "/org/freedesktop/secrets/collection/login": "Collection", "/org/freedesktop/secrets/prompt/1": "Prompt",
	} {
		if err := errors.Join(conn.Export(service, path, "org.freedesktop.Secret."+of), conn.Export(service, path, "org.freedesktop.DBus.Properties")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.RequestName(secretsName, 0); err != nil {
		t.Fatal(err)
	}
	o, told := onBus(bus.Address), 0
	o.Waiting = func() { told++ }
	c := connect(t, o)
	c.options.Patience = brief // the deadline is longer: what counts is that a person is asked
	_, err := c.Get(t.Context(), "a")
	wantHang(t, err, "within 300ms")
	<-service.prompted
	if told != 1 {
		t.Errorf("told %d times that a person is asked", told)
	}
	<-c.child.ended
	if err := c.child.err; err == nil || err.Error() != "signal: killed" {
		t.Errorf("the child ended by itself: %v", c.child.err)
	}
}

// TestProgramOfPassHangs: what pass runs is killed with the child: gpg may wait for a person for ever.
func TestProgramOfPassHangs(t *testing.T) {
	store, dir := testkeyring.StartPass(t), t.TempDir()
	environ := store.Environ(os.Environ())
	if err := connect(t, Options{Backend: Pass, Environ: environ}).Set(t.Context(), "a", "label", []byte("1")); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nsleep 1000 >" + pipe + "\n"
	if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	environ = append(environ, "PATH="+dir+":"+os.Getenv("PATH"))
	c := connect(t, Options{Backend: Pass, Environ: environ, Deadline: brief, Patience: brief})
	ended := make(chan struct{})
	go func() {
		_, _ = os.ReadFile(pipe) // it ends when nobody can write any more
		close(ended)
	}()
	_, err := c.Get(t.Context(), "a")
	wantHang(t, err, "pass in "+store.Dir)
	<-ended
}
