package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// pack writes a zip of name and content, in turns.
func pack(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tgz writes a compressed tar of name and content, in turns.
func tgz(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for i := 0; i < len(parts); i += 2 {
		err := w.WriteHeader(&tar.Header{Name: parts[i], Size: int64(len(parts[i+1])), Mode: 0o644})
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), g.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArchivesInATree(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "plain.txt", "plain")
	write(t, dir, "lib/a.jar", pack(t, "META-INF/x", "inside", "in.zip", pack(t, "deep", "deeper"), "logo.png", "\x89PNG\r\n\x1a\n\x00\x00", "empty", ""))
	write(t, dir, "b.tgz", tgz(t, "etc/passwd", "root"))
	write(t, dir, "start.jar", "#!/bin/sh\nexec java -jar $0\n"+pack(t, "Main.class", "class"))
	write(t, dir, "broken.zip", "PK\x03\x04\x00\x00")
	write(t, dir, "note.zip", "no zip at all, whatever it is called, and long enough to be one")
	write(t, dir, "song.mp3", "ID3\x04\x00\x00")
	r := newGitRepo(t)
	r.commit("a", "x")
	r.git("bundle", "create", "-q", dir+"/all.bundle", "HEAD")
	commit, blob := "all.bundle!commit "+r.git("rev-parse", "HEAD")[:12], "all.bundle!"+r.git("rev-parse", "HEAD:a")[:12]+"/a"
	on := FileOptions{Archives: DefaultArchives()}
	for _, jobs := range []int{1, 4} {
		on.Jobs = jobs
		b := scanIn(t, dir, on, ".")
		b.wantNames(t, "plain.txt", "lib/a.jar", "lib/a.jar!META-INF/x", "lib/a.jar!in.zip!deep", "lib/a.jar!empty", "b.tgz", "b.tgz!etc/passwd",
			"start.jar", "start.jar!Main.class", "broken.zip", "note.zip", "all.bundle", commit, blob)
		for name, want := range map[string]string{"lib/a.jar": "", "b.tgz": "", "lib/a.jar!META-INF/x": "inside", "lib/a.jar!in.zip!deep": "deeper", "b.tgz!etc/passwd": "root"} {
			if g := b.blobs[name]; g.content != want || g.err != nil || g.path != strings.Replace(name, "!", secretscan.MemberPath("", ""), 1) {
				t.Errorf("%s: %+v, want %q", name, g, want)
			}
		}
		b.wantSkips(t, skipPacked, "lib/a.jar!logo.png", "song.mp3")
		if p := b.problems["broken.zip"]; len(b.problems) != 1 || p.Op != "unpack" || !strings.HasPrefix(p.Err, "damaged: ") || p.Hint == "" {
			t.Errorf("problems %+v", b.problems)
		}
	}
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "plain.txt", "start.jar", "note.zip")
	b.wantSkips(t, skipPacked, "lib/a.jar", "b.tgz", "broken.zip", "song.mp3")
	b.wantSkips(t, skipBundle, "all.bundle")
	b.wantNoProblem(t)
	b = scanIn(t, dir, on, "lib/a.jar")
	b.wantNames(t, "lib/a.jar", "lib/a.jar!META-INF/x", "lib/a.jar!in.zip!deep", "lib/a.jar!empty")
	b = collect(t, List(dir, "b.tgz").Opening(DefaultArchives()))
	b.wantNames(t, "b.tgz", "b.tgz!etc/passwd")
}

// closed is a sink that does not open files with some endings, as if the rules' configuration allowed them.
type closed struct {
	*basket
	ending string
}

func (c closed) Blob(b secretscan.Blob) error {
	if strings.HasSuffix(b.Path, c.ending) {
		return nil
	}
	return c.basket.Blob(b)
}

