package secretscan_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// githubToken returns a token of GitHub's form that nobody has.
func githubToken(n int) string {
	rnd := rand.New(rand.NewPCG(uint64(n), 77))
	var b strings.Builder
	b.WriteString("gh" + "p_")
	for range 36 {
		b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[rnd.IntN(62)])
	}
	return b.String()
}

func std64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func inEscapes(text, format string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func wide16(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteString(text[i:i+1] + "\x00")
	}
	return b.String()
}

func inLines(text string, width int, between string) string {
	var lines []string
	for ; len(text) > width; text = text[width:] {
		lines = append(lines, text[:width])
	}
	return strings.Join(append(lines, text), between)
}

// testKey returns a private key in DER that is made of nothing.
func testKey(t testing.TB) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestHidden: secrets in the places where they are encoded in practice.
func TestHidden(t *testing.T) {
	token, e := githubToken(1), defaultEngine(t)
	armored := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: testKey(t)}))
	settings := "# settings\nDEBUG=true\nGITHUB_TOKEN=" + token + "\nLOG_LEVEL=info\n"
	for name, tc := range map[string]struct{ content, rule, secret, decoded string }{
		"kubernetes secret":   {"apiVersion: v1\nkind: Secret\ndata:\n  token: " + std64(token) + "\n", "github-pat", token, "base64"},
		"block of YAML":       {"data:\n  .env: |\n    " + inLines(std64(settings), 40, "\n    ") + "\n", "github-pat", token, "base64"},
		"docker's logins":     {`{"auths": {"ghcr.io": {"auth": "` + std64("me:"+token) + `"}}}`, "github-pat", token, "base64"},
		"basic authorization": {"Authorization: Basic " + std64("x-access-token:"+token), "github-pat", token, "base64"},
		"payload of a JWT":    {"x=" + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"gh":"`+token+`"}`)) + ".", "github-pat", token, "base64"},
		"data URL":            {"src: data:text/plain;base64," + std64("token "+token), "github-pat", token, "base64"},
		"PowerShell":          {"powershell -EncodedCommand " + std64(wide16("$t = '"+token+"'; Get-Repo $t")), "github-pat", token, "base64"},
		"mail":                {"Content-Transfer-Encoding: base64\r\n\r\n" + inLines(std64(strings.Repeat("Dear all,\r\n", 9)+"the token is "+token+"\r\n"), 76, "\r\n"), "github-pat", token, "base64"},
		"hex":                 {"blob = \"" + hex.EncodeToString([]byte("token="+token)) + "\"", "github-pat", token, "hex"},
		"URL":                 {"https://x.example/?q=" + strings.ReplaceAll(url.QueryEscape("a b&t="+token), "_", "%5F"), "github-pat", token, "percent"},
		"escapes":             {`s = "` + inEscapes(token, `\u%04x`) + `"`, "github-pat", token, "unicode"},
		"bytes in a string":   {`s = "` + inEscapes(token, `\x%02x`) + `"`, "github-pat", token, "unicode"},
		"entities":            {`<a b="` + inEscapes(token, `&#%d;`) + `">`, "github-pat", token, "entity"},
		"quoted-printable":    {"the token is =\n" + token[:20] + "=\n" + token[20:] + " for =3D=\n\n", "github-pat", token, "quoted-printable"},
		"twice":               {"x: " + std64("y: "+std64("z: "+token)), "github-pat", token, "base64, base64"},
		"within a URL":        {"https://x.example/?q=" + url.QueryEscape(std64("??>>~~ "+token+" ")), "github-pat", token, "percent, base64"},
		"PEM":                 {"key: " + std64(armored), "private-key", strings.TrimSpace(armored), "base64"},
		"DER":                 {"key: " + std64(string(testKey(t))), "private-key", strings.TrimSpace(armored), "base64"},
		"key of outside":      {"GITHUB%5FTOKEN=" + "%67%68%70%5F" + token[4:], "github-pat", token, "percent"},
	} {
		t.Run(name, func(t *testing.T) {
			var found []secretscan.Candidate
			for _, c := range e.ScanDecoded([]byte(tc.content), secretscan.DecodeDepth, 0) {
				if c.Rule == tc.rule && c.Secret.Reveal() == tc.secret {
					found = append(found, c)
				}
			}
			if len(found) != 1 || found[0].Decoded != tc.decoded {
				t.Fatalf("%d found in %q: %+v", len(found), tc.content, found)
			}
			text, own := found[0].Match.Reveal()
			if len(text) == 0 || own.Start >= own.End {
				t.Errorf("the match %q has its secret at %v", text, own)
			}
			if tc.decoded == "base64" && name != "PowerShell" && !strings.Contains(text, "\n") {
				if plain, _ := base64.StdEncoding.DecodeString(strings.TrimRight(text[own.Start:own.End], "=")); len(plain) > len(tc.secret)+6 {
					t.Errorf("the place of %d bytes is %q", len(tc.secret), text)
				}
			}
			if got := found[0].Line.String(); strings.Contains(got, text[own.Start:own.End]) {
				t.Errorf("the line shows it: %q", got)
			}
		})
	}
}

// wordsApart is a rule set in which the match of a word alone is no candidate, and that of two words is one with the same secret.
func wordsApart(t *testing.T) *secretscan.Engine {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "r", Regex: `(?:one_)?two=(\w{8})`,
		Allowlists: []secretscan.Allowlist{{Target: secretscan.TargetMatch, Regexes: []string{`^two`}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestHiddenBesideDropped: what is found by decoding does not give way to an undecoded match that is no candidate, however it is scanned.
func TestHiddenBesideDropped(t *testing.T) {
	const text = "one%5Ftwo=abcdefgh \n"
	e := wordsApart(t)
	for name, content := range map[string]string{"as it stands": around + text + around, "in base64": around + std64(around+text) + "\n" + around} {
		want := e.ScanDecoded([]byte(content), secretscan.DecodeDepth, 0)
		if len(want) != 1 || want[0].Secret.Reveal() != "abcdefgh" || want[0].Decoded == "" {
			t.Fatalf("%s: %+v", name, want)
		}
		tracing := e.NewDecodingTracing()
		_, trace := tracing.Scan([]byte(content), nil, nil)
		for k := range len(content) {
			more := content[:k] + around + content[k:]
			copies := []secretscan.Copy{{Len: uint32(k)}, {From: uint32(k), To: uint32(k + len(around)), Len: uint32(len(content) - k)}}
			got, _ := tracing.Scan([]byte(more), trace, copies)
			if d := difference(e.ScanDecoded([]byte(more), secretscan.DecodeDepth, 0), got); d != "" {
				t.Fatalf("%s, cut at %d\n%s", name, k, d)
			}
		}
		large := []byte(strings.Repeat(around, 5_000) + content + strings.Repeat(around, 5_000))
		if got := e.ScanDecoded(large, secretscan.DecodeDepth, 500_000); len(got) != 1 {
			t.Errorf("%s: %d found in blocks", name, len(got))
		}
	}
	if found := e.ScanDecoded([]byte("one_two=abcdefgh%41 "), secretscan.DecodeDepth, 0); len(found) != 1 || found[0].Decoded != "" {
		t.Errorf("what is found undecoded is found decoded: %+v", found)
	}
}

// TestHiddenBesideKept: what is found by decoding gives way to what is found with less of it in the same place, where that counts, and to nothing else.
func TestHiddenBesideKept(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "r", Regex: `(?:one_)?two=(\w{8})`,
		Allowlists: []secretscan.Allowlist{{And: true, Paths: []string{`^doc/`}, Target: secretscan.TargetMatch, Regexes: []string{`^two`}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	const text = "one%5Ftwo=abcdefgh \n"
	for _, c := range []struct{ content, path, decoded string }{
		{text, "src/x", ""},
		{text, "doc/x", "percent"},
		{std64(around + text), "src/x", "base64"},
		{std64(around + text), "doc/x", "base64, percent"},
	} {
		for size, content := range map[int]string{0: c.content, 500_000: strings.Repeat(around, 5_000) + c.content + "\n" + strings.Repeat(around, 5_000)} {
			kept := e.Keep(e.ScanDecoded([]byte(content), secretscan.DecodeDepth, size), c.path, "")
			if len(kept) != 1 || kept[0].Decoded != c.decoded || kept[0].Secret.Reveal() != "abcdefgh" {
				t.Errorf("%.30q at %s: %+v", c.content, c.path, kept)
			}
		}
	}
}

// TestDecodeDepth: no more layers are taken off than was asked for.
func TestDecodeDepth(t *testing.T) {
	e, content := defaultEngine(t), githubToken(2)
	for layers := range 8 {
		for depth := range 8 {
			found := 0
			for _, c := range e.ScanDecoded([]byte("x: "+content+"\n"), depth, 0) {
				if c.Rule == "github-pat" {
					found++
				}
			}
			if found > 0 != (depth >= layers) {
				t.Errorf("%d layers, depth %d: %d found", layers, depth, found)
			}
		}
		content = std64("y: " + content)
	}
}

// TestHiddenReports: what a report says of a place.
func TestHiddenReports(t *testing.T) {
	content := "token: " + std64(std64(githubToken(3))) + "\n"
	for depth, want := range map[int]int{0: 1, 1: 0, -1: 0, 2: 1} {
		res, err := secretscan.Run(context.Background(), defaultEngine(t), blobs{{Kind: finding.KindFile, Path: "a.yaml", Data: []byte(content)}},
			secretscan.Options{DecodeDepth: depth, MinConfidence: finding.HighConfidence})
		if err != nil {
			t.Fatal(err)
		}
		var found []finding.Finding
		for _, f := range res.Findings {
			if slices.Contains(f.Rules, "github-pat") {
				found = append(found, f)
			}
		}
		if len(found) != want {
			t.Fatalf("depth %d: %+v", depth, res.Findings)
		}
		if want == 0 {
			continue
		}
		if p := found[0].Places[0]; p.Note != "decoded from base64, base64" || p.Span.Start.Line != 1 || p.Span.Start.Column != 8 {
			t.Errorf("%+v", p)
		}
		for _, tag := range []string{"decoded:base64", "decode-depth:2"} {
			if !slices.Contains(found[0].Tags, tag) {
				t.Errorf("tags %q", found[0].Tags)
			}
		}
	}
}

// TestHiddenShortSecret: a short password shows nothing of itself, and neither does what it is written as, which is longer.
func TestHiddenShortSecret(t *testing.T) {
	whole := "postgres://app:" + "s3cr" + "etPw9" + "@db.example.org/x"
	for _, before := range []string{"", "token = " + githubToken(1) + " "} {
		found, _ := defaultEngine(t).NewDecodingTracing().Scan([]byte(before+std64("DB_URL="+whole)+"\n"), nil, nil)
		short := 0
		for _, c := range found {
			if c.Secret == finding.NewSecret("s3cr"+"etPw9") {
				short++
			}
			text := c.Line.String() + c.Match.String()
			if strings.Contains(text, std64("DB_URL=postgres://app:" + "s3c")[28:32]) { // the group that it begins in
				t.Errorf("%q tells the beginning of the password", text)
			}
		}
		if short == 0 {
			t.Errorf("%d candidates, and the password is none", len(found))
		}
	}
}

// muchHidden returns text of about so many bytes that is written in several ways at once: each of them, and each order of some of them, gives
// another text to look at.
func muchHidden(size int) []byte {
	const escapes = `%41\x41&#65; `
	return bytes.Repeat([]byte(escapes+std64(strings.Repeat(escapes, 25))+" "), size/460)
}

