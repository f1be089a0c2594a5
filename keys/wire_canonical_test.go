package keys

import (
	"encoding/base64"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// Zeros before a number do not make another key: OpenSSH shows the same fingerprint and lets the key in, so a key that was
// taken out of use must be known by it.
func TestZerosBeforeNumbers(t *testing.T) {
	keygen := testneed.Program(t, "ssh-keygen")
	for _, args := range [][]string{{"-t", "rsa", "-b", "1024"}, {"-t", "dsa"}} {
		name := madeBy(t, "", args...)
		plain, _, err := ParsePublicLine(read(t, name+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		w := &wire{rest: plain.Blob}
		w.string()
		padded := appendString(nil, plain.Type)
		for len(w.rest) > 0 {
			padded = appendString(padded, append([]byte{0, 0}, w.string()...))
		}
		line := plain.Type + " " + base64.StdEncoding.EncodeToString(padded) + " x\n"
		file := filepath.Join(t.TempDir(), "pub")
		write(t, file, []byte(line), 0o600)
		theirs, err := exec.Command(keygen, "-l", "-f", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, theirs)
		}
		p, _, err := ParsePublicLine([]byte(line))
		if err != nil || !strings.Contains(string(theirs), p.SHA256()) || !p.Equal(plain) {
			t.Errorf("%s: %s, %v; ssh-keygen says %s", plain.Type, p.SHA256(), err, theirs)
		}
	}
}
