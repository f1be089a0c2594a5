package suppress

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"keysweep/finding"
)

var (
	testSalt = strings.Repeat("5a", saltSize)
	first    = schema + testSalt + "\n"
)

func hexOf(digit string) string { return strings.Repeat(digit, 32) }

func fpOf(digit string) (fp finding.Fingerprint) {
	if err := fp.UnmarshalText([]byte(hexOf(digit))); err != nil {
		panic(err)
	}
	return fp
}

// lines joins fields with tabs and lines with newlines under a first line; "F1" stands for a fingerprint of ones.
func lines(entries ...string) []byte {
	text := first
	for _, e := range entries {
		e = strings.ReplaceAll(e, " | ", "\t")
		if strings.HasPrefix(e, "F") {
			e = hexOf(e[1:2]) + e[2:]
		}
		text += e + "\n"
	}
	return []byte(text)
}

func mustParse(t testing.TB, data []byte) *Baseline {
	t.Helper()
	b, err := Parse(FileName, data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withoutLines(entries []Entry) []Entry {
	for i := range entries {
		entries[i].line = 0
	}
	return entries
}

func TestParseEncodeCanonical(t *testing.T) {
	got := mustParse(t, lines(
		`F2 | slack-token | b/c.txt,a.txt | seen in\ttests\nonly \\ \xff | Ann | 2027-01-31`,
		"",
		"# a remark",
		`F1 | - | *,-,\x2d,\x2a,a\x2cb,C\\D\x01é | - | - | -`,
	))
	want := first + header +
		hexOf("1") + "\t-\t*,-,\\x2a,\\x2d,C\\\\D\\x01é,a\\x2cb\t-\t-\t-\n" +
		hexOf("2") + "\tslack-token\ta.txt,b/c.txt\tseen in\\ttests\\nonly \\\\ \\xff\tAnn\t2027-01-31\n"
	if string(got.Encode()) != want {
		t.Errorf("encoded\n%q\nwant\n%q", got.Encode(), want)
	}
	entries := got.Entries()
	if want := []string{"", "*", "-", "C\\D\x01é", "a,b"}; !reflect.DeepEqual(entries[0].Paths, want) || !entries[0].Everywhere {
		t.Errorf("paths %q, want %q and everywhere", entries[0].Paths, want)
	}
	if want := "seen in\ttests\nonly \\ \xff"; entries[1].Reason != want {
		t.Errorf("reason %q, want %q", entries[1].Reason, want)
	}
	if !bytes.Equal(got.Salt(), bytes.Repeat([]byte{0x5a}, saltSize)) {
		t.Errorf("salt %x", got.Salt())
	}
}

func TestEncodeHidesNothing(t *testing.T) {
	const sneaky = "a\u202eb\u200bc\x1b[2Jd\u00a0e"
	b := mustParse(t, []byte(first))
	if _, err := b.Add([]finding.Finding{found("1", sneaky)}, Decision{Reason: sneaky}, day("2026-01-01")); err != nil {
		t.Fatal(err)
	}
	text := string(b.Encode())
	for _, bad := range []string{"\u202e", "\u200b", "\x1b", "\u00a0"} {
		if strings.Contains(text, bad) {
			t.Errorf("the file holds %q as it is", bad)
		}
	}
	again := mustParse(t, []byte(text)).Entries()[0]
	if again.Paths[0] != sneaky || again.Reason != sneaky {
		t.Errorf("read back %q and %q", again.Paths[0], again.Reason)
	}
}

func TestParseTolerates(t *testing.T) {
	want := mustParse(t, lines("F1 | r | p | why | - | -")).Entries()
	for name, data := range map[string]string{
		"CRLF":            strings.ReplaceAll(string(lines("F1 | r | p | why | - | -")), "\n", "\r\n"),
		"BOM":             "\xef\xbb\xbf" + string(lines("F1 | r | p | why | - | -")),
		"no last newline": strings.TrimSuffix(string(lines("F1 | r | p | why | - | -")), "\n"),
		"same line twice": string(lines("F1 | r | p | why | - | -", "F1 | r | p | why | - | -")),
		"same first line": string(lines("F1 | r | p | why | - | -")) + first,
	} {
		b, err := Parse(FileName, []byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := withoutLines(b.Entries()); !reflect.DeepEqual(got, withoutLines(want)) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestUnionMergeCombines(t *testing.T) {
	tests := []struct {
		name, x, y, want string
	}{
		{"paths are united", "F1 | r | b,a | w | n | -", "F1 | r | c,a | w | n | -", "F1 | r | a,b,c | w | n | -"},
		{"the earliest end wins", "F1 | r | a | long | n | 2027-02-01", "F1 | r | a | short | m | 2027-01-01", "F1 | r | a | short | m | 2027-01-01"},
		{"an end wins over none", "F1 | r | a | ever | n | -", "F1 | r | a | - | - | 2027-01-01", "F1 | r | a | - | - | 2027-01-01"},
		{"a reason wins over none", "F1 | r | a | - | n | -", "F1 | r | a | why | m | -", "F1 | r | a | why | m | -"},
		{"a rule wins over none", "F1 | - | a | - | - | -", "F1 | r | a | - | - | -", "F1 | r | a | - | - | -"},
		{"everywhere stays", "F1 | r | * | w | - | -", "F1 | r | a | w | - | -", "F1 | r | *,a | w | - | -"},
	}
	for _, tt := range tests {
		want := string(mustParse(t, lines(tt.want)).Encode())
		for _, order := range [][]string{{tt.x, tt.y}, {tt.y, tt.x}, {tt.x, tt.y, tt.x, tt.want}} {
			if got := string(mustParse(t, lines(order...)).Encode()); got != want {
				t.Errorf("%s: %q gives\n%swant\n%s", tt.name, order, got, want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := "F1 | r | p | - | - | -"
	tests := []struct {
		name string
		data []byte
		line int
		msg  string
	}{
		{"empty", nil, 1, "starts with"},
		{"other file", []byte("{}\n"), 1, "starts with"},
		{"newer schema", []byte("keysweep-baseline v2 salt=00\n"), 1, "schema v1"},
		{"short salt", []byte(schema + "5a5a\n"), 1, "salt"},
		{"salt not hex", []byte(schema + strings.Repeat("zz", saltSize)), 1, "salt"},
		{"two salts", append(lines(good), schema+strings.Repeat("00", saltSize)...), 3, "second salt"},
		{"conflict", lines(good, "<<<<<<< HEAD", good), 3, "merge conflict"},
		{"conflict middle", lines("======="), 2, "merge conflict"},
		{"conflict end", lines(">>>>>>> topic"), 2, "merge conflict"},
		{"conflict at the top", append([]byte("<<<<<<< HEAD\n"), first...), 1, "merge conflict"},
		{"five fields", lines(good, "F1 | r | p | - | -"), 3, "5 fields"},
		{"seven fields", lines("F1 | r | p | - | - | - | -"), 2, "7 fields"},
		{"short fingerprint", lines("1111 | r | p | - | - | -"), 2, "fingerprint"},
		{"fingerprint not hex", lines(strings.Repeat("g", 32) + " | r | p | - | - | -"), 2, "fingerprint"},
		{"no path", lines("F1 | r |  | - | - | -"), 2, "path"},
		{"empty path", lines("F1 | r | a,,b | - | - | -"), 2, "path"},
		{"bad escape", lines(`F1 | r | a\q | - | - | -`), 2, "escape"},
		{"cut escape", lines(`F1 | r | a | b\x1 | - | -`), 2, "reason"},
		{"backslash at the end", lines(`F1 | r | a | - | b\ | -`), 2, "who"},
		{"no such day", lines("F1 | r | a | - | - | 2027-02-30"), 2, "until"},
		{"no date", lines("F1 | r | a | - | - | soon"), 2, "until"},
		{"empty date", lines("F1 | r | a | - | - | "), 2, "until"},
		{"too many paths", lines("F1 | r | a" + strings.Repeat(",a", maxItems) + " | - | - | -"), 2, "paths"},
		{"too large", make([]byte, MaxSize+1), 1, "limit"},
	}
	for _, tt := range tests {
		_, err := Parse("dir/base", tt.data)
		var bad *ParseError
		if !errors.As(err, &bad) {
			t.Errorf("%s: error %v, want a ParseError", tt.name, err)
			continue
		}
		if bad.Line != tt.line || !strings.Contains(bad.Msg, tt.msg) || bad.Hint == "" {
			t.Errorf("%s: line %d %q, want line %d and %q", tt.name, bad.Line, bad.Msg, tt.line, tt.msg)
		}
		if text := bad.Error(); !strings.HasPrefix(text, "dir/base:") || !strings.Contains(text, "\nhint: ") {
			t.Errorf("%s: message %q", tt.name, text)
		}
	}
}

func TestNewSaltsDiffer(t *testing.T) {
	x, err := New(strings.NewReader(strings.Repeat("x", saltSize)))
	if err != nil {
		t.Fatal(err)
	}
	if again := mustParse(t, x.Encode()); !bytes.Equal(again.Salt(), []byte(strings.Repeat("x", saltSize))) || again.Len() != 0 {
		t.Errorf("salt %x, %d entries", again.Salt(), again.Len())
	}
	if _, err := New(strings.NewReader("short")); err == nil {
		t.Error("a salt was made of too few random bytes")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(""))
	f.Add(lines(`F2 | rule | b,a\x2c,*,- | why\t\\ | me | 2027-01-31`, "F1 | - | - | - | - | -", "F2 | q | z | - | - | -"))
	f.Add(lines("<<<<<<< HEAD"))
	f.Add([]byte("*,-,a\\x2c,\xff | a\\n\\t\\x41"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkRoundTrip(t, data)
		checkRoundTrip(t, append([]byte(first), data...)) // or the fuzzer would hardly come past the first line
		checkRoundTrip(t, append(lines("F1 | r | a | w | - | -"), strings.ReplaceAll(hexOf("1")+" | r | "+string(data)+" | - | -", " | ", "\t")...))
	})
}

// checkRoundTrip wants a full error, or a baseline that is the same after Encode and Parse.
func checkRoundTrip(t *testing.T, data []byte) {
	t.Helper()
	b, err := Parse(FileName, data)
	if err != nil {
		var bad *ParseError
		if !errors.As(err, &bad) || bad.Line < 1 || bad.Hint == "" {
			t.Fatalf("not a full error: %v", err)
		}
		return
	}
	text := b.Encode()
	again, err := Parse(FileName, text)
	if err != nil {
		t.Fatalf("own output is refused: %v\n%q", err, text)
	}
	if !reflect.DeepEqual(withoutLines(b.Entries()), withoutLines(again.Entries())) || !bytes.Equal(b.Salt(), again.Salt()) {
		t.Fatalf("changed on the way:\n%+v\n%+v", b.Entries(), again.Entries())
	}
	if !bytes.Equal(again.Encode(), text) {
		t.Fatalf("not canonical:\n%q\n%q", again.Encode(), text)
	}
}
