package rotation

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FieldError says that a field of a record is not of the form that it must have.
type FieldError struct {
	Field string // as in JSON
	Value string
	What  string // what is wrong: "is longer than 100 bytes"
	Do    string // what is right; "" if What says it
}

// Error names the field.
func (e *FieldError) Error() string { return fmt.Sprintf("%s %.60q %s", e.Field, e.Value, e.What) }

// Hint says what is right.
func (e *FieldError) Hint() string { return e.Do }

// The most that fields may hold, in bytes.
const (
	maxPurpose = 300
	maxURL     = 500
)

// checkFields looks at the fields that differ from those of old.
func (r *Record) checkFields(old *Record) error {
	if old == nil {
		old = &Record{}
	}
	for _, f := range []struct {
		name     string
		now, was string
		check    func(field, value string) error
	}{
		{"name", r.Name, old.Name, r.checkVariable},
		{"env", r.Env, old.Env, r.checkEnv},
		{"service", r.Service, old.Service, short},
		{"owner", r.Owner, old.Owner, short},
		{"provider", r.Provider, old.Provider, short},
		{"account", r.Account, old.Account, short},
		{"purpose", r.Purpose, old.Purpose, func(field, value string) error { return oneLine(field, value, maxPurpose) }},
		{"url", r.URL, old.URL, checkURL},
		{"mark", r.Mark, old.Mark, digits},
		{"successor", r.Successor, old.Successor, digits},
		{"predecessor", r.Predecessor, old.Predecessor, digits},
	} {
		if f.now == f.was && r.Kind == old.Kind || f.now == "" {
			continue
		}
		if err := f.check(f.name, f.now); err != nil {
			return err
		}
	}
	return nil
}

func short(field, value string) error { return oneLine(field, value, maxName) }

func oneLine(field, value string, most int) error {
	switch {
	case len(value) > most:
		return &FieldError{Field: field, Value: value, What: fmt.Sprintf("is longer than %d bytes", most)}
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(c rune) bool { return !unicode.IsPrint(c) }):
		return &FieldError{Field: field, Value: value, What: "has characters that do not print"}
	}
	return nil
}

func (r *Record) checkVariable(field, value string) error {
	if r.Kind != KindAPI {
		return nil // CheckName has seen to it
	}
	return CheckVariable(value)
}

// CheckVariable says what is wrong with the name of an API credential, if anything is: it is the name of the environment variable
// that holds it, and made of letters, digits and "_" with no digit first, as every shell and POSIX take it.
func CheckVariable(name string) error {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return &FieldError{"name", name, "is no name for an environment variable", "letters, digits and _, for example GITLAB_TOKEN"}
		}
	}
	return CheckName(name)
}

func (r *Record) checkEnv(field, value string) error {
	if r.Kind != KindAPI {
		return short(field, value)
	}
	return CheckEnv(value)
}

// CheckEnv says what is wrong with the name of an environment, if anything is. It must begin with one of a-z and 0-9, and go on
// with these, ".", "_" and "-", 100 at most in all.
func CheckEnv(env string) error {
	bad := env == "" || strings.IndexByte("._-", env[0]) >= 0
	for _, c := range []byte(env) {
		bad = bad || (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte("._-", c) < 0
	}
	if bad {
		return &FieldError{"env", env, "is no name for an environment", "small letters, digits, . _ and -, for example prod or eu-1.staging"}
	}
	return short("env", env)
}

// checkURL takes web addresses alone: a person is sent there.
func checkURL(field, value string) error {
	if err := oneLine(field, value, maxURL); err != nil {
		return err
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return &FieldError{field, value, "is no address of a web page", "https://HOST/PATH, without a password in it"}
	}
	return nil
}

// digits checks what the ledger has made itself: 32 hex digits.
func digits(field, value string) error {
	if b, err := hex.DecodeString(value); err != nil || len(b) != idSize {
		return &FieldError{Field: field, Value: value, What: "is not of 32 hex digits"}
	}
	return nil
}
