package keys

import (
	"bytes"
	"context"
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"math/big"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"keysweep/internal/testneed"
)

func ed25519Key(t testing.TB) *Private {
	t.Helper()
	p, err := Generate(context.Background(), KindEd25519, "made here")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// securityKey is what a device would have made. Nobody has its secret, which no file holds either.
func securityKey(t testing.TB, keyType string) *Private {
	t.Helper()
	blob := appendString(nil, keyType)
	if keyType == typeSKECDSA {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		point, _ := k.PublicKey.Bytes()
		blob = appendString(appendString(blob, "nistp256"), point)
	} else {
		blob = appendString(blob, ed25519Key(t).Key.(ed25519.PrivateKey)[ed25519.SeedSize:])
	}
	public, err := publicFromBlob(appendString(blob, "ssh:tests"))
	if err != nil {
		t.Fatal(err)
	}
	return &Private{Comment: "of a device", Key: &SecurityKey{
		Public: public, Application: "ssh:tests", Flags: 0x01, Handle: []byte("a handle"), Reserved: []byte{},
	}}
}

// oneOfEach returns a key of every algorithm: those that ssh-keygen makes without a device are made by it.
func oneOfEach(t testing.TB) map[string]*Private {
	t.Helper()
	all := map[string]*Private{typeSKEd25519: securityKey(t, typeSKEd25519), typeSKECDSA: securityKey(t, typeSKECDSA)}
	for _, args := range [][]string{
		{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "dsa"},
		{"-t", "ecdsa", "-b", "256"}, {"-t", "ecdsa", "-b", "384"}, {"-t", "ecdsa", "-b", "521"},
	} {
		name := madeBy(t, "", args...)
		f := parsed(t, read(t, name))
		all[f.Type] = opensAs(t, f, "", read(t, name+".pub"))
	}
	return all
}

func TestMarshalOpenSSH(t *testing.T) {
	for name, p := range oneOfEach(t) {
		for _, passphrase := range []string{"", testPassphrase} {
			t.Run(fmt.Sprintf("%s/%t", name, passphrase != ""), func(t *testing.T) {
				t.Parallel()
				var given []byte
				if passphrase != "" {
					given = []byte(passphrase)
				}
				rounds := 1
				text, err := p.marshalOpenSSH(given, rounds)
				if name == typeEd25519 { // the others do without the cost
					rounds = MinRounds
					text, err = p.MarshalOpenSSH(given, rounds)
				}
				if err != nil {
					t.Fatal(err)
				}
				public, err := p.Public()
				if err != nil {
					t.Fatal(err)
				}
				reads(t, text, passphrase, public.Line(p.Comment))
				again := opensAs(t, parsed(t, text), passphrase, public.Line(p.Comment))
				if !reflect.DeepEqual(withoutCaches(again), withoutCaches(p)) {
					t.Error("the key that is read is another than the one that was written")
				}
				if f := parsed(t, text); passphrase != "" && (f.Cipher != "aes256-ctr" || f.KDF != KDF{Name: "bcrypt", Rounds: rounds}) {
					t.Errorf("cipher %s, KDF %+v", f.Cipher, f.KDF)
				}
			})
		}
	}
}

// withoutCaches leaves out what crypto/rsa noted in a key when it signed.
func withoutCaches(p *Private) Private {
	if k, ok := p.Key.(*rsa.PrivateKey); ok {
		return Private{Comment: p.Comment, Key: &rsa.PrivateKey{PublicKey: k.PublicKey, D: k.D, Primes: k.Primes}}
	}
	return *p
}

// reads has ssh-keygen, and x/crypto where it knows the algorithm, read a file of ours.
func reads(t *testing.T, text []byte, passphrase string, line []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	write(t, name, text, 0o600)
	out, err := keygen(t, passphrase, "-y", "-f", name)
	if err != nil || out != string(line) {
		t.Errorf("ssh-keygen -y: %s (%v)\nwant            %s", out, err, line)
	}
	describedAs(t, parsed(t, text), name)
	if bytes.HasPrefix(line, []byte("sk-")) || bytes.HasPrefix(line, []byte(typeDSA)) {
		return
	}
	if passphrase == "" {
		_, err = ssh.ParseRawPrivateKey(text)
	} else {
		_, err = ssh.ParseRawPrivateKeyWithPassphrase(text, []byte(passphrase))
	}
	if err != nil {
		t.Errorf("x/crypto: %v", err)
	}
}

// A file that ssh-keygen wrote without a passphrase comes out as it was, but for the check numbers.
func TestMarshalWritesWhatSSHKeygenWrites(t *testing.T) {
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "1024"}, {"-t", "dsa"}, {"-t", "ecdsa"}, {"-t", "ecdsa", "-b", "521"}} {
		theirs := read(t, madeBy(t, "", args...))
		p, err := parsed(t, theirs).Open(nil)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := p.MarshalOpenSSH(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := withoutCheck(t, ours), withoutCheck(t, theirs); !bytes.Equal(got, want) {
			t.Errorf("%q: written\n%s\nwant\n%s", args, got, want)
		}
	}
}

