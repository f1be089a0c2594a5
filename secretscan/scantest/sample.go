package scantest

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// sampleMore is how many repetitions a sample has at most beyond the least that an expression asks for.
const sampleMore = 4

// Sample returns a random text that an expression matches, but for its conditions on what stands around: \b, ^ and $ are not seen to.
func Sample(rnd *rand.Rand, expr string) (string, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return "", fmt.Errorf("make a sample: %w", err)
	}
	var b strings.Builder
	write(&b, rnd, re)
	return b.String(), nil
}

func write(b *strings.Builder, rnd *rand.Rand, re *syntax.Regexp) {
	times := func(least, most int) {
		if most < 0 || most > least+sampleMore {
			most = least + sampleMore
		}
		for range least + rnd.IntN(most-least+1) {
			write(b, rnd, re.Sub[0])
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(member(rnd, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte("abcXYZ09"[rnd.IntN(8)])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			write(b, rnd, sub)
		}
	case syntax.OpAlternate:
		write(b, rnd, re.Sub[rnd.IntN(len(re.Sub))])
	case syntax.OpStar:
		times(0, -1)
	case syntax.OpPlus:
		times(1, -1)
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(re.Min, re.Max)
	}
}

// member returns a character of a class, one of ASCII if it has any.
func member(rnd *rand.Rand, class []rune) rune {
	var ascii []rune
	for i := 0; i+1 < len(class); i += 2 {
		for r := class[i]; r <= min(class[i+1], '~'); r++ {
			ascii = append(ascii, r)
		}
	}
	switch {
	case len(ascii) > 0:
		return ascii[rnd.IntN(len(ascii))]
	case len(class) > 0:
		return class[0]
	}
	return 'x'
}
