package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

// inspectKeygen runs ssh-keygen in a directory and returns what it prints.
func inspectKeygen(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command(testneed.Program(t, "ssh-keygen"), args...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v", args, err)
	}
	return string(out)
}

// TestInspectLikeSSHKeygen compares the first line of every kind of key, in every format and kind of protection, with
// ssh-keygen -l.
func TestInspectLikeSSHKeygen(t *testing.T) {
	dir := t.TempDir()
	kinds := map[string][]string{
		"rsa": {"-t", "rsa", "-b", "1024"}, "dsa": {"-t", "dsa"}, "p256": {"-t", "ecdsa", "-b", "256"}, "p384": {"-t", "ecdsa", "-b", "384"},
		"p521": {"-t", "ecdsa", "-b", "521"}, "ed25519": {"-t", "ed25519"},
	}
	var files []string
	for kind, args := range kinds {
		for format, more := range map[string][]string{"RFC4716": {"-a", "1"}, "PEM": nil, "PKCS8": nil, "gcm": {"-a", "1", "-Z", "aes256-gcm@openssh.com"}} {
			for _, pass := range []string{"", "secret"} {
				name := kind + format + pass
				m := format
				if format == "gcm" {
					m = "RFC4716"
				}
				inspectKeygen(t, dir, append(append([]string{"-q", "-N", pass, "-C", "c " + name, "-m", m, "-f", name}, args...), more...)...)
				files = append(files, name, name+".pub")
			}
		}
	}
	for _, file := range files {
		want := inspectKeygen(t, dir, "-l", "-f", file)
		out, errs, code := inspect(t, dir, "-q", file)
		if out != want || errs != "" || code == exitIncomplete || code == exitUsage {
			t.Errorf("%s: exit code %d\ngot  %q\nwant %q\n%s", file, code, out, want, errs)
		}
	}
}

// TestInspectWithoutPub compares files whose .pub is gone: the comment is in the file, or unknown.
func TestInspectWithoutPub(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain", "secret"} {
		inspectKeygen(t, dir, "-q", "-t", "ed25519", "-a", "1", "-N", strings.TrimPrefix(name, "plain"), "-C", "hello", "-f", name)
		if err := os.Remove(filepath.Join(dir, name+".pub")); err != nil {
			t.Fatal(err)
		}
		want := inspectKeygen(t, dir, "-l", "-f", name)
		if out, errs, _ := inspect(t, dir, "-q", name); out != want {
			t.Errorf("%s: got %q, want %q\n%s", name, out, want, errs)
		}
	}
}

// inspect runs key inspect as a user would.
func inspect(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(context.Background(), Env{
		Args: append([]string{"key", "inspect"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, Dir: dir, Home: dir, Now: time.Now,
	})
	return out.String(), errs.String(), code
}
