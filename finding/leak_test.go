package finding_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"keysweep/finding"
)

var long = "pre" + strings.Repeat("s3cr3t", 5)

// TestNothingPrintsASecret prints a secret and what holds one in every way there is.
func TestNothingPrintsASecret(t *testing.T) {
	secret := finding.NewSecret(long)
	text := "a = " + long + ";"
	excerpt := finding.NewExcerpt(text, finding.Range{Start: 4, End: 4 + len(long)}, nil)
	whole := finding.Finding{Secret: secret, Places: []finding.Place{{Excerpt: excerpt, Match: excerpt}}}
	values := map[string]any{
		"secret": secret, "pointer": &secret, "excerpt": excerpt, "to excerpt": &excerpt, "finding": whole, "to finding": &whole,
		"list": []finding.Secret{secret}, "map": map[string]finding.Secret{"x": secret}, "piece": excerpt.Pieces(),
		"report": finding.Report{Findings: []finding.Finding{whole}}, "error": fmt.Errorf("wrapped: %w", fmt.Errorf("%v", secret)),
	}
	leaks := func(how, out string) {
		t.Helper()
		if strings.Contains(out, long[:6]) || strings.Contains(out, fmt.Sprintf("%x", long[5:9])) || strings.Contains(out, fmt.Sprintf("%X", long[5:9])) {
			t.Errorf("%s: %s", how, out)
		}
	}
	for name, v := range values {
		for _, verb := range "vdsqxXtbcoOeEfFgGUpT" {
			for _, flag := range []string{"", "+", "#", "-20", "020", " ", ".50", "+#"} {
				if verb != 'p' && verb != 'T' {
					leaks(name+" %"+flag+string(verb), fmt.Sprintf("%"+flag+string(verb), v))
				}
			}
		}
		leaks(name+" Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
		if out, err := json.Marshal(v); err == nil {
			leaks(name+" json", string(out))
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).Info("x", "v", v)
			leaks(name+" slog", b.String())
		}
	}
	if secret.Reveal() != long {
		t.Error("Reveal does not")
	}
}

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		"": "********", "short": "********", strings.Repeat("a", 15): "********", strings.Repeat("a", 16): "aaaa********",
		"\x1b[31" + strings.Repeat("a", 16): "*[31********", strings.Repeat("é", 16): "************",
		"-----BEGIN " + strings.Repeat("x", 40): "********",
		"-----BEGIN TEST DATA-----\n" + long:    "-----BEGIN TEST DATA----- ********",
		"-----BEGIN " + long + "-----\n" + long: "********",
	} {
		if got := finding.NewSecret(in).Masked(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPieces(t *testing.T) {
	const text = "0123456789"
	r := func(a, b int) finding.Range { return finding.Range{Start: a, End: b} }
	for name, tc := range map[string]struct {
		own    finding.Range
		others []finding.Range
		want   string
	}{
		"none":               {r(0, 0), nil, text},
		"own":                {r(2, 4), nil, "01<********>456789"},
		"over both ends":     {r(-5, 50), nil, "<********>"},
		"behind the end":     {r(20, 30), []finding.Range{r(15, 16)}, text},
		"turned round":       {r(4, 2), []finding.Range{r(9, 1)}, text},
		"others":             {r(2, 4), []finding.Range{r(8, 9), r(6, 7)}, "01<********>45[********]7[********]9"},
		"overlapping":        {r(2, 6), []finding.Range{r(4, 8)}, "01<********>89"},
		"one in another":     {r(4, 5), []finding.Range{r(2, 8), r(3, 4)}, "01<********>89"},
		"side by side":       {r(2, 4), []finding.Range{r(4, 6)}, "01<********>[********]6789"},
		"the same":           {r(2, 4), []finding.Range{r(2, 4), r(2, 4)}, "01<********>456789"},
		"before the start":   {r(-4, 2), []finding.Range{r(-3, -1)}, "<********>23456789"},
		"own is not there":   {r(0, 0), []finding.Range{r(0, 3)}, "[********]3456789"},
		"a chain of overlap": {r(8, 10), []finding.Range{r(0, 3), r(2, 6), r(5, 9)}, "<********>"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			plain := ""
			for _, p := range finding.NewExcerpt(text, tc.own, tc.others).Pieces() {
				plain += p.Text
				switch {
				case p.Own:
					b.WriteString("<" + p.Text + ">")
				case p.Secret:
					b.WriteString("[" + p.Text + "]")
				default:
					b.WriteString(p.Text)
				}
			}
			if b.String() != tc.want {
				t.Errorf("%s, want %s", b.String(), tc.want)
			}
			if got := finding.NewExcerpt(text, tc.own, tc.others).String(); got != plain {
				t.Errorf("String gives %q, Pieces %q", got, plain)
			}
		})
	}
}

func TestFingerprints(t *testing.T) {
	a := finding.FingerprintOf([]byte("salt"), finding.NewSecret("a"))
	if a == finding.FingerprintOf([]byte("salt"), finding.NewSecret("b")) || a == finding.FingerprintOf([]byte("other"), finding.NewSecret("a")) {
		t.Error("secret and salt must both count")
	}
	// HMAC-SHA256 of "Hi There" under 20 bytes 0x0b: RFC 4231, test case 1.
	if got := finding.FingerprintOf(bytes.Repeat([]byte{0x0b}, 20), finding.NewSecret("Hi There")).String(); got != "b0344c61d8db38535ca8afceaf0bf12b" {
		t.Errorf("fingerprint %s", got)
	}
	var back finding.Fingerprint
	if text, err := a.MarshalText(); err != nil || back.UnmarshalText(text) != nil || back != a {
		t.Error("no way back")
	}
	for _, bad := range []string{"", "00", strings.Repeat("g", 32), strings.Repeat("0", 34)} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	name := func(rule, path string) finding.Fingerprint {
		return (&finding.Finding{Places: []finding.Place{{Rule: rule, Path: path}}}).FingerprintUnder(nil)
	}
	if name("a", "b") == name("a", "c") || name("a", "b") == name("c", "b") {
		t.Error("of a file's name rule and path must both count")
	}
}

// TestOverlap: a short secret shows nothing of itself where a longer one overlaps it.
func TestOverlap(t *testing.T) {
	text := "x=" + long + "&"
	for name, others := range map[string][]finding.Range{
		"start": {{Start: 2, End: 7}}, "inside": {{Start: 4, End: 9}}, "twice": {{Start: 2, End: 4}, {Start: 3, End: 15}},
	} {
		got := finding.NewExcerpt(text, finding.Range{Start: 2, End: 2 + len(long)}, others).String()
		if got != "x=********&" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
