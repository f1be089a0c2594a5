package keys

import (
	"bytes"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestMismatchInside(t *testing.T) {
	keys := oneOfEach(t)
	for name, p := range keys {
		other := oneOtherThan(t, name)
		for _, passphrase := range [][]byte{nil, []byte(testPassphrase)} {
			text, err := p.marshalOpenSSH(passphrase, 1)
			if err != nil {
				t.Fatal(err)
			}
			mixed := withPublic(t, text, other.Blob)
			if p, err := parsed(t, mixed).Open(passphrase); !errors.Is(err, ErrMismatch) {
				t.Errorf("%s: Open = %v, %v; want ErrMismatch", name, p, err)
			}
		}
	}
}

// oneOtherThan returns another public key of the same algorithm, or one of another algorithm where there is a choice of one.
func oneOtherThan(t *testing.T, keyType string) Public {
	t.Helper()
	switch keyType {
	case typeSKEd25519, typeSKECDSA:
		public, _ := securityKey(t, keyType).Public()
		return public
	case typeRSA:
		return *parsed(t, read(t, madeBy(t, "", "-t", "rsa", "-b", "1024"))).Public
	}
	public, _ := ed25519Key(t).Public()
	return public
}

// withPublic changes the public half that stands in the clear.
func withPublic(t *testing.T, text, blob []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(text)
	o, err := splitOpenSSH(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	old := appendString(nil, o.public.Blob)
	return armor(bytes.Replace(block.Bytes, old, appendString(nil, blob), 1))
}

// The numbers of a private half can contradict each other, with the public half as it should be.
func TestNumbersThatDoNotFit(t *testing.T) {
	good := oneOfEach(t)[typeRSA].Key.(*rsa.PrivateKey)
	one := big.NewInt(1)
	for name, k := range map[string]*rsa.PrivateKey{
		"d":               {PublicKey: good.PublicKey, D: new(big.Int).Add(good.D, one), Primes: good.Primes},
		"p":               {PublicKey: good.PublicKey, D: good.D, Primes: []*big.Int{new(big.Int).Add(good.Primes[0], one), good.Primes[1]}},
		"p is n and q 1":  {PublicKey: good.PublicKey, D: good.D, Primes: []*big.Int{good.N, one}},
		"d is n and more": {PublicKey: good.PublicKey, D: new(big.Int).Add(good.N, good.D), Primes: good.Primes},
	} {
		text, err := (&Private{Key: k}).marshalOpenSSH(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parsed(t, text).Open(nil); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v, want ErrMismatch", name, err)
		}
	}
	// d below zero, zero, or of 100,000 bits: the reader refuses before anything is computed.
	for name, d := range map[string][]byte{"zero": nil, "negative": {0x80}, "huge": bytes.Repeat([]byte{0x7f}, 12500)} {
		public, _ := (&Private{Key: good}).Public()
		part := appendString(make([]byte, 8), typeRSA)
		for _, field := range [][]byte{good.N.Bytes(), {3}, d, {1}, {1}, {1}} {
			part = appendString(part, append([]byte{0}[:min(len(field), 1)], field...))
		}
		if name == "negative" {
			part = bytes.Replace(part, []byte{0, 0, 0, 2, 0, 0x80}, []byte{0, 0, 0, 1, 0x80}, 1)
		}
		part = fill(appendString(part, ""))
		if _, err := parsed(t, armor(unprotectedFile(public.Blob, part))).Open(nil); err == nil {
			t.Errorf("d is %s: opened", name)
		}
	}
}

// fill adds 1 2 3 ... up to a full block.
func fill(part []byte) []byte {
	for i := byte(1); len(part)%8 != 0; i++ {
		part = append(part, i)
	}
	return part
}

func TestDamagedFiles(t *testing.T) {
	p := ed25519Key(t)
	public, _ := p.Public()
	part, err := p.privatePart(typeEd25519, 8)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) []byte {
		part := bytes.Clone(part)
		part[at] = to
		return part
	}
	none := func() []byte { return appendString(appendString([]byte(opensshMagic), "none"), "none") }
	bcrypt := func(options []byte) []byte {
		file := appendString(appendString(appendString([]byte(opensshMagic), "aes256-ctr"), "bcrypt"), options)
		return appendString(appendString(appendUint32(file, 1), public.Blob), make([]byte, 64))
	}
	two := appendString(appendString(appendUint32(appendString(none(), ""), 2), public.Blob), public.Blob)
	mixed := appendString(appendString([]byte(opensshMagic), "aes256-ctr"), "none")
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"no magic", []byte("openssh-key-v2\x00"), "openssh-key-v1"},
		{"nothing after the magic", []byte(opensshMagic), "ends too early"},
		{"two keys", appendString(two, part), "2 keys"},
		{"no key", appendUint32(appendString(none(), ""), 0), "0 keys"},
		{"cipher without KDF", appendString(appendString(appendUint32(appendString(mixed, ""), 1), public.Blob), part), "none"},
		{"no salt", bcrypt(appendUint32(appendString(nil, ""), 16)), "no salt"},
		{"no rounds", bcrypt(appendUint32(appendString(nil, "salt"), 0)), "no rounds"},
		{"short options", bcrypt(appendString(nil, "salt")), "no rounds"},
		{"long options", bcrypt(append(appendUint32(appendString(nil, "salt"), 16), 0)), "no rounds"},
		{"something after the end", append(unprotectedFile(public.Blob, part), 0), "after its end"},
		{"half a block", unprotectedFile(public.Blob, part[:len(part)-4]), "cut off"},
		{"no private part", unprotectedFile(public.Blob, nil), "cut off"},
		{"check numbers", unprotectedFile(public.Blob, changed(0, part[0]^1)), "check numbers"},
		{"padding", unprotectedFile(public.Blob, fill(append(part[:len(part):len(part)], 9))), "fills it up"},
		{"length inside", unprotectedFile(public.Blob, changed(8, 0xff)), "damaged"},
		{"public half", unprotectedFile([]byte("nothing"), part), "wire form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Parse(armor(c.file))
			if err == nil { // as ssh-keygen -l: the public half is shown, whatever became of the private one
				if !f.Public.Equal(public) {
					t.Errorf("Parse = %+v; want the public half", f)
				}
				if _, opened := f.Open([]byte("p")); !errors.Is(opened, f.Damage) {
					t.Errorf("Open: %v; want the damage, %v", opened, f.Damage)
				}
				err = f.Damage
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %+v, %v; want an error about %q", f, err, c.want)
			}
		})
	}
}

