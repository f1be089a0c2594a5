package source

import (
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	tests := []struct {
		include, exclude string
		path             string
		want             bool
	}{
		{"", "", "a/b.txt", true},
		{"", "*.pem", "a/b.pem", false},
		{"", "*.pem", "a/b.pem.txt", true},
		{"", "vendor", "a/vendor/x/y.go", false},
		{"", "vendor", "a/vendored/x", true},
		{"", "vendor/", "vendor", true},
		{"", "vendor/", "b/vendor/x", false},
		{"", "/build", "build/x", false},
		{"", "/build", "a/build/x", true},
		{"", "docs/*.md", "docs/a.md", false},
		{"", "docs/*.md", "docs/b/a.md", true},
		{"", "docs/*.md", "x/docs/a.md", true},
		{"", "docs/b", "docs/b/c/d", false},
		{"", "a/**/z", "a/z", false},
		{"", "a/**/z", "a/b/c/z", false},
		{"", "**/z", "a/b/c/z/q", false},
		{"", "./a.txt", "a.txt", false},
		{"", "[ab].txt", "x/b.txt", false},
		{"", "*.{key,pem}", "x/b.key", false},
		{"", "\\!x", "!x", false},
		{"*.go", "", "a/b.go", true},
		{"*.go", "", "a/b.txt", false},
		{"src", "", "src/a/b.txt", true},
		{"*.go", "*_test.go", "a_test.go", false},
		{"*.go *.txt", "", "a.txt", true},
		{"*", "", "new\nline\xff", true},
		{"", "*.PEM", "a.pem", true},
	}
	for _, tt := range tests {
		f, err := NewFilter(strings.Fields(tt.include), strings.Fields(tt.exclude))
		if err != nil {
			t.Fatal(err)
		}
		got, reason := f.File(tt.path)
		if got != tt.want || got != (reason == "") {
			t.Errorf("include %q exclude %q: %q is %v (%s), want %v", tt.include, tt.exclude, tt.path, got, reason, tt.want)
		}
	}
}

func TestFilterDir(t *testing.T) {
	f, err := NewFilter([]string{"*.go"}, []string{"vendor/", "a/b"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"vendor": false, "x/vendor": false, "a": true, "a/b": false, "b": true} {
		if got := f.Dir(path); got != want {
			t.Errorf("Dir(%q) = %v, want %v", path, got, want)
		}
	}
	var none *Filter
	if ok, _ := none.File("x"); !ok || !none.Dir("x") {
		t.Error("a nil filter leaves something out")
	}
}

func TestFilterRefuses(t *testing.T) {
	for _, glob := range []string{"", "/", "!a", "[a", "{a,b", "a\\"} {
		if _, err := NewFilter(nil, []string{glob}); err == nil || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("pattern %q: error %v, want one with a hint", glob, err)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("a/**/[x-z]{b,c}", "a/b/yb")
	f.Add("*a*a*a*b", strings.Repeat("a", 40))
	f.Fuzz(func(t *testing.T, glob, path string) {
		if len(glob) > 64 || len(path) > 256 {
			return
		}
		filter, err := NewFilter(nil, []string{glob})
		if err != nil {
			return
		}
		chosen, _ := filter.File(path)
		if inDir, _ := filter.File(path + "/x"); !filter.Dir(path) && inDir {
			t.Errorf("glob %q: directory %q is left out, a file in it is not", glob, path)
		}
		if !chosen && filter.Dir(path) {
			t.Errorf("glob %q: %q is left out as a file and not as a directory", glob, path)
		}
	})
}
