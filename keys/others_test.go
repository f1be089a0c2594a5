package keys

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// What stands beside the key in its file is told: who writes the file anew would lose it.
func TestOthers(t *testing.T) {
	one := read(t, madeBy(t, "", "-t", "ed25519"))
	two := read(t, madeBy(t, "", "-t", "ecdsa"))
	parameters := openssl(t, "ecparam", "-name", "prime256v1", "-genkey")
	certificate := pemText("CERTIFICATE", []byte("x"))
	damaged := []byte("-----BEGIN RSA " + "PRIVATE KEY-----\nnot base64\n")
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"alone":               {one, nil},
		"with its parameters": {parameters, nil},
		"text around it":      {slices.Concat([]byte("hello\n"), one, []byte("bye\n")), nil},
		"two keys":            {slices.Concat(one, two), []string{"OPENSSH PRIVATE KEY"}},
		"lines of Windows":    {[]byte(strings.ReplaceAll(string(slices.Concat(one, two)), "\n", "\r\n")), []string{"OPENSSH PRIVATE KEY"}},
		"certificates":        {slices.Concat(certificate, parameters, certificate), []string{"CERTIFICATE", "CERTIFICATE"}},
		"a damaged key":       {slices.Concat(one, damaged), []string{"RSA PRIVATE KEY"}},
	} {
		f, err := Parse(c.data)
		if err != nil || !slices.Equal(f.Others, c.want) {
			t.Errorf("%s: others %q, error %v; want %q", name, f.Others, err, c.want)
		}
	}
	if got := others(bytes.Repeat([]byte("PuTTY-User-Key-File-3: x\n"), 2)); !slices.Equal(got, []string{ppkLabel}) {
		t.Errorf("two of PuTTY's: %q", got)
	}
}
