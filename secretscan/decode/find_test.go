package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const message = "user=admin\npassword=\"Tr0ub4dor & 3?>~\"; # not a real one"

// runsOf returns the runs of a text, in order, found in one go.
func runsOf(text string) []Run { return partOf(text, 0, len(text)) }

func partOf(text string, from, to int) (runs []Run) {
	var f Finder
	f.Reset()
	f.Find([]byte(text), from, to, len(text), func(r Run) { runs = append(runs, r) })
	slices.SortFunc(runs, func(a, b Run) int { return strings.Compare(place(a), place(b)) })
	return runs
}

func place(r Run) string {
	return fmt.Sprintf("%09d %09d %v form %d first %d next %d", r.From, r.To, r.Kind, r.form, r.First, min(r.Next, 1<<40))
}

func wrapped(text string, width int, between string) string {
	var lines []string
	for len(text) > width {
		lines, text = append(lines, text[:width]), text[width:]
	}
	return strings.Join(append(lines, text), between)
}

func escaped(text, format string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func quoted(text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func wide(text string) (out []byte) {
	for i := range len(text) {
		out = append(out, text[i], 0)
	}
	return out
}

func TestRoundTrips(t *testing.T) {
	std, long := base64.StdEncoding, strings.Repeat(message+"\n", 20)
	in := std.EncodeToString([]byte(message))
	for name, tc := range map[string]struct {
		kind       Kind
		text, want string
	}{
		"standard":              {Base64, in, message},
		"without padding":       {Base64, base64.RawStdEncoding.EncodeToString([]byte(message)), message},
		"url":                   {Base64, base64.URLEncoding.EncodeToString([]byte(message)), message},
		"behind a path":         {Base64, "/home/page/" + in, message},
		"behind an escape":      {Base64, `"\n` + in + `"`, message},
		"short":                 {Base64, std.EncodeToString([]byte("user:passw0rd")), "user:passw0rd"},
		"MIME":                  {Base64, wrapped(std.EncodeToString([]byte(long)), 76, "\r\n"), long},
		"PEM's width":           {Base64, wrapped(std.EncodeToString([]byte(long)), 64, "\n"), long},
		"YAML block":            {Base64, "data: |\n    " + wrapped(std.EncodeToString([]byte(long)), 76, "\n    "), long},
		"escaped line ends":     {Base64, `x = "` + wrapped(std.EncodeToString([]byte(long)), 64, `\n`) + `"`, long},
		"twice escaped ones":    {Base64, `x = "` + wrapped(std.EncodeToString([]byte(long)), 64, `\\n`) + `"`, long},
		"UTF-8":                 {Base64, std.EncodeToString([]byte("passwort: Schlüssel für Björn 世界")), "passwort: Schlüssel für Björn 世界"},
		"mark":                  {Base64, std.EncodeToString([]byte("\xef\xbb\xbf" + message)), "\xef\xbb\xbf" + message},
		"UTF-16":                {Base64, std.EncodeToString(wide(message)), message},
		"hex":                   {Hex, hex.EncodeToString([]byte(message)), message},
		"hex in upper case":     {Hex, strings.ToUpper(hex.EncodeToString([]byte(message))), message},
		"hex with its sign":     {Hex, "0x" + hex.EncodeToString([]byte(message)), message},
		"percent":               {Percent, url.QueryEscape(strings.ReplaceAll(message, " ", "_")), ""},
		"backslash x":           {Escape, escaped(message, `\x%02x`), message},
		"backslash u":           {Escape, escaped(message, `\u%04X`), message},
		"backslash U":           {Escape, escaped(message, `\U%08x`), message},
		"backslash u in braces": {Escape, escaped(message, `\u{%x}`), message},
		"two backslashes":       {Escape, escaped(message, `\\u%04x`), message},
		"code points":           {Escape, strings.TrimSpace(escaped(message, `U+%04X `)), message},
		"surrogates":            {Escape, `\u0041\ud83d\ude00\u0042`, "A\U0001F600B"},
		"decimal entities":      {Entity, escaped(message, `&#%d;`), message},
		"hex entities":          {Entity, escaped(message, `&#x%X;`), message},
		"named entities":        {Entity, "&quot;a&amp;b&apos;", `"a&b'`},
		"quoted-printable":      {QuotedPrintable, quoted(strings.ReplaceAll(long[:400], "\n", " ")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			runs := runsOf("before: " + tc.text + " after")
			if len(runs) != 1 || runs[0].Kind != tc.kind {
				t.Fatalf("runs %v in %q", runs, tc.text)
			}
			data := []byte("before: " + tc.text + " after")
			got := string(runs[0].Append(nil, data))
			if whole := string(data[:runs[0].From]) + got + string(data[runs[0].To:]); tc.want == "" {
				if !strings.Contains(whole, strings.ReplaceAll(message, "\n", " ")) && !strings.Contains(whole, strings.ReplaceAll(message, " ", "_")) {
					t.Errorf("%q", whole)
				}
			} else if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
			checkSources(t, data, runs[0], got)
		})
	}
}

// checkSources asks of every decoded byte where it comes from: what decodes from there must be it, and the places must be in order.
func checkSources(t *testing.T, data []byte, r Run, decoded string) {
	t.Helper()
	before := r.From
	for i := range len(decoded) {
		from, to := r.Source(data, i)
		if from < before || to <= from || to > r.To {
			t.Fatalf("byte %d of %v comes from %d to %d, after %d", i, r, from, to, before)
		}
		before = from
	}
	if _, to := r.Source(data, len(decoded)-1); len(decoded) > 0 && to != r.To && r.Kind != QuotedPrintable && r.form != wideText {
		t.Errorf("the last byte ends at %d of %v", to, r)
	}
}

// TestNoRuns: what must not be taken for something else.
func TestNoRuns(t *testing.T) {
	random := make([]byte, 3000)
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range random {
		random[i] = byte(rnd.Uint32())
	}
	for name, text := range map[string]string{
		"a name":        "getAbsolutePathOfTheConfigurationFile",
		"a path":        "github.com/someorganisation/repository/internal/filesystem",
		"a sum":         "d2c1e8b0a3f45e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3",
		"a sum in code": "sha512-" + base64.StdEncoding.EncodeToString(random[:64]),
		"an image":      wrapped(base64.StdEncoding.EncodeToString(random), 76, "\n"),
		"bytes":         `"\x00\x01\x02\xff\xfe"`,
		"formats":       "%d %s %5.2f %-20s %v%%, 100% of 20 %",
		"comparisons":   "a==b; c=2; d&&e; f(&amp, &lt)",
		"letters":       `"\u4e16\u754c"`,
		"a certificate": "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n",
		"a header line": strings.Repeat("=", 40) + "\n" + strings.Repeat("-", 80) + "\n",
	} {
		if runs := runsOf(text); len(runs) > 0 {
			t.Errorf("%s: %v: %q", name, runs, runs[0].Append(nil, []byte(text)))
		}
	}
}

// pieces are what generated texts are made of.
func pieces(rnd *rand.Rand) string {
	std := base64.StdEncoding
	switch n := 1 + rnd.IntN(len(message)); rnd.IntN(16) {
	case 0:
		return std.EncodeToString([]byte(message[:n]))
	case 1:
		return wrapped(std.EncodeToString([]byte(strings.Repeat(message, 1+rnd.IntN(6)))), 40+4*rnd.IntN(10), []string{"\n", "\r\n  ", `\n`, "\n\t", `\r\n`, `\\r\\n`}[rnd.IntN(6)])
	case 2:
		random := make([]byte, 200)
		for i := range random {
			random[i] = byte(rnd.Uint32())
		}
		return wrapped(std.EncodeToString(random), 64, "\n")
	case 3:
		return hex.EncodeToString([]byte(message[:n]))
	case 4:
		return url.QueryEscape(message[:n])
	case 5:
		return escaped(message[:n], []string{`\x%02x`, `\u%04x`, `U+%04X `, `&#%d;`, `\\u%04x`, `%%%02X`}[rnd.IntN(6)])
	case 6:
		return quoted(strings.Repeat(message[:n], 3))
	case 7:
		return strings.Repeat([]string{"x", "A", " ", "a/", "=", "+"}[rnd.IntN(6)], 1+rnd.IntN(70))
	case 8:
		return std.EncodeToString(wide(message[:n]))
	case 9:
		return std.EncodeToString([]byte(message))[rnd.IntN(4):][:16+rnd.IntN(20)]
	case 10:
		return "\n"
	}
	return []string{" ", "/", "_", "&amp;", "%41", "\\", `\n`, "=\n", "=3D", "key: ", "\n\n", "\"", "U", "=", "%C3%A9", `\u00e9`}[rnd.IntN(16)]
}

func generated(rnd *rand.Rand) string {
	var b strings.Builder
	for range 1 + rnd.IntN(12) {
		b.WriteString(pieces(rnd))
	}
	return b.String()
}

// checkText holds parts of a text, and the text with other surroundings, against the whole.
func checkText(t *testing.T, rnd *rand.Rand, text string) {
	t.Helper()
	all := runsOf(text)
	known := map[string]bool{}
	for _, r := range all {
		known[place(r)] = true
		if r.From < 0 || r.To > len(text) || r.From >= r.To || r.Low > r.From || r.High < r.To {
			t.Fatalf("%v in %q", r, text)
		}
		if got := r.Append(nil, []byte(text)); len(got) > 0 && r.form != derKey && r.form != sshKey {
			checkSources(t, []byte(text), r, string(got))
		}
	}
	for range 4 {
		from := rnd.IntN(len(text) + 1)
		to := min(len(text), from+rnd.IntN(40)*(1+rnd.IntN(8)))
		part := map[string]bool{}
		for _, r := range partOf(text, from, to) {
			part[place(r)] = true
			if !known[place(r)] {
				t.Fatalf("in %d to %d: %v is no run of the whole %q, which has %v", from, to, r, text, all)
			}
		}
		for _, r := range all {
			touched := r.From < to && r.To > from
			if r.Kind != Base64 && r.Kind != Hex {
				touched = r.From >= from && r.To <= to
			}
			if touched && !part[place(r)] {
				t.Fatalf("in %d to %d: %v is missing of %q: %v", from, to, r, text, part)
			}
		}
	}
	for _, r := range all {
		low, high := max(0, r.Low), min(len(text), r.High)
		before, after := generated(rnd), generated(rnd)
		if r.Low < 0 {
			before = ""
		}
		if r.High > len(text) {
			after = ""
		}
		moved := r
		shift := len(before) - low
		moved.From, moved.To = r.From+shift, r.To+shift
		if moved.First > 0 {
			moved.First += shift
		}
		if moved.Next < never {
			moved.Next += shift
		}
		other := before + text[low:high] + after
		found := false
		for _, o := range runsOf(other) {
			found = found || place(o) == place(moved)
		}
		if !found {
			t.Fatalf("%v of %q is not found in %q: %v", r, text, other, runsOf(other))
		}
	}
}

func TestParts(t *testing.T) {
	for seed := range uint64(6_000) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		if checkText(t, rnd, generated(rnd)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add(uint64(1), []byte("key: "+base64.StdEncoding.EncodeToString([]byte(message))))
	f.Fuzz(func(t *testing.T, seed uint64, data []byte) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		checkText(t, rnd, string(data)+generated(rnd))
	})
}

// TestEveryPlace: where a text stands in the blocks that the gate goes by does not matter.
func TestEveryPlace(t *testing.T) {
	long := base64.StdEncoding.EncodeToString([]byte(message))
	for _, text := range []string{"[fe80::abc:def%254]", "a/" + long[:wordLeast], "x:" + long, "&amp;\x41=\nU+0041", `\n` + long[:wordLeast] + "%41"} {
		want := len(runsOf(text))
		if want == 0 {
			t.Fatalf("no runs in %q", text)
		}
		for before := range 2 * gateBytes {
			for _, behind := range []int{0, 1, gateBytes} {
				all := strings.Repeat(" ", before) + text + strings.Repeat(" ", behind)
				if runs := runsOf(all); len(runs) != want {
					t.Fatalf("%d bytes before and %d behind: %v", before, behind, runs)
				}
			}
		}
	}
}

// TestPieces: a long run comes in pieces that overlap, and each place of it belongs to one of them.
func TestPieces(t *testing.T) {
	long := strings.Repeat(message+"\n", 12_000)
	for name, text := range map[string]string{
		"base64":   base64.StdEncoding.EncodeToString([]byte(long)),
		"wrapped":  wrapped(base64.StdEncoding.EncodeToString([]byte(long)), 76, "\r\n"),
		"UTF-16":   base64.StdEncoding.EncodeToString(wide(long)),
		"hex":      hex.EncodeToString([]byte(long)),
		"escapes":  escaped(long, `\u%04x`),
		"percent":  escaped(long, `%%%02x`),
		"in mail":  quoted(strings.Repeat("x=\u00e9", 60_000)),
		"entities": escaped(long, `&#%d;`),
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte("x " + text)
			runs := runsOf(string(data))
			if len(runs) < 3 || runs[0].First != 0 || runs[len(runs)-1].Next != never || runs[len(runs)-1].To < len(data)-4 {
				t.Fatalf("%d runs, of %d bytes: %v", len(runs), len(data), runs[len(runs)-1])
			}
			var back []byte
			for i, r := range runs {
				decoded := r.Append(nil, data)
				if len(decoded) > Most {
					t.Errorf("%v: %d bytes", r, len(decoded))
				}
				if i > 0 && (r.First != runs[i-1].Next || r.From >= runs[i-1].To || r.First <= r.From) {
					t.Errorf("%v after %v", r, runs[i-1])
				}
				if r.Kind == Base64 && r.form == plainText || r.Kind == Hex {
					own := len(decoded)
					for own > 0 && i < len(runs)-1 {
						if from, _ := r.Source(data, own-1); from < r.Next {
							break
						}
						own = own - 1 - own/400
					}
					from := 0
					for from < own {
						if at, _ := r.Source(data, from); at >= r.First {
							break
						}
						from++
					}
					back = append(back[:max(0, len(back)-0)], decoded[from:own]...)
				}
			}
			if len(back) > 0 && !bytes.HasPrefix([]byte(long), back[:1000]) {
				t.Errorf("%q", back[:100])
			}
		})
	}
}

