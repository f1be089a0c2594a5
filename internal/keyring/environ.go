package keyring

import (
	"errors"
	"math"
	"path/filepath"
	"slices"

	"keysweep/internal/keyring/guard"
)

// overBus reports whether a keyring is reached over D-Bus.
func overBus(backend string) bool { return backend == SecretService || backend == KWallet }

// asksAnyTime reports whether any call may wait for a person, and cannot say so before: gpg's agent asks when it likes.
func asksAnyTime(backend string) bool { return backend != SecretService && backend != WinCred }

// maxData is the most that an item takes, in bytes: CRED_MAX_CREDENTIAL_BLOB_SIZE is 5*512
// (https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw).
func maxData(backend string) int {
	if backend == WinCred {
		return 2560
	}
	return math.MaxInt
}

// environ makes the environment of the child, and what the keyring is called. Nobody but the child gets to the bus.
func (c *Client) environ() ([]string, error) {
	o := c.options
	environ := without(o.Environ, guard.Marker)
	if !overBus(o.Backend) {
		c.what = describe(o)
		return append(environ, guard.Marker+"="+guard.OffBus), nil
	}
	address, err := busAddress(o.Environ)
	var none *NoneError
	if errors.As(err, &none) {
		none.Backend = o.Backend
	}
	c.what = o.Backend + " at " + address
	return append(without(environ, busVariable), guard.Marker+"="+guard.OnBus, busVariable+"="+address), err
}

func describe(o Options) string {
	switch o.Backend {
	case Pass:
		return "pass in " + passDir(o.PassDir, o.Environ)
	case Keychain:
		return "the login keychain"
	case WinCred:
		return "the credential manager of Windows"
	}
	return o.Backend
}

// passDir is where pass keeps its files (pass(1)).
func passDir(dir string, environ []string) string {
	if dir != "" {
		return dir
	}
	if dir, _ := lookup(environ, "PASSWORD_STORE_DIR"); dir != "" {
		return dir
	}
	home, _ := lookup(environ, "HOME")
	return filepath.Join(home, ".password-store")
}

// Asked reports whether this process was started as the child.
func Asked(args, environ []string) bool {
	marker, _ := lookup(environ, guard.Marker)
	return slices.Equal(args, []string{guard.Argument}) && (marker == guard.OnBus || marker == guard.OffBus)
}
