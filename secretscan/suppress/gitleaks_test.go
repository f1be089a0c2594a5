package suppress

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"keysweep/finding"
)

// reportOf builds a report from entries; each is a list of key, value pairs on top of file a.txt, rule r, line 1.
func reportOf(t testing.TB, entries ...map[string]any) []byte {
	t.Helper()
	for _, e := range entries {
		for key, value := range map[string]any{"RuleID": "r", "File": "a.txt", "StartLine": 1} {
			if _, set := e[key]; !set {
				e[key] = value
			}
		}
	}
	data, err := json.MarshalIndent(entries, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFromGitleaksReport(t *testing.T) {
	one := "tok_" + strings.Repeat("x7Q", 6)
	data := reportOf(t,
		map[string]any{"Secret": one, "Description": "A token", "Entropy": 2.5, "Tags": []string{"t"}, "Fragment": nil},
		map[string]any{"Secret": one, "File": `d\b.txt`, "Commit": sha1ID, "StartLine": 7},
		map[string]any{"Secret": "other-" + one},
	)
	salt := []byte("salt")
	got, notices, err := FromGitleaksReport("r.json", data, salt)
	if err != nil || len(notices) != 0 || len(got) != 2 {
		t.Fatalf("%d findings, notices %q, %v", len(got), kinds(notices), err)
	}
	f := got[0]
	if f.Fingerprint != finding.FingerprintOf(salt, finding.NewSecret(one)) || f.Title != "A token" || f.Rules[0] != "r" {
		t.Errorf("finding %+v", f)
	}
	if p := f.Places[1]; len(f.Places) != 2 || p.Path != "d/b.txt" || p.Kind != finding.KindBlob || p.Commit.ID != sha1ID || p.Span.Start.Line != 7 {
		t.Errorf("places %+v", f.Places)
	}
	b := mustParse(t, []byte(first))
	if changes, err := b.Add(got, Decision{Reason: "imported"}, day("2026-01-01")); err != nil || changes.Added != 2 {
		t.Errorf("add: %+v, %v", changes, err)
	}
}

func TestFromGitleaksReportNamesWhatItCannotTake(t *testing.T) {
	// 16 characters once each and a dot three times, so the entropy is that of 16/19 and 3/19.
	const real = "abcdefgh12345678..."
	entropy := 16.0/19*math.Log2(19) + 3.0/19*math.Log2(19.0/3)
	tests := []struct {
		name  string
		entry map[string]any
		why   string
	}{
		{"redacted", map[string]any{"Secret": finding.Redacted}, "redacted"},
		{"redacted in part", map[string]any{"Secret": "abcd...", "Entropy": 4.1}, "in part"},
		{"no entropy to compare", map[string]any{"Secret": real}, "in part"},
		{"really ends in dots", map[string]any{"Secret": real, "Entropy": entropy}, ""},
		{"no secret", map[string]any{"Match": "x"}, "no secret"},
		{"file name", map[string]any{"Match": "file detected: a.txt"}, ""},
		{"damaged", map[string]any{"Secret": "ab\ufffdcdefgh"}, "UTF-8"},
		{"something else", map[string]any{"RuleID": "", "File": "", "Secret": "x"}, "not an entry"},
	}
	for _, tt := range tests {
		found, notices, err := FromGitleaksReport("r.json", reportOf(t, tt.entry), nil)
		if err != nil || len(found)+len(notices) != 1 || (len(notices) == 1) != (tt.why != "") {
			t.Errorf("%s: %d findings, notices %+v, %v", tt.name, len(found), notices, err)
			continue
		}
		if tt.why == "" {
			continue
		}
		if n := notices[0]; n.Kind != "not-imported" || !strings.Contains(n.Text, tt.why) || !strings.HasPrefix(n.Text, "entry 1 (") {
			t.Errorf("%s: notice %+v, want %q", tt.name, n, tt.why)
		}
	}
}

func TestFromGitleaksReportRefuses(t *testing.T) {
	tests := []struct {
		name, data string
		line       int
	}{
		{"empty", "", 1},
		{"not JSON", "[\n{\n\"RuleID\": nope", 3},
		{"cut", "[\n{\"RuleID\": \"r\"", 2},
		{"an object", "{}", 1},
		{"wrong type", "[\n{\"Secret\":\n 12345}]", 3},
		{"something follows", "[]\n\n[]", 3},
		{"too many", "[\n{}" + strings.Repeat(",{}", maxItems) + "]", 2},
		{"broken list", "[\n{}\n{}]", 3},
		{"too large", strings.Repeat(" ", MaxSize+1), 1},
	}
	for _, tt := range tests {
		_, _, err := FromGitleaksReport("r.json", []byte(tt.data), nil)
		var bad *ParseError
		if !errors.As(err, &bad) || bad.Line != tt.line || bad.Hint == "" || strings.Contains(bad.Msg, "12345") {
			t.Errorf("%s: %v, want line %d", tt.name, err, tt.line)
		}
	}
	for _, data := range []string{"[]", "null", " [] \n"} {
		if found, notices, err := FromGitleaksReport("r.json", []byte(data), nil); err != nil || len(found)+len(notices) != 0 {
			t.Errorf("%q: %d findings, %d notices, %v", data, len(found), len(notices), err)
		}
	}
}

func FuzzFromGitleaksReport(f *testing.F) {
	f.Add([]byte("[]"))
	f.Add(reportOf(f, map[string]any{"Secret": "abc...", "Entropy": 1.5}, map[string]any{"Secret": "x"}))
	f.Add([]byte(`[{"RuleID":"r","Secret":"\ud800","File":"\u0000"}] x`))
	f.Fuzz(func(t *testing.T, data []byte) {
		findings, notices, err := FromGitleaksReport("r.json", data, []byte("salt"))
		if err != nil {
			var bad *ParseError
			if !errors.As(err, &bad) || bad.Line < 1 {
				t.Fatalf("not a full error: %v", err)
			}
			return
		}
		var entries []json.RawMessage
		if err := json.Unmarshal(data, &entries); err != nil {
			t.Fatalf("accepted, but not a JSON list: %v", err)
		}
		n := len(notices)
		for _, found := range findings {
			n += len(found.Places)
		}
		if n != len(entries) {
			t.Fatalf("%d entries, but %d places and notices", len(entries), n)
		}
	})
}
