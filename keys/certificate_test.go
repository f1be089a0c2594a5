package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// certificateOf signs a public key with ssh-keygen and reads the certificate.
func certificateOf(t testing.TB, authority, path string, args ...string) (Public, *Certificate, string) {
	t.Helper()
	sshKeygen(t, append(append([]string{"-q", "-s", authority}, args...), path+".pub")...)
	file := path + "-cert.pub"
	p, _, err := ParsePublicLine(contentOf(t, file))
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	return p, c, file
}

// listing writes a certificate as ssh-keygen -L does.
func listing(p Public, c *Certificate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "        Type: %s %s certificate\n", p.Type, c.Type)
	fmt.Fprintf(&b, "        Public key: %s %s\n", p.Short(), p.SHA256())
	fmt.Fprintf(&b, "        Signing CA: %s %s (using %s)\n", c.Authority.Short(), c.Authority.SHA256(), c.SignatureType)
	fmt.Fprintf(&b, "        Key ID: %q\n        Serial: %d\n", c.KeyID, c.Serial)
	stamp := "2006-01-02T15:04:05"
	switch {
	case c.ValidAfter == 0 && c.ValidBefore == Forever:
		b.WriteString("        Valid: forever\n")
	case c.ValidAfter == 0:
		fmt.Fprintf(&b, "        Valid: before %s\n", c.Before().Format(stamp))
	case c.ValidBefore == Forever:
		fmt.Fprintf(&b, "        Valid: after %s\n", c.After().Format(stamp))
	default:
		fmt.Fprintf(&b, "        Valid: from %s to %s\n", c.After().Format(stamp), c.Before().Format(stamp))
	}
	list := func(name string, items []string) {
		if len(items) == 0 {
			fmt.Fprintf(&b, "        %s: (none)\n", name)
			return
		}
		fmt.Fprintf(&b, "        %s: \n", name)
		for _, item := range items {
			fmt.Fprintf(&b, "                %s\n", item)
		}
	}
	options := func(from []CertificateOption) (items []string) {
		for _, o := range from {
			items = append(items, strings.TrimSpace(o.Name+" "+o.Value))
		}
		return items
	}
	list("Principals", c.Principals)
	list("Critical Options", options(c.CriticalOptions))
	list("Extensions", options(c.Extensions))
	return b.String()
}

// TestCertificatesLikeSSHKeygen compares every field with ssh-keygen -L, for every kind of key and of authority.
func TestCertificatesLikeSSHKeygen(t *testing.T) {
	dir := t.TempDir()
	authorities := map[string]string{}
	for _, name := range []string{"ed25519", "p256", "p384", "p521", "rsa2048"} {
		authorities[name] = makeKey(t, dir, "ca-"+name, kinds()[name], "ca")
	}
	paths := skKeys(t, dir)
	for name, kind := range kinds() {
		paths[name] = makeKey(t, dir, name, kind, "subject")
	}
	terms := [][]string{
		{"-I", "user id", "-n", "ann,root", "-V", "20260101000000:20270101000000", "-z", "42"},
		{"-I", "all", "-n", "ann", "-V", "always:forever", "-z", "18446744073709551615", "-O", "clear"},
		{"-I", "opts", "-n", "a", "-V", "20260101000000:forever", "-O", "force-command=/bin/true -x", "-O", "source-address=10.0.0.0/8,::1/128", "-O", "no-pty"},
		{"-I", "host", "-h", "-n", "a.example.org", "-V", "always:20300101000000"},
		{"-I", "none"},
	}
	for name, path := range paths {
		for authority, ca := range authorities {
			for _, args := range terms {
				p, c, file := certificateOf(t, ca, path, args...)
				_, got, _ := strings.Cut(sshKeygen(t, "-L", "-f", file), "\n")
				if got != listing(p, c) {
					t.Errorf("%s by %s %q: ssh-keygen says\n%s\nand we\n%s", name, authority, args, got, listing(p, c))
				}
				if err := c.Verify(); err != nil {
					t.Errorf("%s by %s: %v", name, authority, err)
				}
			}
			if name != "ed25519" {
				break // every authority with one kind of key is enough
			}
		}
	}
}

