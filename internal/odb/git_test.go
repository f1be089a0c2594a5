package odb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// repo is a repository that real git made.
type repo struct {
	t   *testing.T
	dir string // of the repository
	env []string
}

func newRepo(t *testing.T, args ...string) *repo {
	t.Helper()
	r := &repo{t: t, dir: filepath.Join(t.TempDir(), "repo")}
	r.env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org",
		"GIT_AUTHOR_DATE=1700000000 +0000", "GIT_COMMITTER_DATE=1700000000 +0000")
	r.run(nil, ".", append(append([]string{"init", "-q", "-b", "main"}, args...), r.dir)...)
	return r
}

// run runs git in a directory and returns what it prints.
func (r *repo) run(in []byte, dir string, args ...string) []byte {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, r.env, bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, said.Bytes())
	}
	return out
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	return strings.TrimSpace(string(r.run(nil, r.dir, args...)))
}

func (r *repo) objects() string {
	return filepath.Join(r.dir, r.git("rev-parse", "--git-common-dir"), "objects")
}

// fill commits versions of a few files that grow, shrink and move, from a seed.
func (r *repo) fill(seed uint64, commits int) {
	r.t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	files := map[string][]string{}
	var in bytes.Buffer
	for i := range commits {
		fmt.Fprintf(&in, "commit refs/heads/side%d\nmark :%d\ncommitter a <a@example.org> %d +0000\ndata 8\nmessage\n", seed, i+1, 1700000000+i)
		for range 1 + random.IntN(3) {
			name := fmt.Sprintf("dir%d/file%d", random.IntN(3), random.IntN(5))
			files[name] = edited(random, files[name])
			text := strings.Join(files[name], "\n")
			fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text)
		}
		if i%7 == 0 {
			fmt.Fprintf(&in, "M 100644 inline empty%d\ndata 0\n\n", i)
		}
		if i%10 == 5 {
			fmt.Fprintf(&in, "\ntag v%d.%d\nfrom :%d\ntagger a <a@example.org> 1700000000 +0000\ndata 4\ntag\n", seed, i, i+1)
		}
	}
	r.run(in.Bytes(), r.dir, "fast-import", "--quiet")
}

func edited(random *rand.Rand, lines []string) []string {
	for range 1 + random.IntN(5) {
		at := random.IntN(len(lines) + 1)
		switch random.IntN(3) {
		case 0:
			lines = append(lines[:at:at], lines[min(at+random.IntN(5), len(lines)):]...)
		default:
			var more []string
			for range random.IntN(20) {
				more = append(more, strings.Repeat(strconv.FormatUint(random.Uint64(), 36), 1+random.IntN(3)))
			}
			lines = append(lines[:at:at], append(more, lines[at:]...)...)
		}
	}
	return lines
}

// stored is an object as git shows it.
type stored struct {
	kind string
	data string
}

// oracle asks git for every object.
func (r *repo) oracle() map[string]stored {
	r.t.Helper()
	all := map[string]stored{}
	out := r.run(nil, r.dir, "cat-file", "--batch-all-objects", "--batch", "--unordered")
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		fields := strings.Fields(string(line))
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			r.t.Fatal(err)
		}
		all[fields[0]] = stored{fields[1], string(rest[:size])}
		out = rest[size+1:]
	}
	return all
}

func (r *repo) open(o Options) *DB {
	r.t.Helper()
	if o.Dirs == nil {
		o.Dirs = []string{r.objects()}
	}
	if o.HashSize == 0 {
		o.HashSize = IDSize(r.git("rev-parse", "--show-object-format"))
	}
	return openDB(r.t, o)
}

func openDB(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, err := range db.Damage() {
		t.Errorf("damage: %v", err)
	}
	return db
}

func parseID(t *testing.T, digits string) ID {
	t.Helper()
	id, err := ParseID(digits)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// unpack makes loose objects of all packs.
func (r *repo) unpack() {
	r.t.Helper()
	packs, _ := filepath.Glob(filepath.Join(r.objects(), "pack", "*.pack"))
	for _, path := range packs {
		data, err := os.ReadFile(path)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, name := range []string{".pack", ".idx", ".rev"} {
			_ = os.Remove(strings.TrimSuffix(path, ".pack") + name)
		}
		r.run(data, r.dir, "unpack-objects", "-q")
	}
}

// reindex makes the index of each pack anew.
func (r *repo) reindex(option string) {
	r.t.Helper()
	packs, _ := filepath.Glob(filepath.Join(r.objects(), "pack", "*.pack"))
	for _, path := range packs {
		index := strings.TrimSuffix(path, ".pack") + ".idx"
		if err := os.Remove(index); err != nil {
			r.t.Fatal(err)
		}
		r.git("index-pack", option, "-o", index, path)
	}
}

func (r *repo) read(name string) []byte {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.objects(), name))
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

func (r *repo) write(name string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.objects(), name), data, 0o600); err != nil {
		r.t.Fatal(err)
	}
}
