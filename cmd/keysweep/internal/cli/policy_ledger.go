package cli

import (
	"slices"
	"strings"
)

// policyLedger is the table [ledger] of a policy file.
type policyLedger struct {
	Home string `toml:"home"` // where the ledger must be
}

// fixedHome is a home of the ledger that a policy file fixes.
type fixedHome struct{ home, where string }

// readLedger takes one file's settings.
func (s *policySettings) readLedger(_ *Env, file string, l policyLedger) error {
	if l.Home == "" {
		return nil
	}
	if !slices.Contains(homesHere(), l.Home) {
		return usagef("one of: "+strings.Join(homesHere(), ", "), "%s: ledger: home: there is no %q here", file, l.Home)
	}
	s.ledger = fixedHome{l.Home, file}
	return nil
}

// policyHome returns the home that the policy fixes and the file that does; "" if none does.
func policyHome(env *Env) (home, where string, err error) {
	s, err := readPolicy(env)
	return s.ledger.home, s.ledger.where, err
}

// allowedHome refuses a ledger that is elsewhere than the policy says.
func allowedHome(env *Env, home string) error {
	fixed, where, err := policyHome(env)
	if err != nil || fixed == "" || fixed == home {
		return err
	}
	return usagef("move it: keysweep ledger move "+fixed, "%s says that the ledger is to be in %s, and it is in %s", where, fixed, home)
}

// allowedTo refuses to make the ledger elsewhere than the policy says.
func allowedTo(env *Env, home string) error {
	fixed, where, err := policyHome(env)
	if err != nil || fixed == "" || fixed == home {
		return err
	}
	return usagef("change the policy first", "%s says that the ledger is to be in %s", where, fixed)
}
