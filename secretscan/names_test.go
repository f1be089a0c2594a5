package secretscan

import (
	"regexp"
	"strings"
	"testing"
)

// Whatever a path expression matches, the last name of the path is suspected; and names are not suspected for nothing.
func TestSuspects(t *testing.T) {
	exprs := []string{
		`\.p12$`, `(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`, `^secrets/`, `(^|/)\.env(\..*)?$`, `id_(rsa|ed25519)$`, `^a$`, `key`, `(?m)^b$`,
		`/x/[^/]*\.txt\z`, `\bword\b`, `é\.pem$`, `(?s).`, `a/b`, `[^a]$`,
	}
	names := []string{"", "a", "b", "x", "key", ".env", ".env.local", "id_rsa", "id_rsa.pub", "cert.pfx", "CERT.PFX", "p12", "x.p12", "y.txt", "word", "words",
		"é.pem", "\xff", "some file.txt", "index.html"}
	dirs := []string{"", "a/", "secrets/", "x/", "q/x/", "é/", "b/", "a/b/"}
	for _, expr := range exprs {
		l := &lazyRegexp{expr: expr}
		re := regexp.MustCompile(expr)
		for _, name := range names {
			may := l.mayEnd([]byte(name))
			for _, dir := range dirs {
				if !may && re.MatchString(dir+name) {
					t.Errorf("%s matches %q, whose name is not suspected", expr, dir+name)
				}
			}
		}
	}
	for _, test := range []struct {
		expr, name string
		want       bool
	}{
		{`\.p12$`, "x.p12", true}, {`\.p12$`, "x.txt", false}, {`\.p12$`, "2", true}, {`^a$`, "b", false}, {`^a$`, "a", true}, {`^a$`, "ba", false},
		{`(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`, "index.js", false}, {`(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`, "A.PFX", true}, {`^secrets/`, "anything", true},
	} {
		l := &lazyRegexp{expr: test.expr}
		if got := l.mayEnd([]byte(test.name)); got != test.want {
			t.Errorf("%s and %q: %v", test.expr, test.name, got)
		}
	}
}

func FuzzSuspects(f *testing.F) {
	f.Add(`(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`, "dir/", "key.pfx")
	f.Add(`a|^b$|\bc`, "b/c/", "b")
	f.Fuzz(func(t *testing.T, expr, dir, name string) {
		re, err := regexp.Compile(expr)
		if err != nil || len(expr) > 100 || len(dir) > 100 || len(name) > 100 || strings.Contains(name, "/") || dir != "" && !strings.HasSuffix(dir, "/") {
			return
		}
		if l := (&lazyRegexp{expr: expr}); re.MatchString(dir+name) && !l.mayEnd([]byte(name)) {
			t.Errorf("%q matches %q", expr, dir+name)
		}
	})
}

// A rule about names that is not worth trying on a path does not match it.
func TestNameRulesThatMay(t *testing.T) {
	exprs := []string{
		`\.p12$`, `(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`, `^secrets/`, `(^|/)\.env(\..*)?$`, `id_(rsa|ed25519)$`, `^a$`, `(?i)kés$`, `(?s).`,
	}
	paths := []string{"", "a", "x/.env", ".env.local", "id_rsa", "id_ed25519.pub", "a.p12", "A.PFX", "x/\xff.P12", "secrets/x", "KÉS", "k\u00e9\u017f"}
	for _, expr := range exprs {
		r := &rule{path: &lazyRegexp{expr: expr}}
		named := new(compiler).named(0, r)
		tried := 0
		for _, path := range paths {
			may, want := named.may(path), r.path.get().MatchString(path)
			if want && !may {
				t.Errorf("%s matches %q and is not tried", expr, path)
			}
			if may {
				tried++
			}
		}
		if strings.Contains(expr, "p12") && tried == len(paths) {
			t.Errorf("%s is tried on everything", expr)
		}
	}
}
