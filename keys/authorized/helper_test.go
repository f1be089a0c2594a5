package authorized

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/keys"
)

func sshKeygen(t testing.TB, args ...string) string {
	t.Helper()
	c := exec.Command(testneed.Program(t, "ssh-keygen"), args...)
	c.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// publicLine makes a key and returns its .pub line without the newline.
func publicLine(t testing.TB, comment string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "k")
	sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path)
	data, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(data), "\n")
}

func publicOf(t testing.TB, line string) keys.Public {
	t.Helper()
	p, _, err := keys.ParsePublicLine([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fingerprints is what ssh-keygen -l says of a file.
func fingerprints(t testing.TB, data string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return sshKeygen(t, "-l", "-f", file)
}

// shown writes a line as ssh-keygen -l does: without a comment it shows what stands before the key.
func shown(p keys.Public, before, comment string) string {
	for _, text := range []string{comment, before, "no comment"} {
		if text != "" {
			return fmt.Sprintf("%d %s %s (%s)\n", p.Bits, p.SHA256(), text, p.Short())
		}
	}
	return ""
}
