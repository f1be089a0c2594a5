package dotenv

import (
	"errors"
	"fmt"
	"strings"
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
	if err := CheckEnv(r.Env); err != nil {
		return Reference{}, true, fmt.Errorf("the reference %.100q is not %sENV/NAME: %w", text, Scheme, err)
	}
	if err := CheckName(r.Name); err != nil {
		return Reference{}, true, fmt.Errorf("the reference %.100q is not %sENV/NAME: %w", text, Scheme, err)
	}
	return r, true, nil
}

// MaxEnv is the most that the name of an environment may hold, in bytes: a label of a host name has as many.
const MaxEnv = 63

// CheckEnv says what is wrong with the name of an environment, if anything is. It is made of a-z, 0-9, "-", "_" and ".", and begins
// with a letter or a digit.
func CheckEnv(env string) error {
	switch {
	case env == "":
		return errors.New("there is no environment")
	case len(env) > MaxEnv:
		return fmt.Errorf("the environment %.20q... is longer than %d bytes", env, MaxEnv)
	}
	for i, c := range []byte(env) {
		word := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !word && (i == 0 || c != '-' && c != '_' && c != '.') {
			return fmt.Errorf("the environment %q is not made of a-z, 0-9, -, _ and .", env)
		}
	}
	return nil
}

// CheckName says what is wrong with the name of an environment variable, if anything is: POSIX allows letters, digits and "_",
// without a digit in front (https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html).
func CheckName(name string) error {
	const most = 100
	switch {
	case name == "":
		return errors.New("there is no name")
	case len(name) > most:
		return fmt.Errorf("the name %.20q... is longer than %d bytes", name, most)
	case name[0] >= '0' && name[0] <= '9':
		return fmt.Errorf("the name %q begins with a digit", name)
	}
	for _, c := range []byte(name) {
		if !wordByte(c) {
			return fmt.Errorf("the name %q is not made of letters, digits and _", name)
		}
	}
	return nil
}
