package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/secretscan"
)

// problemIn returns the Problem that an error carries.
func problemIn(t *testing.T, err error) finding.Problem {
	t.Helper()
	var p *secretscan.ProblemError
	if !errors.As(err, &p) {
		t.Fatalf("error %v carries no problem", err)
	}
	return p.Problem
}

func TestVanishedFile(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "a", "a")
	b := newBasket()
	b.before = func(shown string) { _ = os.Remove(filepath.Join(dir, shown)) }
	if err := Files(targets("."), FileOptions{Dir: dir}).Walk(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	p := problemIn(t, b.blobs["a"].err)
	if p.Where != "a" || p.Op != "open" || !strings.Contains(p.Err, "vanished") || p.Hint == "" {
		t.Errorf("problem %+v", p)
	}
}

func TestChangeWhileRead(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	changes := map[string]func(name string) error{
		"grows":     func(name string) error { return appendTo(name, "more") },
		"shrinks":   func(name string) error { return os.Truncate(name, 700) },
		"rewritten": func(name string) error { return os.WriteFile(name, []byte(strings.ToUpper(long)), 0o644) },
	}
	for how, change := range changes {
		name := write(t, tmp(t), "f", long)
		old := time.Unix(1_000_000_000, 0)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
		r, err := openFile(name, "f", new(rooms))
		if err != nil {
			t.Fatal(err)
		}
		if err := change(name); err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || len(content) > len(long) {
			t.Errorf("%s: read %d bytes, error %v", how, len(content), err)
		}
		if p := problemIn(t, r.Close()); p.Err != errChanged.Error() || p.Hint == "" {
			t.Errorf("%s: problem %+v", how, p)
		}
	}
}

func appendTo(name, text string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func TestReadsWholeFilesOfAllSizes(t *testing.T) {
	dir := tmp(t)
	for _, size := range []int{0, 1, headSize - 1, headSize, headSize + 1, 100_000} {
		want := strings.Repeat("abcdefg\n", size/8+1)[:size]
		r, err := openFile(write(t, dir, "f", want), "f", new(rooms))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(io.MultiReader(io.LimitReader(r, 3), r))
		if err = errors.Join(err, r.Close()); err != nil || string(content) != want {
			t.Errorf("size %d: %d bytes, error %v", size, len(content), err)
		}
	}
}

// fakeFile is a file that holds more than its size says.
type fakeFile struct {
	size, left int64
	err        error
}

func (f *fakeFile) Read(p []byte) (int, error) {
	if f.left == 0 {
		if f.err != nil {
			return 0, f.err
		}
		return 0, io.EOF
	}
	n := min(int64(len(p)), f.left)
	f.left -= n
	return int(n), nil
}

func (f *fakeFile) ReadAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }

func (f *fakeFile) Close() error              { return nil }
func (f *fakeFile) state() (fileState, error) { return fileState{size: f.size}, nil }

func TestSizeThatIsWrong(t *testing.T) {
	tests := []struct {
		name       string
		size, left int64
		read       int64
		problem    error
	}{
		{"empty that is not", 0, 3 << 20, 3 << 20, nil},
		{"endless", 0, 1 << 40, emptyLimit, errEndless},
		{"longer", 1000, 1 << 40, 1000, errChanged},
		{"head longer", 10, 1 << 40, 10, errChanged},
		{"shorter", 4096, 20, 20, nil},
	}
	for _, tt := range tests {
		r, err := newFileReader(&fakeFile{size: tt.size, left: tt.left}, "f", new(rooms), false)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if err != nil || n != tt.read {
			t.Errorf("%s: read %d bytes, error %v; want %d", tt.name, n, err, tt.read)
		}
		err = r.Close()
		if (err == nil) != (tt.problem == nil) || err != nil && problemIn(t, err).Err != tt.problem.Error() {
			t.Errorf("%s: close says %v, want %v", tt.name, err, tt.problem)
		}
	}
}

func TestReadErrorIsAProblem(t *testing.T) {
	broken := errors.New("input/output error")
	if _, err := newFileReader(&fakeFile{size: 10, err: broken}, "f", new(rooms), false); problemIn(t, err).Err != broken.Error() {
		t.Errorf("broken at once: %v", err)
	}
	r, err := newFileReader(&fakeFile{size: 10_000, left: 5_000, err: broken}, "f", new(rooms), false)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if p := problemIn(t, err); n != 5_000 || p.Op != "read" || p.Where != "f" || p.Err != broken.Error() {
		t.Errorf("broken later: %d bytes, %+v", n, p)
	}
}

func TestPackedFiles(t *testing.T) {
	dir := tmp(t)
	bin := "\x00\x01\x02\xff\xfe"
	for _, m := range packedFormats() {
		write(t, dir, "f", strings.Repeat("\x10", m.at)+m.want+bin)
		if _, err := openFile(filepath.Join(dir, "f"), "f", new(rooms)); err == nil || !strings.Contains(err.Error(), skipPacked) {
			t.Errorf("%q at %d: error %v, want a skip", m.want, m.at, err)
		}
	}
	scanned := []string{
		"", "PK", "\x1f", "ID3 is a tag\n", "GIF89a as text", "%PDF-1.4 in a text", "BZh is a name", "RIFF....WEBP",
		"OggS", "hsqs", "wOFF é", "\x7fELF\x02\x01\x01\x00\x00", "\x00binary", "\xff\xfea\x00b\x00", "\xfe\xff\x00a",
		"MZ\x90\x00", "\xca\xfe\xba\xbe\x00\x00", "SQLite format 3\x00", "long text that is cut in a character \xc3",
	}
	for _, content := range scanned {
		write(t, dir, "f", content)
		r, err := openFile(filepath.Join(dir, "f"), "f", new(rooms))
		if err != nil {
			t.Errorf("%q: %v", content, err)
			continue
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != content {
			t.Errorf("%q is read as %q, %v", content, got, err)
		}
		_ = r.Close()
	}
}

func FuzzPacked(f *testing.F) {
	f.Add([]byte("PK\x03\x04\x00"))
	f.Add([]byte("ID3 text"))
	f.Fuzz(func(t *testing.T, head []byte) {
		if packed(head) && isText(head) {
			t.Errorf("text %q is taken for compressed", head)
		}
	})
}

func TestList(t *testing.T) {
	dir := tmp(t)
	repo(t, dir, "a.txt", "s/b.txt", "ignored.log")
	write(t, dir, ".gitignore", "*.log\n")
	link(t, "a.txt", dir, "link")
	b := collect(t, List(filepath.Join(dir, "s"), "b.txt", "../a.txt", "../ignored.log", "b.txt", "../link", "missing", ".."))
	b.wantNames(t, "b.txt", "../a.txt", "../ignored.log")
	b.wantSkips(t, skipLinks, "../link")
	if len(b.problems) != 2 || b.problems["missing"].Hint == "" || b.problems[".."].Err != errDirectory.Error() {
		t.Errorf("problems %+v", b.problems)
	}
	if b.expected != 3 {
		t.Errorf("expected %d, want 3", b.expected)
	}
}
