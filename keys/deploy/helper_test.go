//go:build unix

package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
	"keysweep/keys"
	"keysweep/keys/deploy"
)

// localHost runs scripts with a shell of this machine, in a home of its own.
type localHost struct {
	t       testing.TB
	home    string
	shell   []string
	path    string         // PATH there; "" for this process's
	outcome deploy.Outcome // "" is LoggedIn
	noise   string         // what the shell's start-up files print
	meddle  func()         // called before each script but the first
	scripts int
}

func newLocal(t testing.TB) *localHost {
	return &localHost{t: t, home: filepath.Join(t.TempDir(), "ho me's"), shell: []string{testneed.Program(t, "sh")}}
}

func (h *localHost) Run(ctx context.Context, script []byte) ([]byte, error) {
	if h.scripts++; h.scripts > 1 && h.meddle != nil {
		h.meddle()
	}
	must(h.t, os.MkdirAll(h.home, 0o755))
	cmd := exec.CommandContext(ctx, h.shell[0], h.shell[1:]...)
	path := h.path
	if path == "" {
		path = os.Getenv("PATH")
	}
	cmd.Env = []string{"HOME=" + h.home, "PATH=" + path, "LC_ALL=en_US.UTF-8", "CDPATH=/"}
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(script), &said
	out, err := cmd.Output()
	if said.Len() > 0 {
		h.t.Logf("the shell says: %s", &said)
	}
	return append([]byte(h.noise), out...), err
}

func (h *localHost) Try(context.Context) (deploy.Outcome, error) {
	if h.outcome == "" {
		return deploy.LoggedIn, nil
	}
	return h.outcome, nil
}

func (h *localHost) file() string { return filepath.Join(h.home, ".ssh", "authorized_keys") }

// write makes the authorized_keys file.
func (h *localHost) write(content string, mode os.FileMode) {
	h.t.Helper()
	must(h.t, os.MkdirAll(filepath.Dir(h.file()), 0o700))
	must(h.t, os.WriteFile(h.file(), []byte(content), mode))
	must(h.t, os.Chmod(h.file(), mode))
}

func (h *localHost) content() string {
	h.t.Helper()
	data, err := os.ReadFile(h.file())
	must(h.t, err)
	return string(data)
}

// only wants nothing beside authorized_keys: no lock, no temporary file.
func (h *localHost) only() {
	h.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(h.file()))
	must(h.t, err)
	for _, e := range entries {
		if e.Name() != "authorized_keys" {
			h.t.Errorf("%s was left behind", e.Name())
		}
	}
}

// sshHost is a real sshd, entered with one key and tried with another.
type sshHost struct {
	tools  *openssh.Tools
	target openssh.Target
	via    openssh.RunOptions
	key    string
}

func (h *sshHost) Run(ctx context.Context, script []byte) ([]byte, error) {
	return h.tools.Run(ctx, h.target, script, h.via)
}

func (h *sshHost) Try(ctx context.Context) (deploy.Outcome, error) {
	outcome, err := h.tools.Try(ctx, h.target, openssh.Key{File: h.key})
	return map[openssh.Outcome]deploy.Outcome{openssh.KeyRefused: deploy.Refused, openssh.KeyAccepted: deploy.Accepted, openssh.LoggedIn: deploy.LoggedIn}[outcome], err
}

// newSSH starts a server that lets old in, and returns it as a host for the key in the file fresh.
func newSSH(t *testing.T, o testsshd.Options) (s *testsshd.Server, h *sshHost, old, fresh keys.Public) {
	t.Helper()
	s = testsshd.Start(t, o)
	oldFile, old := newKey(t, "old")
	freshFile, fresh := newKey(t, "fresh")
	s.Authorize(t, string(old.Line("old")))
	target, err := openssh.ParseTarget(s.Target())
	must(t, err)
	h = &sshHost{tools: &openssh.Tools{Environ: os.Environ(), Config: s.Config}, target: target,
		via: openssh.RunOptions{Via: &openssh.Key{File: oldFile}}, key: freshFile}
	return s, h, old, fresh
}

// newKey makes a key with ssh-keygen.
func newKey(t testing.TB, comment string) (file string, public keys.Public) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "id")
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return file, publicOf(t, file+".pub")
}

func publicOf(t testing.TB, file string) keys.Public {
	t.Helper()
	line, err := os.ReadFile(file)
	must(t, err)
	public, _, err := keys.ParsePublicLine(bytes.TrimSpace(line))
	must(t, err)
	return public
}

// someKey makes a public key that nobody has the private half of.
func someKey(t testing.TB, n int) keys.Public {
	t.Helper()
	blob := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), fmt.Sprintf("%032d", n)...)
	public, err := keys.ParsePublic(blob)
	must(t, err)
	return public
}

// shells are the shells that are here.
func shells(t testing.TB) map[string][]string {
	found := map[string][]string{"sh": {testneed.Program(t, "sh")}}
	for _, words := range []string{"dash", "bash", "bash --posix", "busybox sh", "ksh", "mksh", "yash", "zsh --emulate sh"} {
		fields := strings.Fields(words)
		if path, err := exec.LookPath(fields[0]); err == nil {
			found[words] = append([]string{path}, fields[1:]...)
		}
	}
	return found
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
