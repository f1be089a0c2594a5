package cli

import (
	"context"
	"errors"
)

// allKeyrings are the homes that are keyrings, on any system.
func allKeyrings() []string {
	return []string{"secret-service", "kwallet", "pass", "keychain", "wincred"}
}

// keyringsOf are the keyrings that a system can have.
func keyringsOf(goos string) []string {
	switch goos {
	case "darwin":
		return []string{"keychain", "pass"}
	case "windows":
		return []string{"wincred"}
	}
	return []string{"secret-service", "kwallet", "pass"}
}

// ringAnchor is where the newest state of a ledger in a keyring is remembered.
func ringAnchor(env *Env, ring string) (string, error) {
	return stateFile(env, "ledger-anchor-"+ring+".json")
}

var errNoRing = errors.New("no keyring can be reached")

// tryRing finds out whether a keyring can be used without a question, and says why it is a good home.
func tryRing(_ context.Context, _ *Env, _ string) (why string, err error) { return "", errNoRing }

// ringHome returns a keyring as a home.
func ringHome(_ context.Context, _ *Env, _ string) (homePlace, error) { return nil, errNoRing }
