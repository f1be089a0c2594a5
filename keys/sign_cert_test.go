package keys

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Certificates of ours and of ssh-keygen for the same key by the same authority must read the same in ssh-keygen -L.
func TestSignCertificateAsSSHKeygen(t *testing.T) {
	t.Setenv("TZ", "UTC")
	from, to := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	const bounds = "20260102030405Z:20270102030405Z"
	for _, c := range []struct {
		name        string
		ca, subject []string
		opts        CertificateOptions
		args        []string
	}{
		{"user", []string{"-t", "ed25519"}, []string{"-t", "ed25519"},
			CertificateOptions{ID: "alice@laptop", Principals: []string{"alice", "root"}, ValidAfter: from, ValidBefore: to, Serial: 42},
			[]string{"-I", "alice@laptop", "-n", "alice,root", "-V", bounds, "-z", "42"}},
		{"host, RSA authority", []string{"-t", "rsa", "-b", "2048"}, []string{"-t", "ecdsa"},
			CertificateOptions{ID: "web 1", Principals: []string{"web.example.org"}, Host: true},
			[]string{"-I", "web 1", "-h", "-n", "web.example.org"}},
		{"restricted", []string{"-t", "ecdsa", "-b", "521"}, []string{"-t", "rsa", "-b", "2048"},
			CertificateOptions{ID: "backup", Principals: []string{"backup"}, ValidBefore: to, Extensions: []string{},
				ForceCommand: "borg serve", SourceAddress: []string{"192.0.2.0/24", "2001:db8::1"}, VerifyRequired: true},
			[]string{"-I", "backup", "-n", "backup", "-V", "always:20270102030405Z", "-O", "clear", "-O", "verify-required",
				"-O", "force-command=borg serve", "-O", "source-address=192.0.2.0/24,2001:db8::1"}},
		{"own extensions", []string{"-t", "ed25519"}, []string{"-t", "dsa"},
			CertificateOptions{ID: "x", Principals: []string{"x"}, Extensions: []string{"permit-pty", "login@example.org", "permit-pty"}},
			[]string{"-I", "x", "-n", "x", "-O", "clear", "-O", "permit-pty", "-O", "extension:login@example.org"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			caFile, subjectFile := madeBy(t, "", c.ca...), madeBy(t, "", c.subject...)
			ca := opensAs(t, parsed(t, read(t, caFile)), "", read(t, caFile+".pub"))
			subject := parsed(t, read(t, subjectFile)).Public
			got, err := SignCertificate(ca, *subject, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := keygen(t, "", append([]string{"-q", "-s", caFile}, append(c.args, subjectFile+".pub")...)...); err != nil {
				t.Fatalf("ssh-keygen -s: %s", out)
			}
			theirs := listed(t, subjectFile+"-cert.pub")
			file := filepath.Join(t.TempDir(), "ours-cert.pub")
			write(t, file, got.Line("made by ssh-keygen"), 0o644)
			if ours := listed(t, file); ours != theirs {
				t.Errorf("ssh-keygen -L prints\n%s\nwant\n%s", ours, theirs)
			}
			verified(t, got, ca, c.opts)
		})
	}
}

// listed is what ssh-keygen -L prints, without the file's name.
func listed(t *testing.T, name string) string {
	t.Helper()
	out, err := keygen(t, "", "-L", "-f", name)
	if err != nil {
		t.Fatalf("ssh-keygen -L: %s", out)
	}
	_, out, _ = strings.Cut(out, "\n")
	return out
}

// verified has x/crypto check the signature, and everything else that it checks at a login, where it knows the key.
func verified(t *testing.T, certificate Public, ca *Private, opts CertificateOptions) {
	t.Helper()
	if strings.HasPrefix(certificate.Type, typeDSA) {
		return
	}
	key, err := ssh.ParsePublicKey(certificate.Blob)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ca.Signer()
	if err != nil {
		t.Fatal(err)
	}
	checker := ssh.CertChecker{
		SupportedCriticalOptions: []string{"force-command", "source-address", "verify-required"},
		Clock:                    func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) },
	}
	cert := key.(*ssh.Certificate)
	if err := checker.CheckCert(opts.Principals[0], cert); err != nil {
		t.Error(err)
	}
	if string(cert.SignatureKey.Marshal()) != string(signer.PublicKey().Marshal()) {
		t.Error("the certificate names another authority")
	}
}