// withoutCheck returns the file with zeros for its check numbers.
func withoutCheck(t *testing.T, text []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(text)
	o, err := splitOpenSSH(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	clear(o.private[:8])
	if whole := armor(block.Bytes); len(whole) != len(text) {
		t.Errorf("%d bytes of text, want %d as in the file", len(whole), len(text))
	}
	return armor(block.Bytes)
}

func TestMarshalRefuses(t *testing.T) {
	cleared := ed25519Key(t)
	cleared.Clear()
	threePrimes := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(105), E: 3}, D: big.NewInt(1), Primes: []*big.Int{big.NewInt(3), big.NewInt(5), big.NewInt(7)}}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		key        *Private
		passphrase []byte
		rounds     int
		want       string
	}{
		{"empty passphrase", ed25519Key(t), []byte{}, DefaultRounds, "empty"},
		{"few rounds", ed25519Key(t), []byte("p"), MinRounds - 1, "16 to 1024"},
		{"many rounds", ed25519Key(t), []byte("p"), MaxRounds + 1, "16 to 1024"},
		{"cleared", cleared, nil, 0, "cleared"},
		{"another kind", &Private{Key: 7}, nil, 0, "int"},
		{"three primes", &Private{Key: threePrimes}, nil, 0, "two primes"},
		{"curve", &Private{Key: p224}, nil, 0, "P-224"},
		{"comment", &Private{Key: ed25519Key(t).Key, Comment: "a\x00b"}, nil, 0, "zero byte"},
		{"short Ed25519 key", &Private{Key: ed25519.PrivateKey{1}}, nil, 0, "length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if text, err := c.key.MarshalOpenSSH(c.passphrase, c.rounds); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("MarshalOpenSSH = %d bytes, %v; want an error about %q", len(text), err, c.want)
			}
		})
	}
}

func TestAgentTakesOurKeys(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "agent")
	agent := exec.Command(testneed.Program(t, "ssh-agent"), "-D", "-a", socket)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Process.Kill(); _ = agent.Wait() })
	t.Setenv("SSH_AUTH_SOCK", socket)
	add := testneed.Program(t, "ssh-add")
	for range 200 {
		if out, _ := exec.Command(add, "-l").CombinedOutput(); bytes.Contains(out, []byte("no identities")) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for name, p := range oneOfEach(t) {
		if strings.HasPrefix(name, "sk-") {
			continue // the agent loads them only with a library for the device
		}
		text, err := p.marshalOpenSSH([]byte(testPassphrase), 1)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "key")
		write(t, file, text, 0o600)
		if out, err := withAskpass(t, testPassphrase, add, file); err != nil {
			t.Errorf("ssh-add: %s (%v)", out, err)
		}
		public, _ := p.Public()
		if out, err := exec.Command(add, "-l").CombinedOutput(); err != nil || !bytes.Contains(out, []byte(public.SHA256()+" "+p.Comment)) {
			t.Errorf("ssh-add -l: %s (%v); want %s", out, err, public.SHA256())
		}
	}
}

func TestClear(t *testing.T) {
	for name, p := range oneOfEach(t) {
		var secrets [][]big.Word
		var bytesOf [][]byte
		switch k := p.Key.(type) {
		case ed25519.PrivateKey:
			bytesOf = append(bytesOf, k)
		case *rsa.PrivateKey:
			k.Precompute() // as x509 does when it writes a key
			secrets = append(secrets, k.D.Bits(), k.Primes[0].Bits(), k.Primes[1].Bits(), k.Precomputed.Dp.Bits(), k.Precomputed.Dq.Bits(), k.Precomputed.Qinv.Bits())
		case *ecdsa.PrivateKey:
			//lint:ignore SA1019 this is the memory that has to be overwritten
			secrets = append(secrets, k.D.Bits())
		case *dsa.PrivateKey:
			secrets = append(secrets, k.X.Bits())
		case *SecurityKey:
			bytesOf = append(bytesOf, k.Handle)
		}
		p.Clear()
		for _, words := range secrets {
			if len(words) == 0 || !bytes.Equal(fmt.Append(nil, words), fmt.Append(nil, make([]big.Word, len(words)))) {
				t.Errorf("%s: a number is still there", name)
			}
		}
		for _, b := range bytesOf {
			if len(b) == 0 || !bytes.Equal(b, make([]byte, len(b))) {
				t.Errorf("%s: bytes are still there", name)
			}
		}
		if p.Key != nil {
			t.Errorf("%s: the key is still there", name)
		}
		p.Clear()
	}
	(*Private)(nil).Clear()
}

func TestPrivatePrintsNoSecret(t *testing.T) {
	p := &Private{Key: ed25519.PrivateKey("CANARY-CANARY-CANARY-CANARY-CANARY-CANARY-CANARY-CANARY-CANARY-C")}
	hex := fmt.Sprintf("%x", "CANARY")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if out := fmt.Sprintf(verb, p); strings.Contains(out, "CANARY") || strings.Contains(out, hex) || strings.Contains(out, "67 65") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}
