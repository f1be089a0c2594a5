package secretscan

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

// walkPlain is what walkClass stands for: every place of the set is followed on its own.
func (s *step) walkPlain(data []byte, at int, set uint64) (out uint64, sure bool) {
	for i := range 64 {
		if set>>i&1 == 0 {
			continue
		}
		if s.min == 0 {
			out |= 1 << i
		}
		for n := 1; (s.max < 0 || n <= int(s.max)) && at+i+n <= len(data) && s.set.has(data[at+i+n-1]); n++ {
			if n < int(s.min) {
				continue
			}
			if i+n > 63 {
				return 0, true
			}
			out |= 1 << (i + n)
		}
	}
	return out, false
}

// checkWalk holds walkClass against walkPlain.
func checkWalk(t *testing.T, rnd *rand.Rand) {
	t.Helper()
	data := make([]byte, rnd.IntN(140))
	rare := 1 + rnd.IntN(30)
	for i := range data {
		if data[i] = 'a'; rnd.IntN(rare) == 0 {
			data[i] = '.'
		}
	}
	s := step{op: stepClass, set: new(byteSet), min: int32(rnd.IntN(rare + 1))}
	s.set.addRange('a', 'z')
	if s.max = s.min + int32(rnd.IntN(60)); rnd.IntN(4) == 0 {
		s.max = -1
	}
	if rnd.IntN(4) == 0 {
		s.max = s.min
	}
	set := uint64(1) << rnd.IntN(64)
	for range rnd.IntN(5) {
		set |= 1 << rnd.IntN(64)
	}
	at := rnd.IntN(len(data) + 1)
	want, wantSure := s.walkPlain(data, at, set)
	got, sure := s.walkClass(data, at, set)
	if sure != wantSure || !sure && got != want {
		t.Fatalf("%d to %d from %d, %b of %q: %b, %v; want %b, %v", s.min, s.max, at, set, data, got, sure, want, wantSure)
	}
}

func TestWalkClass(t *testing.T) {
	rnd := rand.New(rand.NewPCG(31, 32))
	for range 100_000 {
		checkWalk(t, rnd)
	}
}

func FuzzWalkClass(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkWalk(t, rand.New(rand.NewPCG(a, b))) })
}

// TestGaps holds verify with gaps against verify without, on texts that nearly match.
func TestGaps(t *testing.T) {
	const name = `(?:key|pass(?:wd)?|[Aa]pi)`
	rnd := rand.New(rand.NewPCG(33, 34))
	for _, tt := range []struct {
		expr string
		gaps int
	}{
		{name + `(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{8})`, 3}, // and one of the second class alone
		{name + `[a-z]{0,9}[ é]{0,4}=x`, 2}, {name + `[a-z]{0,9}[=>]{0,4}=x`, 0}, {name + `[a-z]{0,40}=x`, 0}, {name + `[a-z]*=x`, 0}, {name + ` ?(?:=|)x`, 0},
	} {
		tree, err := syntax.Parse(tt.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		plain, marked, gaps, closed := sequenceOf(tree), sequenceOf(tree).withGaps(), 0, 0
		for i := range marked {
			if marked[i].gap != nil {
				gaps++
			}
		}
		if gaps != tt.gaps {
			t.Errorf("%s has %d gaps, want %d", tt.expr, gaps, tt.gaps)
		}
		for range 20_000 {
			text := []byte{}
			for range 1 + rnd.IntN(12) {
				text = append(text, []string{"key", "passwd", "api", "a", "zzzzz", " ", "\t", "=", "::=", "=>", "'", ".", "-", "é", "\xff", "x", "abcd1234", "\n"}[rnd.IntN(18)]...)
			}
			want, got := plain.verify(text, 0), marked.verify(text, 0)
			if want != got {
				t.Fatalf("%s at %q: %v, want %v", tt.expr, text, got, want)
			}
			if !got {
				closed++
			}
		}
		if closed == 0 || closed == 20_000 {
			t.Errorf("%s: %d of 20000 texts do not match", tt.expr, closed)
		}
	}
}

// TestWalkMissesNothing holds verify and reach against the regexp package where classes have characters of several bytes and a part
// comes again: what matches at the start must pass, and must end within reach.
func TestWalkMissesNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(35, 36))
	parts := []string{"key", "KEY", "\u212aey", "a", "bcd ", "efghi", " ", ",", "é", "\u20ac", "\U0001f600", "\xff", "\xc3", "\n", "S2", "sſk"}
	for _, expr := range []string{
		`(?i:key)[^\n]{0,9}?\bS2`, `(?i:key)[^\n]{0,3}(?:[a-z]{2,8}[ ,]{1,2}){2,3}`, `(?i)key(?:[^\n]{0,2},){2}`, `(?i:k)(?i:e[^x]{0,7}s{0,2})\x{20ac}`, `key(?:é|a){3}`,
		`key(?:a*){70}b`,
	} {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		seq, re, found, passed := sequenceOf(tree), regexp.MustCompile(`^(?:`+expr+`)`), 0, 0
		for range 20_000 {
			text := []byte(parts[rnd.IntN(3)])
			for range rnd.IntN(12) {
				text = append(text, parts[rnd.IntN(len(parts))]...)
			}
			loc, passes := re.FindIndex(text), seq.verify(text, 0)
			if loc != nil && (!passes || seq.reach(text, 0) < loc[1]) {
				t.Fatalf("%s in %q ends at %d; passes: %v, reach: %d", expr, text, loc[1], passes, seq.reach(text, 0))
			}
			if loc != nil {
				found++
			}
			if passes {
				passed++
			}
		}
		if found == 0 || passed == 20_000 {
			t.Errorf("%s: %d found and %d passed of 20000", expr, found, passed)
		}
	}
}

// TestWalkCounts says what texts do not pass although a line of more bytes than fit goes on.
func TestWalkCounts(t *testing.T) {
	for expr, text := range map[string]string{
		`key[^\n]{0,40}?\bS[A-Z2-7]{55}`:                            "key of " + strings.Repeat("some words ", 20),
		`key[^\n]{0,40}?\b[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,12}`: "key " + strings.Repeat("it is so ", 20),
	} {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if sequenceOf(tree).verify([]byte(text), 0) {
			t.Errorf("%s passes %q", expr, text)
		}
	}
}
