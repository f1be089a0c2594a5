package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// blobs stores the texts as loose objects and returns their ids.
func blobs(t *testing.T, env []string, dir string, texts ...string) (ids []OID) {
	t.Helper()
	for i, text := range texts {
		path := filepath.Join(t.TempDir(), "blob")
		write(t, path, text)
		id, err := ParseOID(run(t, env, dir, "hash-object", "-w", path))
		if err != nil {
			t.Fatal(i, err)
		}
		ids = append(ids, id)
	}
	return ids
}

func loose(dir string, id OID) string {
	return filepath.Join(dir, ".git", "objects", id.String()[:2], id.String()[2:])
}

// damage flips a byte in the middle of a file.
func damage(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 0x55
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// outcomes says for each object what was read.
func outcomes(t *testing.T, c *CatFile, ids []OID, limit int64) (got []string) {
	t.Helper()
	err := c.Read(ids, limit, func(o Object) error {
		var corrupt *CorruptError
		switch {
		case errors.Is(o.Err, ErrMissing):
			got = append(got, "missing")
		case errors.As(o.Err, &corrupt):
			got = append(got, "corrupt")
		case o.Body != nil:
			data, err := io.ReadAll(o.Body)
			if errors.As(err, &corrupt) {
				got = append(got, "corrupt stream")
			} else {
				got = append(got, fmt.Sprintf("stream of %d", len(data)))
			}
		default:
			got = append(got, string(o.Data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// bothWays runs a test with what we read by ourselves, and with what git reads for us.
func bothWays(t *testing.T, test func(t *testing.T, env []string)) {
	t.Run("ours", func(t *testing.T) { test(t, sandbox(t)) })
	t.Run("git's", func(t *testing.T) { test(t, append(sandbox(t), AskGit+"=1")) })
}

func TestCatFile(t *testing.T) { bothWays(t, testCatFile) }

func testCatFile(t *testing.T, env []string) {
	dir := repository(t, env)
	big := strings.Repeat("0123456789abcdef\n", 4096)
	ids := blobs(t, env, dir, "one", "two", "", big, "three", "four", big+"more")
	noise := make([]byte, 100_000) // does not compress, so that damage hits its middle
	for i := range noise {
		noise[i] = byte(i * i >> 7 * 31)
	}
	ids = append(ids, blobs(t, env, dir, string(noise), "five")...)
	damage(t, loose(dir, ids[1]), 0) // its header
	if err := os.Remove(loose(dir, ids[5])); err != nil {
		t.Fatal(err)
	}
	c := open(t, Options{Dir: dir, Environ: env}).CatFile(context.Background())
	defer c.Close()
	first := outcomes(t, c, ids[:7], 100)
	want := []string{"one", "missing", "", fmt.Sprintf("stream of %d", len(big)), "three", "missing", fmt.Sprintf("stream of %d", len(big)+4)}
	if fmt.Sprint(first) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", first, want)
	}
	damage(t, loose(dir, ids[7]), 300)
	second := outcomes(t, c, ids[7:], 100)
	if !strings.HasPrefix(second[0], "corrupt") || second[1] != "five" {
		t.Errorf("got %q", second)
	}
	var kinds []string
	head, _ := ParseOID(run(t, env, dir, "rev-parse", "HEAD"))
	err := c.Stat([]OID{ids[0], head, ids[5]}, func(o Object) error {
		kinds = append(kinds, fmt.Sprint(o.Kind, o.Size > 0, o.Err))
		return nil
	})
	if err != nil || fmt.Sprint(kinds) != fmt.Sprint([]string{"blobtrue <nil>", "committrue <nil>", "false " + ErrMissing.Error()}) {
		t.Errorf("kinds %q, %v", kinds, err)
	}
}

func TestCatFileStopsAndGoesOn(t *testing.T) { bothWays(t, testCatFileStopsAndGoesOn) }

func testCatFileStopsAndGoesOn(t *testing.T, env []string) {
	dir := repository(t, env)
	var many []OID
	for range 3000 { // more than the pipes hold
		many = append(many, blobs1(t, env, dir)...)
	}
	enough := errors.New("enough")
	c := open(t, Options{Dir: dir, Environ: env}).CatFile(context.Background())
	defer c.Close()
	if err := c.Read(many, 1<<20, func(Object) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	n := 0
	if err := c.Read(many, 1<<20, func(o Object) error { n += len(o.Data); return o.Err }); err != nil || n != 3000*5 {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

// blobs1 returns the id of the file that repository commits.
func blobs1(t *testing.T, env []string, dir string) []OID {
	t.Helper()
	id, err := ParseOID("8e27be7d6154a1f68ea9160ef0e18691d20560dc") // git hash-object of "text\n"
	if err != nil {
		t.Fatal(err)
	}
	return []OID{id}
}

func TestCatFileCancelled(t *testing.T) { bothWays(t, testCatFileCancelled) }

func testCatFileCancelled(t *testing.T, env []string) {
	dir := repository(t, env)
	ctx, cancel := context.WithCancel(context.Background())
	c := open(t, Options{Dir: dir, Environ: env}).CatFile(ctx)
	defer c.Close()
	id := blobs1(t, env, dir)
	if err := c.Read(id, 10, func(o Object) error { cancel(); return o.Err }); err != nil {
		t.Fatal(err)
	}
	if err := c.Read(append(id, id...), 10, func(Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestObjects(t *testing.T) {
	env := append(sandbox(t), "GIT_AUTHOR_DATE=1700000000 -0130")
	for _, format := range []string{"sha1", "sha256"} {
		dir := t.TempDir()
		run(t, env, dir, "init", "-q", "-b", "main", "--object-format", format)
		write(t, filepath.Join(dir, "a b", "c"), "x")
		run(t, env, dir, "add", ".")
		run(t, env, dir, "commit", "-q", "-m", "subject\n\nbody")
		run(t, env, dir, "tag", "-a", "-m", "words", "v1")
		r := open(t, Options{Dir: dir, Environ: env})
		c := r.CatFile(context.Background())
		defer c.Close()
		get := func(rev string) Object {
			id, err := ParseOID(run(t, env, dir, "rev-parse", rev))
			if err != nil {
				t.Fatal(err)
			}
			o, err := c.Get(id)
			if err != nil || o.Err != nil || o.OID.String() != id.String() {
				t.Fatal(o, err)
			}
			return o
		}
		commit, err := ParseCommit(get("HEAD").Data)
		if err != nil || commit.Subject() != "subject" || commit.Author != "A" || commit.Email != "a@example.org" ||
			commit.Date.Format("2006-01-02T15:04:05-07:00") != "2023-11-14T20:43:20-01:30" || string(commit.Message) != "subject\n\nbody\n" {
			t.Errorf("%s: commit %+v, %v", format, commit, err)
		}
		tree, err := ParseTree(get("HEAD^{tree}").Data, OIDSize(r.ObjectFormat()))
		if err != nil || len(tree) != 1 || tree[0].Name != "a b" || tree[0].Mode.Kind() != ModeTree ||
			tree[0].OID.String() != run(t, env, dir, "rev-parse", "HEAD:a b") {
			t.Errorf("%s: tree %+v, %v", format, tree, err)
		}
		tag, err := ParseTag(get("v1").Data)
		if err != nil || tag.Name != "v1" || tag.Type != "commit" || string(tag.Message) != "words\n" || tag.Tagger != "C" {
			t.Errorf("%s: tag %+v, %v", format, tag, err)
		}
	}
}

func TestParseOddPeople(t *testing.T) {
	for line, want := range map[string]string{
		"A <a@b> 12 +0000": "A|a@b|12", "<> 1 x": "||1", "nobody": "nobody||-62135596800", "A <a> 99999999999999999 +0000": "A|a|-62135596800",
		"A <x>y> 5 +9999": "A|x>y|5", "": "||-62135596800", "A <a> -5 +0000": "A|a|-62135596800",
	} {
		name, email, date := parsePerson(line)
		if got := fmt.Sprintf("%s|%s|%d", name, email, date.Unix()); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func FuzzParseHeader(f *testing.F) {
	id := strings.Repeat("ab", 20)
	for _, seed := range []string{id + " blob 12", id + " missing", id + " blob -1", id + " blob 99999999999999999999", "", " ", id + " ambiguous"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		h, err := parseHeader(line)
		switch {
		case errors.Is(err, ErrMissing):
			if !strings.EqualFold(line, h.oid.String()+" missing") && !strings.HasPrefix(line, "0000") {
				t.Errorf("%q is taken for missing", line)
			}
		case err == nil && (h.size < 0 || h.kind == ""):
			t.Errorf("%q gives %+v", line, h)
		}
	})
}

func FuzzParseObjects(f *testing.F) {
	id := strings.Repeat("ab", 20)
	f.Add([]byte("tree " + id + "\nparent " + id + "\nauthor A <a@b> 1 +0000\n\nmessage"))
	f.Add([]byte("object " + id + "\ntype commit\ntag v\ntagger A <a@b> 1 +0000\n\nmessage"))
	f.Add(append([]byte("100644 name\x00"), bytes.Repeat([]byte{1}, 20)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := ParseCommit(data); err == nil && (c.Tree.IsZero() || !bytes.HasSuffix(data, c.Message)) {
			t.Errorf("commit %+v", c)
		}
		if tag, err := ParseTag(data); err == nil && tag.Object.IsZero() {
			t.Errorf("tag %+v", tag)
		}
		entries, err := ParseTree(data, 20)
		size := 0
		for _, e := range entries {
			size += len(e.Name) + 22
		}
		if size > len(data) || err == nil && size == 0 && len(data) > 0 {
			t.Errorf("%d bytes give %d entries, %v", len(data), len(entries), err)
		}
	})
}
