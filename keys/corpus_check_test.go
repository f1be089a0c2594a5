package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCorpus looks at key files of ssh-keygen, puttygen and openssl in every format, cipher and KDF they have, without the
// passphrase first, compares with what ssh-keygen and puttygen say of them, and then opens them.
func TestCorpus(t *testing.T) {
	c := newCorpus(t)
	c.all(testing.Short())
	dir := t.TempDir()
	t.Run("files", func(t *testing.T) {
		for i, s := range c.samples {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				own := *c
				own.t = t
				file := filepath.Join(dir, fmt.Sprintf("%03d", i))
				s.write(&own, file)
				own.check(file, s)
			})
		}
	})
	t.Logf("%d files", len(c.samples))
	if least := 200; !testing.Short() && len(c.samples) < least {
		t.Errorf("want at least %d", least)
	}
}

func (c *corpus) check(file string, s sample) {
	f, err := Parse(readFile(c.t, file))
	if err != nil {
		c.t.Fatal(err)
	}
	if s.format == FormatOpenSSH && s.cipher == "none" && f.Comment == "" {
		s.comment = "" // it lies in the private part: whether it is read without being asked for is not this test's matter
	}
	got := fmt.Sprint(f.Format, "|", f.Cipher, "|", f.KDF, "|", f.Comment, "|", f.Protected(), "|", f.Public == nil)
	if want := fmt.Sprint(s.format, "|", s.cipher, "|", s.kdf, "|", s.comment, "|", s.cipher != "none", "|", s.hidden); got != want {
		c.t.Fatalf("seen   %s\nwanted %s", got, want)
	}
	if s.hidden && f.Type != s.keyType {
		c.t.Errorf("type %q, want %q", f.Type, s.keyType)
	}
	if f.Public != nil {
		c.checkPublic(f.Public, s.base)
	}
	c.compareWithSSHKeygen(file, f)
	c.compareWithPuTTYgen(file, f)
	if !s.onlyLooked {
		c.checkOpen(f, s)
	}
}

func (c *corpus) checkPublic(p *Public, base *baseKey) {
	if !bytes.Equal(p.Blob, base.public.Blob) || p.Type != base.public.Type || p.Bits != base.bits {
		c.t.Errorf("%s of %d bits, want %s of %d; same key: %v", p.Type, p.Bits, base.public.Type, base.bits, p.Equal(base.public))
	}
}

// compareWithSSHKeygen wants what ssh-keygen -l says: "256 SHA256:... comment (ED25519)". Of some files it can say nothing.
func (c *corpus) compareWithSSHKeygen(file string, f *File) {
	for hash, fingerprint := range map[string]func(Public) string{"sha256": Public.SHA256, "md5": Public.MD5} {
		out, err := exec.Command(c.sshKeygen, "-l", "-E", hash, "-f", file).Output()
		if err != nil {
			continue
		}
		words := strings.Fields(string(out))
		if f.Public == nil {
			c.t.Errorf("ssh-keygen knows what we do not: %s", out)
			continue
		}
		kind := strings.Trim(words[len(words)-1], "()")
		if words[0] != fmt.Sprint(f.Public.Bits) || words[1] != fingerprint(*f.Public) || !strings.Contains(strings.ToUpper(f.Type), sshWord(kind)) {
			c.t.Errorf("%d %s %s, ssh-keygen says %s", f.Public.Bits, fingerprint(*f.Public), f.Type, out)
		}
	}
}

// sshWord turns ssh-keygen's word for a kind of key into a part of the algorithm's name.
func sshWord(kind string) string {
	if kind == "DSA" {
		return "DSS"
	}
	return kind
}

// compareWithPuTTYgen wants what puttygen -l says: "ssh-ed25519 255 SHA256:...".
func (c *corpus) compareWithPuTTYgen(file string, f *File) {
	if f.Format != FormatPPK2 && f.Format != FormatPPK3 {
		return
	}
	out := c.run(c.puttygen, "-l", file)
	if words := strings.Fields(out); words[0] != f.Type || words[2] != f.Public.SHA256() {
		c.t.Errorf("%s %s, puttygen says %s", f.Type, f.Public.SHA256(), out)
	}
}

func (c *corpus) checkOpen(f *File, s sample) {
	private, err := f.Open([]byte(c.passphrase))
	if s.sealed {
		var hint interface{ Hint() string }
		if !errors.As(err, &hint) || hint.Hint() == "" {
			c.t.Errorf("opened, or no hint: %v", err)
		}
		return
	}
	if err != nil {
		c.t.Fatalf("open: %v", err)
	}
	defer private.Clear()
	public, err := private.Public()
	if err != nil || !bytes.Equal(public.Blob, s.base.public.Blob) {
		c.t.Errorf("another key came out of it: %v %v", public, err)
	}
	if s.comment != "" && private.Comment != s.comment {
		c.t.Errorf("comment %q, want %q", private.Comment, s.comment)
	}
	if f.Protected() {
		wrongs := []string{c.passphrase + "x", ""}
		if f.KDF.Name == "bcrypt" && f.KDF.Rounds > 10 { // each try costs
			wrongs = wrongs[:1]
		}
		for _, wrong := range wrongs {
			if _, err := f.Open([]byte(wrong)); !errors.Is(err, ErrPassphrase) {
				c.t.Errorf("passphrase %q: %v, want %v", wrong, err, ErrPassphrase)
			}
		}
	}
}
