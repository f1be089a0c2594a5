package secretscan_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"keysweep/finding"
	"keysweep/secretscan"
)

func TestEncodings(t *testing.T) {
	const text = "some words, then\r\n\tünï \U0001F600 " + key + "\r\nand so on, long enough to tell by its zeros\n"
	const plain = "some words, then\n\t" + key + "\nand so on, long enough to tell by its zeros\n"
	in := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tc := range map[string]struct {
		content string
		column  int
	}{
		"utf-8":            {text, 8},
		"utf-8 with mark":  {"\xef\xbb\xbf" + text, 8},
		"utf-16le":         {in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), 8},
		"utf-16be":         {in(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), 8},
		"utf-16le, bare":   {in(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), plain), 2},
		"utf-16be, bare":   {in(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), plain), 2},
		"utf-32le":         {in(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), text), 8},
		"utf-32be":         {in(utf32.UTF32(utf32.BigEndian, utf32.UseBOM), text), 8},
		"invalid bytes":    {"x\n\xff\xc3(" + key, 4},
		"NUL bytes":        {"\x00\n\x00" + key + "\x00\x00", 2},
		"odd utf-16":       {in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text) + "x", 8},
		"wide and combing": {"\n\u4e16\u0301" + key, 3},
	} {
		t.Run(name, func(t *testing.T) {
			e := keyEngine(t)
			src := blobs{
				{Path: "memory", Data: []byte(tc.content)},
				{Path: "one byte", Open: func() (io.ReadCloser, error) {
					return io.NopCloser(iotest.OneByteReader(strings.NewReader(tc.content))), nil
				}},
			}
			res, err := secretscan.Run(context.Background(), e, src, secretscan.Options{})
			if err != nil || len(res.Findings) != 1 || len(res.Findings[0].Places) != 2 {
				t.Fatalf("%+v, %v", res, err)
			}
			for _, p := range res.Findings[0].Places {
				if want := (finding.Position{Line: 2, Column: tc.column}); p.Span.Start != want {
					t.Errorf("%s: at %v, want %v", p.Path, p.Span.Start, want)
				}
			}
		})
	}
}

// TestReadErrors: what was read before an error is scanned, and the error is a problem.
func TestReadErrors(t *testing.T) {
	broken := errors.New("input/output error")
	for name, r := range map[string]io.Reader{
		"at once":          iotest.ErrReader(broken),
		"after some bytes": io.MultiReader(strings.NewReader(key+"\n"), iotest.ErrReader(broken)),
		"after many":       io.MultiReader(strings.NewReader(key+strings.Repeat("\n", 1<<20)), iotest.ErrReader(broken)),
		"wrapped end":      io.MultiReader(strings.NewReader(key), iotest.ErrReader(errors.Join(broken, io.EOF))),
	} {
		t.Run(name, func(t *testing.T) {
			src := blobs{{Path: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}}
			res, err := secretscan.Run(context.Background(), keyEngine(t), src, secretscan.Options{})
			if err != nil || len(res.Problems) != 1 || res.Problems[0].Where != "f" || res.Coverage.Files != 0 {
				t.Fatalf("%+v, %v", res, err)
			}
			if name != "at once" && len(res.Findings) != 1 {
				t.Errorf("%d findings", len(res.Findings))
			}
		})
	}
}

// TestEntropy holds the entropy against its definition.
func TestEntropy(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 41))
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "all", Regex: `(?s)key.+`}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		b := []byte("key")
		for range 1 + rnd.IntN(60) {
			b = append(b, []byte(string([]rune("abcdeféüß世\U0001F600")[rnd.IntN(11)]))...)
			if rnd.IntN(10) == 0 {
				b = append(b, byte(rnd.IntN(256)))
			}
		}
		b = bytes.TrimRight(b, "\n")
		counts := make(map[rune]float64)
		for _, r := range string(b) {
			counts[r]++
		}
		want := 0.0
		for _, n := range counts {
			p := n / float64(len(b))
			want -= p * math.Log2(p)
		}
		if got := e.Scan(b); len(got) != 1 || math.Abs(got[0].Entropy-want) > 1e-9 {
			t.Fatalf("%q: %v, want %v", b, got, want)
		}
	}
}
