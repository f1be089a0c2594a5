package folder

import (
	"crypto/sha256"
	"math/big"
	"strings"
	"testing"

	"keysweep/host/hosttest"
)

// checked encodes bytes in base58 with their check sum.
func checked(body []byte) string {
	first := sha256.Sum256(body)
	sum := sha256.Sum256(first[:])
	n := new(big.Int).SetBytes(append(append([]byte{}, body...), sum[:4]...))
	out, rest := "", new(big.Int)
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), rest)
		out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest.Int64():rest.Int64()+1] + out
	}
	return out
}

func TestPrivateKey(t *testing.T) {
	const begin = "-----BEGIN "
	wallet := checked(append([]byte{0x80}, []byte(strings.Repeat("k7", 16)+"\x01")...))
	extended := checked(append([]byte{0x04, 0x88, 0xad, 0xe4}, []byte(strings.Repeat("q", 74))...))
	for text, want := range map[string]string{
		"": "", "a note\n": "", begin + "CERTIFICATE-----\n": "", "what a PRIVATE " + "KEY----- is": "",
		begin + "RSA PRIVATE " + "KEY-----\nMII": "PEM", "x\n" + begin + "ENCRYPTED PRIVATE " + "KEY-----\n": "PEM", begin + "PGP PRIVATE " + "KEY BLOCK-----": "OpenPGP",
		"b3BlbnNzaC1" + "rZXktdjEAAAA": "OpenSSH", "PuTTY-User-" + "Key-File-3: ssh-rsa": "PuTTY", "AGE-SECRET-" + "KEY-1QQ": "age",
		"zelnodeprivkey=" + wallet + "\n": "wallet import format", wallet[:50] + "z": "", strings.Repeat("1", 52): "", "key: \"" + extended + "\"": "extended key (BIP 32)",
		checked(append([]byte{0x04, 0x88, 0xb2, 0x1e}, []byte(strings.Repeat("q", 74))...)): "", // an xpub is public
	} {
		if got, _ := privateKey([]byte(text)); got != want {
			t.Errorf("%q holds %q, not %q", text, got, want)
		}
	}
}

func TestLookInside(t *testing.T) {
	key := "\n" + "-----BEGIN " + "PRIVATE " + "KEY-----\n"
	m := hosttest.New(map[string]string{"/srv/c/a": "x", "/srv/c/sub/b": key, "/srv/c/z": key, "/etc/k": key}).Link("/srv/c/l", "/etc/k")
	f := LookInside(m, "/srv/c")
	if f.Keys.Count != 2 || f.Keys.Err != nil || f.Keys.Cut || f.Keys.Found[0] != (KeyFile{"/srv/c/sub/b", "PEM", 2}) {
		t.Errorf("%+v", f.Keys)
	}
	if f := LookInside(m.Deny("/srv/c/z"), "/srv/c"); f.Keys.Count != 1 || f.Keys.Err == nil {
		t.Errorf("a file that may not be read: %+v", f.Keys)
	}
	if f := LookInside(m, "/srv/none"); f.Keys.Count != 0 {
		t.Errorf("nothing: %+v", f.Keys)
	}
	if f := LookInside(m, "/etc/k"); f.Keys.Count != 1 {
		t.Errorf("a file: %+v", f.Keys)
	}
}

func FuzzPrivateKey(f *testing.F) {
	f.Add([]byte("xprv" + strings.Repeat("q", 107)))
	f.Add([]byte(strings.Repeat("5", 51)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if kind, at := privateKey(data); kind != "" && at >= len(data) {
			t.Error(at)
		}
	})
}