func TestCertificateIsItsKey(t *testing.T) {
	dir := t.TempDir()
	ca := makeKey(t, dir, "ca", kinds()["ed25519"], "ca")
	for name, path := range skKeys(t, dir) {
		plain, _, err := ParsePublicLine(contentOf(t, path+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		p, c, file := certificateOf(t, ca, path, "-I", "x")
		if !p.IsCertificate() || !p.Equal(plain) || !c.Key.Equal(plain) || p.Key().Type != name {
			t.Errorf("%s: the certificate %s is not for its key", name, p.Type)
		}
		want := sshKeygen(t, "-l", "-f", file)
		if got := fmt.Sprintf("%d %s %s (%s)\n", p.Bits, p.SHA256(), "touch me", p.Short()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestForgedCertificates(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ed25519", "p384", "rsa2048"} {
		ca := makeKey(t, dir, "ca-"+name, kinds()[name], "")
		p, c, _ := certificateOf(t, ca, makeKey(t, dir, "k-"+name, kinds()["ed25519"], ""), "-I", "identity", "-n", "ann")
		forged := strings.Replace(string(p.Blob), "ann", "eve", 1)
		q, err := ParsePublic([]byte(forged))
		if err != nil {
			t.Fatal(err)
		}
		d, err := q.Certificate()
		if err != nil || !slices.Equal(d.Principals, []string{"eve"}) || !errors.Is(d.Verify(), ErrSignature) {
			t.Errorf("%s: forged: %+v, %v", name, d, err)
		}
		for cut := range len(p.Blob) {
			if q, err := ParsePublic(p.Blob[:cut]); err == nil {
				if _, err := q.Certificate(); err == nil {
					t.Fatalf("%s: cut to %d of %d bytes it is still a certificate", name, cut, len(p.Blob))
				}
			}
		}
		if c.SelfSigned() {
			t.Errorf("%s: self-signed", name)
		}
	}
}

func TestCertificateValidity(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	c := &Certificate{ValidAfter: 100, ValidBefore: 200}
	for s, want := range map[int64][3]bool{99: {true, false, false}, 100: {false, true, false}, 199: {false, true, false}, 200: {false, false, true}, -5: {true, false, false}} {
		if got := [3]bool{c.NotYet(at(s)), c.ValidAt(at(s)), c.Expired(at(s))}; got != want {
			t.Errorf("at %d: %v, want %v", s, got, want)
		}
	}
	always := &Certificate{ValidBefore: Forever}
	if !always.ValidAt(at(1<<40)) || !always.Before().IsZero() || !always.After().IsZero() {
		t.Error("a certificate without limits is not always valid")
	}
}

func FuzzCertificate(f *testing.F) {
	dir := f.TempDir()
	ca := makeKey(f, dir, "ca", kinds()["p256"], "")
	for name, path := range skKeys(f, dir) {
		p, _, _ := certificateOf(f, ca, path, "-I", name, "-n", "a,b", "-O", "force-command=x", "-V", "20260101:20270101")
		f.Add(p.Blob)
	}
	for _, name := range []string{"ed25519", "p384", "dsa"} {
		p, _, _ := certificateOf(f, ca, makeKey(f, dir, name, kinds()[name], ""), "-I", name, "-h")
		f.Add(p.Blob)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		p, err := ParsePublic(blob)
		if err != nil {
			return
		}
		c, err := p.Certificate()
		if err != nil {
			return
		}
		if !p.IsCertificate() || !p.Equal(c.Key) || c.Key.IsCertificate() {
			t.Errorf("%s certifies %s", p.Type, c.Key.Type)
		}
		_ = c.Verify()
	})
}

// TestLegacySignature reads certificates that an RSA authority signed with SHA-1, as OpenSSH before 8.2 did.
func TestLegacySignature(t *testing.T) {
	dir := t.TempDir()
	ca := makeKey(t, dir, "ca", kinds()["rsa2048"], "")
	_, c, _ := certificateOf(t, ca, makeKey(t, dir, "k", kinds()["ed25519"], ""), "-t", "ssh-rsa", "-I", "old")
	if c.SignatureType != "ssh-rsa" || c.Verify() != nil {
		t.Errorf("%s: %v", c.SignatureType, c.Verify())
	}
	if _, err := os.Stat(filepath.Join(dir, "k-cert.pub")); err != nil {
		t.Error(err)
	}
}
