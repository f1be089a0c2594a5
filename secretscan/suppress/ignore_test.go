package suppress

import (
	"fmt"
	"strings"
	"testing"

	"keysweep/finding"
)

var (
	sha1ID   = strings.Repeat("0a", 20)
	sha256ID = strings.Repeat("0b", 32)
)

func TestParseIgnoreLine(t *testing.T) {
	tests := []struct {
		line string
		want ignoreKey
		ok   bool
	}{
		{"a.txt:rule:3", ignoreKey{"", "a.txt", "rule", 3}, true},
		{`dir\sub\a.txt:rule:3`, ignoreKey{"", "dir/sub/a.txt", "rule", 3}, true},
		{sha1ID + ":a.txt:rule:3", ignoreKey{sha1ID, "a.txt", "rule", 3}, true},
		{sha256ID + `:d\a.txt:rule:3`, ignoreKey{sha256ID, "d/a.txt", "rule", 3}, true},
		{strings.ToUpper(sha1ID) + ":a:rule:3", ignoreKey{sha1ID, "a", "rule", 3}, true},
		{"a:b:c.txt:rule:3", ignoreKey{"", "a:b:c.txt", "rule", 3}, true},
		{sha1ID + ":a:b.txt:rule:3", ignoreKey{sha1ID, "a:b.txt", "rule", 3}, true},
		{sha1ID + ":rule:3", ignoreKey{"", sha1ID, "rule", 3}, true}, // a file named like a commit
		{sha1ID[:12] + ":a:rule:3", ignoreKey{"", sha1ID[:12] + ":a", "rule", 3}, true},
		{"key.pem:pkcs12-file:0", ignoreKey{"", "key.pem", "pkcs12-file", 0}, true},
		{"a b.txt:rule:3", ignoreKey{"", "a b.txt", "rule", 3}, true},
		{"a.txt", ignoreKey{}, false},
		{"a.txt:3", ignoreKey{}, false},
		{":rule:3", ignoreKey{}, false},
		{"a.txt::3", ignoreKey{}, false},
		{"a.txt:rule:", ignoreKey{}, false},
		{"a.txt:rule:x", ignoreKey{}, false},
		{"a.txt:rule:03", ignoreKey{}, false},
		{"a.txt:rule:+3", ignoreKey{}, false},
		{"a.txt:rule:-3", ignoreKey{}, false},
		{"a.txt:rule:99999999999999999999", ignoreKey{}, false},
	}
	for _, tt := range tests {
		got, ok := parseIgnoreLine(tt.line)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: %+v, %v; want %+v, %v", tt.line, got, ok, tt.want, tt.ok)
		}
	}
}

func TestParseIgnoreNotices(t *testing.T) {
	text := "\ufeff# a comment\r\n\n  a.txt:rule:1  \r\nnonsense\n  # more\na.txt:rule:1\nb.txt:rule:x\n"
	ignore, notices := ParseIgnore(IgnoreName, []byte(text))
	if got, want := kinds(notices), "invalid@.gitleaksignore:4 invalid@.gitleaksignore:7"; got != want || ignore.Len() != 1 {
		t.Errorf("%d entries, notices %q; want 1 and %q", ignore.Len(), got, want)
	}
}

func TestParseIgnoreIsBounded(t *testing.T) {
	_, notices := ParseIgnore("f", []byte(strings.Repeat("nonsense\n", 5000)))
	if len(notices) != maxNotices+1 || !strings.Contains(notices[maxNotices].Text, fmt.Sprint(5000-maxNotices)) {
		t.Errorf("%d notices, the last %+v", len(notices), notices[len(notices)-1])
	}
	var many strings.Builder
	for i := range maxItems + 2 {
		fmt.Fprintf(&many, "a:r:%d\n", i)
	}
	ignore, notices := ParseIgnore("f", []byte(many.String()))
	if want := fmt.Sprintf("invalid@f:%d", maxItems+1); ignore.Len() != maxItems || kinds(notices) != want {
		t.Errorf("too many: %d entries, notices %q, want %q", ignore.Len(), kinds(notices), want)
	}
	ignore, notices = ParseIgnore("f", append([]byte("a:r:1\n"), make([]byte, MaxSize)...))
	if ignore.Len() != 0 || kinds(notices) != "invalid@f" {
		t.Errorf("too large: %d entries, notices %q", ignore.Len(), kinds(notices))
	}
}

