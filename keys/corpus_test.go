package keys

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// sample is a key file that another program wrote, and what must be seen in it.
type sample struct {
	name       string
	base       *baseKey
	write      func(c *corpus, to string) // writes the file to that path
	format     Format
	cipher     string // "none" if it is not protected
	kdf        KDF
	keyType    string // wanted of a file that hides the public key
	hidden     bool   // it hides the public key
	comment    string // wanted without the passphrase
	sealed     bool   // it is described, but cannot be opened here: the error has a hint
	onlyLooked bool   // too costly to open in a test
}

// baseKey is one key that is written in many forms. All forms have the same public half.
type baseKey struct {
	name, kind string // of ssh-keygen -t
	bits       int
	file       string // in OpenSSH's format without passphrase; the .pub lies beside it
	pem        string // the same in a form that openssl reads
	public     Public
}

// corpus writes key files with the real programs.
type corpus struct {
	t                              *testing.T
	sshKeygen, puttygen, openssl   string
	dir                            string
	passphrase, passphraseFileName string
	bases                          []*baseKey
	samples                        []sample
}

const corpusPassphrase = "a pass phrase, ünïcode"

// ed25519Prefix is what stands before the secret number in PKCS#8 (RFC 8410 section 7).
const ed25519Prefix = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"

func newCorpus(t *testing.T) *corpus {
	c := &corpus{
		t: t, sshKeygen: testneed.Program(t, "ssh-keygen"), puttygen: testneed.Program(t, "puttygen"),
		openssl: testneed.Program(t, "openssl"), dir: t.TempDir(), passphrase: corpusPassphrase,
	}
	c.passphraseFileName = filepath.Join(c.dir, "passphrase")
	if err := os.WriteFile(c.passphraseFileName, []byte(c.passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []baseKey{
		{kind: "ed25519", bits: 256}, {kind: "ecdsa", bits: 256}, {kind: "ecdsa", bits: 384}, {kind: "ecdsa", bits: 521},
		{kind: "dsa", bits: 1024}, {kind: "rsa", bits: 1024}, {kind: "rsa", bits: 2048}, {kind: "rsa", bits: 3072}, {kind: "rsa", bits: 4096},
	} {
		if !testing.Short() || k.bits <= 1024 {
			c.addBase(k)
		}
	}
	return c
}

func (c *corpus) run(name string, args ...string) string {
	c.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %q: %v\n%s", filepath.Base(name), args, err, out)
	}
	return string(out)
}

func (c *corpus) addBase(k baseKey) {
	k.name = fmt.Sprintf("%s-%d", k.kind, k.bits)
	k.file = filepath.Join(c.dir, k.name)
	c.run(c.sshKeygen, "-q", "-t", k.kind, "-b", fmt.Sprint(k.bits), "-N", "", "-C", "comment of "+k.name, "-f", k.file)
	k.public = publicBeside(c.t, k.file)
	k.pem = k.file + ".pem"
	if k.kind == "ed25519" {
		writePEM(c.t, k.pem, "PRIVATE KEY", append([]byte(ed25519Prefix), ed25519Seed(c.t, k.file)...))
	} else {
		writeFile(c.t, k.pem, readFile(c.t, k.file))
		c.run(c.sshKeygen, "-q", "-p", "-m", "PEM", "-P", "", "-N", "", "-f", k.pem)
	}
	c.bases = append(c.bases, &k)
}

// base returns the base keys of those names, all if there is none.
func (c *corpus) base(names ...string) (chosen []*baseKey) {
	for _, k := range c.bases {
		wanted := len(names) == 0
		for _, name := range names {
			wanted = wanted || k.name == name
		}
		if wanted {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

func (c *corpus) add(s sample) {
	s.name = s.base.name + " " + s.name
	c.samples = append(c.samples, s)
}

func publicBeside(t *testing.T, file string) Public {
	t.Helper()
	blob, err := base64.StdEncoding.DecodeString(strings.Fields(string(readFile(t, file+".pub")))[1])
	if err != nil {
		t.Fatal(err)
	}
	p, err := publicFromBlob(blob)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ed25519Seed takes the secret number out of a file without passphrase: it stands 32 bytes before the public key's second
// place in it.
func ed25519Seed(t *testing.T, file string) []byte {
	t.Helper()
	block, _ := pem.Decode(readFile(t, file))
	blob := publicBeside(t, file).Blob
	key := string(blob[len(blob)-32:])
	at := strings.LastIndex(string(block.Bytes), key)
	return block.Bytes[at-32 : at]
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func writePEM(t testing.TB, name, kind string, der []byte) {
	t.Helper()
	writeFile(t, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