func TestUnknownIsDescribed(t *testing.T) {
	p := ed25519Key(t)
	public, _ := p.Public()
	file := appendString(appendString(appendString([]byte(opensshMagic), "new-cipher@example.org"), "new-kdf"), "options")
	file = appendString(appendString(appendUint32(file, 1), public.Blob), "private")
	f := parsed(t, armor(file))
	if f.Cipher != "new-cipher@example.org" || f.KDF.Name != "new-kdf" || !f.Public.Equal(public) {
		t.Errorf("Parse = %+v", f)
	}
	if _, err := f.Open([]byte("p")); err == nil || !strings.Contains(err.Error(), "new-cipher") {
		t.Errorf("Open: %v; want an error that names the cipher", err)
	}
	blob := appendString(appendString(nil, "ssh-new@example.org"), "numbers")
	f = parsed(t, armor(unprotectedFile(blob, fill(appendString(appendString(make([]byte, 8), "ssh-new@example.org"), "secret")))))
	if f.Type != "ssh-new@example.org" || f.Public.Bits != 0 {
		t.Errorf("Parse = %+v", f)
	}
	if _, err := f.Open(nil); err == nil || !strings.Contains(err.Error(), "ssh-new@example.org") {
		t.Errorf("Open: %v; want an error that names the algorithm", err)
	}
}

