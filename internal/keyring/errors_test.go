package keyring

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/testkeyring"
	"keysweep/internal/testneed"
	"keysweep/rotation"
)

func wantNone(t *testing.T, o Options, parts ...string) {
	t.Helper()
	o.Executable = os.Args[0]
	_, err := Start(t.Context(), o)
	var none *NoneError
	if !errors.As(err, &none) || !errors.Is(err, ErrNone) || none.Hint() == "" {
		t.Errorf("%s: %v: want a NoneError with a hint", o.Backend, err)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %v: want it to say %q", err, part)
		}
	}
}

func TestNoKeyring(t *testing.T) {
	for _, backend := range []string{SecretService, KWallet, Pass, Keychain, WinCred, "safe"} {
		if !slices.Contains(Backends(runtime.GOOS), backend) {
			wantNone(t, Options{Backend: backend, Environ: os.Environ()}, backend+": there is none on "+runtime.GOOS)
		}
	}
	wantNone(t, Options{Backend: Pass, Environ: []string{"PATH=" + t.TempDir()}}, "the program pass is not installed")
	testneed.Program(t, "pass")
	dir := t.TempDir()
	wantNone(t, Options{Backend: Pass, Environ: os.Environ(), PassDir: dir}, "no .gpg-id in "+dir)
}

func TestNothingOnTheBus(t *testing.T) {
	bus := testkeyring.StartBus(t)
	wantNone(t, Options{Backend: SecretService, Environ: bus.Environ(nil)}, "nothing on the session bus at "+bus.Address, "org.freedesktop.secrets")
	wantNone(t, Options{Backend: KWallet, Environ: bus.Environ(nil)}, "org.kde.kwalletd5")
}

// TestNoBus: without a bus none is looked for in other places, and above all none is started.
func TestNoBus(t *testing.T) {
	dir, path := t.TempDir(), t.TempDir()
	trace := filepath.Join(dir, "trace")
	script := "#!/bin/sh\necho called >>" + trace + "\n"
	if err := os.WriteFile(filepath.Join(path, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]string{
		{"XDG_RUNTIME_DIR=" + dir},
		{"XDG_RUNTIME_DIR=" + dir, "DBUS_SESSION_BUS_ADDRESS="},
		{"XDG_RUNTIME_DIR=" + dir, "DBUS_SESSION_BUS_ADDRESS=autolaunch:"},
		{"DBUS_SESSION_BUS_ADDRESS=disabled"},
		{"DBUS_SESSION_BUS_ADDRESS=unix:path=" + dir + "/none"},
		{"DBUS_SESSION_BUS_ADDRESS=nonsense"},
	} {
		for _, backend := range []string{SecretService, KWallet} {
			wantNone(t, Options{Backend: backend, Environ: append([]string{"PATH=" + path, "HOME=" + dir}, lines...)})
		}
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("dbus-launch was called")
	}
}

func TestBusAddress(t *testing.T) {
	dir, err := os.MkdirTemp("", "bus-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const given = "unix:path=/somewhere"
	for _, test := range []struct {
		environ []string
		want    string
	}{
		{[]string{busVariable + "=" + given}, given},
		{[]string{busVariable + "=x", busVariable + "=" + given, "XDG_RUNTIME_DIR=" + dir}, given},
		{[]string{"XDG_RUNTIME_DIR=" + dir}, ""},
	} {
		if got, err := busAddress(test.environ); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: %q, %v", test.environ, got, err)
		}
	}
	socket := filepath.Join(dir, "bus")
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := busAddress([]string{"XDG_RUNTIME_DIR=" + dir}); err == nil {
		t.Errorf("a file that is no socket: %q", got)
	}
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	if got, err := busAddress([]string{"XDG_RUNTIME_DIR=" + dir, busVariable + "="}); err != nil || got != "unix:path="+socket {
		t.Errorf("a socket: %q, %v", got, err)
	}
}

// TestForeignItem: somebody moved an item to another name.
func TestForeignItem(t *testing.T) {
	store := testkeyring.StartPass(t)
	c := connect(t, Options{Backend: Pass, Environ: store.Environ(os.Environ())})
	for _, key := range []string{"a", "b"} {
		if err := c.Set(t.Context(), key, "label", []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(store.Dir, "keysweep", "v1")
	if err := os.Rename(filepath.Join(dir, "b.gpg"), filepath.Join(dir, "a.gpg")); err != nil {
		t.Fatal(err)
	}
	_, err := c.Get(t.Context(), "a")
	var foreign *ForeignError
	if !errors.As(err, &foreign) || !errors.Is(err, rotation.ErrTampered) || foreign.Key != "a" {
		t.Errorf("error %v: want a ForeignError", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.gpg"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "gpg: ") {
		t.Errorf("error %v: want what gpg says", err)
	}
}

func TestNoChild(t *testing.T) {
	o := Options{Backend: Pass, Environ: []string{"PATH=" + os.Getenv("PATH")}, Executable: filepath.Join(t.TempDir(), "none")}
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "start the process") {
		t.Errorf("error %v", err)
	}
	o.Executable = testneed.Program(t, "false")
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("error %v", err)
	}
}
