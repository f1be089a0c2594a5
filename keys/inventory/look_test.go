package inventory

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/keys"
)

// testEnv is a home directory of its own, and the environment that git needs.
func testEnv(t *testing.T) Env {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	return Env{Home: home, UID: os.Getuid(), Environ: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=Com", "GIT_COMMITTER_EMAIL=com@example.org", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}}
}

func run(t *testing.T, env Env, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(testneed.Program(t, program), args...)
	cmd.Env = env.Environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// newKey makes an ed25519 key; with a passphrase if one is given.
func newKey(t *testing.T, env Env, path, passphrase string, more ...string) {
	t.Helper()
	args := append([]string{"-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", "ann@home", "-f", path}, more...)
	run(t, env, "ssh-keygen", args...)
}

func look(t *testing.T, env Env, path string) Key {
	t.Helper()
	k, err := Look(t.Context(), path, env)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Problems) > 0 {
		t.Fatalf("problems: %+v", k.Problems)
	}
	return k
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPubOfAnotherKind shows that an encrypted PEM file, which hides its public half, is not taken for the key of any .pub beside it.
func TestPubOfAnotherKind(t *testing.T) {
	env := testEnv(t)
	other, path := filepath.Join(env.Home, "other"), filepath.Join(env.Home, "pem")
	newKey(t, env, other, "correct horse")
	run(t, env, "ssh-keygen", "-q", "-t", "ecdsa", "-m", "PEM", "-N", "correct horse", "-f", path)
	if k := look(t, env, path); k.Files[0].Pub != PubUnproven || k.Type != "ecdsa-sha2-nistp256" {
		t.Errorf("with its own .pub: %s, %s", k.Files[0].Pub, k.Type)
	}
	if err := os.Rename(other+".pub", path+".pub"); err != nil {
		t.Fatal(err)
	}
	if k := look(t, env, path); k.Files[0].Pub != PubMismatch || k.Fingerprint() != "" {
		t.Errorf("with the .pub of an ed25519 key: %s, fingerprint %q", k.Files[0].Pub, k.Fingerprint())
	}
}

func TestLookAtPrivateKey(t *testing.T) {
	env := testEnv(t)
	path := filepath.Join(env.Home, ".ssh", "id_ed25519")
	newKey(t, env, path, "correct horse")
	k := look(t, env, path)
	if k.Type != "ssh-ed25519" || k.Bits != 256 || k.Comment != "ann@home" || k.Protected() != Yes || len(k.Files) != 1 {
		t.Fatalf("key %+v", k)
	}
	if want := strings.Fields(run(t, env, "ssh-keygen", "-lf", path))[1]; k.Fingerprint() != want {
		t.Errorf("fingerprint %s, want %s", k.Fingerprint(), want)
	}
	f := k.Files[0]
	if f.Format != keys.FormatOpenSSH || f.Cipher != "aes256-ctr" || f.KDF.Rounds != 1 || f.Pub != PubMatches {
		t.Errorf("file %+v", f)
	}
	if a := f.Access; !a.Known || a.Mode != 0o600 || a.Owner != OwnerSelf || a.DirMode != 0o700 || a.GroupReadable() || a.DirWritable() {
		t.Errorf("access %+v", a)
	}
	oldest, ok := k.Oldest()
	if !ok || time.Since(oldest.At) > time.Hour || time.Since(oldest.At) < 0 {
		t.Errorf("oldest evidence %+v", oldest)
	}
}

func TestPubStates(t *testing.T) {
	env := testEnv(t)
	ssh := filepath.Join(env.Home, ".ssh")
	path := filepath.Join(ssh, "a")
	newKey(t, env, path, "")
	newKey(t, env, filepath.Join(ssh, "other"), "")
	state := func() PubState { return look(t, env, path).Files[0].Pub }
	if got := state(); got != PubMatches {
		t.Errorf("own .pub: %s", got)
	}
	before := look(t, env, path)
	own := before.Fingerprint()
	data, err := os.ReadFile(filepath.Join(ssh, "other.pub"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".pub", string(data))
	if k := look(t, env, path); k.Files[0].Pub != PubMismatch || k.Fingerprint() != own || len(k.PublicFiles) != 0 {
		t.Errorf("another key's .pub: %+v", k)
	}
	write(t, path+".pub", "nonsense\n")
	k, err := Look(t.Context(), path, env)
	if err != nil || k.Files[0].Pub != PubDamaged || len(k.Problems) != 1 {
		t.Errorf("a damaged .pub: %+v, %v", k, err)
	}
	if err := os.Remove(path + ".pub"); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != PubMissing {
		t.Errorf("no .pub: %s", got)
	}
	newKey(t, env, filepath.Join(ssh, "pem"), "", "-m", "PEM", "-t", "rsa", "-b", "2048")
	run(t, env, "ssh-keygen", "-q", "-p", "-m", "PEM", "-P", "", "-N", "correct horse", "-f", filepath.Join(ssh, "pem"))
	hidden := look(t, env, filepath.Join(ssh, "pem"))
	if hidden.Files[0].Pub != PubUnproven || hidden.Public == nil || hidden.Bits != 2048 || hidden.Files[0].Format != keys.FormatPEM {
		t.Errorf("encrypted PEM with .pub: %+v", hidden)
	}
	if err := os.Remove(filepath.Join(ssh, "pem.pub")); err != nil {
		t.Fatal(err)
	}
	if hidden = look(t, env, filepath.Join(ssh, "pem")); hidden.Public != nil || hidden.Fingerprint() != "" || hidden.Type != "ssh-rsa" {
		t.Errorf("encrypted PEM without .pub: %+v", hidden)
	}
}

func TestModesAndLinks(t *testing.T) {
	env := testEnv(t)
	path := filepath.Join(env.Home, ".ssh", "id")
	newKey(t, env, path, "")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	f := look(t, env, path).Files[0]
	if !f.Access.GroupReadable() || !f.Access.OthersReadable() || f.Access.Writable() || !f.Access.DirWritable() || f.Access.DirMode != 0o1777 {
		t.Errorf("access %+v", f.Access)
	}
	if f.Place.Spot(SpotShared) == nil {
		t.Errorf("a directory for everybody is not a shared spot: %+v", f.Place)
	}
	link := filepath.Join(env.Home, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if f := look(t, env, link).Files[0]; f.Target != resolve(path) || f.Path != link {
		t.Errorf("link %+v", f)
	}
	env.UID++
	if f := look(t, env, path).Files[0]; f.Access.Owner == OwnerSelf {
		t.Errorf("another user's file: %+v", f.Access)
	}
}

func TestLookAtCertificate(t *testing.T) {
	env := testEnv(t)
	ssh := filepath.Join(env.Home, ".ssh")
	newKey(t, env, filepath.Join(ssh, "ca"), "")
	newKey(t, env, filepath.Join(ssh, "id"), "")
	run(t, env, "ssh-keygen", "-q", "-s", filepath.Join(ssh, "ca"), "-I", "ann", "-n", "ann,root", "-z", "7",
		"-V", "20250101000000Z:20260101000000Z", filepath.Join(ssh, "id.pub"))
	k := look(t, env, filepath.Join(ssh, "id"))
	if len(k.Certificates) != 1 {
		t.Fatalf("certificates %+v", k.Certificates)
	}
	c := k.Certificates[0]
	if c.KeyID != "ann" || c.Serial != 7 || len(c.Principals) != 2 || c.Host || !c.Until.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("certificate %+v", c)
	}
	if oldest, _ := k.Oldest(); oldest.Source != FromCertificate || oldest.At.Year() != 2025 {
		t.Errorf("oldest evidence %+v", oldest)
	}
	same := look(t, env, filepath.Join(ssh, "id-cert.pub"))
	if same.Fingerprint() != k.Fingerprint() || len(same.Files) != 0 || same.Protected() != Unknown || len(same.Certificates) != 1 {
		t.Errorf("the certificate's own file: %+v", same)
	}
	alone := look(t, env, filepath.Join(ssh, "id.pub"))
	if len(alone.PublicFiles) != 1 || alone.PublicFiles[0].Alone {
		t.Errorf("the .pub: %+v", alone)
	}
}

func TestOtherFiles(t *testing.T) {
	env := testEnv(t)
	ssh := filepath.Join(env.Home, ".ssh")
	write(t, filepath.Join(ssh, "notes"), "hello\n")
	write(t, filepath.Join(ssh, "large"), strings.Repeat("x", maxSmall+1))
	if _, err := Look(t.Context(), filepath.Join(ssh, "notes"), env); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("text: %v", err)
	}
	if _, err := Look(t.Context(), filepath.Join(ssh, "large"), env); !errors.Is(err, errLarge) {
		t.Errorf("large: %v", err)
	}
	if _, err := Look(t.Context(), ssh, env); !errors.Is(err, errIrregular) {
		t.Errorf("directory: %v", err)
	}
	if _, err := Look(t.Context(), filepath.Join(ssh, "none"), env); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := Look(t.Context(), "relative", env); err == nil {
		t.Error("a relative path is accepted")
	}
}