// Each byte of a file changed, and the file cut after each byte: never a panic, and never another key.
func TestEveryByteMatters(t *testing.T) {
	for name, p := range oneOfEach(t) {
		if name == typeDSA || name == typeRSA || name == typeECDSA+"nistp521" {
			continue // the same code on longer numbers
		}
		public, _ := p.Public()
		text, err := p.marshalOpenSSH(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		for i := range block.Bytes {
			for _, file := range [][]byte{block.Bytes[:i], flipped(block.Bytes, i, 0x01), flipped(block.Bytes, i, 0xff)} {
				f, err := Parse(armor(file))
				if err != nil {
					continue
				}
				if opened, err := f.Open(nil); err == nil {
					if own, _ := opened.Public(); !own.Equal(public) {
						t.Fatalf("%s, byte %d: another key", name, i)
					}
				}
			}
		}
	}
}

func flipped(b []byte, at int, mask byte) []byte {
	b = bytes.Clone(b)
	b[at] ^= mask
	return b
}

func FuzzParseOpenSSH(f *testing.F) {
	for _, p := range []*Private{ed25519Key(f), securityKey(f, typeSKEd25519), securityKey(f, typeSKECDSA)} {
		for _, passphrase := range [][]byte{nil, []byte(testPassphrase)} {
			text, err := p.marshalOpenSSH(passphrase, 1)
			if err != nil {
				f.Fatal(err)
			}
			block, _ := pem.Decode(text)
			f.Add(block.Bytes)
		}
	}
	for _, args := range [][]string{
		{"-t", "rsa", "-b", "1024"}, {"-t", "dsa"}, {"-t", "ecdsa"}, {"-t", "ecdsa", "-b", "521"},
		{"-t", "ed25519", "-a", "1", "-Z", "aes256-gcm@openssh.com"}, {"-t", "ed25519", "-a", "1", "-Z", "chacha20-poly1305@openssh.com"},
		{"-t", "ed25519", "-a", "1", "-Z", "3des-cbc"},
	} {
		passphrase := ""
		if strings.Contains(strings.Join(args, " "), "-Z") {
			passphrase = testPassphrase
		}
		block, _ := pem.Decode(read(f, madeBy(f, passphrase, args...)))
		f.Add(block.Bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseOpenSSH(data)
		if err != nil {
			return
		}
		if file.Public == nil || file.Type != file.Public.Type || file.Cipher == "" || file.Protected() == (file.KDF == KDF{}) {
			t.Fatalf("half described: %+v", file)
		}
		if file.KDF.Rounds > 2 {
			return // the cost is the file's to choose, within bounds
		}
		p, err := file.Open([]byte(testPassphrase))
		if err != nil {
			return
		}
		roundTrip(t, p, file)
	})
}

// roundTrip wants what was opened to be written and read again as the same.
func roundTrip(t *testing.T, p *Private, file *File) {
	t.Helper()
	public, err := p.Public()
	if err != nil {
		t.Fatal(err)
	}
	if string(file.Public.Key().Blob) != string(public.Blob) {
		t.Fatal("the opened key is another one")
	}
	text, err := p.MarshalOpenSSH(nil, 0)
	if err != nil {
		if strings.ContainsRune(p.Comment, 0) || errors.Is(err, ErrMismatch) {
			return
		}
		t.Fatal(err)
	}
	again := parsed(t, text)
	opened, err := again.Open(nil)
	if err != nil || again.Comment != p.Comment {
		t.Fatalf("what was written is read as comment %q, %v; want %q", again.Comment, err, p.Comment)
	}
	if own, _ := opened.Public(); string(own.Blob) != string(public.Blob) {
		t.Fatal("what was written is another key")
	}
}

func FuzzPublicFromBlob(f *testing.F) {
	for _, p := range oneOfEach(f) {
		public, _ := p.Public()
		f.Add(public.Blob)
		certificate, err := SignCertificate(ed25519Key(f), public, CertificateOptions{ID: "x", Principals: []string{"x"}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(certificate.Blob)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		p, err := publicFromBlob(blob)
		if err != nil {
			return
		}
		if p.Type == "" || len(p.Blob) > len(blob) {
			t.Fatalf("half described: %+v", p)
		}
		// Zeros before numbers are taken off; what is left stays as it is.
		again, err := publicFromBlob(p.Blob)
		if err != nil || !bytes.Equal(again.Blob, p.Blob) || again.Bits != p.Bits || again.Curve != p.Curve || again.Type != p.Type {
			t.Fatalf("read again: %+v, %v; was %+v", again, err, p)
		}
		if key, ok := certified(p); ok && key.Bits != p.Bits {
			t.Fatalf("a certificate of %d bits for a key of %d", p.Bits, key.Bits)
		}
	})
}

// A private half that contradicts itself, beside a public half that it names rightly.
func TestSecretOfAnotherKey(t *testing.T) {
	keys := oneOfEach(t)
	for name, seek := range map[string]func(f *privateFields) []byte{
		typeEd25519:            func(f *privateFields) []byte { return f.fields[1][:32] }, // the seed
		typeDSA:                func(f *privateFields) []byte { return f.fields[4] },
		typeECDSA + "nistp256": func(f *privateFields) []byte { return f.fields[2] },
	} {
		public, _ := keys[name].Public()
		part, err := keys[name].privatePart(name, 8)
		if err != nil {
			t.Fatal(err)
		}
		f, err := splitPrivate(part)
		if err != nil {
			t.Fatal(err)
		}
		secret := seek(f) // part of part
		secret[len(secret)-1] ^= 1
		if _, err := parsed(t, armor(unprotectedFile(public.Blob, part))).Open(nil); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v, want ErrMismatch", name, err)
		}
	}
}

// With ciphers that authenticate, a changed bit anywhere in what is encrypted, or in the tag, is noticed.
func TestTagIsChecked(t *testing.T) {
	for _, cipher := range []string{"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"} {
		block, _ := pem.Decode(read(t, madeBy(t, testPassphrase, "-t", "ed25519", "-a", "1", "-Z", cipher)))
		for _, fromEnd := range []int{1, 16, 17} { // the tag's two ends, and the padding before it
			f := parsed(t, armor(flipped(block.Bytes, len(block.Bytes)-fromEnd, 1)))
			if _, err := f.Open([]byte(testPassphrase)); !errors.Is(err, ErrPassphrase) {
				t.Errorf("%s, byte %d from the end: %v, want ErrPassphrase", cipher, fromEnd, err)
			}
		}
	}
}
