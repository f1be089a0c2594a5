package secretscan

import (
	"regexp"
	"strings"
	"testing"
)

// namedEndings returns expressions and the bytes at the end that decide about them.
func namedEndings() map[string]int {
	return map[string]int{
		`(?i)\.(?:docx?|xlsx?|.dll|v2)$`: 4 * 5,
		`\.(a|bc?)$`:                     4 * 3,
		`\.(a|bc{2,3})$`:                 0,
		`k$`:                             4,
		`(?i)[k-s]é$`:                    8,
		`(?:)$`:                          0,
		`\.go`:                           0,
		`(?m)\.go$`:                      0,
		`^\.go$`:                         0,
		`\b\.go$`:                        0,
		`.*\.go$`:                        0,
		`(?:a|b+)$`:                      0,
		`\.go$|\.md$`:                    0,
		`a{40}b$`:                        0,
	}
}

func TestEndings(t *testing.T) {
	for expr, want := range namedEndings() {
		if got := endingOf((&lazyRegexp{expr: expr}).tree()); got.bytes != want {
			t.Errorf("%s: %d bytes, want %d", expr, got.bytes, want)
		}
	}
}

func FuzzEnding(f *testing.F) {
	for _, name := range []string{"a.docx", "DOC.DLL", "x\u212a", "\xe2\x84\xaa", "\x84\xaa.v2", "a.\xff\xffdll", "a.go\n", strings.Repeat("\x80", 50) + "k", "sé", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for expr := range namedEndings() {
			l := &lazyRegexp{expr: expr}
			if got, want := l.matchesName(name), regexp.MustCompile(expr).MatchString(name); got != want {
				t.Errorf("%s on %q: %v, want %v", expr, name, got, want)
			}
		}
	})
}
