//go:build linux

package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// bomb is something that was made to fill a disk or a memory, or is damaged, and what is said of it.
type bomb struct {
	name  string   // of the file
	make  string   // a shell script that makes it in a directory with zeros (16 MiB), noise (64 KiB) and secret.env
	args  []string // lowered limits
	left  string   // what was left out
	why   string   // and the reason
	found bool     // the secret in it is found all the same
}

// deadCentre is a shell function that zeroes sixteen bytes of a file, at a place in hundredths of its size.
const deadCentre = `hit() { dd if=/dev/zero of="$1" bs=1 count=16 seek=$(( $(stat -c %s "$1") * $2 / 100 )) conv=notrunc status=none; }
trim() { truncate -s $(( $(stat -c %s "$1") * $2 / 100 )) "$1"; }
`

func bombs() []bomb {
	size, ratio := []string{"--archive-size", "4MiB"}, []string{"--archive-ratio", "2", "--archive-size", "1GiB"}
	image := `mkdir layer && cp secret.env noise layer/ && tar cf layer.tar -C layer secret.env noise && echo '[{"Config":"c.json","Layers":["layer.tar"]}]' >manifest.json && echo '{}' >c.json && `
	return []bomb{
		{"bomb.zip", `cp zeros z1; cp zeros z2; zip -q bomb.zip secret.env z1 z2`, size, "bomb.zip!z1", "more than 4 MiB come out", true},
		{"dense.zip", `for i in 1 2 3 4 5; do cp zeros z$i; done; zip -q dense.zip secret.env z?`, ratio, "dense.zip!z", "more than 2 times its size", true},
		{"42.zip", `cp zeros z; for l in 1 2 3; do for i in 1 2 3 4; do cp z z$i; done; rm -f a.zip; zip -q a.zip z1 z2 z3 z4; mv a.zip z; done; cp z 42.zip`,
			size, "42.zip!z", "more than 4 MiB come out", false},
		{"deep.zip", `cp secret.env x; for l in 1 2 3 4 5 6 7 8; do rm -f a.zip; zip -q a.zip x; mv a.zip x; done; cp x deep.zip`, nil, "deep.zip!x!x!x!x!x", "it is a container in 5 containers", false},
		{"zeros.gz", `gzip -c zeros >zeros.gz`, size, "zeros.gz!zeros", "more than 4 MiB come out", false},
		{"deep.gz", `cp secret.env x; for l in 1 2 3 4 5 6 7 8; do gzip -nc x >y; mv y x; done; cp x deep.gz`, nil, "deep.gz!", "it is a container in 5 containers", false},
		{"zeros.tar.xz", `tar cJf zeros.tar.xz secret.env zeros`, size, "zeros.tar.xz!zeros", "more than 4 MiB come out", true},
		{"zeros.zst", `zstd -q zeros -o zeros.zst`, size, "zeros.zst!", "more than 4 MiB come out", false},
		{"zeros.7z", `7zz a zeros.7z zeros >/dev/null`, size, "zeros.7z!zeros", "more than 4 MiB come out", false},
		{"many.tar", `mkdir m; cp secret.env m/a; touch $(seq -f m/f%g 200); tar cf many.tar m/a m/f*`, []string{"--archive-members", "100"}, "many.tar", "more than 100 members", true},

		{"cut.tar", `tar cf cut.tar secret.env noise; trim cut.tar 50`, nil, "cut.tar!noise", "it ends early", true},
		{"hit.tar", `tar cf hit.tar secret.env noise secret.env; dd if=noise of=hit.tar bs=512 seek=2 count=1 conv=notrunc status=none`, nil, "hit.tar", "damaged", true},
		{"cut.tar.gz", `tar czf cut.tar.gz secret.env noise; trim cut.tar.gz 50`, nil, "cut.tar.gz!noise", "it ends early", true},
		{"cut.zip", `zip -q cut.zip secret.env noise; trim cut.zip 50`, nil, "cut.zip!noise", "ends early", true},
		{"hit.zip", `zip -q hit.zip secret.env noise; hit hit.zip 50`, nil, "hit.zip!noise", "damaged", true},
		{"cut.7z", `7zz a cut.7z secret.env noise >/dev/null; trim cut.7z 90`, nil, "cut.7z", "damaged", false},
		{"hit.7z", `7zz a hit.7z noise secret.env >/dev/null; hit hit.7z 98`, nil, "hit.7z", "damaged", false},
		{"cut.xz", `xz -c noise >cut.xz; trim cut.xz 50`, nil, "cut.xz!cut", "ends early", false},
		{"hit.xz", `xz -c zeros >hit.xz; hit hit.xz 30`, nil, "hit.xz", "damaged", false},
		{"cut.zst", `zstd -q noise -o cut.zst; trim cut.zst 50`, nil, "cut.zst!cut", "ends early", false},
		{"hit.zst", `zstd -q --check zeros -o hit.zst; hit hit.zst 60`, nil, "hit.zst", "damaged", false},
		{"cut.bz2", `bzip2 -c noise >cut.bz2; trim cut.bz2 50`, nil, "cut.bz2!cut", "ends early", false},
		{"locked.zip", `zip -q locked.zip noise; zip -q -P x locked.zip secret.env`, nil, "locked.zip", "", false},

		{"image.tar", image + `tar cf image.tar manifest.json c.json layer.tar; trim image.tar 60`, nil, "image.tar!layer.tar", "it ends early", true},
		{"oci.tar", image + `mkdir -p oci/blobs/sha256; gzip -n layer.tar; d=$(sha256sum <layer.tar.gz | cut -c1-64); trim layer.tar.gz 60; cp layer.tar.gz oci/blobs/sha256/$d
			echo '{"imageLayoutVersion":"1.0.0"}' >oci/oci-layout; tar cf oci.tar -C oci oci-layout blobs`, nil, "oci.tar!blobs/sha256/", "it ends early", true},
		{"thin.bundle", `export GIT_CONFIG_GLOBAL=/dev/null; git init -q r; cp noise r/; g() { git -C r -c user.name=n -c user.email=n@example.org "$@"; }; g add .; g commit -qm 1
			cp secret.env r/; echo more >>r/noise; g add .; g commit -qm 2; g bundle create -q ../thin.bundle HEAD~..HEAD`, nil, "thin.bundle!object at byte", "that the bundle does not hold", true},
		{"cut.db", `(echo "CREATE TABLE a(v); CREATE TABLE b(v); BEGIN;"; for i in $(seq 2000); do echo "INSERT INTO b VALUES('nothing to see in row $i');"; done; echo "COMMIT;") | sqlite3 cut.db; trim cut.db 50`,
			nil, "cut.db!b", "damaged", false},
		{"cut.pdf", `printf '%%PDF-1.4\n1 0 obj\n<< /Length 65536 /Filter /FlateDecode >>\nstream\n' >cut.pdf; python3 -c 'import sys,zlib; sys.stdout.buffer.write(zlib.compress(open("noise","rb").read())[:900])' >>cut.pdf`,
			nil, "cut.pdf", "", false},
	}
}

