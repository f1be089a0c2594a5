package domain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// officials are the names of the tests: two of usual length, one that is short, one below another's.
func officials() []string {
	return []string{"spheron.network", "fluxme.io", "abc.io", "portal.example.org"}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		address string
		want    Verdict
		like    string // the official domain
		why     string // in the reasons
	}{
		{"spheron.network", IsOfficial, "spheron.network", ""},
		{"https://spheron.network/login?next=/x#y", IsOfficial, "spheron.network", ""},
		{"https://docs.Spheron.NETWORK:443/", IsOfficial, "spheron.network", ""},
		{"//app.spheron.network", IsOfficial, "spheron.network", ""},
		{"spheron.network.", IsOfficial, "spheron.network", "ends in a dot"},
		{"http://spheron.network", IsOfficial, "spheron.network", "not encrypted"},
		{"https://user@spheron.network/", IsOfficial, "spheron.network", "login name"},
		{"https:spheron.network", IsOfficial, "spheron.network", ""},
		{"spheron.network:8443", IsOfficial, "spheron.network", ""},
		{"ｓｐｈｅｒｏｎ．network", IsOfficial, "spheron.network", ""}, // full-width letters lead to the same host
		{"git@spheron.network:team/repo", IsOfficial, "spheron.network", "login name"},
		{"https://portal.example.org", IsOfficial, "portal.example.org", ""},

		{"https://spher\u043en.network/", LookAlike, "spheron.network", "letters look like"}, // Cyrillic
		{"https://" + toASCII("spher\u043en.network") + "/", LookAlike, "spheron.network", "letters look like"},
		{"https://sρheron.network", LookAlike, "spheron.network", "letters look like"},  // Greek
		{"https://sphéron.network", LookAlike, "spheron.network", "letters look like"},  // an accent
		{"https://spher0n.network", LookAlike, "spheron.network", "letters look like"},  // a digit
		{"https://login.spher0n.network", LookAlike, "spheron.network", "letters look"}, // below it
		{"https://f1uxme.io", LookAlike, "fluxme.io", "letters look like"},
		{"https://fluxrne.io", LookAlike, "fluxme.io", "letters look like"},
		{"https://spheron.netw\u043erk", LookAlike, "spheron.network", "letters look like"},
		{"https://sphron.network", LookAlike, "spheron.network", "typed wrong"},
		{"https://pshreon.network", LookAlike, "spheron.network", "typed wrong"},
		{"https://spheron.netwrok", LookAlike, "spheron.network", "typed wrong"},
		{"https://fluxmee.io", LookAlike, "fluxme.io", "typed wrong"},
		{"https://spheron.network.evil.io/login", LookAlike, "spheron.network", "it belongs to evil.io"},
		{"https://spheronnetwork.com", LookAlike, "spheron.network", "without its dots"},
		{"https://spheron-network.com", LookAlike, "spheron.network", "without its dots"},
		{"https://spheron.io", LookAlike, "spheron.network", "another ending"},
		{"https://fluxme.com", LookAlike, "fluxme.io", "another ending"},
		{"https://spheron.co.uk", LookAlike, "spheron.network", "somebody else"},
		{"https://spheron.github.io", LookAlike, "spheron.network", "somebody else"},
		{"https://spheron-login.com", LookAlike, "spheron.network", "other words"},
		{"https://my-fluxme.app", LookAlike, "fluxme.io", "other words"},
		{"https://spheronwallet.com", LookAlike, "spheron.network", "other words"},
		{"https://spheran.io", LookAlike, "spheron.network", "nearly the name"},
		{"https://spheron.network@evil.example/", LookAlike, "spheron.network", "leads to evil.example"},
		{"https://evil.example#@spheron.network/login", LookAlike, "spheron.network", "leads to evil.example"},
		{"https://evil.example?x@spher0n.network", LookAlike, "spheron.network", "leads to evil.example"},
		{"https://social.example/@spheron.network", Unknown, "", "behind the host only"},
		{"https://evil.example/?to=https://spheron.network", Unknown, "", "leads to evil.example"},
		{"https://spheron.network:443@evil.example/", LookAlike, "spheron.network", "leads to evil.example"},
		{"https://spheron.network%2f@evil.example", LookAlike, "spheron.network", "leads to evil.example"},
		{`https://spheron.network\@evil.example/`, LookAlike, "spheron.network", "backslash"},
		{`https://evil.example\@spheron.network/`, LookAlike, "spheron.network", "backslash"},
		{"https://spheron%2enetwork/", LookAlike, "spheron.network", "percent signs"},
		{"https://sphe\tron.network/", LookAlike, "spheron.network", "line breaks or tabs"},
		{"https://sphe\u200bron.network/", LookAlike, "spheron.network", "cannot be seen"},
		{"https://spheron.network\u202e/", LookAlike, "spheron.network", "cannot be seen"},
		{"http://2130706433/", LookAlike, "", "a number"},
		{"http://0x7f.1/", LookAlike, "", "a number"},
		{"http://1.2.3.4/spheron.network/login", LookAlike, "spheron.network", "leads elsewhere"},
		{"https://ex\u0430mple.com", LookAlike, "", "different scripts"},
		{"https://spheron\u3002network.evil.io", LookAlike, "spheron.network", "it belongs to evil.io"},
		{"https://portal.exarnple.org", LookAlike, "portal.example.org", "letters look like"},

		{"https://github.com/x", Unknown, "", ""},
		{"https://example.com/spheron.network", Unknown, "", ""},
		{"https://ab.io", Unknown, "", ""},   // near abc.io, which is too short for that
		{"https://abd.io", Unknown, "", ""},  // so is this
		{"https://abc.com", Unknown, "", ""}, // and of short names there are many
		{"https://flux.io", Unknown, "", ""},
		{"https://sphere.com", Unknown, "", ""},
		{"https://influxmetrics.com", Unknown, "", ""},
		{"https://www.example.org", Unknown, "", ""},
		{"https://1.2.3.4/", Unknown, "", "number instead of a name"},
		{"https://[::1]:8080/", Unknown, "", "number instead of a name"},
		{"https://b\u00fccher.example", Unknown, "", ""},
		{"https://例え.テスト", Unknown, "", ""},
		{"https://пример.рф", Unknown, "", ""},
		{"network", Unknown, "", ""},
	}
	for _, tt := range tests {
		r, err := Check(tt.address, officials())
		if err != nil {
			t.Errorf("%q: %v", tt.address, err)
			continue
		}
		reasons := strings.Join(r.Reasons, "; ")
		if r.Verdict != tt.want || r.Official != tt.like || !strings.Contains(reasons, tt.why) || tt.want == LookAlike && reasons == "" {
			t.Errorf("%q: %s of %q (%s), host %q; want %s of %q (%s)", tt.address, r.Verdict, r.Official, reasons, r.Host, tt.want, tt.like, tt.why)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, address := range []string{"", " ", "https://", "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "https:///", "a..b", "http://a b.c/", "http://" + strings.Repeat("a", 64) + ".com",
		strings.Repeat("a.", 200) + "com", strings.Repeat("a", maxAddress+1), "https://?x", "a<b.com"} {
		if r, err := Check(address, officials()); err == nil {
			t.Errorf("%.40q: %+v", address, r)
		}
	}
}

func TestOfficial(t *testing.T) {
	for name, want := range map[string]string{"Example.ORG": "example.org", "b\u00fccher.example": "xn--bcher-kva.example", "a.b.c": "a.b.c"} {
		if got, err := Official(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "localhost", "https://example.org", "example.org/x", "1.2.3.4", "user@example.org", "example.org.", "a b.org"} {
		if got, err := Official(name); err == nil {
			t.Errorf("%q: taken as %q", name, got)
		}
	}
}

func TestCheckText(t *testing.T) {
	text := "see https://spheron.network/docs, (https://spheron-login.com/x). main.go, spheron.toml\n" +
		"HOST=spher0n.network\nmail help@fluxme.com or [docs](https://fluxrne.io/a?b=(c))\n<a href=\"https://github.com/a\">\n" +
		"a.b.c 1.2.3 v2.0.1 foo.spheron.go\n"
	places, cut := CheckText([]byte(text), officials())
	var got []string
	for _, p := range places {
		got = append(got, strings.Join([]string{string(p.Verdict), p.Host}, " "))
	}
	want := "official spheron.network, look-alike spheron-login.com, look-alike spher0n.network, look-alike fluxme.com, look-alike fluxrne.io, unknown github.com"
	if s := strings.Join(got, ", "); s != want || cut {
		t.Errorf("%s\nwant %s", s, want)
	}
	if p := places[1]; p.Line != 1 || p.Column != 36 {
		t.Errorf("%d:%d", p.Line, p.Column)
	}
}

func TestPunycode(t *testing.T) {
	// The first three are samples of RFC 3492, section 7.1.
	for plain, coded := range map[string]string{
		"他们为什么不说中文": "ihqwcrb4cv8a8dqg056pqjye", "почемужеонинеговорятпорусски": "b1abfaaepdrnnbgefbadotcwatmq2g4l", "3年b組金八先生": "3b-ww4c5e180e575a65lsy2b",
		"bücher": "bcher-kva", "ü": "tda",
	} {
		if got := encodePunycode([]rune(plain)); got != coded {
			t.Errorf("%s: %s, want %s", plain, got, coded)
		}
		if got, err := decodePunycode(coded); err != nil || got != plain {
			t.Errorf("%s: %s %v, want %s", coded, got, err, plain)
		}
	}
	for _, bad := range []string{"99999999", "a-\x80", "é", "zzzzzzzzzzzz", "-"} {
		if got, err := decodePunycode(bad); err == nil && got != "" {
			t.Errorf("%q: %q", bad, got)
		}
	}
}

func TestDamerau(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"spheron", "pshreon", 2}} {
		if got := damerau(tt.a, tt.b); got != tt.want || damerau(tt.b, tt.a) != got {
			t.Errorf("%s %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// FuzzCheck judges anything. What comes out of it leads to the same host when it is judged again, and nothing official is alike.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{"https://spheron.network@x.y/", `a\b`, "xn--sphern-pwf.network", "http://0x7f.1", "[::1]", "a%zz", "\u200b.\u3002", "xn--a.xn--", "https://user:pw@[", "a:b:c", "1.2", "ß.ẞ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Check(text, officials())
		if err != nil {
			return
		}
		again, err := Check(r.Host, officials())
		if err != nil || again.Host != r.Host {
			t.Fatalf("%q leads to %q, which leads to %q: %v", text, r.Host, again.Host, err)
		}
		if r.Verdict == IsOfficial && again.Verdict != IsOfficial {
			t.Errorf("%q is official, and its host %q is not: %+v", text, r.Host, again)
		}
		if utf8.ValidString(text) {
			CheckText([]byte(text), officials())
		}
	})
}
