package testkeyring

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// PassStore is a password store of pass.
type PassStore struct {
	Dir       string // PASSWORD_STORE_DIR
	GnuPGHome string // GNUPGHOME: a key without a passphrase, so that nothing asks
}

// StartPass makes a password store. The agent that gpg starts for it ends with the test.
func StartPass(t testing.TB) *PassStore {
	t.Helper()
	for _, program := range []string{"pass", "gpg", "gpgconf"} {
		testneed.Program(t, program)
	}
	dir, err := os.MkdirTemp("", "pass-") // short, as sockets are in it
	if err != nil {
		t.Fatal(err)
	}
	p := &PassStore{Dir: filepath.Join(dir, "store"), GnuPGHome: filepath.Join(dir, "gnupg")}
	t.Cleanup(func() {
		_ = p.command("gpgconf", "--kill", "all").Run() // it may never have started
		_ = os.RemoveAll(dir)
	})
	if err := os.Mkdir(p.GnuPGHome, 0o700); err != nil {
		t.Fatal(err)
	}
	p.must(t, "gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "test <test@example.com>", "ed25519", "default", "never")
	var print string
	for line := range strings.Lines(p.must(t, "gpg", "--batch", "--with-colons", "--list-keys")) {
		if fields := strings.Split(line, ":"); fields[0] == "fpr" && print == "" {
			print = fields[9] // doc/DETAILS of GnuPG
		}
	}
	p.must(t, "gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", print, "cv25519", "encr", "never")
	p.must(t, "pass", "init", print)
	return p
}

// Environ returns environ with the password store in it.
func (p *PassStore) Environ(environ []string) []string {
	kept := make([]string, 0, len(environ)+2)
	for _, line := range environ {
		if !strings.HasPrefix(line, "PASSWORD_STORE_DIR=") && !strings.HasPrefix(line, "GNUPGHOME=") {
			kept = append(kept, line)
		}
	}
	return append(kept, "PASSWORD_STORE_DIR="+p.Dir, "GNUPGHOME="+p.GnuPGHome)
}

func (p *PassStore) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = p.Environ([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(p.Dir)})
	return cmd
}

func (p *PassStore) must(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := p.command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