// traced is a source that scans its contents on its own goroutine, as that of a history does.
type traced []secretscan.Blob

func (s traced) Walk(_ context.Context, sink secretscan.Sink) error {
	scanner := sink.Scanner()
	for _, b := range s {
		b.Deferred = true
		if trace := scanner.Scan(b, nil, nil); trace != nil && b.Object == "much" {
			return errors.New("there is a trace of what was not looked at")
		}
	}
	return nil
}

// TestTooMuchHidden: what is not decoded because it is too much is said, and of which file; not of one that comes after it.
func TestTooMuchHidden(t *testing.T) {
	much, little := muchHidden(500_000), muchHidden(10_000)
	opened := func(data []byte) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	}
	broken := func() (io.ReadCloser, error) { return nil, errors.New("broken") }
	read := "fails.txt: read"
	for name, tc := range map[string]struct {
		source secretscan.Source
		want   []string
	}{
		"little":         {blobs{{Path: "little.txt", Data: little}}, nil},
		"in memory":      {blobs{{Path: "a.zip", Shown: "a.zip!much.txt", Data: much}, {Path: "little.txt", Data: little}}, []string{"a.zip!much.txt: decode"}},
		"read":           {blobs{{Path: "much.txt", Open: opened(much)}, {Path: "fails.txt", Open: broken}}, []string{read, "much.txt: decode"}},
		"in UTF-16":      {blobs{{Path: "wide.txt", Data: []byte("\xff\xfe" + wide16(string(much)))}}, []string{"wide.txt: decode"}},
		"in a history":   {traced{{Object: "much", Data: much}, {Object: "little", Data: little}}, []string{"much: decode"}},
		"nothing to say": {traced{{Object: "little", Data: little}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := secretscan.Run(context.Background(), defaultEngine(t), tc.source, secretscan.Options{Workers: 1, DecodeDepth: secretscan.DecodeDepth})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range res.Problems {
				got = append(got, p.Where+": "+p.Op)
				if p.Op == "decode" && (p.Err == "" || p.Hint == "") {
					t.Errorf("%+v", p)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("problems %q, want %q", got, tc.want)
			}
		})
	}
}

