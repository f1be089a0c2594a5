package keys

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

// sealedKey is an encrypted PKCS#8 file by openssl.
func sealedKey(t testing.TB, flags ...string) *pem.Block {
	t.Helper()
	plain := t.TempDir() + "/plain"
	writePEM(t, plain, "PRIVATE KEY", append([]byte(ed25519Prefix), bytes.Repeat([]byte{7}, 32)...))
	block, _ := pem.Decode(openssl(t, append([]string{"pkcs8", "-topk8", "-in", plain, "-passout", "pass:right", "-provider", "legacy",
		"-provider", "default"}, flags...)...))
	return block
}

// swap replaces bytes that must be there.
func swap(t testing.TB, data, old, with []byte) []byte {
	t.Helper()
	if !bytes.Contains(data, old) || len(old) != len(with) {
		t.Fatalf("% x is not in it", old)
	}
	return bytes.Replace(data, old, with, 1)
}

// A file that asks for too much work says so at once when it is opened, and is described like any other.
func TestCostlyKDFs(t *testing.T) {
	iterations := sealedKey(t, "-iter", "2000000")
	iterations.Bytes = swap(t, iterations.Bytes, []byte{2, 3, 0x1e, 0x84, 0x80}, []byte{2, 3, 0x7f, 0xff, 0xff})
	old := sealedKey(t, "-v1", "PBE-SHA1-3DES", "-iter", "100000")
	memory := sealedKey(t, "-scrypt", "-scrypt_N", "1024", "-scrypt_r", "8", "-scrypt_p", "1")
	memory.Bytes = swap(t, memory.Bytes, []byte{2, 2, 4, 0, 2, 1, 8, 2, 1, 1}, []byte{2, 2, 0x40, 0, 2, 1, 0x7f, 2, 1, 0x7f})
	most := der(t, 1<<40)
	for name, c := range map[string]struct {
		data []byte
		text string
	}{
		"scrypt work":        {memory.Bytes, "a p of 127"},
		"PBKDF2":             {withIterations(t, iterations.Bytes, []byte{2, 3, 0x7f, 0xff, 0xff}, most), "iterations"},
		"PBES1":              {withIterations(t, old.Bytes, []byte{2, 3, 1, 0x86, 0xa0}, most), "iterations"},
		"memory of scrypt":   {withIterations(t, memory.Bytes, []byte{2, 2, 0x40, 0}, most), "memory"},
		"memory overflowing": {withIterations(t, memory.Bytes, []byte{2, 2, 0x40, 0}, der(t, 1<<62)), "memory"},
	} {
		f, err := Parse(pemText("ENCRYPTED PRIVATE KEY", c.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = f.Open([]byte("right"))
		wantHint(t, err, c.text)
		if f.KDF.Rounds < 1000 {
			t.Errorf("%s: %+v", name, f.KDF)
		}
	}
}

// withIterations replaces a number in DER by a longer one and corrects the lengths around it.
func withIterations(t testing.TB, data, old, with []byte) []byte {
	t.Helper()
	var value asn1.RawValue
	if _, err := asn1.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	return regrow(t, value, old, with)
}

func regrow(t testing.TB, value asn1.RawValue, old, with []byte) []byte {
	t.Helper()
	if bytes.Equal(value.FullBytes, old) {
		return with
	}
	if !value.IsCompound || !bytes.Contains(value.FullBytes, old) {
		return value.FullBytes
	}
	var content []byte
	for rest := value.Bytes; len(rest) > 0; {
		var inner asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &inner); err != nil {
			t.Fatal(err)
		}
		content = append(content, regrow(t, inner, old, with)...)
	}
	return der(t, asn1.RawValue{Class: value.Class, Tag: value.Tag, IsCompound: true, Bytes: content})
}

func TestBadPKCS8(t *testing.T) {
	good := sealedKey(t).Bytes
	indefinite := append([]byte{0x30, 0x80}, append(bytes.Clone(good[2:]), 0, 0)...)
	_, err := Parse(pemText("ENCRYPTED PRIVATE KEY", indefinite))
	wantHint(t, err, "indefinite")
	for name, data := range map[string][]byte{
		"cut off":      good[:len(good)-1],
		"more":         append(bytes.Clone(good), 0),
		"no rounds":    withIterations(t, good, []byte{2, 2, 8, 0}, []byte{2, 1, 0}),
		"minus rounds": withIterations(t, good, []byte{2, 2, 8, 0}, []byte{2, 1, 0xff}),
		"huge rounds":  withIterations(t, good, []byte{2, 2, 8, 0}, append([]byte{2, 20}, bytes.Repeat([]byte{0x7f}, 20)...)),
	} {
		if f, err := Parse(pemText("ENCRYPTED PRIVATE KEY", data)); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestUnknownEncryptionIsDescribed(t *testing.T) {
	good := sealedKey(t).Bytes
	oid := der(t, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42})
	unknown := der(t, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 99})
	f, err := Parse(pemText("ENCRYPTED PRIVATE KEY", swap(t, good, oid, unknown)))
	if err != nil || f.Cipher != "2.16.840.1.101.3.4.1.99" || f.KDF.Rounds != 2048 || !f.Protected() {
		t.Fatalf("%+v %v", f, err)
	}
	_, err = f.Open([]byte("right"))
	wantHint(t, err, "cipher")
}

// RFC 8410 section 10.3 has an example with a public key beside the private one.
func TestEd25519WithPublicKey(t *testing.T) {
	seed := bytes.Repeat([]byte{9}, 32)
	numbers, err := newEdNumbers(seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	public := numbers.public().Blob
	for name, stated := range map[string][]byte{"right": public[len(public)-32:], "wrong": bytes.Repeat([]byte{1}, 32)} {
		info := privateKeyInfo{Version: 1, Algorithm: algorithm{OID: asn1.ObjectIdentifier{1, 3, 101, 112}},
			PrivateKey: der(t, seed), PublicKey: asn1.BitString{Bytes: stated, BitLength: 256}}
		f, err := Parse(pemText("PRIVATE KEY", der(t, info)))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := f.Open(nil); errors.Is(err, ErrMismatch) != (name == "wrong") || name == "right" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Opening a file again gives the key again, even after what was opened first has been cleared.
func TestOpenAgain(t *testing.T) {
	f, err := Parse(pemText("PRIVATE KEY", append([]byte(ed25519Prefix), bytes.Repeat([]byte{7}, 32)...)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		private, err := f.Open(nil)
		if err != nil {
			t.Fatal(err)
		}
		if public, err := private.Public(); err != nil || !public.Equal(*f.Public) {
			t.Errorf("%v %v", public, err)
		}
		private.Clear()
	}
}

func TestPassphraseOfPKCS12(t *testing.T) {
	for in, want := range map[string]string{
		"":       "\x00\x00",
		"a":      "\x00a\x00\x00",
		"ü€":     "\x00\xfc\x20\xac\x00\x00",
		"😀":      "\xd8\x3d\xde\x00\x00\x00",
		"a\xffb": "\x00a\x00\xff\x00b\x00\x00",
	} {
		if got := string(bmpString([]byte(in))); got != want {
			t.Errorf("%q: % x, want % x", in, got, want)
		}
	}
}

func FuzzParsePKCS8(f *testing.F) {
	f.Add(true, append([]byte(ed25519Prefix), bytes.Repeat([]byte{7}, 32)...), []byte("right"))
	for _, flags := range [][]string{{"-iter", "1"}, {"-iter", "1", "-v2", "des3"}, {"-iter", "1", "-v1", "PBE-SHA1-3DES"},
		{"-iter", "1", "-v1", "PBE-MD5-DES"}, {"-scrypt", "-scrypt_N", "2", "-scrypt_r", "1", "-scrypt_p", "1"}} {
		f.Add(false, sealedKey(f, flags...).Bytes, []byte("right"))
	}
	for _, args := range []string{"EC -pkeyopt ec_paramgen_curve:P-256", "RSA -pkeyopt rsa_keygen_bits:512", "X25519"} {
		f.Add(true, openssl(f, append([]string{"genpkey", "-outform", "DER", "-algorithm"}, strings.Fields(args)...)...), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, plain bool, data, passphrase []byte) {
		kind := "ENCRYPTED PRIVATE KEY"
		if plain {
			kind = "PRIVATE KEY"
		}
		if file, err := Parse(pemText(kind, data)); err == nil {
			openFuzzed(t, file, passphrase)
		}
	})
}
