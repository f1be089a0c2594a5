package report

import (
	"encoding/csv"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünï 漢字 \\x1b": "plain ünï 漢字 \\x1b",
		"\x1b[31m":           `\x1b[31m`,
		"a\nb\tc\r\x00\x7f":  `a\x0ab\x09c\x0d\x00\x7f`,
		"\u202e\u2066\u200b": `\u202e\u2066\u200b`,
		"\u0085\u2028":       `\u0085\u2028`,
		"\xff\xc3":           `\xff\xc3`,
		"\uFFFD":             "\uFFFD",
		"\U000e0041":         `\U000e0041`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestPathURI(t *testing.T) {
	for in, want := range map[string]string{
		"a/b.txt": "a/b.txt", "a b#c?.txt": "a%20b%23c%3F.txt", "a:b": "./a:b", "/abs/x": "file:///abs/x",
		"C:/x y": "file:///C:/x%20y", "ü": "%C3%BC", "\xff": "%FF",
	} {
		if got := pathURI(in); got != want {
			t.Errorf("pathURI(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestCSVCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "x=1": "x=1", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "  =1": "'  =1", "＝1": "'＝1", "'=1": "'=1",
	} {
		if got := csvCell(in); got != want {
			t.Errorf("csvCell(%q) = %q; want %q", in, got, want)
		}
	}
}

// TestShellQuoteWithBash lets a shell read the words back.
func TestShellQuoteWithBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatalf("bash is needed to check quoting: %v", err)
	}
	for _, word := range []string{"plain/path-1.txt", "with blank", "it's", "$(x) `y` \"z\" \\", "", "a\nb\x1b'\\c", "\xff\u202e", "~", "*", "a;b", "#x", "!x"} {
		out, err := exec.Command(bash, "-c", "printf %s "+shellQuote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%s was read back as %q, %v; want %q", shellQuote(word), out, err, word)
		}
	}
}

// FuzzEscapes checks what each helper promises, whatever the text.
func FuzzEscapes(f *testing.F) {
	for _, seed := range []string{"", "a", "\x1b[0m", "::error::", "=cmd()", "\xff\xfe", "\xef0", "\u202e", "a,b:c%\r\n", "/x", "c:/x", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := visible(s)
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("visible(%q) = %q", s, shown)
		}
		if visible(shown) != shown {
			t.Errorf("visible changes its own result %q", shown)
		}
		if strings.ContainsAny(githubData(s), "\r\n") || strings.ContainsAny(githubProperty(s), "\r\n,:") {
			t.Errorf("a workflow command made of %q can be left", s)
		}
		if cell := csvCell(s); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
			t.Errorf("csvCell(%q) = %q", s, cell)
		}
		if _, err := csv.NewReader(strings.NewReader(csvCell(shown))).ReadAll(); err != nil && !strings.Contains(shown, `"`) {
			t.Errorf("csvCell(%q): %v", s, err)
		}
		uri, err := url.Parse(pathURI(s))
		if err != nil {
			t.Fatalf("pathURI(%q) = %q: %v", s, pathURI(s), err)
		}
		if path := strings.TrimPrefix(uri.Path, "./"); path != s && path != "/"+s && uri.Path != s {
			t.Errorf("pathURI(%q) reads back as %q", s, uri.Path)
		}
		if word := shellQuote(s); strings.ContainsAny(word, "\n\r\x1b\x00") || word == "" {
			t.Errorf("shellQuote(%q) = %q", s, word)
		}
	})
}

// FuzzText checks that no line of an excerpt, however odd, gets past the width or leaves the terminal's state changed.
func FuzzText(f *testing.F) {
	f.Add("a\tb {} c", "s", 40)
	f.Add("漢字{}漢字", "👩‍👩‍👧", 41)
	f.Add("\x1b[31m{}\n", "\xff\xfe", 60)
	f.Fuzz(func(t *testing.T, template, secret string, width int) {
		p := place("file", "x", 1, template, secret)
		v := newView(newReport(), Options{Width: width, ShowSecrets: true})
		out := v.source(p)
		for line := range strings.Lines(out) {
			if w := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); w > v.width() {
				t.Errorf("%d columns of %d in %q", w, v.width(), line)
			}
		}
		if strings.ContainsFunc(strings.ReplaceAll(out, "\n", ""), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("source prints %q", out)
		}
	})
}