func TestDocumentsThatAreAllowed(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "a.docx", pack(t, "word/document.xml", "text"))
	write(t, dir, "b.zip", pack(t, "x", "y"))
	for ending, want := range map[string][]string{"docx": {"a.docx!word/document.xml", "a.docx!word/document.xml!text", "b.zip", "b.zip!x"}, "zip": {"a.docx", "a.docx!word/document.xml", "a.docx!word/document.xml!text"}} {
		b := newBasket()
		if err := Files(targets("."), FileOptions{Dir: dir, Archives: DefaultArchives()}).Walk(t.Context(), closed{b, ending}); err != nil {
			t.Fatal(err)
		}
		b.wantNames(t, want...)
	}
	b := newBasket()
	stdin := Stdin(strings.NewReader(pack(t, "word/document.xml", "text")), "a.docx").Opening(DefaultArchives())
	if err := stdin.Walk(t.Context(), closed{b, "docx"}); err != nil {
		t.Fatal(err)
	}
	b.wantNames(t, "a.docx!word/document.xml", "a.docx!word/document.xml!text")
}

func TestManyProblemsAreSummarized(t *testing.T) {
	dir := tmp(t)
	var parts []string
	for i := range 30 {
		parts = append(parts, fmt.Sprintf("%02d.gz", i), "\x1f\x8b\x08broken")
	}
	write(t, dir, "a.zip", pack(t, parts...))
	b := scanIn(t, dir, FileOptions{Archives: DefaultArchives()}, ".")
	if len(b.problems) != leftNamed+1 || b.problems["a.zip"].Err != "10 more of its members were left out" {
		t.Errorf("%d problems, %+v", len(b.problems), b.problems["a.zip"])
	}
}

func TestLimitsAreProblems(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "a.zip", pack(t, "1", strings.Repeat("x", 300_000), "2", "two", "in.zip", pack(t, "x", "y")))
	for want, a := range map[string]Archives{
		"a.zip!1: more than 4 KiB come out":     {Limits: limits(func(a *Archives) { a.Size = 4 << 10 }).Limits},
		"a.zip!in.zip: it is a container in 1":  {Limits: limits(func(a *Archives) { a.Depth = 1 }).Limits},
		"a.zip: more than 2 members":            {Limits: limits(func(a *Archives) { a.Members = 2 }).Limits},
		"a.zip: unpacking it takes more than 1": limits(func(a *Archives) { a.Time = 1 }),
	} {
		b := scanIn(t, dir, FileOptions{Archives: a}, ".")
		var said []string
		for where, p := range b.problems {
			said = append(said, where+": "+p.Err)
		}
		for where, g := range b.blobs {
			var p *secretscan.ProblemError
			if errors.As(g.err, &p) && p.Hint != "" {
				said = append(said, where+": "+p.Err)
			}
		}
		if len(said) != 1 || !strings.HasPrefix(said[0], want) && !strings.HasPrefix(want, "a.zip: unpacking") {
			t.Errorf("problems %q, want %q", said, want)
		}
	}
}

func limits(change func(*Archives)) Archives {
	a := DefaultArchives()
	change(&a)
	return a
}

func TestStdinThatIsAContainer(t *testing.T) {
	for name, want := range map[string][]string{"": {"", "standard input!a/b"}, "x.tgz": {"x.tgz", "x.tgz!a/b"}} {
		b := collect(t, Stdin(strings.NewReader(tgz(t, "a/b", "beta")), name).Opening(DefaultArchives()))
		b.wantNames(t, want...)
		b.wantNoProblem(t)
		b = collect(t, Stdin(strings.NewReader("plain"), name).Opening(DefaultArchives()))
		if b.blobs[name].content != "plain" {
			t.Errorf("plain: %+v", b.blobs)
		}
	}
	b := collect(t, Stdin(snapped{strings.NewReader(tgz(t, "a/b", strings.Repeat("b", 1000))[:60])}, "").Opening(DefaultArchives()))
	var p *secretscan.ProblemError
	if !errors.As(b.blobs["standard input!content"].err, &p) || p.Err != "broken pipe" || p.Op != "read" {
		t.Errorf("problems %+v, blobs %+v", b.problems, b.blobs)
	}
}

// snapped ends with an error.
type snapped struct{ r io.Reader }

func (i snapped) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if err != nil {
		err = errors.New("broken pipe")
	}
	return n, err
}

