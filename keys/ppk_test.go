package keys

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// puttyKey is an Ed25519 key by puttygen. Without a passphrase it is not protected.
func puttyKey(t testing.TB, passphrase, parameters string) string {
	t.Helper()
	dir := t.TempDir()
	file, from := filepath.Join(dir, "key"), filepath.Join(dir, "from")
	writePassphrase := os.DevNull
	if passphrase != "" {
		writePassphrase = filepath.Join(dir, "passphrase")
		writeFile(t, writePassphrase, []byte(passphrase))
	}
	for _, args := range [][]string{
		{testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "the comment", "-f", from},
		{testneed.Program(t, "puttygen"), from, "-O", "private", "-o", file, "--new-passphrase", writePassphrase, "--ppk-param", parameters},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	return string(readFile(t, file))
}

func TestPPKLineEnds(t *testing.T) {
	text := puttyKey(t, "", "version=3")
	for _, end := range []string{"\r\n", "\r"} {
		f, err := Parse([]byte(strings.ReplaceAll(text, "\n", end)))
		if err != nil || f.Comment != "the comment" {
			t.Fatalf("%q: %+v %v", end, f, err)
		}
		if _, err := f.Open(nil); err != nil {
			t.Errorf("%q: %v", end, err)
		}
	}
	if f, err := Parse([]byte(strings.TrimSuffix(text, "\n"))); err != nil {
		t.Errorf("without a newline at its end: %+v %v", f, err)
	}
}

func TestChangedPPK(t *testing.T) {
	plain := puttyKey(t, "", "version=3")
	sealed := puttyKey(t, "right", "version=2")
	for name, text := range map[string]string{
		"comment":   strings.Replace(plain, "the comment", "a comment", 1),
		"protected": strings.Replace(sealed, "the comment", "a comment", 1),
	} {
		f, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := f.Open([]byte("right")); err == nil || f.Protected() != errors.Is(err, ErrPassphrase) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file whose MAC fits and whose public half is another's: whoever can write it without passphrase can also sign it.
func TestPPKOfTwoHalves(t *testing.T) {
	one, err := readPPK([]byte(puttyKey(t, "", "version=3")))
	if err != nil {
		t.Fatal(err)
	}
	two, err := readPPK([]byte(puttyKey(t, "", "version=3")))
	if err != nil {
		t.Fatal(err)
	}
	one.public = two.public
	one.mac = one.sign(nil, one.private)
	public, err := publicFromBlob(one.public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.open(public, nil); !errors.Is(err, ErrMismatch) {
		t.Errorf("%v, want %v", err, ErrMismatch)
	}
}

func TestBadPPK(t *testing.T) {
	good := puttyKey(t, "right", "memory=64,passes=1")
	replace := func(pattern, with string) string {
		changed := regexp.MustCompile(pattern).ReplaceAllString(good, with)
		if changed == good {
			t.Fatalf("%s is not in it", pattern)
		}
		return changed
	}
	for name, text := range map[string]string{
		"only its first line":    good[:40],
		"cut off":                good[:len(good)-100],
		"an unknown version":     replace("File-3", "File-9"),
		"version 1":              replace("File-3", "File-1"),
		"another algorithm":      replace("ssh-ed25519", "ssh-rsa"),
		"an unknown cipher":      replace("aes256-cbc", "rot13"),
		"headers in disorder":    replace("Argon2-Memory", "Argon2-Passes"),
		"a number that is none":  replace("Argon2-Passes: 1", "Argon2-Passes: many"),
		"a number that is zero":  replace("Argon2-Passes: 1", "Argon2-Passes: 0"),
		"a number below zero":    replace("Argon2-Passes: 1", "Argon2-Passes: -1"),
		"too many lines":         replace("Private-Lines: 1", "Private-Lines: 2000000000"),
		"a salt that is no hex":  replace("Salt: ..", "Salt: zz"),
		"public half not base64": replace("Lines: 2\n.", "Lines: 2\n!"),
	} {
		if f, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestCostlyPPK(t *testing.T) {
	good := puttyKey(t, "right", "memory=64,passes=1")
	for name, change := range map[string][2]string{
		"memory":      {"Argon2-Memory: 64", "Argon2-Memory: 2000000000"},
		"passes":      {"Argon2-Passes: 1", "Argon2-Passes: 2000000000"},
		"parallelism": {"Argon2-Parallelism: 1", "Argon2-Parallelism: 256"},
	} {
		f, err := Parse([]byte(strings.Replace(good, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(name, err)
		}
		_, err = f.Open([]byte("right"))
		wantHint(t, err, name)
	}
}

func FuzzParsePPK(f *testing.F) {
	for _, text := range []string{puttyKey(f, "", "version=2"), puttyKey(f, "", "version=3"), puttyKey(f, "right", "version=2"),
		puttyKey(f, "right", "memory=64,passes=1")} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("PuTTY-")) {
			return
		}
		if file, err := Parse(data); err == nil {
			openFuzzed(t, file, []byte("right"))
		}
	})
}
