package secretscan_test

import (
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// around is text without anything in it, enough of it for a seam of any length to end in it.
const around = "\n\tthere is nothing here that anybody would want to look at, and there is enough of it for a seam of any length to end in it.\n"

// cutChains gives content made of the two parts of a text, each with what stands around it, at every place where a seam can be: the
// first copied and the second new, the first new and the second copied, and both copied from places apart.
func cutChains(tracing *secretscan.Tracing, text string, k int, check func(content []byte, got []secretscan.Candidate)) {
	scan := func(parts ...string) ([]secretscan.Candidate, *secretscan.Trace, []byte) {
		data := []byte(strings.Join(parts, ""))
		got, trace := tracing.Scan(data, nil, nil)
		return got, trace, data
	}
	_, trace, base := scan(around, text[:k], around, text[k:], around)
	first, second := uint32(len(around)+k), uint32(len(text)-k+len(around))
	head, tail := secretscan.Copy{Len: first}, secretscan.Copy{From: uint32(len(base)) - second, To: first, Len: second}
	content := []byte(around + text + around)
	for _, copies := range [][]secretscan.Copy{{head}, {tail}, {head, tail}} {
		got, _ := tracing.Scan(content, trace, copies)
		check(content, got)
	}
}

func sameMatch(a, b secretscan.Candidate) bool {
	return a.Rule == b.Rule && a.Offset == b.Offset && a.Span == b.Span && a.Secret == b.Secret
}

// checkWord takes away, and puts back, a letter that stands right before a sample.
func checkWord(t *testing.T, e *secretscan.Engine, sample string) {
	t.Helper()
	tracing := e.NewTracing()
	head := secretscan.Copy{Len: uint32(len(around))}
	without := secretscan.Copy{From: uint32(len(around) + 1), To: uint32(len(around)), Len: uint32(len(sample) + len(around))}
	with := secretscan.Copy{From: without.To, To: without.From, Len: without.Len}
	_, trace := tracing.Scan([]byte(around+"x"+sample+around), nil, nil)
	content := []byte(around + sample + around)
	got, trace := tracing.Scan(content, trace, []secretscan.Copy{head, without})
	if want := e.Scan(content); !slices.EqualFunc(want, got, sameMatch) {
		t.Fatalf("%q after a letter was taken away\n%s", sample, difference(want, got))
	}
	content = []byte(around + "x" + sample + around)
	got, _ = tracing.Scan(content, trace, []secretscan.Copy{head, with})
	if want := e.Scan(content); !slices.EqualFunc(want, got, sameMatch) {
		t.Fatalf("%q behind a letter\n%s", sample, difference(want, got))
	}
}

// TestSeams cuts a sample of each rule everywhere.
func TestSeams(t *testing.T) {
	words, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "r", Regex: `\babcd\d`}}})
	if err != nil {
		t.Fatal(err)
	}
	checkWord(t, words, "abcd1")
	for _, tight := range []bool{false, true} {
		e := defaultEngine(t)
		if tight {
			e.TightSeams()
		}
		tracing := e.NewTracing()
		for i, sample := range samplePool(1) {
			if sample = sample[:min(len(sample), 200)]; !tight && i%4 > 0 {
				continue
			}
			var want []secretscan.Candidate
			checkWord(t, e, sample)
			for k := 0; k <= len(sample); k += 1 + i%2 {
				cutChains(tracing, sample, k, func(content []byte, got []secretscan.Candidate) {
					if want == nil {
						want = e.Scan(content)
					}
					if !slices.EqualFunc(want, got, sameMatch) {
						t.Fatalf("tight %v, %q cut at %d\n%s", tight, sample, k, difference(want, got))
					}
				})
			}
		}
	}
}

// tracedAgain scans a content and then one made from it, and returns the candidates of that.
func tracedAgain(t *testing.T, set secretscan.Ruleset, base, content string, copies ...secretscan.Copy) (want, got []secretscan.Candidate) {
	t.Helper()
	e, err := secretscan.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	tracing := e.NewTracing()
	_, trace := tracing.Scan([]byte(base), nil, nil)
	got, _ = tracing.Scan([]byte(content), trace, copies)
	return e.Scan([]byte(content)), got
}

// TestTraceOfAllowComment: what was an allow comment is a secret once the word before it is another one by its first letter.
func TestTraceOfAllowComment(t *testing.T) {
	set := secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "r", Regex: `allow=\w{4}`}}}
	base := around + "keysweep:" + "allow=abcd" + around
	content := around + "x" + base[len(around)+1:]
	tail := secretscan.Copy{From: uint32(len(around) + 1), To: uint32(len(around) + 1), Len: uint32(len(base) - len(around) - 1)}
	want, got := tracedAgain(t, set, base, content, secretscan.Copy{Len: uint32(len(around))}, tail)
	if d := difference(want, got); len(want) != 1 || d != "" {
		t.Errorf("%d candidates\n%s", len(want), d)
	}
}

// TestTraceOfManyWindows: a rule whose windows cost too much is run over the rest, and what it finds there is not lost.
func TestTraceOfManyWindows(t *testing.T) {
	set := secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "r", Regex: `abc[^x]{0,300}x\d`}}}
	base := strings.Repeat("abc ", 600) + "x " + strings.Repeat("abc x1 "+around, 20)
	content := base + around
	want, got := tracedAgain(t, set, base, content, secretscan.Copy{Len: uint32(len(base))})
	if d := difference(want, got); len(want) != 20 || d != "" {
		t.Errorf("%d candidates\n%s", len(want), d)
	}
}

// TestTraceOfManyAts: that no URL ends at an @ leaves nothing in a trace, or contents that are full of them would have none.
func TestTraceOfManyAts(t *testing.T) {
	_, trace := defaultEngine(t).NewTracing().Scan([]byte(strings.Repeat("git@host mail@host\n", 50_000)), nil, nil)
	if trace == nil || len(trace.Spots()) > 100 {
		t.Error("every @ was noted")
	}
}