func TestArchivesInGit(t *testing.T) {
	r := newGitRepo(t)
	put := func(name string, parts ...string) {
		r.Helper()
		write(r.T, r.dir, name, pack(r.T, parts...))
		r.git("add", "-A")
	}
	put("a.jar", "conf/x", "MARKold\n")
	r.git("commit", "-q", "-m", "first")
	put("a.jar", "conf/x", "MARKold\nMARKnew\n", "in.zip", pack(t, "y.txt", "MARKdeep"))
	write(t, r.dir, "b.txt", "MARKplain")
	r.git("add", "-A")
	open := func(src secretscan.Source) secretscan.Source { return Opening(src, DefaultArchives()) }
	r.want(r.scan(open(Staged(r.open()))), "MARKnew a.jar!conf/x:2", "MARKdeep a.jar!in.zip!y.txt:1", "MARKplain b.txt:1")
	r.git("commit", "-q", "-m", "second")
	r.git("mv", "a.jar", "moved.jar")
	r.git("commit", "-q", "-m", "moved")
	r.git("rm", "-q", "moved.jar")
	r.git("commit", "-q", "-m", "gone")
	r.want(r.scan(open(Range(r.open(), "HEAD~3..HEAD"))), "MARKnew a.jar!conf/x:2", "MARKdeep a.jar!in.zip!y.txt:1", "MARKplain b.txt:1")
	res := r.scan(open(History(r.open(), HistoryOptions{})))
	r.want(res, "MARKold a.jar!conf/x:1", "MARKold a.jar!conf/x:1", "MARKnew a.jar!conf/x:2", "MARKdeep a.jar!in.zip!y.txt:1", "MARKplain b.txt:1")
	for _, f := range res.Findings {
		for _, p := range f.Places {
			if p.Commit == nil || strings.Contains(p.Object, "!") {
				t.Errorf("place %+v", p)
			}
		}
	}
	r.want(r.scan(History(r.open(), HistoryOptions{})), "MARKplain b.txt:1")
	filter, err := NewFilter(nil, []string{"*.jar"})
	if err != nil {
		t.Fatal(err)
	}
	r.want(r.scan(open(Narrow(History(r.open(), HistoryOptions{}), filter))), "MARKplain b.txt:1")
}

func TestDamageInGitIsAProblem(t *testing.T) {
	r := newGitRepo(t)
	write(t, r.dir, "a.zip", pack(t, "x", "MARKone")[:40])
	r.git("add", "-A")
	res := r.scan(Opening(Staged(r.open()), DefaultArchives()))
	if len(res.Problems) == 0 || !slices.ContainsFunc(res.Problems, func(p finding.Problem) bool { return strings.Contains(p.Where, "a.zip") && p.Op == "unpack" }) {
		t.Errorf("problems %+v", res.Problems)
	}
}

// TestImage goes through an image's archive: every layer is looked at, so that what a later one deletes is seen.
func TestImage(t *testing.T) {
	layer := tgz(t, "./app/key", "MARKdeleted")
	image := tgz(t, "./blobs/sha256/1", layer, "blobs/sha256/2", tgz(t, "app/.wh.key", "", "etc/os", "MARKkept"),
		"blobs/sha256/3", `{"config":{"Env":["KEY=MARKenv"]},"history":[{"created_by":"RUN login MARKhistory"}]}`, "manifest.json", "[]")
	engine, err := secretscan.Compile(gitTestRules)
	if err != nil {
		t.Fatal(err)
	}
	res, err := secretscan.Run(t.Context(), engine, Stdin(strings.NewReader(image), "app.tar").Opening(DefaultArchives()), secretscan.Options{})
	if err != nil || len(res.Problems) > 0 {
		t.Fatal(err, res.Problems)
	}
	want := []string{"MARKdeleted app.tar!blobs/sha256/1!app/key:1", "MARKenv app.tar!blobs/sha256/3:1", "MARKhistory app.tar!blobs/sha256/3:1", "MARKkept app.tar!blobs/sha256/2!etc/os:1"}
	if got := foundAt(res); !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
}
