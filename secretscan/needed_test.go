package secretscan

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

// TestNeeded looks for what expressions need in texts that they match, and in texts that have a byte too few.
func TestNeeded(t *testing.T) {
	for _, tt := range []struct {
		expr   string
		length int
	}{
		{`[0-9a-f]{40}`, 40}, {`(?i)\b(\d{15,16}(\||%)[0-9a-z_-]{27,40})`, 15}, {`a?[bc]*`, 0}, {`(?:[ab]{3}|c{5})+x`, 3},
		{`(?:[ab]{3}|c*)x`, 1}, {`(?:[a-d]{4}e){0,3}`, 0}, {`[éa]{6}\d`, 6},
	} {
		re, err := syntax.Parse(tt.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		n := sequenceOf(re).needs()
		if n.length != tt.length {
			t.Errorf("%s needs %d in a row, want %d", tt.expr, n.length, tt.length)
		}
		compiled, rnd := regexp.MustCompile(tt.expr), rand.New(rand.NewPCG(17, 18))
		for range 4000 {
			text := neededText(rnd)
			if compiled.MatchString(text) && !n.in([]byte(text)) {
				t.Fatalf("%s matches %q and what it needs is not there", tt.expr, text)
			}
		}
	}
	hex := needed{length: 8}
	hex.set.addRange('0', '9')
	for _, tt := range []struct {
		text string
		want bool
	}{{"", false}, {"1234567", false}, {"12345678", true}, {"x1234567x1234567x", false}, {"1234567x12345678", true}, {"xxxxxxx12345678", true}} {
		if got := hex.in([]byte(tt.text)); got != tt.want {
			t.Errorf("eight digits in %q: %v", tt.text, got)
		}
	}
}

func neededText(rnd *rand.Rand) string {
	var b strings.Builder
	for range rnd.IntN(6) {
		piece := []string{"0", "f", "a", "ab", "c", "x", "|", "%", "é", "e", "123456789012345", "\xff", " "}[rnd.IntN(13)]
		b.WriteString(strings.Repeat(piece, 1+rnd.IntN(45)))
	}
	return b.String()
}
