package rules

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestExtendStaysInside checks every way out of a repository that extend.path could take.
func TestExtendStaysInside(t *testing.T) {
	const base = "[[rules]]\nid = 'base'\nregex = 'b'"
	dir := oracleDir(t, map[string]string{
		"outside.toml": base, "out/x.toml": base, "repo/base.toml": base, "repo/sub/base2.toml": base, "repo/.gitleaks.toml": "",
	})
	root := filepath.Join(dir, "repo")
	for link, to := range map[string]string{"link.toml": "../outside.toml", "absolute.toml": dir + "/outside.toml", "dirlink": "../out", "inner.toml": "sub/base2.toml"} {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(root, link)); err != nil {
			if runtime.GOOS == "windows" {
				continue // links need a privilege there
			}
			t.Fatal(err)
		}
	}
	tests := []struct {
		path string
		ok   bool
	}{
		{"base.toml", true}, {"./sub/../base.toml", true}, {"sub/base2.toml", true}, {"inner.toml", true}, {filepath.Join(root, "base.toml"), true},
		{"../outside.toml", false}, {"sub/../../outside.toml", false}, {filepath.Join(dir, "outside.toml"), false},
		{"link.toml", false}, {"absolute.toml", false}, {"dirlink/x.toml", false}, {"sub", false}, {"/etc/passwd", false}, {"", true},
	}
	for _, tt := range tests {
		text := "[extend]\npath = '" + tt.path + "'\n[[rules]]\nid = 'a'\nregex = 'a'"
		for _, opts := range []LoadOptions{{Root: root}, {Root: root, Dir: root}, {Root: root, Dir: dir}} {
			set, _, err := Parse([]byte(text), filepath.Join(root, GitleaksFile), opts)
			if (err == nil) != tt.ok {
				t.Errorf("path %q, Dir %q: %v", tt.path, opts.Dir, err)
			}
			if tt.ok && tt.path != "" && len(set.Rules) != 2 {
				t.Errorf("path %q: %d rules", tt.path, len(set.Rules))
			}
		}
	}
	_, _, err := Parse([]byte("[extend]\npath = '../outside.toml'"), filepath.Join(root, GitleaksFile), LoadOptions{Root: root})
	if err == nil || !strings.Contains(err.Error(), "outside of the repository") {
		t.Errorf("the message does not say why: %v", err)
	}
}

// TestConfigurationItselfStaysInside checks that the repository's own file is no link to another.
func TestConfigurationItselfStaysInside(t *testing.T) {
	dir := oracleDir(t, map[string]string{"outside.toml": "", "repo/x": ""})
	link := filepath.Join(dir, "repo", GitleaksFile)
	if err := os.Symlink("../outside.toml", link); err != nil {
		t.Log("no links here:", err)
		return
	}
	if _, _, err := Load(link, LoadOptions{Root: filepath.Join(dir, "repo")}); err == nil {
		t.Error("a file outside was read through a link")
	}
	if _, _, err := Load(link, LoadOptions{}); err != nil {
		t.Errorf("without a root links are followed: %v", err)
	}
}

// TestExtendIsFoundInTheWorkingDirectoryFirst checks the order in which a relative path is tried.
func TestExtendIsFoundInTheWorkingDirectoryFirst(t *testing.T) {
	dir := oracleDir(t, map[string]string{
		"cwd/both.toml": "[[rules]]\nid = 'cwd'\nregex = 'a'", "conf/both.toml": "[[rules]]\nid = 'beside'\nregex = 'a'",
		"conf/beside.toml": "[[rules]]\nid = 'beside'\nregex = 'a'",
	})
	for path, want := range map[string]string{"both.toml": "cwd", "beside.toml": "beside"} {
		set, _, err := Parse([]byte("extend.path = '"+path+"'"), dir+"/conf/x.toml", LoadOptions{Dir: dir + "/cwd"})
		if err != nil || set.Rules[0].ID != want {
			t.Errorf("%s: %v, %v", path, ids(set), err)
		}
	}
}

func TestExtendLoopsAreRefused(t *testing.T) {
	dir := oracleDir(t, map[string]string{
		"self.toml": "extend.path = 'self.toml'", "a.toml": "title = 'a'\nextend.path = 'b.toml'", "b.toml": "extend.path = './a.toml'",
	})
	for file, want := range map[string]string{"self.toml": "self.toml:1: extend.path: the file extends itself", "a.toml": "b.toml:1: extend.path: the file extends itself"} {
		_, _, err := Load(filepath.Join(dir, file), LoadOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestReadFile checks that a reader of the caller's takes the place of the disk, for extended files too, inside of the root.
func TestReadFile(t *testing.T) {
	files := map[string]string{
		filepath.FromSlash("/repo/x.toml"): "[extend]\npath = 'y.toml'", filepath.FromSlash("/repo/y.toml"): "[[rules]]\nid = 'y'\nregex = 'y'",
		filepath.FromSlash("/repo/z.toml"): "[extend]\npath = '../y.toml'", filepath.FromSlash("/y.toml"): "",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	opts := LoadOptions{Root: filepath.FromSlash("/repo"), Dir: filepath.FromSlash("/repo"), ReadFile: read}
	if set, _, err := Load(filepath.FromSlash("/repo/x.toml"), opts); err != nil || len(set.Rules) != 1 {
		t.Errorf("got %v, %v", ids(set), err)
	}
	if _, _, err := Load(filepath.FromSlash("/repo/z.toml"), opts); err == nil {
		t.Error("a file outside was read")
	}
}
