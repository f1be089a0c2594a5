package proof

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/keys/words"
)

// The lengths of a recovery phrase in words (BIP-39); Electrum's have 12.
const (
	phraseLeast = 12
	phraseMost  = 24
	phraseStep  = 3
)

// phraseText is how long a text may be to be looked at as a phrase: 24 words of 8 letters, each in quotation marks, with room.
const phraseText = 1 << 10

// provePhrase knows a recovery phrase of a wallet. That its words are all in the list is much; that the checksum fits besides leaves
// nothing else it could be.
func provePhrase(s *Subject, p *Proof) bool {
	list, ok := phraseOf(s.Text)
	if !ok {
		return false
	}
	p.checksum(phraseFits(list))
	p.say(finding.FactStrength, strconv.Itoa(len(list))+" words")
	return true
}

// phraseOf returns the words of a text that could be a phrase: as many as one has, and all of the list.
func phraseOf(text string) ([]string, bool) {
	if len(text) > phraseText {
		return nil, false
	}
	list := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' })
	n := len(list)
	if n < phraseLeast || n > phraseMost || n%phraseStep != 0 {
		return nil, false
	}
	for _, word := range list {
		if !inList(word) {
			return nil, false
		}
	}
	return list, true
}

// inList reports whether a word is in the English list of BIP-39, with all its letters.
func inList(word string) bool {
	i, ok := words.Index([]byte(word))
	return ok && words.Word(i) == word
}

// phraseFits reports whether a checksum fits, that of BIP-39 or Electrum's, and the words are no example: the list's own order, or
// one word again and again.
func phraseFits(list []string) bool {
	if slices.IsSorted(list) {
		return false // of 12 words by chance: once in 479 million
	}
	const different = 6
	if sorted := slices.Sorted(slices.Values(list)); len(slices.Compact(sorted)) < different {
		return false
	}
	phrase := strings.Join(list, " ")
	secret, err := words.Decode([]byte(phrase))
	clear(secret)
	return err == nil || electrumSeed(phrase)
}

// electrumSeed reports whether a phrase is one of Electrum's: its HMAC begins with the version of the seed
// (https://electrum.readthedocs.io/en/latest/seedphrase.html).
func electrumSeed(phrase string) bool {
	mac := hmac.New(sha512.New, []byte("Seed version"))
	mac.Write([]byte(phrase))
	sum := hex.EncodeToString(mac.Sum(nil)[:2])
	for _, version := range []string{"01", "100", "101", "102"} {
		if strings.HasPrefix(sum, version) {
			return true
		}
	}
	return false
}
