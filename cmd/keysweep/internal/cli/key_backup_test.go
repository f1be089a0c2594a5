package cli

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// backupBench is a directory with keys and passphrases, and a way to run commands in it.
type backupBench struct {
	t   *testing.T
	dir string
}

func newBackupBench(t *testing.T) *backupBench {
	b := &backupBench{t, t.TempDir()}
	for name, text := range map[string]string{"inner": "some words for a key", "outer": "gravel mosaic unlit tipoff dangling pueblo", "wrong": "not the right one at all"} {
		b.write(name, []byte(text+"\n"))
	}
	sshKeygen(t, "-q", "-t", "rsa", "-b", "4096", "-a", "1", "-N", "some words for a key", "-f", filepath.Join(b.dir, "rsa"))
	sshKeygen(t, "-q", "-t", "ed25519", "-a", "1", "-N", "some words for a key", "-f", filepath.Join(b.dir, "id"))
	if err := os.Mkdir(filepath.Join(b.dir, "usb"), 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *backupBench) write(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// run runs a command and wants an exit code and a text in its output.
func (b *backupBench) run(code int, want string, args ...string) {
	b.t.Helper()
	env, out, said := testEnv(b.t, append([]string{"key"}, args...)...)
	env.Dir, env.Home = b.dir, b.dir
	if got := Main(context.Background(), env); got != code || !strings.Contains(out.String(), want) {
		b.t.Errorf("%v: exit code %d, want %d and %q\n%s%s", args, got, code, want, out, said)
	}
	if said := out.String() + said.String(); strings.Contains(said, "some words for") || strings.Contains(said, "gravel mosaic") {
		b.t.Errorf("%v: a passphrase is shown:\n%s", args, said)
	}
}

// scan draws each QR code of a sheet into a picture of its own, as a scanner would: NAME-1.png, NAME-2.png and so on.
func (b *backupBench) scan(name string) (files []string) {
	b.t.Helper()
	page, err := os.ReadFile(filepath.Join(b.dir, "usb", name+".html"))
	if err != nil {
		b.t.Fatal(err)
	}
	bar := regexp.MustCompile(`M(\d+) (\d+)h(\d+)`)
	const scale, quiet = 4, 4
	for i, m := range regexp.MustCompile(`data-size="(\d+)" d="([^"]*)"`).FindAllStringSubmatch(string(page), -1) {
		side := (number(m[1]) + 2*quiet) * scale
		img := image.NewGray(image.Rect(0, 0, side, side))
		for j := range img.Pix {
			img.Pix[j] = 255
		}
		for _, r := range bar.FindAllStringSubmatch(m[2], -1) {
			for y := range scale {
				for x := range number(r[3]) * scale {
					img.SetGray(number(r[1])*scale+x, number(r[2])*scale+y, color.Gray{})
				}
			}
		}
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			b.t.Fatal(err)
		}
		files = append(files, name+"-"+strconv.Itoa(i+1)+".png")
		b.write(files[i], out.Bytes())
	}
	return files
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// TestPicturesOfSheets goes all the way: sheets are made, their codes become pictures, and these are given in the right order, in
// a wrong one, with one missing, with one of another sheet, with a wrong passphrase and for another key.
func TestPicturesOfSheets(t *testing.T) {
	b := newBackupBench(t)
	for _, name := range []string{"rsa", "id"} {
		b.run(exitOK, "is in usb", "backup", name, "-o", "usb", "--form", "sheet", "--backup-passphrase-file", "outer", "--work-factor", "15", "--no-ledger")
	}
	rsa, id := b.scan("rsa"), b.scan("id")
	if len(rsa) < 5 || len(id) < 2 {
		t.Fatalf("%d and %d codes", len(rsa), len(id))
	}
	verify := func(code int, want, key string, pictures []string, more ...string) {
		t.Helper()
		args := append([]string{"backup", "verify", key}, pictures...)
		b.run(code, want, append(append(args, more...), "--no-ledger")...)
	}
	outer, inner := []string{"--backup-passphrase-file", "outer"}, []string{"--backup-passphrase-file", "outer", "--passphrase-file", "inner"}
	backwards := append([]string{}, rsa...)
	backwards[0], backwards[len(backwards)-1] = backwards[len(backwards)-1], backwards[0]
	verify(exitOK, "it holds the private key rsa, which was opened", "rsa", rsa, inner...)
	verify(exitOK, "byte for byte", "rsa", backwards, outer...)
	verify(exitOK, "it holds the private key id, which was opened", "id", []string{id[1], id[0], id[1]}, inner...)
	verify(exitFindings, "part 3 of "+strconv.Itoa(len(rsa))+": it is missing", "rsa", append(append([]string{}, rsa[:2]...), rsa[3:]...), outer...)
	verify(exitFindings, "these are parts of different backups", "rsa", append([]string{id[0]}, rsa[1:]...), outer...)
	verify(exitFindings, "different key: ", "id", rsa, inner...)
	verify(exitFindings, "wrong passphrase: ", "rsa", rsa, "--backup-passphrase-file", "wrong")
	verify(exitFindings, "wrong passphrase: ", "rsa", rsa, "--backup-passphrase-file", "outer", "--passphrase-file", "wrong")
	b.run(exitOK, "Restored RSA, 4096 bits to back", append(append([]string{"restore", "-o", "back", "--no-ledger"}, backwards...), outer...)...)
	want, _ := os.ReadFile(filepath.Join(b.dir, "rsa"))
	if got, err := os.ReadFile(filepath.Join(b.dir, "back")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("another file came back: %v", err)
	}
}
