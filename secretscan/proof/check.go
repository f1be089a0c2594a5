package proof

import (
	"encoding/base32"
	"slices"
	"strings"
)

// Check looks for a secret in what a rule's expression took for one, and says where in the text it is. ok is false if there is none.
// The rule that has a check would be no use without: its expression finds far too much.
type Check func(text string) (start, end int, ok bool)

// CheckNamed returns the check of a name, or nil.
func CheckNamed(name string) Check {
	switch name {
	case "phrase":
		return checkPhrase
	case "payment-card":
		return whole(func(text string) bool { return provenAs("payment-card-number", text) })
	case "base58", "bech32", "base32":
		return whole(func(text string) bool { return provenAs("", text) })
	case "otp-seed":
		return whole(isSeed)
	case "chosen":
		return whole(isChosen)
	case "cut-key":
		return checkCutKey
	case "key-pair-bytes":
		return whole(listsKeyPair)
	}
	return nil
}

// Checks are the names that CheckNamed knows.
func Checks() []string {
	return []string{"base32", "base58", "bech32", "chosen", "cut-key", "key-pair-bytes", "otp-seed", "payment-card", "phrase"}
}

// whole is a check of all of the text.
func whole(fits func(string) bool) Check {
	return func(text string) (int, int, bool) { return 0, len(text), fits(text) }
}

// provenAs reports whether what a rule found is certain to be what it looks like.
func provenAs(rule, text string) bool {
	p := Of(Subject{Rules: []string{rule}, Text: text})
	return p.Proven
}

// isSeed reports whether a text is a seed of one-time passwords in base 32 as apps show it (RFC 4226 asks for 16 bytes; many services
// give 10): no word, no repetition.
func isSeed(text string) bool {
	const least, most, different = 16, 128, 8
	seed := strings.NewReplacer(" ", "", "-", "", "=", "").Replace(strings.ToUpper(text))
	if len(seed) < least || len(seed) > most || !strings.ContainsAny(seed, "234567") {
		return false
	}
	seen := map[byte]bool{}
	for i := range len(seed) {
		seen[seed[i]] = true
	}
	_, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	return err == nil && len(seen) >= different
}

// span is where a word stands in a text.
type span struct{ start, end int }

// checkPhrase finds a recovery phrase in a text: a run of words of the list, of which some at the start or the end may be others that
// are in the list by chance ("wallet seed").
func checkPhrase(text string) (start, end int, ok bool) {
	const strangers = 3
	if len(text) > 2*phraseText {
		return 0, 0, false
	}
	for _, run := range listRuns(text) {
		for count := phraseMost; count >= phraseLeast; count -= phraseStep {
			for skip := 0; skip <= strangers && skip+count <= len(run); skip++ {
				if len(run)-skip-count > strangers {
					continue
				}
				words := run[skip : skip+count]
				if list, ok := phraseOf(text[words[0].start:words[count-1].end]); ok && phraseFits(list) {
					return words[0].start, words[count-1].end, true
				}
			}
		}
	}
	return 0, 0, false
}

// listRuns returns the runs of words of the list, long enough for a phrase, between which only separators stand.
func listRuns(text string) (runs [][]span) {
	var run []span
	flush := func() {
		if len(run) >= phraseLeast {
			runs = append(runs, slices.Clone(run))
		}
		run = run[:0]
	}
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && isLetter(text[end]) {
			end++
		}
		switch {
		case end > at && inList(strings.ToLower(text[at:end])):
			run = append(run, span{at, end})
			at = end
		case end > at:
			flush()
			at = end
		default:
			at++
		}
	}
	flush()
	return runs
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
