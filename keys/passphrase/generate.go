package passphrase

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/sethvargo/go-diceware/diceware"
)

// GeneratedWords is how many words a generated passphrase has: 6 of a list of 7,776 make 77.5 bits.
const GeneratedWords = 6

// Generate makes a passphrase of random words of the EFF's large list (https://www.eff.org/dice), with a space between two.
// It also returns where each word starts and ends, to ask for some of them again. The caller clears the passphrase.
func Generate(words int) (pass []byte, spans [][2]int, err error) {
	list := diceware.WordListEffLarge()
	pass = make([]byte, 0, words*16) // longer than the longest words: growing would leave copies behind
	for i := range words {
		roll, err := diceware.RollWord(list.Digits())
		if err != nil {
			clear(pass)
			return nil, nil, fmt.Errorf("make a passphrase: %w", err)
		}
		if i > 0 {
			pass = append(pass, ' ')
		}
		start := len(pass)
		pass = append(pass, list.WordAt(roll)...)
		spans = append(spans, [2]int{start, len(pass)})
	}
	return pass, spans, nil
}

// Pick chooses n different numbers below most, in order.
func Pick(n, most int) ([]int, error) {
	var picked []int
	for i := range most {
		// Each of those left is taken with the chance that it is among the ones still wanted.
		k, err := rand.Int(rand.Reader, big.NewInt(int64(most-i)))
		if err != nil {
			return nil, fmt.Errorf("choose words: %w", err)
		}
		if k.Int64() < int64(n-len(picked)) {
			picked = append(picked, i)
		}
	}
	return picked, nil
}
