package dotenv

import (
	"fmt"
	"strings"

	"keysweep/rotation"
)

// Scheme begins every reference.
const Scheme = "keysweep://"

// Reference stands in a file, that may be shown to everybody, for a value that the ledger keeps.
type Reference struct {
	Env  string // "prod"
	Name string // of the variable under which the ledger keeps it; it may differ from the one that gets the value
}

// String returns "keysweep://ENV/NAME".
func (r Reference) String() string { return Scheme + r.Env + "/" + r.Name }

// ParseReference reads a reference. found is false if the text is none; an error says what is wrong with one.
func ParseReference(text string) (r Reference, found bool, err error) {
	rest, found := strings.CutPrefix(text, Scheme)
	if !found {
		return r, false, nil
	}
	r.Env, r.Name, _ = strings.Cut(rest, "/")
	if err := rotation.CheckEnv(r.Env); err != nil {
		return Reference{}, true, fmt.Errorf("the reference %.100q is not %sENV/NAME: %w", text, Scheme, err)
	}
	if err := rotation.CheckVariable(r.Name); err != nil {
		return Reference{}, true, fmt.Errorf("the reference %.100q is not %sENV/NAME: %w", text, Scheme, err)
	}
	return r, true, nil
}
