package passphrase

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// MinLength is the fewest characters of a passphrase: what NIST SP 800-63B-4, section 3.1.1.2, asks of a password that stands
// alone.
const MinLength = 15

// ErrEmpty says that there is no passphrase.
var ErrEmpty = errors.New("it is empty")

// Weakness is why a passphrase is not good enough. It never shows any of it.
type Weakness struct {
	Why  string // "most of it is a date"
	Help string // what to do instead
}

// Error says why.
func (w *Weakness) Error() string { return w.Why }

// Hint says what helps.
func (w *Weakness) Hint() string { return w.Help }

// advice helps against every weakness. Mixing in digits and signs helps little, and nobody remembers them.
const advice = "take five or six words that have nothing to do with each other or with you"

// Check returns an error if a passphrase is not good enough: ErrEmpty, or a *Weakness. It needs 15 characters, and more guesses
// than zxcvbn's best score asks for. known are words that an attacker would try first: the user's name, the host, the
// service, the key's comment.
func Check(pass []byte, known []string) error {
	if len(pass) == 0 {
		return ErrEmpty
	}
	for rest := pass; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if unicode.IsControl(r) {
			return &Weakness{"there is a control character or a line end in it, and no prompt takes those", "leave out everything that is not text"}
		}
		rest = rest[n:]
	}
	s := Estimate(pass, known)
	n := utf8.RuneCount(pass)
	if n >= MinLength && s.Guesses >= enough {
		return nil
	}
	if why := s.why(); why != "" && s.Guesses < enough {
		return &Weakness{why, advice}
	}
	if n < MinLength {
		return &Weakness{fmt.Sprintf("it has %d characters, and %d are the least", n, MinLength), advice}
	}
	return &Weakness{"it can be guessed", advice}
}

// why says what makes a passphrase easy to guess, "" if nothing in particular does.
func (s Strength) why() string {
	if len(s.kinds) == 0 {
		return ""
	}
	whole, most := "it is ", "most of it is "
	if len(s.kinds) == 1 {
		most = whole
	}
	switch s.kinds[0] {
	case named:
		return most + "a name that everyone can know: of the user, the host, the service or the key"
	case phrase:
		return most + "a sentence or an example that everyone knows"
	case walk:
		return most + "a walk over the keyboard"
	case repeat:
		return most + "the same thing again and again"
	case order:
		return most + "a row of letters or digits in order"
	case date:
		return most + "a date or a year"
	case word:
		if len(s.kinds) == 1 {
			return "it is one word that is tried early"
		}
		return "it is made of few and common words or names"
	}
	return ""
}
