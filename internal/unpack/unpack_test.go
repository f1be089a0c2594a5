package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/internal/unpack"
)

// seen is what a walk gave.
type seen struct {
	members map[string]string
	errs    map[string]string // of reading members
	left    map[string]string
	order   []string
}

func (s *seen) Member(m *unpack.Member) error {
	s.order = append(s.order, m.Path)
	name := m.Path
	for i := 2; ; i++ {
		if _, dup := s.members[name]; !dup {
			break
		}
		name = fmt.Sprintf("%s (%d)", m.Path, i)
	}
	if data, ok := m.Whole(); ok {
		s.members[name] = string(data)
		return nil
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(struct{ io.Reader }{m}, 1<<20))
	if n == 1<<20 && err == nil {
		_, err = io.Copy(io.Discard, struct{ io.Reader }{m})
	}
	if err != nil {
		var e *unpack.Error
		if !errors.As(err, &e) {
			return fmt.Errorf("%s: not an *unpack.Error: %w", m.Path, err)
		}
		s.errs[name] = err.Error()
	}
	s.members[name] = b.String()
	return nil
}

func (s *seen) Left(path string, err *unpack.Error) {
	if s.left[path] == "" {
		s.left[path] = err.Error()
	}
}

// walk walks through a container in memory, and once more as a stream where that gives the same.
func walk(t testing.TB, name string, data []byte, limits unpack.Limits) *seen {
	t.Helper()
	s := newSeen()
	in := unpack.Input{Name: name, At: bytes.NewReader(data), Size: int64(len(data))}
	if err := unpack.Walk(context.Background(), in, limits, s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func walkStream(t testing.TB, name string, data []byte, limits unpack.Limits) *seen {
	t.Helper()
	s := newSeen()
	if err := unpack.Walk(context.Background(), unpack.Input{Name: name, Stream: bytes.NewReader(data)}, limits, s); err != nil {
		t.Fatalf("%s as a stream: %v", name, err)
	}
	return s
}

func newSeen() *seen {
	return &seen{members: map[string]string{}, errs: map[string]string{}, left: map[string]string{}}
}

// want compares what was seen. A content "..." is any.
func (s *seen) want(t testing.TB, members map[string]string, left map[string]string) {
	t.Helper()
	for path, content := range members {
		got, ok := s.members[path]
		if !ok || content != "..." && got != content {
			t.Errorf("%s: %.100q (%v), want %.100q", path, got, ok, content)
		}
	}
	for path, content := range s.members {
		if _, ok := members[path]; !ok {
			t.Errorf("unexpected member %s: %.100q", path, content)
		}
	}
	said := map[string]string{}
	for _, m := range []map[string]string{s.left, s.errs} {
		for path, text := range m {
			said[path] = text
		}
	}
	for path, text := range left {
		if !strings.Contains(said[path], text) || said[path] == "" {
			t.Errorf("left %q: %q, want %q", path, said[path], text)
		}
	}
	for path, text := range said {
		if _, ok := left[path]; !ok {
			t.Errorf("unexpectedly left %q: %s", path, text)
		}
	}
}

type file struct{ name, content string }

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		must(t, write(z.Create(f.name))(f.content))
	}
	must(t, z.Close())
	return b.Bytes()
}

func write(w io.Writer, err error) func(string) error {
	return func(content string) error {
		if err != nil {
			return err
		}
		_, err := io.WriteString(w, content)
		return err
	}
}

func storedZip(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		must(t, write(z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store}))(f.content))
	}
	must(t, z.Close())
	return b.Bytes()
}

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		must(t, w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.content)), Mode: 0o644, Typeflag: tar.TypeReg}))
		_, err := io.WriteString(w, f.content)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool runs a real program in a directory and returns what it prints.
func tool(t testing.TB, dir, name string, args ...string) []byte {
	t.Helper()
	path := testneed.Program(t, name)
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// files writes files below a new directory.
func files(t testing.TB, list ...file) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range list {
		name := filepath.Join(dir, f.name)
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(f.content), 0o644))
	}
	return dir
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return data
}
