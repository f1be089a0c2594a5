//go:build linux

package acceptance

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/keys"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// home is a user's home directory, and beside it what it takes to run commands there: files with passphrases.
type home struct {
	t     *testing.T
	root  string
	dir   string          // HOME
	opens map[string]bool // what was found out about files and passphrases, which is slow
	said  string          // by the last command
	group string          // of its commands; "" is key
	also  []string        // more of its environment
}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, root: t.TempDir(), opens: map[string]bool{}}
	h.dir = filepath.Join(h.root, "home")
	must(t, os.MkdirAll(filepath.Join(h.dir, ".ssh"), 0o700))
	must(t, os.Chmod(h.dir, 0o700))
	must(t, os.Mkdir(filepath.Join(h.root, "stick"), 0o700)) // where backups go
	for name, pass := range map[string]string{"pass": keyPass, "new": newPass, "ledger": ledgerPass, "backup": backupPass} {
		must(t, os.WriteFile(filepath.Join(h.root, name), []byte(pass+"\n"), 0o600))
	}
	return h
}

// path replaces the start of an argument: "~" is the home, "@" the directory with the passphrases.
func (h *home) path(arg string) string {
	for from, to := range map[string]string{"~/": h.dir, "@/": h.root} {
		if rest, ok := strings.CutPrefix(arg, from); ok {
			return filepath.Join(to, rest)
		}
	}
	return arg
}

func (h *home) environ(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "XDG_RUNTIME_DIR=" + h.root, "TMPDIR=" + h.root, "LC_ALL=C",
		"KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + h.path("@/ledger")}, append(h.also, more...)...)
}

// command returns a process of the program in a session without a terminal.
func (h *home) command(program string, args ...string) *exec.Cmd {
	all := []string{cmp.Or(h.group, "key")}
	for _, arg := range args {
		all = append(all, h.path(arg))
	}
	cmd := exec.Command(program, all...)
	cmd.Dir, cmd.Env = h.dir, h.environ()
	return cmd
}

// run runs a command to its end and wants an exit code.
func (h *home) run(want int, args ...string) string {
	h.t.Helper()
	out, err := h.command(cheap, args...).CombinedOutput()
	h.said = string(out)
	if code := exitOf(h.t, err); code != want {
		h.t.Fatalf("keysweep %s %q: exit code %d, want %d\n%s", cmp.Or(h.group, "key"), args, code, want, out)
	}
	return h.said
}

// keygen makes a key with ssh-keygen: fast to open, and not made by what is tested.
func (h *home) keygen(name, pass string, more ...string) {
	h.t.Helper()
	args := append([]string{"-q", "-a", "1", "-N", pass, "-C", "test key", "-f", h.path(name)}, more...)
	if !slices.Contains(more, "-t") {
		args = append(args, "-t", "ed25519")
	}
	if out, err := exec.Command(testneed.Program(h.t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
		h.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
}

// read returns a file's content, "" if it is not there.
func (h *home) read(name string) string {
	h.t.Helper()
	data, err := os.ReadFile(h.path(name))
	if err != nil && !os.IsNotExist(err) {
		h.t.Fatal(err)
	}
	return string(data)
}

// opensWith reports whether a private key opens with a passphrase, "" for none.
func (h *home) opensWith(text, pass string) bool {
	h.t.Helper()
	known := fmt.Sprintf("%x %s", sha256.Sum256([]byte(text)), pass)
	if opens, ok := h.opens[known]; ok {
		return opens
	}
	file, err := keys.Parse([]byte(text))
	if err != nil {
		h.t.Fatalf("no whole key: %v\n%q", err, text)
	}
	if pass == "" {
		return !file.Protected()
	}
	private, err := file.Open([]byte(pass))
	private.Clear()
	h.opens[known] = err == nil && file.Protected()
	return h.opens[known]
}

// publicOf returns the fingerprint of a private key file in OpenSSH's format.
func (h *home) publicOf(text string) string {
	h.t.Helper()
	file, err := keys.Parse([]byte(text))
	if err != nil || file.Public == nil {
		h.t.Fatalf("no whole key: %v\n%q", err, text)
	}
	return file.Public.SHA256()
}

// book is what a ledger says.
type book struct {
	records []rotation.Record
	buried  map[string]bool
}

func (b book) find(t *testing.T, fingerprint string) *rotation.Record {
	t.Helper()
	var found *rotation.Record
	for i, r := range b.records {
		if r.Fingerprint == fingerprint {
			if found != nil {
				t.Fatalf("two records of one key: %+v", b.records)
			}
			found = &b.records[i]
		}
	}
	return found
}

// ledger reads a copy of the ledger, so that opening it repairs nothing. It must be there in whole or not at all.
func (h *home) ledger() book {
	h.t.Helper()
	scratch, err := os.MkdirTemp(h.root, "copy-")
	must(h.t, err)
	defer func() { _ = os.RemoveAll(scratch) }()
	where := filestore.Options{Dir: filepath.Join(scratch, "ledger"), Anchor: filepath.Join(scratch, "anchor")}
	ours := filepath.Join(h.dir, ".local/share/keysweep/ledger")
	if exists, err := filestore.Exists(ours); err != nil || !exists {
		must(h.t, err)
		must(h.t, filestore.Missing(filestore.Options{Dir: ours, Anchor: h.path("~/.local/state/keysweep/ledger-anchor.json")}))
		return book{}
	}
	must(h.t, os.CopyFS(where.Dir, os.DirFS(ours)))
	if anchor := h.read("~/.local/state/keysweep/ledger-anchor.json"); anchor != "" {
		must(h.t, os.WriteFile(where.Anchor, []byte(anchor), 0o600))
	}
	store, err := filestore.Open(context.Background(), where, []byte(ledgerPass))
	must(h.t, err)
	l := rotation.Open(store, "", time.Now)
	b := book{buried: map[string]bool{}}
	b.records, err = l.Records(context.Background())
	must(h.t, err)
	graves, err := l.Tombstones(context.Background())
	must(h.t, err)
	for _, g := range graves {
		b.buried[g.Fingerprint] = true
	}
	return b
}

// private wants every file of the home and of the stick that can hold a secret to be its owner's alone, and returns temporary
// files that were left.
func (h *home) private() (litter []string) {
	h.t.Helper()
	for _, dir := range []string{h.dir, h.path("@/stick")} {
		must(h.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if open := info.Mode().Perm() & 0o077; open != 0 && !strings.Contains(d.Name(), ".pub") && info.Size() > 0 {
				h.t.Errorf("%s has mode %v", path, info.Mode())
			}
			if filepath.Ext(path) == ".tmp" {
				litter = append(litter, strings.TrimPrefix(path, h.root))
			}
			return nil
		}))
	}
	return litter
}
