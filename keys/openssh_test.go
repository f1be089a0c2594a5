package keys

import (
	"bytes"
	"crypto/md5"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"keysweep/internal/testneed"
)

const testPassphrase = "a passphrase of the tests"

// keygen runs ssh-keygen and returns what it prints. A passphrase reaches it through SSH_ASKPASS.
func keygen(t testing.TB, passphrase string, args ...string) (string, error) {
	t.Helper()
	return withAskpass(t, passphrase, testneed.Program(t, "ssh-keygen"), args...)
}

func withAskpass(t testing.TB, passphrase, program string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	secret, script := filepath.Join(dir, "passphrase"), filepath.Join(dir, "askpass")
	write(t, secret, []byte(passphrase+"\n"), 0o600)
	write(t, script, []byte("#!/bin/sh\ncat '"+secret+"'\n"), 0o700)
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS="+script, "SSH_ASKPASS_REQUIRE=force", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func write(t testing.TB, name string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// madeBy has ssh-keygen make a key and returns the file's name.
func madeBy(t testing.TB, passphrase string, args ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	args = append([]string{"-q", "-f", name, "-N", passphrase, "-C", "made by ssh-keygen"}, args...)
	if out, err := keygen(t, "", args...); err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return name
}

// generated is one way to have ssh-keygen make a key.
type generated struct {
	name, passphrase, cipher string
	rounds                   int
	args                     []string
}

func everyKey() (all []generated) {
	types := map[string][]string{
		"ed25519": {"-t", "ed25519"}, "rsa1024": {"-t", "rsa", "-b", "1024"}, "rsa2048": {"-t", "rsa", "-b", "2048"}, "dsa": {"-t", "dsa"},
		"ecdsa256": {"-t", "ecdsa", "-b", "256"}, "ecdsa384": {"-t", "ecdsa", "-b", "384"}, "ecdsa521": {"-t", "ecdsa", "-b", "521"},
	}
	for name, args := range types {
		all = append(all, generated{name: name, cipher: "none", args: args})
		all = append(all, generated{name + " protected", testPassphrase, "aes256-ctr", 1, append([]string{"-a", "1"}, args...)})
	}
	for _, cipher := range []string{
		"3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc", "aes128-ctr", "aes192-ctr", "aes256-ctr",
		"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
	} {
		all = append(all, generated{cipher, testPassphrase, cipher, 2, []string{"-t", "ed25519", "-a", "2", "-Z", cipher}})
		all = append(all, generated{cipher + " ecdsa", testPassphrase, cipher, 1, []string{"-t", "ecdsa", "-a", "1", "-Z", cipher}})
	}
	for _, rounds := range []int{3, 16, 33} {
		all = append(all, generated{fmt.Sprint(rounds, " rounds"), testPassphrase, "aes256-ctr", rounds, []string{"-t", "ed25519", "-a", fmt.Sprint(rounds)}})
	}
	return all
}

func TestKeysOfSSHKeygen(t *testing.T) {
	for _, g := range everyKey() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			name := madeBy(t, g.passphrase, g.args...)
			f := parsed(t, read(t, name))
			describedAs(t, f, name)
			wantKDF := KDF{Name: "bcrypt", Rounds: g.rounds}
			wantComment := ""
			if g.cipher == "none" {
				wantKDF, wantComment = KDF{}, "made by ssh-keygen"
			}
			if f.Cipher != g.cipher || f.KDF != wantKDF || f.Comment != wantComment || f.Protected() != (g.cipher != "none") {
				t.Errorf("cipher %s, KDF %+v, comment %q; want %s, %+v, %q", f.Cipher, f.KDF, f.Comment, g.cipher, wantKDF, wantComment)
			}
			opensAs(t, f, g.passphrase, read(t, name+".pub"))
			if f.Protected() {
				for _, wrong := range []string{"", "wrong"} {
					if p, err := f.Open([]byte(wrong)); !errors.Is(err, ErrPassphrase) {
						t.Errorf("Open(%q) = %v, %v; want ErrPassphrase", wrong, p, err)
					}
				}
			}
		})
	}
}

