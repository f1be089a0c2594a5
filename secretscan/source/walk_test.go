package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan"
)

func TestPlainWalk(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "a.txt", "alpha")
	write(t, dir, "b/c/d.txt", "delta")
	write(t, dir, "b/empty", "")
	write(t, dir, ".hidden/e", "e")
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "a.txt", "b/c/d.txt", "b/empty", ".hidden/e")
	b.wantNoProblem(t)
	if g := b.blobs["b/c/d.txt"]; g.content != "delta" || g.path != "b/c/d.txt" || g.kind != "file" {
		t.Errorf("b/c/d.txt is %+v", g)
	}
	if b.expected != 4 {
		t.Errorf("expected %d files, want 4", b.expected)
	}
}

func TestShownAndPath(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "proj/x/a.txt", "a")
	if err := os.MkdirAll(filepath.Join(dir, "proj/y"), 0o755); err != nil {
		t.Fatal(err)
	}
	proj := filepath.Join(dir, "proj")
	tests := []struct{ cwd, target, shown, path string }{
		{proj, ".", "x/a.txt", "x/a.txt"},
		{proj, "x", "x/a.txt", "a.txt"},
		{proj, "./x/", "x/a.txt", "a.txt"},
		{proj, "x/a.txt", "x/a.txt", "x/a.txt"},
		{proj, proj, "x/a.txt", "x/a.txt"},
		{proj, proj + "/x/a.txt", "x/a.txt", "x/a.txt"},
		{proj + "/y", "..", "../x/a.txt", "x/a.txt"},
		{proj + "/y", "../x", "../x/a.txt", "a.txt"},
		{proj + "/y", "../x/a.txt", "../x/a.txt", "../x/a.txt"},
		{proj + "/y", proj + "/x", filepath.ToSlash(proj) + "/x/a.txt", "a.txt"},
	}
	for _, tt := range tests {
		b := scanIn(t, tt.cwd, FileOptions{}, tt.target)
		b.wantNames(t, tt.shown)
		if g := b.blobs[tt.shown]; g.path != tt.path || g.content != "a" {
			t.Errorf("%s in %s: %+v, want path %q", tt.target, tt.cwd, g, tt.path)
		}
	}
}

func TestOverlappingTargetsOnce(t *testing.T) {
	dir := tmp(t)
	for _, f := range []string{"a", "s/b", "s/t/c", "u/d"} {
		write(t, dir, f, f)
	}
	b := scanIn(t, dir, FileOptions{}, "s/t", ".", "s", "a", "./a", "s/t/c", "s")
	b.wantNames(t, "a", "s/b", "s/t/c", "u/d")
	b.wantNoProblem(t)
}

func TestTargetErrors(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "good", "good")
	link(t, "nowhere", dir, "dangling")
	link(t, "loop", dir, "loop")
	for _, bad := range []string{"missing", "good/below", "dangling", "loop", strings.Repeat("n", 300), "nul\x00"} {
		b, err := walkError(t, Files(targets(bad, "good"), FileOptions{Dir: dir}))
		var te *TargetError
		if !errors.As(err, &te) || te.Target != bad {
			t.Errorf("target %q: error %v", bad, err)
		}
		b.wantNames(t, "good")
	}
	_, err := walkError(t, Files(targets("missing", "other"), FileOptions{Dir: dir}))
	if err == nil || !strings.Contains(err.Error(), "missing") || !strings.Contains(err.Error(), "other") ||
		!strings.Contains(err.Error(), "hint: ") {
		t.Errorf("two missing targets: %v", err)
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "outside/secret", "s")
	write(t, dir, "in/real", "r")
	link(t, "../outside", dir, "in/dir")
	link(t, "../outside/secret", dir, "in/file")
	link(t, ".", dir, "in/loop")
	link(t, "nowhere", dir, "in/dangling")
	b := scanIn(t, dir, FileOptions{}, "in")
	b.wantNames(t, "in/real")
	b.wantSkips(t, skipLinks, "in/dir", "in/file", "in/loop", "in/dangling")
	b.wantNoProblem(t)

	write(t, dir, "outside/more", "m")
	b = scanIn(t, dir, FileOptions{}, "in/dir", "in/file", "outside/secret")
	b.wantNames(t, "in/dir/more", "in/file")
	if g := b.blobs["in/file"]; g.content != "s" {
		t.Errorf("a link that is a target gives %+v", g)
	}
}

func TestFileTargetPassesFilterAndSize(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "big.log", strings.Repeat("x", 100))
	write(t, dir, "other.log", "o")
	filter, err := NewFilter(nil, []string{"*.log"})
	if err != nil {
		t.Fatal(err)
	}
	b := scanIn(t, dir, FileOptions{Filter: filter, MaxSize: 10}, ".", "big.log")
	b.wantNames(t, "big.log")
	b.wantSkips(t, skipExcluded, "other.log")
}

func TestFilterAndSize(t *testing.T) {
	dir := tmp(t)
	for _, f := range []string{"a.go", "b.txt", "vendor/x.go", "s/c.go", "s/big.go"} {
		write(t, dir, f, f)
	}
	write(t, dir, "s/big.go", strings.Repeat("x", 11))
	write(t, dir, "s/fits.go", strings.Repeat("x", 10))
	filter, err := NewFilter([]string{"*.go"}, []string{"vendor/"})
	if err != nil {
		t.Fatal(err)
	}
	b := scanIn(t, dir, FileOptions{Filter: filter, MaxSize: 10}, ".")
	b.wantNames(t, "a.go", "s/c.go", "s/fits.go")
	b.wantSkips(t, skipExcluded, "vendor")
	b.wantSkips(t, skipNotIncluded, "b.txt")
	b.wantSkips(t, skipLarge, "s/big.go")
}