// TestBlocks: a text that comes in blocks has the runs that it has as a whole.
func TestBlocks(t *testing.T) {
	var text strings.Builder
	for seed := range uint64(300) {
		text.WriteString(generated(rand.New(rand.NewPCG(seed, 9))) + "\n")
		if seed == 100 {
			text.WriteString(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(message, 9_000))))
		}
		if seed == 200 {
			text.WriteString(escaped(strings.Repeat(message, 3_000), "%%%02x"))
		}
	}
	const ahead, behind, size = 200 << 10, 4 << 10, 300 << 10
	all, data := runsOf(text.String()), []byte(text.String())
	var got []Run
	var f Finder
	f.Reset()
	base, from := 0, 0
	for {
		n := min(len(data)-base, size)
		to := n - ahead
		if base+n == len(data) {
			to = n
		}
		f.Find(data[base:base+n], from, to, to, func(r Run) {
			r.From, r.To, r.First = r.From+base, r.To+base, r.First+base
			if r.Next < never {
				r.Next += base
			}
			got = append(got, r)
		})
		if base+n == len(data) {
			break
		}
		cut := max(0, to-behind)
		f.Shift(cut)
		base, from = base+cut, to-cut
	}
	want := map[string]int{}
	for _, r := range all {
		want[fmt.Sprint(r.Kind, r.From, r.To, r.Next)]++
	}
	for _, r := range got {
		want[fmt.Sprint(r.Kind, r.From, r.To, r.Next)]--
	}
	for r, n := range want {
		if n != 0 {
			t.Errorf("%s: %+d", r, -n)
		}
	}
	if len(all) < 300 {
		t.Errorf("only %d runs", len(all))
	}
}