// hiddenText writes text for chains with encoded secrets, as a whole and in parts.
func hiddenText(rnd *rand.Rand) func() string {
	return func() string {
		token := "key: " + githubToken(rnd.IntN(50)) + []string{"", " ", "\n", " and more\n"}[rnd.IntN(4)]
		text := []string{std64(token), std64(std64(token)), inLines(std64(strings.Repeat("line\n", 20)+token), 40+4*rnd.IntN(10), "\n  "),
			hex.EncodeToString([]byte(token)), url.QueryEscape(token), inEscapes(token, `\x%02x`), inEscapes(token, `&#%d;`), token, "token = \"",
			"\n", "\n\n", "some words\n", "x=3D=\n", "/", strings.Repeat("A", rnd.IntN(40)), "%67%68", `\u0067\u0068`, "password: ", "&amp;"}[rnd.IntN(19)]
		switch rnd.IntN(6) {
		case 0:
			return text[rnd.IntN(len(text)+1):]
		case 1:
			return text[:rnd.IntN(len(text)+1)]
		}
		return text + []string{"", "\n", " ", "\"\n"}[rnd.IntN(4)]
	}
}

// TestHiddenTraces holds scanning with traces against scanning whole where much is encoded.
func TestHiddenTraces(t *testing.T) {
	e := defaultEngine(t)
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 21))
		c := &chain{rnd: rnd, engine: e, tracing: e.NewDecodingTracing(), text: hiddenText(rnd), most: 4_000,
			whole: func(data []byte) []secretscan.Candidate { return e.ScanDecoded(data, secretscan.DecodeDepth, 0) }}
		if c.check(t, 30, func() string { return fmt.Sprintf("seed %d", seed) }); t.Failed() {
			return
		}
	}
}

