package keys

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"keysweep/internal/testneed"
)

// TestQuirks holds what is said of a file's text to what ssh-keygen does with it.
func TestQuirks(t *testing.T) {
	text, err := ed25519Key(t).MarshalOpenSSH(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.IndexByte(text, '\n')
	for name, data := range map[string][]byte{
		"as written":                   text,
		"Windows line ends":            bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"something before":             append([]byte("my key:\n"), text...),
		"a space after the first line": append(append(bytes.Clone(text[:begin]), ' '), text[begin:]...),
		"no line end":                  text[:len(text)-1],
		"a space at the end":           append(bytes.Clone(text[:len(text)-1]), " \n"...),
		"text behind":                  append(bytes.Clone(text), "that was it\n"...),
		"an empty line before":         append([]byte("\n"), text...),
		"narrow lines":                 bytes.Replace(text, text[begin+1:begin+21], append(bytes.Clone(text[begin+1:begin+21]), '\n'), 1),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "id")
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			refused := exec.Command(testneed.Program(t, "ssh-keygen"), "-y", "-P", "", "-f", file).Run() != nil
			f, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if (f.Quirk != "") != refused {
				t.Errorf("quirk %q; ssh-keygen refuses it: %v", f.Quirk, refused)
			}
		})
	}
	if _, err := Parse(append([]byte("\xef\xbb\xbf"), text...)); err == nil || !bytes.Contains([]byte(err.Error()), []byte("byte order mark")) {
		t.Errorf("with a byte order mark: %v", err)
	}
}
