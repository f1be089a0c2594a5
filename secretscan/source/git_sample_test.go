package source

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"keysweep/finding"
	"keysweep/secretscan"
)

// sampleRules have matches of several lines, keywords that count from far away, and secrets that are common words.
var sampleRules = secretscan.Ruleset{Rules: []secretscan.Rule{
	{ID: "mark", Regex: `MARK[a-z0-9]+`, Keywords: []string{"mark"}, Severity: finding.High},
	{ID: "block", Regex: `(?s)BLOCK.*?KCOLB`, Keywords: []string{"block"}, Severity: finding.High},
	{ID: "word", Regex: `word="([a-z]{12,})"`, SecretGroup: 1, Keywords: []string{"word="}, Severity: finding.High},
	{ID: "far", Regex: `[0-9]{12}`, Keywords: []string{"numbers"}, Severity: finding.High},
}}

// filler is text of so many lines without any secret.
func filler(lines int) string {
	return strings.Repeat("some text that goes on and on, and says nothing\n", lines)
}

// samples are contents that are found again by what stands around their candidates, or only as a whole.
var samples = map[string]struct {
	text  string
	whole bool
}{
	"in the middle":    {filler(900) + "a MARKmiddle b\n" + filler(900), false},
	"at the start":     {"MARKfirst\n" + filler(900), false},
	"at the end":       {filler(900) + "MARKlast", false},
	"behind a mark":    {"\ufeff" + filler(900) + "MARKbom\n" + filler(10), false},
	"one line":         {strings.Repeat("x ", 30000) + "MARKline" + strings.Repeat(" y", 30000), false},
	"many":             {strings.Repeat(filler(100)+"again MARKagain, MARKother\n", 30), false},
	"lines":            {filler(500) + "BLOCK\n" + filler(200) + "KCOLB\n" + filler(500), false},
	"very many lines":  {filler(500) + "BLOCK\n" + filler(3000) + "KCOLB\n" + filler(500), true},
	"a word elsewhere": {"word=\"elephantelephant\"\n" + filler(900) + "MARKnear an elephantelephant\n" + filler(900), false},
	"allowed near":     {filler(900) + "MARKallowed # keysweep:" + "allow -- a test\n" + filler(900), false},
	"allowed far away": {"# keysweep:" + "allow-begin -- a test\n" + filler(900) + "MARKblock\n" + filler(900) + "# keysweep:" + "allow-end\n", true},
	"a keyword":        {"numbers\n" + filler(900) + "12 is not, and 314159265358 is\n" + filler(900), true},
	"two bytes each":   {wide(filler(900) + "MARKwide\n" + filler(900)), true},
}

// wide is a text in UTF-16.
func wide(text string) string {
	out := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		out = append(out, byte(c), byte(c>>8))
	}
	return string(out)
}

// readings counts what a source has scanned when places are known.
type readings struct {
	*HistorySource
	court countingCourt
}

func (r *readings) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	r.court.Court = court
	return r.HistorySource.Resolve(ctx, found, sink, &r.court)
}

type countingCourt struct {
	secretscan.Court
	longest int
}

func (c *countingCourt) Scan(data []byte) []secretscan.Candidate {
	c.longest = max(c.longest, len(data))
	return c.Court.Scan(data)
}

// TestSamples compares what is found again with what a scan of everything finds.
func TestSamples(t *testing.T) {
	engine, err := secretscan.Compile(sampleRules)
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newGitRepo(t)
			scan := func(src secretscan.Source) secretscan.Result {
				res, err := secretscan.Run(t.Context(), engine, src, secretscan.Options{})
				if err != nil || len(res.Findings)+len(res.Suppressed) == 0 {
					t.Fatalf("found nothing, %v, %+v", err, res.Problems)
				}
				return res
			}
			for i := range 3 {
				r.commit("a", one.text+fmt.Sprint("version ", i))
			}
			memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
			scan(History(r.open(), HistoryOptions{Memory: memory}))
			for i, least := range []int{gitSweepLeast, 1} {
				r.commit("b", fmt.Sprint("nothing ", i))
				again := &readings{HistorySource: History(r.open(), HistoryOptions{Memory: memory})}
				again.least = least
				res := scan(again)
				if got, want := report(res), report(scan(History(r.open(), HistoryOptions{}))); got != want {
					t.Fatalf("with a memory\n%s\n\nwithout\n%s", got, want)
				}
				if whole := again.court.longest >= len(one.text); whole != one.whole {
					t.Errorf("up to %d of %d bytes were scanned at once", again.court.longest, len(one.text))
				}
			}
		})
	}
}

// A file that was remembered can only name places that a content has, or not: nothing else is done with them.
func TestPartsOfWhatIsNotThere(t *testing.T) {
	data := []byte(filler(10))
	for _, offset := range []int64{-1 << 60, -1, 0, 100, int64(len(data)), int64(len(data)) + 1, 1 << 60} {
		one := gitSample{gitRecalled: gitRecalled{recalls: []gitRecall{{spot: secretscan.Spot{Offset: offset, First: 1, Last: 1 << 30}}}}}
		if one.take(data); !bytes.Contains(data, bytes.TrimRight(one.text, "\n")) {
			t.Errorf("at %d: %q", offset, one.text)
		}
	}
}