// scanned is what is looked at of a scan of containers.
type scanned struct {
	Errors []struct{ Where, Error, Hint string }
	Items  []struct {
		Secret string
		Places []struct{ Path string }
	}
	code int
	said string
}

// scanLimited runs the program in a directory, and fails if it hangs, crashes or takes much memory.
func scanLimited(t *testing.T, dir string, stdin io.Reader, args ...string) (s scanned) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), damagePatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, real, append([]string{"scan", "--no-progress", "--show-secrets", "--format", "json"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, stdin, &stdout, &stderr
	s.code, s.said = exitOf(t, cmd.Run()), stderr.String()
	if ctx.Err() != nil || s.code == -1 || strings.Contains(s.said, "goroutine ") {
		t.Fatalf("hangs or crashes: exit code %d\n%s", s.code, s.said)
	}
	if used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss; used > damageMemory {
		t.Errorf("%d KiB of memory", used)
	}
	must(t, json.Unmarshal(stdout.Bytes(), &s))
	return s
}

// in reports whether the secret was found in a file.
func (s *scanned) in(path, secret string) bool {
	for _, item := range s.Items {
		for _, p := range item.Places {
			if item.Secret == secret && strings.HasPrefix(p.Path, path) {
				return true
			}
		}
	}
	return false
}

// TestBombsAndDamage scans containers that reach a limit or are damaged, beside a file with a secret. What was left out is named with the
// reason, the exit code says that not everything was looked at, and what stands before and beside is found.
func TestBombsAndDamage(t *testing.T) {
	h := &history{rand: rand.New(rand.NewPCG(42, 1))}
	secret, noise := h.secret(), make([]byte, 64<<10)
	for i := range noise {
		if noise[i] = byte('a' + h.rand.IntN(26)); i%80 == 79 {
			noise[i] = '\n'
		}
	}
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			work, dir := t.TempDir(), t.TempDir()
			must(t, os.WriteFile(filepath.Join(work, "zeros"), make([]byte, 16<<20), 0o600))
			must(t, os.WriteFile(filepath.Join(work, "noise"), noise, 0o600))
			for _, name := range []string{filepath.Join(work, "secret.env"), filepath.Join(dir, "beside.env")} {
				must(t, os.WriteFile(name, []byte("key = "+secret+"\n"), 0o600))
			}
			cmd := exec.Command("bash", "-ec", deadCentre+b.make)
			cmd.Dir = work
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			data, err := os.ReadFile(filepath.Join(work, b.name))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(dir, b.name), data, 0o600))
			b.check(t, scanLimited(t, dir, nil, append(b.args, "--no-ignore", ".")...), b.name, secret, true)
			b.check(t, scanLimited(t, dir, bytes.NewReader(data), append(b.args, "--stdin-name", b.name, "-")...), b.name, secret, false)
		})
	}
}

