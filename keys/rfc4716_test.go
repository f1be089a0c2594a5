package keys

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// rfc4716Text writes a key in RFC 4716 with the given headers.
func rfc4716Text(t testing.TB, line []byte, headers, newline string) string {
	t.Helper()
	p, _, err := ParsePublicLine(line)
	if err != nil {
		t.Fatal(err)
	}
	body := base64.StdEncoding.EncodeToString(p.Blob)
	var b strings.Builder
	for len(body) > 70 {
		b.WriteString(body[:70] + "\n")
		body = body[70:]
	}
	text := rfc4716Begin + "\n" + headers + b.String() + body + "\n" + rfc4716End + "\n"
	return strings.ReplaceAll(text, "\n", newline)
}

func TestRFC4716(t *testing.T) {
	line := contentOf(t, makeKey(t, t.TempDir(), "k", kinds()["ed25519"], "c")+".pub")
	want, _, err := ParsePublicLine(line)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ headers, comment, subject string }{
		{"", "", ""},
		{"Comment: plain words\n", "plain words", ""},
		{"COMMENT: \"quoted: words\"\n", "quoted: words", ""},
		{"Subject: me\nComment: \"over \\\ntwo lines\"\nx-private: a:b\n", "over two lines", "me"},
		{"Comment: a\\\nb\\\nc\n", "abc", ""},
		{"Comment: first\nComment: second\n", "first", ""},
		{"Comment:\n", "", ""},
	} {
		for _, newline := range []string{"\n", "\r\n", "\r"} {
			f, err := ParsePublicFile([]byte(rfc4716Text(t, line, test.headers, newline)))
			if err != nil || !f.Public.Equal(want) || f.Comment != test.comment || f.Subject != test.subject {
				t.Errorf("%q with %q: %+v, %v", test.headers, newline, f, err)
			}
		}
	}
}

func TestRFC4716Damaged(t *testing.T) {
	line := contentOf(t, makeKey(t, t.TempDir(), "k", kinds()["ed25519"], "c")+".pub")
	good := rfc4716Text(t, line, "", "\n")
	for name, text := range map[string]string{
		"no end":         strings.Replace(good, "END", "ENDE", 1),
		"text behind":    good + "more\n",
		"marker":         strings.Replace(good, rfc4716Begin, rfc4716Begin+" x", 1),
		"base64":         strings.Replace(good, "AAAA", "A-AA", 1),
		"long line":      strings.Replace(good, "\n---- END", strings.Repeat("A", 80)+"\n---- END", 1),
		"endless header": rfc4716Begin + "\nComment: x\\\n" + rfc4716End,
		"empty":          rfc4716Begin + "\n" + rfc4716End,
		"begin alone":    rfc4716Begin,
	} {
		if f, err := ParsePublicFile([]byte(text)); !errors.Is(err, ErrNoPublic) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func TestRecognise(t *testing.T) {
	for text, want := range map[string]string{
		"SSHKRL\n\x00\x00\x00\x00\x01":                                  "revocation list",
		"---- BEGIN SSH2 ENCRYPTED " + "PRIVATE KEY ----\nComment: x\n": "ssh.com",
		"age-encryption.org/v1\n-> X25519 x\n":                          "encrypted with age",
		"# created: now\nAGE-SECRET" + "-KEY-1XYZ\n":                    "age identity",
		"-----BEGIN PGP PRIVATE KEY " + "BLOCK-----\n":                  "OpenPGP private key",
		"Bag Attributes\r\n-----BEGIN CERTIFICATE-----\r\n":             "X.509",
		"\xef\xbb\xbf-----BEGIN SSH SIGNATURE-----\n":                   "SSH signature",
		"\x30\x82\x04\xa4":                                              "DER",
	} {
		if got, ok := Recognise([]byte(text)); !ok || !strings.Contains(got.What, want) || got.Hint == "" {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{"", "\n", "ssh-ed25519 AAAA", "see -----BEGIN CERTIFICATE----- there"} {
		if got, ok := Recognise([]byte(text)); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzRFC4716(f *testing.F) {
	line := contentOf(f, makeKey(f, f.TempDir(), "k", kinds()["ed25519"], "c")+".pub")
	f.Add([]byte(rfc4716Text(f, line, "Comment: \"a \\\nb\"\n", "\r\n")))
	f.Add([]byte(rfc4716Text(f, line, "Subject: x\n", "\n")))
	f.Add([]byte(rfc4716Begin + "\nComment: x\\\n" + rfc4716End))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePublicFile(append([]byte(rfc4716Begin+"\n"), data...))
		if q, err2 := ParsePublicFile(data); err2 == nil {
			p, err = q, nil
		}
		Recognise(data)
		if err != nil {
			return
		}
		again, err := ParsePublic(p.Public.Blob)
		if err != nil || again.Type != p.Public.Type {
			t.Errorf("%+v: %v", p, err)
		}
	})
}
