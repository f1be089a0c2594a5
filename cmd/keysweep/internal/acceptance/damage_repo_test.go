//go:build linux

package acceptance

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// history is a repository with a secret in each version of each file, and what is in it.
type history struct {
	layouts map[string]string // directories of the repository, by how its objects lie
	objects map[string]object // by id
	refs    []string          // what they name
	rand    *rand.Rand
}

type object struct {
	kind string
	data string
}

// secretForm matches the fake secrets: what an AWS access key id looks like.
var secretForm = regexp.MustCompile(`AK` + `IA[A-Z2-7]{16}`)

// newHistory makes the repository in each layout: one pack, with deltas by offset or by id, three packs under one index, and
// a file for each object.
func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{layouts: map[string]string{}, rand: rand.New(rand.NewPCG(11, 1))}
	base := filepath.Join(t.TempDir(), "base")
	runGit(t, "", "init", "-q", "--bare", base)
	texts := map[string][]string{}
	for part := range 3 {
		h.grow(t, base, part, texts)
	}
	for _, layout := range []string{"offsets", "ids", "several packs", "loose"} {
		dir := filepath.Join(t.TempDir(), "repo")
		must(t, os.CopyFS(dir, os.DirFS(base)))
		h.layouts[layout] = dir
		switch layout {
		case "offsets":
			runGit(t, dir, "repack", "-adfq")
		case "ids":
			runGit(t, dir, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
		case "several packs":
			runGit(t, dir, "multi-pack-index", "write")
		case "loose":
			unpack(t, dir)
		}
	}
	ids := strings.Fields(runGit(t, base, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	h.objects = readable(t, base, ids)
	h.refs = strings.Fields(runGit(t, base, "for-each-ref", "--format=%(objectname)"))
	return h
}

var contentPaths = [...]string{"config", "lib/settings.py", "lib/deep/values", "deploy/env"}

// grow adds commits, each of which gives one file another secret.
func (h *history) grow(t *testing.T, dir string, part int, texts map[string][]string) {
	t.Helper()
	const commits = 8
	var b bytes.Buffer
	for n := range commits {
		path := contentPaths[h.rand.IntN(len(contentPaths))]
		text := texts[path]
		if text == nil {
			for range 80 {
				text = append(text, fmt.Sprintf("setting %d of some text, %x", len(text), h.rand.Uint64()))
			}
		}
		text[h.rand.IntN(len(text))] = fmt.Sprintf("changed in %d %d %x", part, n, h.rand.Uint64())
		text[7] = "key = " + h.secret()
		texts[path] = text
		content := strings.Join(text, "\n")
		fmt.Fprintf(&b, "commit refs/heads/main\ncommitter N <n@example.com> %d +0000\ndata 7\ncommit\n", 1700000000+1000*part+n)
		if n == 0 && part > 0 {
			b.WriteString("from refs/heads/main^0\n")
		}
		fmt.Fprintf(&b, "M 100644 inline %s\ndata %d\n%s\n", path, len(content), content)
	}
	fmt.Fprintf(&b, "tag v%d\nfrom refs/heads/main\ntagger N <n@example.com> 1700000000 +0000\ndata 4\ntag\n", part)
	cmd := exec.Command("git", "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin, cmd.Env = dir, &b, gitEnviron()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git fast-import: %v\n%s", err, out)
	}
}

func (h *history) secret() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := []byte("AK" + "IA")
	for range 16 {
		b = append(b, alphabet[h.rand.IntN(len(alphabet))])
	}
	return string(b)
}

// unpack turns packs into loose objects.
func unpack(t *testing.T, dir string) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, "objects/pack/*.pack"))
	must(t, err)
	for _, pack := range packs {
		data, err := os.ReadFile(pack)
		must(t, err)
		must(t, os.Remove(pack))
		must(t, os.Remove(strings.TrimSuffix(pack, ".pack")+".idx"))
		cmd := exec.Command("git", "unpack-objects", "-q")
		cmd.Dir, cmd.Stdin, cmd.Env = dir, bytes.NewReader(data), gitEnviron()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git unpack-objects: %v\n%s", err, out)
		}
	}
}

func gitEnviron() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
}

func runGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, gitEnviron()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", args[0], err)
	}
	return string(out)
}

// readable returns those of the objects that git can read and that are what their ids say. git gives up at some kinds of damage, and is
// then started again behind it.
func readable(t *testing.T, dir string, ids []string) map[string]object {
	t.Helper()
	found := map[string]object{}
	for len(ids) > 0 {
		cmd := exec.CommandContext(t.Context(), "git", "cat-file", "--batch")
		cmd.Dir, cmd.Env, cmd.Stdin = dir, gitEnviron(), strings.NewReader(strings.Join(ids, "\n")+"\n")
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		r := bufio.NewReader(out)
		for len(ids) > 0 {
			o, there, ok := nextObject(r)
			if !ok {
				break
			}
			if there && o.id() == ids[0] {
				found[ids[0]] = o
			}
			ids = ids[1:]
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if len(ids) > 0 {
			ids = ids[1:] // what git gave up at
		}
	}
	return found
}

// nextObject reads an answer of git cat-file --batch; ok is false if there is none.
func nextObject(r *bufio.Reader) (o object, there, ok bool) {
	line, err := r.ReadString('\n')
	if err != nil {
		return o, false, false
	}
	words := strings.Fields(line)
	if len(words) != 3 {
		return o, false, true // "missing"
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size > 1<<30 {
		return o, false, false
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(r, data); err != nil {
		return o, false, false
	}
	return object{words[1], string(data[:size])}, true, true
}

func (o object) id() string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", o.kind, len(o.data), o.data))
	return hex.EncodeToString(sum[:])
}

// names returns the ids of the objects that an object leads to.
func (o object) names() (ids []string) {
	switch o.kind {
	case "commit", "tag":
		head, _, _ := strings.Cut(o.data, "\n\n")
		for line := range strings.Lines(head) {
			word, id, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word == "tree" || word == "parent" || word == "object" {
				ids = append(ids, id)
			}
		}
	case "tree":
		for rest := o.data; rest != ""; rest = rest[20:] {
			_, rest, _ = strings.Cut(rest, "\x00")
			ids = append(ids, hex.EncodeToString([]byte(rest[:20])))
		}
	}
	return ids
}

// reach follows what is whole from the refs. It returns the secrets on the way, and the objects that are named there and are not whole.
func (h *history) reach(whole map[string]object) (secrets, lost []string) {
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		o, ok := whole[id]
		if !ok {
			lost = append(lost, id)
			return
		}
		if o.kind == "blob" {
			secrets = append(secrets, secretForm.FindAllString(o.data, -1)...)
		}
		for _, named := range o.names() {
			visit(named)
		}
	}
	for _, ref := range h.refs {
		visit(ref)
	}
	slices.Sort(secrets)
	return slices.Compact(secrets), lost
}

// files returns the files of a copy's objects whose names match the pattern, in order.
func files(t *testing.T, dir, pattern string) (paths []string) {
	t.Helper()
	must(t, filepath.WalkDir(filepath.Join(dir, "objects"), func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if ok, _ := filepath.Match(pattern, rel); ok && err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	}))
	if len(paths) == 0 {
		t.Fatalf("no file is %s", pattern)
	}
	return paths
}

func sortedIDs(objects map[string]object) []string { return slices.Sorted(maps.Keys(objects)) }

// holder returns an object with the secret.
func (h *history) holder(secret string) string {
	for id, o := range h.objects {
		if strings.Contains(o.data, secret) {
			return id
		}
	}
	return "no object"
}