func TestOddNames(t *testing.T) {
	dir := tmp(t)
	names := []string{"new\nline", "tab\tbell\a", "bad\xff\xfeutf8", " lead", "trail ", "-rf", ":colon", "quote'\"", "{brace}", "esc\x1b[31m"}
	for _, n := range names {
		write(t, dir, n, n)
	}
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, names...)
	b.wantNoProblem(t)
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "add", "bad\xff\xfeutf8", "new\nline")
	b = scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, append(names, ".git/config")...)
	for _, n := range names {
		scanIn(t, dir, FileOptions{}, "./"+n).wantNames(t, n)
	}
}

func TestDeepTree(t *testing.T) {
	dir := tmp(t)
	const levels, step = 30, 200
	part := strings.Repeat("d", step)
	at, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range levels {
		if err := at.Mkdir(part, 0o755); err != nil {
			t.Fatal(err)
		}
		next, err := at.OpenRoot(part)
		if err != nil {
			t.Fatal(err)
		}
		_ = at.Close()
		at = next
	}
	if err := at.WriteFile("deep.txt", []byte("down here"), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = at.Close()
	deep := strings.Repeat(part+"/", levels) + "deep.txt"
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, deep)
	b.wantNoProblem(t)
	if g := b.blobs[deep]; g.content != "down here" {
		t.Errorf("the deep file gives %q, %v", g.content, g.err)
	}
	gitIn(t, dir, "init", "-q")
	b = scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, ".git/config")
	if p := b.problems["."]; !strings.Contains(p.Err, "could not open directory") || p.Hint == "" || len(p.Err) > 400 {
		t.Errorf("git cannot list it, and the problems are %+v", b.problems)
	}
	if b = scanIn(t, dir, FileOptions{NoIgnore: true}, "."); b.blobs[deep].content != "down here" {
		t.Errorf("with NoIgnore the deep file is not among %d files", len(b.blobs))
	}
}

func TestTooDeepIsAProblem(t *testing.T) {
	w := newWalker(FileOptions{Dir: tmp(t)}, newBasket())
	b := newBasket()
	w.sink = b
	w.doDir(t.Context(), task{tree: &tree{dir: w.opts.Dir}, rel: strings.Repeat("d/", maxPath/2)})
	if len(b.problems) != 1 {
		t.Fatalf("problems: %v", b.problems)
	}
	for _, p := range b.problems {
		if p.Err != errTooDeep.Error() || p.Hint == "" {
			t.Errorf("problem %+v", p)
		}
	}
}

func TestManyFilesAndBoundedQueue(t *testing.T) {
	dir := tmp(t)
	const dirs, files = 30, 60
	for d := range dirs {
		for f := range files {
			write(t, dir, fmt.Sprintf("%d/%d/f%d", d%5, d, f), "x")
		}
	}
	for _, jobs := range []int{1, 3, 16} {
		b := scanIn(t, dir, FileOptions{Jobs: jobs}, ".")
		if len(b.blobs) != dirs*files || b.expected != dirs*files || b.twice != nil {
			t.Errorf("%d jobs: %d files, %d expected, want %d; twice: %q", jobs, len(b.blobs), b.expected, dirs*files, b.twice)
		}
	}
}

func TestNestedRepositoryInPlainDirectory(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "plain.log", "p")
	repo(t, filepath.Join(dir, "proj/nested"), "a.txt", ".gitignore")
	write(t, dir, "proj/nested/.gitignore", "*.log\n")
	write(t, dir, "proj/nested/x.log", "ignored")
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "plain.log", "proj/nested/a.txt", "proj/nested/.gitignore", "proj/nested/.git/config")
	if !slices.Equal(b.entered, []string{"proj/nested"}) {
		t.Errorf("entered %q", b.entered)
	}
	b = scanIn(t, dir, FileOptions{NoIgnore: true}, ".")
	for _, want := range []string{"proj/nested/x.log", "proj/nested/.git/config", "proj/nested/.git/HEAD"} {
		if _, ok := b.blobs[want]; !ok {
			t.Errorf("with NoIgnore %s is missing in %q", want, b.names())
		}
	}
	b.wantSkips(t, skipInternals, "proj/nested/.git")
	if b.twice != nil {
		t.Errorf("handed over twice: %q", b.twice)
	}
}

func TestCancelledWalkStops(t *testing.T) {
	dir := tmp(t)
	for i := range 200 {
		write(t, dir, fmt.Sprintf("d%d/f", i), "x")
	}
	ctx, cancel := context.WithCancel(t.Context())
	b := newBasket()
	b.before = func(string) { cancel() }
	if err := Files(targets("."), FileOptions{Dir: dir}).Walk(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if len(b.blobs) == 200 {
		t.Error("everything was handed over after the run was cancelled")
	}
}

// refuser is a sink that takes nothing.
type refuser struct {
	*basket
	err error
}

func (r refuser) Blob(secretscan.Blob) error { return r.err }

func TestRefusedBlobEndsWalk(t *testing.T) {
	dir := tmp(t)
	for i := range 50 {
		write(t, dir, fmt.Sprintf("d%d/f", i), "x")
	}
	refused := errors.New("no more")
	for _, s := range []secretscan.Source{Files(targets("."), FileOptions{Dir: dir}), List(dir, "d1/f"), Stdin(bytes.NewReader(nil), "")} {
		if err := s.Walk(t.Context(), refuser{newBasket(), refused}); !errors.Is(err, refused) {
			t.Errorf("%T: error %v, want the sink's", s, err)
		}
	}
}
