// Package guard switches D-Bus off before the keyring library can open it.
//
// That library connects to the session bus in init functions: it would run dbus-launch where there is no bus, and wait for
// ever where the bus does not answer, at every start of the program, even for --help. The init function here comes before them.
// That is certain, and not luck: of the packages whose imports are ready, Go initialises the one with the first path
// (https://go.dev/ref/spec#Program_initialization). This package imports os alone, so that it is ready as soon as os is; the library
// needs os/exec, which needs os too and comes later in the alphabet than any path that starts with "keysweep".
//
// Start at Restore.
package guard

import "os"

const (
	// Argument is the only argument of the process that talks to the keyring.
	Argument = "keyring-child"
	// Marker is the environment variable that says to that process what it is: OnBus if D-Bus must be on in it.
	Marker = "KEYSWEEP_KEYRING_CHILD"
	// OnBus is the value of Marker for keyrings that are reached over D-Bus.
	OnBus = "bus"
	// OffBus is the value of Marker for other keyrings.
	OffBus = "no-bus"

	bus     = "DBUS_SESSION_BUS_ADDRESS"
	aside   = "KEYSWEEP_SESSION_BUS"
	off     = "disabled" // no address of https://dbus.freedesktop.org/doc/dbus-specification.html#addresses: to open it fails at once
	present = "="        // stands before an address that was moved aside; without it there was none
)

func init() {
	if len(os.Args) == 2 && os.Args[1] == Argument && os.Getenv(Marker) == OnBus {
		return
	}
	address, set := os.LookupEnv(bus)
	if address == off && os.Getenv(aside) != "" {
		return // the process above had not restored it: what it moved aside still counts
	}
	kept := "none"
	if set {
		kept = present + address
	}
	if os.Setenv(aside, kept) == nil {
		_ = os.Setenv(bus, off) // a valid name: it cannot fail
	}
}

// Restore gives the process the environment that it was started with, so that the programs it runs find the user's bus. Call it
// first in main, once.
func Restore() error {
	kept, moved := os.LookupEnv(aside)
	if !moved {
		return nil
	}
	if err := os.Unsetenv(aside); err != nil {
		return err
	}
	if kept == "" || kept[:1] != present {
		return os.Unsetenv(bus)
	}
	return os.Setenv(bus, kept[1:])
}
