package passphrase

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/frequency"
	"github.com/sethvargo/go-diceware/diceware"
)

// corpus makes passwords of every kind that people and machines choose; the same ones each time.
func corpus(n int) map[string][]string {
	r := rand.New(rand.NewPCG(1, 2))
	list := func(name string) []string { return frequency.Lists[name].List }
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	chars := func(set string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(set[r.IntN(len(set))])
		}
		return b.String()
	}
	dice := func() string {
		n := 0
		for range 5 {
			n = n*10 + 1 + r.IntN(6)
		}
		return diceware.WordListEffLarge().WordAt(n)
	}
	title := func(w string) string { return strings.ToUpper(w[:1]) + w[1:] }
	l33t := strings.NewReplacer("a", "4", "e", "3", "o", "0", "i", "1", "s", "$")
	kinds := map[string]func() string{
		"password":  func() string { return pick(list("Passwords")) },
		"english":   func() string { return pick(list("English")) },
		"capitals":  func() string { return title(pick(list("Passwords"))) + chars("0123456789!", 1+r.IntN(3)) },
		"leet":      func() string { return l33t.Replace(pick(list("Passwords"))) + chars("0123456789", 2) },
		"name year": func() string { return title(pick(list("FemaleNames"))) + fmt.Sprint(1950+r.IntN(70)) },
		"two names": func() string { return pick(list("MaleNames")) + pick(list("Surname")) + "!" },
		"date":      func() string { return fmt.Sprintf("%02d.%02d.%d", 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(70)) },
		"word date": func() string {
			return pick(list("Passwords")) + fmt.Sprintf("%02d%02d%d", 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(70))
		},
		"walk": func() string {
			return pick([]string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc", "qazwsxedc", "zaq12wsx"}) + chars("0123456789", r.IntN(4))
		},
		"repeat":    func() string { return strings.Repeat(pick(list("Passwords")), 2+r.IntN(2)) },
		"sequence":  func() string { return "abcdefghijk"[:4+r.IntN(6)] + "123456789"[:3+r.IntN(5)] },
		"random 8":  func() string { return chars(everything, 8) },
		"random 12": func() string { return chars(everything, 12) },
		"random 20": func() string { return chars(everything, 20) },
		"digits 12": func() string { return chars("0123456789", 12) },
		"digits 20": func() string { return chars("0123456789", 20) },
		"2 english": func() string { return pick(list("English")) + " " + pick(list("English")) },
		"3 english": func() string {
			return strings.Join([]string{pick(list("English")), pick(list("English")), pick(list("English"))}, "-")
		},
		"3 common": func() string {
			c := list("English")[:500]
			return strings.Join([]string{pick(c), pick(c), pick(c), pick(c)}, " ")
		},
		"3 passwords": func() string { return pick(list("Passwords")) + pick(list("Passwords")) + pick(list("Passwords")) },
		"diceware 3":  func() string { return strings.Join([]string{dice(), dice(), dice()}, " ") },
		"diceware 4":  func() string { return strings.Join([]string{dice(), dice(), dice(), dice()}, " ") },
		"diceware 5":  func() string { return strings.Join([]string{dice(), dice(), dice(), dice(), dice()}, " ") },
		"diceware 6":  func() string { return strings.Join([]string{dice(), dice(), dice(), dice(), dice(), dice()}, " ") },
	}
	all := map[string][]string{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) { // in order, or the random numbers would not be the same
		for range n {
			all[kind] = append(all[kind], kinds[kind]())
		}
	}
	return all
}

const everything = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~"

// TestAgreesWithModule compares with the module that the word lists are from, which follows zxcvbn as it was in 2012. Measured
// on 3,346 passphrases of 15 characters and more: 94.4% of the verdicts are the same; we refuse three or four of the commonest
// words, which the module takes, and take 20 random digits, in which the module sees dates wherever it can.
func TestAgreesWithModule(t *testing.T) {
	same, all := 0, 0
	for kind, list := range corpus(40) {
		for _, pass := range list {
			if len(pass) < MinLength {
				continue
			}
			ours, theirs := Estimate([]byte(pass), nil), zxcvbn.PasswordStrength(pass, nil)
			accepted := ours.Guesses >= enough
			all++
			if accepted == (theirs.Score == 4) {
				same++
			}
			if accepted && theirs.Score <= 2 && kind != "digits 20" {
				t.Errorf("%s: %q is accepted with %.3g guesses, and has score %d there", kind, pass, ours.Guesses, theirs.Score)
			}
		}
	}
	t.Logf("%d of %d the same (%.1f%%)", same, all, 100*float64(same)/float64(all))
	if same*100 < all*93 {
		t.Errorf("only %d of %d verdicts are the same", same, all)
	}
}
