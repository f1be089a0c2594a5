// Package testkeyring starts real keyrings for tests: a D-Bus session bus of its own with gnome-keyring-daemon on it, and a
// password store of pass with a key of its own. Nothing touches the keyring of who runs the tests.
//
// Start at Start:
//
//	ring := testkeyring.Start(t)
//	env.Environ = ring.Environ(env.Environ) // DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR
//	ring.Lock(t)                            // as when the screen is locked
//	ring.Stop(t)                            // the daemon is killed; the bus stays
//	ring.Run(t)                             // it runs again, with what it kept
//
// Everything ends with the test.
package testkeyring

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus"

	"keysweep/internal/testneed"
)

// Keyring is gnome-keyring-daemon on a bus of its own.
type Keyring struct {
	Address string // of the bus: the value of DBUS_SESSION_BUS_ADDRESS
	Dir     string // XDG_RUNTIME_DIR and the daemon's data; short, as sockets are in it

	daemon *exec.Cmd
}

// Start starts a bus, and on it a keyring whose collection "login" is unlocked and empty.
func Start(t testing.TB) *Keyring {
	t.Helper()
	k := StartBus(t)
	k.run(t, "--unlock")
	return k
}

// StartBus starts a bus with nothing on it. Nothing is started on demand either.
func StartBus(t testing.TB) *Keyring {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyring-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	k := &Keyring{Dir: dir}
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(dir, "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testneed.Program(t, "dbus-daemon"), "--config-file="+config, "--nofork", "--print-address=1")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon has not said its address: %v", err)
	}
	k.Address = strings.TrimSpace(line)
	return k
}

// busConfig is a session bus (dbus-daemon(1)) that lets everything be said and starts no services.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`

// start starts a program that is killed when the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	var said bytes.Buffer
	if cmd.Stderr == nil {
		cmd.Stderr = &said
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone
		_ = cmd.Wait()
	})
}

// Environ returns environ with the bus in it. The keyring's own files are in Dir, so HOME does not matter to it.
func (k *Keyring) Environ(environ []string) []string {
	kept := make([]string, 0, len(environ)+2)
	for _, line := range environ {
		if !strings.HasPrefix(line, "DBUS_SESSION_BUS_ADDRESS=") && !strings.HasPrefix(line, "XDG_RUNTIME_DIR=") {
			kept = append(kept, line)
		}
	}
	return append(kept, "DBUS_SESSION_BUS_ADDRESS="+k.Address, "XDG_RUNTIME_DIR="+k.Dir)
}

// Run starts the daemon again after Stop, and unlocks it.
func (k *Keyring) Run(t testing.TB) { t.Helper(); k.run(t, "--unlock") }

// RunLocked starts the daemon again after Stop, as when nobody has logged in.
func (k *Keyring) RunLocked(t testing.TB) { t.Helper(); k.run(t) }

func (k *Keyring) run(t testing.TB, args ...string) {
	t.Helper()
	cmd := exec.Command(testneed.Program(t, "gnome-keyring-daemon"), append([]string{"--foreground", "--components=secrets"}, args...)...)
	cmd.Env = k.Environ([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.Dir, "XDG_DATA_HOME=" + filepath.Join(k.Dir, "data")})
	cmd.Stdin = strings.NewReader("passphrase of a test")
	start(t, cmd)
	k.daemon = cmd
	conn := k.Dial(t)
	defer func() { _ = conn.Close() }()
	for range 500 {
		var owned bool
		if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, service).Store(&owned); err != nil {
			t.Fatal(err)
		}
		if owned {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("gnome-keyring-daemon does not come up")
}

const service = "org.freedesktop.secrets"

// Stop kills the daemon.
func (k *Keyring) Stop(t testing.TB) {
	t.Helper()
	_ = k.daemon.Process.Kill() // Wait says whether it is gone
	_ = k.daemon.Wait()
}

// Lock locks the collection. Nobody can unlock it: there is no prompter on the bus.
func (k *Keyring) Lock(t testing.TB) {
	t.Helper()
	conn := k.Dial(t)
	defer func() { _ = conn.Close() }()
	paths := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	call := conn.Object(service, "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.Lock", 0, paths)
	if call.Err != nil {
		t.Fatalf("lock the keyring: %v", call.Err)
	}
}

// Dial connects to the bus. The caller closes the connection.
func (k *Keyring) Dial(t testing.TB) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Dial(k.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Auth(nil); err != nil {
		t.Fatal(err)
	}
	if err := conn.Hello(); err != nil {
		t.Fatal(err)
	}
	return conn
}
