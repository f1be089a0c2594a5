package unpack_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/unpack"
)

// repository makes a repository in which files change a little with every commit.
func repository(t testing.TB, format string) (dir string, git func(...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=n@example.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "--object-format="+format)
	for n := range 12 {
		var text strings.Builder
		for i := range 300 {
			fmt.Fprintf(&text, "line %d as of %d\n", i, max(n-i%13, 0))
		}
		put(t, dir, "conf/deep/.env", text.String())
		put(t, dir, fmt.Sprintf("once%d.txt", n), fmt.Sprint("only here ", n))
		put(t, dir, "lib.zip", string(storedZip(t, file{"in.txt", fmt.Sprint("in a zip ", n)})))
		git("add", ".")
		git("commit", "-qm", fmt.Sprint("message ", n))
	}
	git("tag", "-am", "about the tag", "v1")
	git("repack", "-adfq", "--depth=10")
	return dir, git
}

func put(t testing.TB, dir, name, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}

// objects returns what git says that a bundle must show: names of members and contents.
func objects(t testing.TB, git func(...string) string, revs ...string) map[string]string {
	t.Helper()
	want := map[string]string{}
	for line := range strings.Lines(git(append([]string{"rev-list", "--objects"}, revs...)...)) {
		id, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		content := git("cat-file", "-p", id)
		switch kind := git("cat-file", "-t", id); {
		case kind == "tree":
		case kind != "blob":
			want[kind+" "+id[:12]] = content
		case path == "lib.zip":
			want[id[:12]+"/"+path+"!in.txt"] = "..."
		default:
			want[id[:12]+"/"+path] = content
		}
	}
	return want
}

// trimmed takes off what git's output was trimmed of.
func (s *seen) trimmed() *seen {
	for name, content := range s.members {
		s.members[name] = strings.TrimSpace(content)
	}
	return s
}

func TestBundles(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		dir, git := repository(t, format)
		all := objects(t, git, "--all")
		for _, version := range []string{"2", "3"} {
			if format == "sha256" && version == "2" {
				continue
			}
			git("bundle", "create", "-q", "--version="+version, "all.bundle", "--all")
			data := read(t, dir, "all.bundle")
			walk(t, "all.bundle", data, unpack.DefaultLimits()).trimmed().want(t, all, nil)
			walkStream(t, "all.bundle", data, unpack.DefaultLimits()).trimmed().want(t, all, nil)
		}
		inside := zipOf(t, file{"b", string(read(t, dir, "all.bundle"))})
		s := walk(t, "x.zip", inside, unpack.DefaultLimits())
		for name := range all {
			if _, ok := s.members["b!"+name]; !ok {
				t.Errorf("%s is not found in a bundle in a zip", name)
			}
		}
	}
}

// TestThinBundle: objects that are stored as differences to what the receiver has cannot be read, and are told.
func TestThinBundle(t *testing.T) {
	dir, git := repository(t, "sha1")
	git("bundle", "create", "-q", "new.bundle", "HEAD~2..HEAD")
	s := walk(t, "new.bundle", read(t, dir, "new.bundle"), unpack.DefaultLimits())
	whole := 0
	for name := range objects(t, git, "HEAD~2..HEAD") {
		if _, ok := s.members[name]; ok {
			whole++
		}
	}
	if len(s.left) == 0 || whole == 0 {
		t.Errorf("%d members, left %q", whole, s.left)
	}
	for where, why := range s.left {
		if !strings.HasPrefix(where, "object at byte ") || !strings.Contains(why, "that the bundle does not hold") && !strings.Contains(why, "could not be read") {
			t.Errorf("%s: %s", where, why)
		}
	}
}

// TestDamagedBundles: whatever is wrong is told, and what can be read is.
func TestDamagedBundles(t *testing.T) {
	dir, git := repository(t, "sha1")
	git("bundle", "create", "-q", "all.bundle", "--all")
	data := read(t, dir, "all.bundle")
	pack := bytes.Index(data, []byte("PACK"))
	for name, c := range map[string]struct {
		data []byte
		text string
	}{
		"no end of the header": {data[:30], "the header of a bundle has no end"},
		"no pack":              {append(bytes.Clone(data[:pack]), "something else entirely"...), "no pack stands behind"},
		"nothing":              {data[:pack], "ends early"},
		"cut":                  {data[:len(data)*2/3], "ends early"},
	} {
		s := walk(t, "b", c.data, unpack.DefaultLimits())
		found := false
		for _, why := range s.left {
			found = found || strings.Contains(why, c.text)
		}
		if !found || name == "cut" && len(s.members) < 5 {
			t.Errorf("%s: %d members, left %q", name, len(s.members), s.left)
		}
	}
	for at := pack + 12; at < len(data)-20; at += 97 {
		broken := bytes.Clone(data)
		broken[at] ^= 0x55
		if s := walk(t, "b", broken, small()); len(s.left)+len(s.errs) == 0 {
			t.Errorf("a change of byte %d goes unnoticed", at)
		}
	}
	limits := small()
	limits.Members = 10
	walk(t, "b", data, limits).one(t, "more than 10 members")
	limits = small()
	limits.Size = 10 << 10
	walk(t, "b", data, limits).one(t, "more than 10 KiB")
}