// TestHiddenBlocks: the same is found in a large file that is scanned in blocks.
func TestHiddenBlocks(t *testing.T) {
	e := defaultEngine(t)
	var b strings.Builder
	for i := range 40 {
		b.WriteString(strings.Repeat("some words in a line that says nothing\n", 500))
		b.WriteString(std64("token " + githubToken(i)))
	}
	b.WriteString("\n" + std64(strings.Repeat("nothing here\n", 60_000)+githubToken(41)+"\n"+strings.Repeat("nor here\n", 60_000)+githubToken(42)) + "\n")
	b.WriteString(strings.Repeat("some words in a line that says nothing\n", 9_000))
	data := []byte(b.String())
	whole := e.ScanDecoded(data, secretscan.DecodeDepth, 0)
	if d := difference(whole, e.ScanDecoded(data, secretscan.DecodeDepth, 500_000)); d != "" {
		t.Error(d)
	}
	found := map[string]bool{}
	for _, c := range whole {
		if c.Rule == "github-pat" {
			found[c.Secret.Reveal()] = true
		}
	}
	if len(found) != 42 {
		t.Errorf("%d tokens", len(found))
	}
}

// TestHiddenGitleaks: what gitleaks finds by decoding is found.
func TestHiddenGitleaks(t *testing.T) {
	d, e := gitleaksDetector(t), defaultEngine(t)
	d.MaxDecodeDepth = secretscan.DecodeDepth
	found := 0
	for n := range 60 {
		rnd := rand.New(rand.NewPCG(uint64(n), 5))
		token := githubToken(n)
		content := "a line\nname: value\n"
		for range 1 + rnd.IntN(3) {
			in := []string{"key=" + token, "t: " + token + " ", token}[rnd.IntN(3)]
			for range 1 + rnd.IntN(3) {
				in = []func(string) string{std64, url.QueryEscape, func(s string) string { return inEscapes(s, `\u%04x`) },
					func(s string) string { return hex.EncodeToString([]byte(s)) },
					func(s string) string { return inEscapes(s, "U+%04X ") }}[rnd.IntN(5)](in)
			}
			content += "x = \"" + in + "\"\n"
		}
		var got []hit
		for _, h := range hitsOf(e.Keep(e.ScanDecoded([]byte(content), secretscan.DecodeDepth, 0), "a.txt", "")) {
			got = append(got, hit{h.rule, h.secret, h.line})
		}
		seen := map[hit]bool{}
		for _, h := range gitleaksHits(d, content, "a.txt") {
			if h.rule != "github-pat" || seen[h] {
				continue
			}
			seen[h] = true
			found++
			if !slices.Contains(got, h) {
				t.Errorf("missing %v of %q: %v", h, content, got)
			}
		}
	}
	if found < 60 {
		t.Errorf("gitleaks finds only %d", found)
	}
}
