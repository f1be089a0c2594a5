package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// got is a blob as a sink saw it.
type got struct {
	kind    finding.Kind
	path    string
	content string
	err     error // of Open, reading, or Close
}

// basket is a sink that reads every blob at once and keeps everything. before, if set, runs before a blob is opened.
type basket struct {
	before func(shown string)

	mu       sync.Mutex
	blobs    map[string]got // by shown path
	twice    []string
	skips    map[string][]string // paths by reason
	problems map[string]finding.Problem
	entered  []string
	expected int64
}

func (b *basket) Blob(blob secretscan.Blob) error {
	shown := blob.Shown
	if shown == "" {
		shown = strings.Replace(blob.Path, secretscan.MemberPath("", ""), "!", 1)
	}
	if b.before != nil {
		b.before(shown)
	}
	g := got{kind: blob.Kind, path: blob.Path}
	g.content, g.err = readBlob(blob)
	b.mu.Lock()
	defer b.mu.Unlock()
	var skip *secretscan.SkipError
	if errors.As(g.err, &skip) {
		b.skips[skip.Reason] = append(b.skips[skip.Reason], shown)
		return nil
	}
	if _, dup := b.blobs[shown]; dup {
		b.twice = append(b.twice, shown)
	}
	b.blobs[shown] = g
	return nil
}

func readBlob(blob secretscan.Blob) (string, error) {
	r, err := blob.Open()
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r)
	return string(content), errors.Join(err, r.Close())
}

// basketScanner puts what it gets in the basket.
type basketScanner struct{ sink secretscan.Sink }

func (s basketScanner) Scan(b secretscan.Blob, _ *secretscan.Trace, _ []secretscan.Copy) *secretscan.Trace {
	data := bytes.Clone(b.Data)
	b.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	_ = s.sink.Blob(b) // a basket takes everything
	return nil
}

func (b *basket) Scanner() secretscan.Scanner { return basketScanner{b} }

func (b *basket) Suspects([]byte) bool { return false }

func (b *basket) Name(secretscan.Blob) {}

func (b *basket) Troubled() bool { return false }

func (b *basket) Expect(blobs, _ int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected += blobs
}

func (b *basket) Commits(int64) {}

func (b *basket) Skip(reason, path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skips[reason] = append(b.skips[reason], path)
}

func (b *basket) Problem(p finding.Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems[p.Where] = p
}

func (b *basket) Entered(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entered = append(b.entered, path)
}

func newBasket() *basket {
	return &basket{blobs: map[string]got{}, skips: map[string][]string{}, problems: map[string]finding.Problem{}}
}

// only is a sink that does not open blobs.
type only struct {
	*basket
	take func(secretscan.Blob)
}

func (o only) Blob(b secretscan.Blob) error {
	o.take(b)
	return nil
}

// names returns the shown paths of what was handed over, sorted.
func (b *basket) names() []string {
	var names []string
	for name := range b.blobs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// wantNames checks what was handed over, once each, and that the totals fit.
func (b *basket) wantNames(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := b.names(); !slices.Equal(got, want) {
		t.Errorf("handed over %q\nwant        %q", got, want)
	}
	if b.twice != nil {
		t.Errorf("handed over twice: %q", b.twice)
	}
}

// wantSkips checks what was left out for a reason.
func (b *basket) wantSkips(t *testing.T, reason string, want ...string) {
	t.Helper()
	got := slices.Clone(b.skips[reason])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("left out as %s: %q, want %q", reason, got, want)
	}
}

// wantNoProblem checks that everything could be looked at.
func (b *basket) wantNoProblem(t *testing.T) {
	t.Helper()
	for _, p := range b.problems {
		t.Errorf("problem: %+v", p)
	}
	for name, g := range b.blobs {
		if g.err != nil {
			t.Errorf("read %s: %v", name, g.err)
		}
	}
}

// collect walks a source that must not fail.
func collect(t *testing.T, s secretscan.Source) *basket {
	t.Helper()
	b := newBasket()
	if err := s.Walk(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

func targets(paths ...string) []Target {
	var all []Target
	for _, p := range paths {
		all = append(all, Target{Path: p})
	}
	return all
}

// tmp returns a new directory, without links in its path.
func tmp(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// write writes a file below dir, with directories as needed.
func write(t *testing.T, dir, rel, content string) string {
	t.Helper()
	name := filepath.Join(dir, rel)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func link(t *testing.T, target, dir, rel string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, rel)); err != nil {
		t.Fatal(err)
	}
}

// gitEnviron is the environment for git in tests: nobody's configuration, a fixed identity.
func gitEnviron() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
}

// gitIn runs real git.
func gitIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir, cmd.Env = dir, gitEnviron()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// repo makes a repository with one commit of the files, whose content is their name.
func repo(t *testing.T, dir string, files ...string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "init", "-q", "-b", "main")
	for _, f := range files {
		write(t, dir, f, f)
	}
	gitIn(t, dir, "add", "-f", ".")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
	return dir
}

// scanIn collects what targets typed in the directory dir bring. It must be the same whether sizes are looked up ahead or not.
func scanIn(t *testing.T, dir string, opts FileOptions, typed ...string) *basket {
	t.Helper()
	opts.Dir = dir
	if opts.Environ == nil {
		opts.Environ = gitEnviron()
	}
	opts.Unsized = !opts.Unsized
	other := collect(t, Files(targets(typed...), opts))
	opts.Unsized = !opts.Unsized
	b := collect(t, Files(targets(typed...), opts))
	if got, want := other.text(), b.text(); got != want {
		t.Errorf("with Unsized %v\n%s\nelse\n%s", !opts.Unsized, got, want)
	}
	return b
}

// text is all that a basket holds, in an order that does not depend on when it came.
func (b *basket) text() string {
	for _, list := range b.skips {
		slices.Sort(list)
	}
	slices.Sort(b.entered)
	var all strings.Builder
	for _, name := range b.names() {
		g := b.blobs[name]
		fmt.Fprintf(&all, "%q: %s %q %q %v\n", name, g.kind, g.path, g.content, g.err)
	}
	return all.String() + fmt.Sprintf("skips %q\nproblems %+v\nentered %q, expected %d, twice %q", b.skips, b.problems, b.entered, b.expected, b.twice)
}

// walkError returns the error of a walk.
func walkError(t *testing.T, s secretscan.Source) (*basket, error) {
	t.Helper()
	b := newBasket()
	return b, s.Walk(context.Background(), b)
}
