package git

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
)

func TestSnapshot(t *testing.T) {
	ctx := context.Background()
	s := newShape(t)
	s.write("conf", "first\n")
	s.write("run", "#!\n")
	s.link("conf", "link")
	s.git("add", ".")
	s.git("commit", "-q", "-m", "second")
	old := s.git("rev-parse", "HEAD")
	s.write("conf", "second\n")
	s.git("commit", "-q", "-a", "-m", "third")
	for _, environ := range [][]string{s.settings, append(s.settings, AskGit+"=1")} {
		r := open(t, Options{Dir: s.dir, Environ: environ})
		commit, err := ParseOID(old)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := r.Snapshot(ctx, commit)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := snapshot.ReadFile(ctx, "conf"); string(data) != "first\n" || err != nil {
			t.Errorf("read %q, %v", data, err)
		}
		if data, err := snapshot.ReadFile(ctx, "run"); string(data) != "#!\n" || err != nil {
			t.Errorf("read %q, %v", data, err)
		}
		for _, name := range []string{"link", "sub", "nothing", "sub/file", ""} {
			if _, err := snapshot.ReadFile(ctx, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: %v", name, err)
			}
		}
		for _, rev := range []string{"HEAD^{tree}", "HEAD:conf"} {
			if id, err := ParseOID(s.git("rev-parse", rev)); err != nil {
				t.Fatal(err)
			} else if _, err := r.Snapshot(ctx, id); err == nil {
				t.Errorf("%s is taken for a commit", rev)
			}
		}
		if id, err := ParseOID(strings.Repeat("1", 40)); err != nil {
			t.Fatal(err)
		} else if _, err := r.Snapshot(ctx, id); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	}
}