func TestManyRoundsAreDescribed(t *testing.T) {
	// Making a file of 3,000 rounds takes ssh-keygen half a minute; the number stands in the clear and can be changed.
	name := madeBy(t, testPassphrase, "-t", "ed25519", "-a", "1")
	block, _ := pem.Decode(read(t, name))
	salt := bytes.Index(block.Bytes, []byte("bcrypt")) + len("bcrypt") + 4
	for _, rounds := range []uint32{3000, MaxReadRounds + 1, 1<<32 - 1} {
		copy(block.Bytes[salt+4+16:], appendUint32(nil, rounds))
		f := parsed(t, armor(block.Bytes))
		describedAs(t, f, name)
		if f.KDF.Rounds != int(rounds) {
			t.Errorf("%d rounds, want %d", f.KDF.Rounds, rounds)
		}
		if rounds <= MaxReadRounds {
			continue
		}
		if _, err := f.Open([]byte(testPassphrase)); err == nil || !strings.Contains(err.Error(), fmt.Sprint(rounds)) || errors.Is(err, ErrPassphrase) {
			t.Errorf("Open with %d rounds: %v; want an error that tells the number", rounds, err)
		}
	}
}

func parsed(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if f.Format != FormatOpenSSH || f.Public == nil || f.Type != f.Public.Type {
		t.Fatalf("Parse = %+v, want an OpenSSH file with its public half", f)
	}
	return f
}

// describedAs compares with ssh-keygen -l, which prints "256 SHA256:... comment (ED25519)".
func describedAs(t testing.TB, f *File, name string) {
	t.Helper()
	for hash, fingerprint := range map[string]string{"sha256": f.Public.SHA256(), "md5": f.Public.MD5()} {
		out, err := keygen(t, "", "-l", "-E", hash, "-f", name)
		if want := fmt.Sprintf("%d %s ", f.Public.Bits, fingerprint); err != nil || !strings.HasPrefix(out, want) {
			t.Errorf("ssh-keygen -l: %s (%v); want it to start with %q", out, err, want)
		}
	}
}

// opensAs opens the file and compares with a line of a .pub file.
func opensAs(t testing.TB, f *File, passphrase string, line []byte) *Private {
	t.Helper()
	p, err := f.Open([]byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	public, err := p.Public()
	if err != nil {
		t.Fatal(err)
	}
	if got := public.Line(p.Comment); !bytes.Equal(got, line) {
		t.Errorf("opened key: %s\nwant          %s", got, line)
	}
	return p
}

func TestBcryptAgainstOtherReaders(t *testing.T) {
	for _, rounds := range []int{1, 2, 5} {
		p := ed25519Key(t)
		text, err := p.marshalOpenSSH([]byte(testPassphrase), rounds)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ssh.ParseRawPrivateKeyWithPassphrase(text, []byte(testPassphrase)); err != nil {
			t.Errorf("%d rounds: x/crypto: %v", rounds, err)
		}
	}
}

// The lengths that ciphers ask for spread over one, two and three blocks. The sums are of OpenSSH's own files, through the
// tests above; this test holds the lengths fast that no cipher asks for.
func TestBcryptIsAPrefixOfNothing(t *testing.T) {
	seen := map[[md5.Size]byte]int{}
	for _, length := range []int{1, 31, 32, 33, 64, 65} {
		key := bcryptPBKDF([]byte("p"), []byte("s"), 1, length)
		if len(key) != length {
			t.Errorf("%d bytes, want %d", len(key), length)
		}
		if length >= 31 {
			sum := md5.Sum(key[:31])
			seen[sum] = length
		}
	}
	if len(seen) != 3 { // 31 and 32 are of one block, 33 and 64 of two, 65 of three
		t.Errorf("%d different starts, want 3", len(seen))
	}
}
