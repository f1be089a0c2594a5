package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// sshKeygen runs the real one and returns what it says.
func sshKeygen(t testing.TB, args ...string) string {
	t.Helper()
	c := exec.Command(testneed.Program(t, "ssh-keygen"), args...)
	c.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// kinds are the keys that ssh-keygen makes without a device.
func kinds() map[string][]string {
	return map[string][]string{
		"rsa1024": {"-t", "rsa", "-b", "1024"}, "rsa2048": {"-t", "rsa", "-b", "2048"}, "dsa": {"-t", "dsa"},
		"p256": {"-t", "ecdsa", "-b", "256"}, "p384": {"-t", "ecdsa", "-b", "384"}, "p521": {"-t", "ecdsa", "-b", "521"},
		"ed25519": {"-t", "ed25519"},
	}
}

// makeKey makes a key pair without a passphrase and returns its path.
func makeKey(t testing.TB, dir, name string, kind []string, comment string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	sshKeygen(t, append([]string{"-q", "-N", "", "-C", comment, "-f", path}, kind...)...)
	return path
}

func contentOf(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// skKeys makes public keys as a security key would: nothing but a device makes them with ssh-keygen.
func skKeys(t testing.TB, dir string) map[string]string {
	t.Helper()
	fields := map[string][]byte{
		typeSKEd25519: appendString(appendString(appendString(nil, typeSKEd25519), bytes.Repeat([]byte{7}, 32)), "ssh:"),
	}
	p256 := makeKey(t, dir, "sk-source", kinds()["p256"], "")
	p, _, err := ParsePublicLine(contentOf(t, p256+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{rest: p.Blob}
	w.string()
	fields[typeSKECDSA] = appendString(append(appendString(nil, typeSKECDSA), w.rest...), "ssh:demo")
	paths := map[string]string{}
	for name, blob := range fields {
		paths[name] = filepath.Join(dir, strings.TrimSuffix(name, "@openssh.com"))
		p, err := ParsePublic(blob)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(paths[name]+".pub", p.Line("touch me"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// TestPublicFilesLikeSSHKeygen compares size, fingerprints, comment and kind with ssh-keygen -l, for every kind of key.
func TestPublicFilesLikeSSHKeygen(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for name, kind := range kinds() {
		paths = append(paths, makeKey(t, dir, name, kind, "ann@example.org  two words"))
	}
	for _, path := range skKeys(t, dir) {
		paths = append(paths, path)
	}
	for _, path := range paths {
		f, err := ParsePublicFile(contentOf(t, path+".pub"))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		p := f.Public
		for hash, fingerprint := range map[string]string{"sha256": p.SHA256(), "md5": p.MD5()} {
			got := fmt.Sprintf("%d %s %s (%s)\n", p.Bits, fingerprint, f.Comment, p.Short())
			if want := sshKeygen(t, "-l", "-E", hash, "-f", path+".pub"); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
		if !bytes.Equal(p.Line(f.Comment), contentOf(t, path+".pub")) {
			t.Errorf("%s: the line is not the one that was read", path)
		}
	}
}

// TestOtherFormsLikeSSHKeygen reads what ssh-keygen -e writes.
func TestOtherFormsLikeSSHKeygen(t *testing.T) {
	dir := t.TempDir()
	for name, kind := range kinds() {
		path := makeKey(t, dir, name, kind, "a comment")
		want, err := ParsePublicFile(contentOf(t, path+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		forms := map[string]PublicForm{"RFC4716": FormRFC4716, "PKCS8": FormPKIX}
		switch {
		case name == "ed25519":
			delete(forms, "PKCS8") // OpenSSH 9.2 does not write it
		case strings.HasPrefix(name, "rsa"):
			forms["PEM"] = FormPKCS1
		}
		for m, form := range forms {
			text := sshKeygen(t, "-e", "-m", m, "-f", path)
			got, err := ParsePublicFile([]byte(text))
			if err != nil {
				t.Errorf("%s as %s: %v\n%s", name, m, err, text)
				continue
			}
			if !got.Public.Equal(want.Public) || got.Form != form {
				t.Errorf("%s as %s: got %s %s", name, m, got.Form, got.Public.SHA256())
			}
			if form == FormRFC4716 && !strings.Contains(got.Comment, "converted by") {
				t.Errorf("%s: comment %q", name, got.Comment)
			}
		}
	}
}

func TestOpenSSLPublicKeys(t *testing.T) {
	openssl := testneed.Program(t, "openssl")
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"ed25519": {"-algorithm", "ed25519"}, "rsa": {"-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"},
	} {
		private, public := filepath.Join(dir, name), filepath.Join(dir, name+".pem")
		if out, err := exec.Command(openssl, append([]string{"genpkey", "-out", private}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if out, err := exec.Command(openssl, "pkey", "-in", private, "-pubout", "-out", public).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		got, err := ParsePublicFile(contentOf(t, public))
		if err != nil || got.Form != FormPKIX || got.Public.Bits == 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestParsePublicLine(t *testing.T) {
	dir := t.TempDir()
	line := strings.TrimSpace(string(contentOf(t, makeKey(t, dir, "k", kinds()["ed25519"], "me")+".pub")))
	other := strings.Replace(line, "ssh-ed25519", "ssh-rsa", 1)
	fields := strings.Fields(line)
	for _, test := range []struct {
		line, comment string
		ok            bool
	}{
		{line, "me", true}, {"  \t" + line + "\r\n", "me", true}, {fields[0] + "\t" + fields[1], "", true},
		{fields[0] + " " + fields[1] + "   with  spaces ", "with  spaces", true},
		{other, "", false}, {fields[0], "", false}, {"", "", false}, {"restrict " + line, "", false},
		{line + "\n" + line, "", false}, {fields[0] + " " + fields[1][:20], "", false}, {fields[0] + " " + fields[1] + "A", "", false},
		{line[:len(line)-8] + "\x00", "", false}, {"ssh-ed25519 AAAA", "", false},
	} {
		p, comment, err := ParsePublicLine([]byte(test.line))
		if (err == nil) != test.ok || comment != test.comment || err != nil && !errors.Is(err, ErrNoPublic) {
			t.Errorf("%q: %q %q, %v", test.line, p.Type, comment, err)
		}
	}
}

func TestUnknownAlgorithmIsDescribed(t *testing.T) {
	blob := appendString(appendString(nil, "ssh-mldsa-65@example.org"), "whatever")
	p, err := ParsePublic(blob)
	if err != nil || p.Bits != 0 || p.Short() != "ssh-mldsa-65@example.org" {
		t.Fatalf("%+v, %v", p, err)
	}
	q, comment, err := ParsePublicLine(p.Line("new"))
	if err != nil || comment != "new" || !q.Equal(p) {
		t.Errorf("%+v %q %v", q, comment, err)
	}
}

func FuzzParsePublicLine(f *testing.F) {
	dir := f.TempDir()
	for name, kind := range kinds() {
		if !strings.HasPrefix(name, "rsa") {
			f.Add(contentOf(f, makeKey(f, dir, name, kind, "c")+".pub"))
		}
	}
	f.Add([]byte("ssh-rsa AAAA x"))
	f.Fuzz(func(t *testing.T, line []byte) {
		p, comment, err := ParsePublicLine(line)
		if err != nil {
			return
		}
		q, again, err := ParsePublicLine(p.Line(comment))
		if err != nil || again != comment || !bytes.Equal(p.Blob, q.Blob) {
			t.Errorf("written and read again: %+v %q, %v", q, again, err)
		}
	})
}