func TestSignCertificateForSecurityKeys(t *testing.T) {
	for _, keyType := range []string{typeSKEd25519, typeSKECDSA} {
		subject, _ := securityKey(t, keyType).Public()
		got, err := SignCertificate(ed25519Key(t), subject, CertificateOptions{ID: "x", Principals: []string{"x"}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "key-cert.pub")
		write(t, file, got.Line(""), 0o644)
		if out := listed(t, file); !strings.Contains(out, got.Type+" user certificate") {
			t.Errorf("ssh-keygen -L prints %s", out)
		}
	}
}

func TestSignCertificateRefuses(t *testing.T) {
	ca := ed25519Key(t)
	subject, _ := ed25519Key(t).Public()
	good := CertificateOptions{ID: "x", Principals: []string{"x"}}
	certificate, err := SignCertificate(ca, subject, good)
	if err != nil {
		t.Fatal(err)
	}
	dsaFile := madeBy(t, "", "-t", "dsa")
	dsaKey := opensAs(t, parsed(t, read(t, dsaFile)), "", read(t, dsaFile+".pub"))
	unknown, _ := publicFromBlob(appendString(nil, "ssh-new@example.org"))
	with := func(change func(*CertificateOptions)) CertificateOptions {
		opts := good
		change(&opts)
		return opts
	}
	for _, c := range []struct {
		ca      *Private
		subject Public
		opts    CertificateOptions
		want    string
	}{
		{ca, certificate, good, "already"},
		{ca, unknown, good, "no certificates"},
		{ca, Public{}, good, "wire form"},
		{securityKey(t, typeSKEd25519), subject, good, "device"},
		{dsaKey, subject, good, "DSA"},
		{&Private{}, subject, good, "cleared"},
		{ca, subject, with(func(o *CertificateOptions) { o.ID = "" }), "identity"},
		{ca, subject, with(func(o *CertificateOptions) { o.ID = "a\nb" }), "identity"},
		{ca, subject, with(func(o *CertificateOptions) { o.Principals = nil }), "principals"},
		{ca, subject, with(func(o *CertificateOptions) { o.Principals = []string{"a,b"} }), "comma"},
		{ca, subject, with(func(o *CertificateOptions) { o.Principals = make([]string, 257) }), "256"},
		{ca, subject, with(func(o *CertificateOptions) { o.ValidAfter = time.Unix(5, 0); o.ValidBefore = time.Unix(5, 0) }), "before it starts"},
		{ca, subject, with(func(o *CertificateOptions) { o.ValidBefore = time.Unix(-5, 0) }), "1970"},
		{ca, subject, with(func(o *CertificateOptions) { o.SourceAddress = []string{"192.0.2.1/24"} }), "192.0.2.0/24"},
		{ca, subject, with(func(o *CertificateOptions) { o.SourceAddress = []string{"example.org"} }), "neither"},
		{ca, subject, with(func(o *CertificateOptions) { o.Host, o.ForceCommand = true, "true" }), "hosts"},
		{ca, subject, with(func(o *CertificateOptions) { o.Extensions = []string{""} }), "extension"},
	} {
		if _, err := SignCertificate(c.ca, c.subject, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; want an error about %q", c.opts, err, c.want)
		}
	}
}

// A private key file may hold a certificate in place of the public key. ssh-keygen writes none, but reads them.
func TestCertificateInsidePrivateKey(t *testing.T) {
	for name, p := range oneOfEach(t) {
		t.Run(name, func(t *testing.T) {
			public, _ := p.Public()
			certificate, err := SignCertificate(ed25519Key(t), public, CertificateOptions{ID: "x", Principals: []string{"x"}})
			if err != nil {
				t.Fatal(err)
			}
			text := withCertificate(t, p, certificate)
			f := parsed(t, text)
			if f.Type != certificate.Type || f.Public.Bits != public.Bits || f.Comment != p.Comment {
				t.Errorf("type %s, %d bits, comment %q", f.Type, f.Public.Bits, f.Comment)
			}
			opensAs(t, f, "", public.Line(p.Comment))
			file := filepath.Join(t.TempDir(), "key")
			write(t, file, text, 0o600)
			if out, err := keygen(t, "", "-y", "-f", file); err != nil || out != string(certificate.Line(p.Comment)) {
				t.Errorf("ssh-keygen -y: %s (%v)\nwant            %s", out, err, certificate.Line(p.Comment))
			}
			other, _ := ed25519Key(t).Public()
			swapped, err := SignCertificate(ed25519Key(t), other, CertificateOptions{ID: "x", Principals: []string{"x"}})
			if err != nil {
				t.Fatal(err)
			}
			if f, err := Parse(withCertificate(t, p, swapped)); err == nil {
				if _, err := f.Open(nil); err == nil {
					t.Error("a certificate of another key goes through")
				}
			}
		})
	}
}

// withCertificate writes p with a certificate in its public half's place: of the private fields those that shape names stay.
func withCertificate(t *testing.T, p *Private, certificate Public) []byte {
	t.Helper()
	public, _ := p.Public()
	plain, err := p.privatePart(public.Type, 8)
	if err != nil {
		t.Fatal(err)
	}
	f, err := splitPrivate(plain)
	if err != nil {
		t.Fatal(err)
	}
	secret := f.fields[len(f.fields)-(len(shape(certificateType(public.Type)))-1):]
	part := appendString(make([]byte, 8), certificate.Type)
	part = appendString(part, certificate.Blob)
	for i, field := range secret {
		if shape(certificateType(public.Type))[i+1] == 'b' {
			part = append(part, field...)
		} else {
			part = appendString(part, field)
		}
	}
	part = appendString(part, p.Comment)
	for i := byte(1); len(part)%8 != 0; i++ {
		part = append(part, i)
	}
	return armor(unprotectedFile(certificate.Blob, part))
}

// unprotectedFile is a file that is not protected.
func unprotectedFile(public, private []byte) []byte {
	file := appendString(appendString(appendString([]byte(opensshMagic), "none"), "none"), "")
	return appendString(appendString(appendUint32(file, 1), public), private)
}