func (b *bomb) check(t *testing.T, s scanned, name, secret string, tree bool) {
	t.Helper()
	if s.code != exitIncomplete {
		t.Errorf("exit code %d", s.code)
	}
	named := func(e struct{ Where, Error, Hint string }) bool {
		return strings.HasPrefix(e.Where, b.left) && strings.Contains(e.Error, b.why) && e.Hint != ""
	}
	if !slices.ContainsFunc(s.Errors, named) {
		t.Errorf("left out: %+v\nwant %s: %s", s.Errors, b.left, b.why)
	}
	if len(s.Errors) > 8 {
		t.Errorf("%d problems", len(s.Errors))
	}
	if tree && !s.in("beside.env", secret) {
		t.Error("what is beside it is not found")
	}
	if b.found && !s.in(name+"!", secret) {
		t.Error("what is before it is not found")
	}
}

// TestBase64WithoutEnd scans text that goes on and on: 64 MiB, or 1 GiB with KEYSWEEP_BOMBS=all, in one line and in lines of 76.
func TestBase64WithoutEnd(t *testing.T) {
	h := &history{rand: rand.New(rand.NewPCG(42, 2))}
	secret, megabytes := h.secret(), 64
	if os.Getenv("KEYSWEEP_BOMBS") == "all" {
		megabytes = 1 << 10
	}
	for _, width := range []int{1 << 20, 76} {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		part := make([]byte, 1<<20)
		for i := range part {
			if part[i] = alphabet[h.rand.IntN(len(alphabet))]; i%(width+1) == width {
				part[i] = '\n'
			}
		}
		line := "\nkey = " + secret + "\n"
		readers := []io.Reader{strings.NewReader(line)}
		for range megabytes {
			readers = append(readers, bytes.NewReader(part))
		}
		file := filepath.Join(t.TempDir(), "endless.txt")
		out, err := os.Create(file)
		must(t, err)
		_, err = io.Copy(out, io.MultiReader(append(readers, strings.NewReader(line))...))
		must(t, err)
		must(t, out.Close())
		in, err := os.Open(file)
		must(t, err)
		for name, s := range map[string]scanned{
			"a file": scanLimited(t, t.TempDir(), nil, "--no-ignore", file), "a stream": scanLimited(t, t.TempDir(), struct{ io.Reader }{in}, "-"),
		} {
			if s.code != exitFindings || len(s.Errors) > 0 || len(s.Items) != 1 || s.Items[0].Secret != secret || len(s.Items[0].Places) != 2 {
				t.Errorf("%s, lines of %d: exit code %d, %d secrets, %v", name, width, s.code, len(s.Items), fmt.Sprint(s.Errors))
			}
		}
		must(t, in.Close())
	}
}