func TestIgnoreApply(t *testing.T) {
	inCommit := func(f finding.Finding, id string) finding.Finding {
		for i := range f.Places {
			f.Places[i].Commit = &finding.Commit{ID: id}
		}
		return f
	}
	other := strings.Repeat("0c", 20)
	tests := []struct {
		name, text string
		findings   []finding.Finding
		kept, gone string
	}{
		{"one place of two", "a:rule:1", []finding.Finding{found("1", "a", "b")}, "1:b", "1:a"},
		{"all places", "a:rule:1\nb:rule:2", []finding.Finding{found("1", "a", "b"), found("2", "c")}, "2:c", "1:a 1:b"},
		{"other line", "a:rule:2", []finding.Finding{found("1", "a")}, "1:a", ""},
		{"other rule", "a:rules:1", []finding.Finding{found("1", "a")}, "1:a", ""},
		{"no commit counts in a commit", "a:rule:1", []finding.Finding{inCommit(found("1", "a"), sha1ID)}, "", "1:a"},
		{"that commit", sha1ID + ":a:rule:1", []finding.Finding{inCommit(found("1", "a"), sha1ID)}, "", "1:a"},
		{"another commit", sha1ID + ":a:rule:1", []finding.Finding{inCommit(found("1", "a"), other)}, "1:a", ""},
		{"a commit does not count in files", sha1ID + ":a:rule:1", []finding.Finding{found("1", "a")}, "1:a", ""},
		{"a copy is another place", "a:rule:1", []finding.Finding{found("1", "a+b")}, "1:b", "1:a"},
	}
	for _, tt := range tests {
		ignore, _ := ParseIgnore(IgnoreName, []byte(tt.text))
		before := show(tt.findings)
		kept, gone, notices := ignore.Apply(tt.findings, Scan{})
		if show(kept) != tt.kept || showGone(gone) != tt.gone || len(notices) != 0 {
			t.Errorf("%s: kept %q, gone %q, notices %q; want %q, %q, none", tt.name, show(kept), showGone(gone), kinds(notices), tt.kept, tt.gone)
		}
		if show(tt.findings) != before {
			t.Errorf("%s: the findings given were changed", tt.name)
		}
	}
}

func TestIgnoreStale(t *testing.T) {
	text := "x:rule:9\na:rule:1\n" + sha1ID + ":a:rule:1\n# end"
	ignore, _ := ParseIgnore(IgnoreName, []byte(text))
	f := found("1", "a")
	f.Places[0].Commit = &finding.Commit{ID: sha1ID}
	_, gone, notices := ignore.Apply([]finding.Finding{f}, Scan{Complete: true})
	if got := kinds(notices); got != "stale@.gitleaksignore:1" || len(gone) != 1 || gone[0].By != IgnoreName {
		t.Errorf("notices %q, suppressed %+v; both entries for a are in use", got, gone)
	}
}

func TestIgnorePlacesPastTheLimit(t *testing.T) {
	ignore, _ := ParseIgnore(IgnoreName, []byte("a:rule:1"))
	f := found("1", "a")
	f.MorePlaces = 3
	kept, gone, _ := ignore.Apply([]finding.Finding{f}, Scan{})
	if len(kept) != 1 || len(gone) != 0 || !strings.Contains(kept[0].Places[0].Note, "3 more") {
		t.Errorf("kept %q, suppressed %q", show(kept), showGone(gone))
	}
}

// FuzzParseIgnore compares with gitleaks' own reading, splitting at every colon, where that is defined.
func FuzzParseIgnore(f *testing.F) {
	f.Add("a.txt:rule:3")
	f.Add(sha1ID + `:a\b.txt:rule:3`)
	f.Add("# comment\n::\n:::")
	f.Fuzz(func(t *testing.T, text string) {
		ignore, _ := ParseIgnore(IgnoreName, []byte(text))
		for key := range ignore.entries {
			if key.path == "" || key.rule == "" || key.line < 0 || strings.Contains(key.path, `\`) {
				t.Fatalf("odd entry %+v", key)
			}
		}
		line := strings.TrimSpace(text)
		parts := strings.Split(line, ":")
		if strings.ContainsAny(line, "\n\ufeff") || strings.HasPrefix(line, "#") || len(parts) != 3 {
			return
		}
		n, numeric := lineNumber(parts[2])
		want := ignoreKey{"", strings.ReplaceAll(parts[0], `\`, "/"), parts[1], n}
		if _, found := ignore.entries[want]; found != (numeric && parts[0] != "" && parts[1] != "") {
			t.Fatalf("%q: %+v, want %+v: %v", line, ignore.entries, want, !found)
		}
	})
}
