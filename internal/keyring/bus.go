package keyring

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// orSnapshot ends the hints for a keyring that is not to be had just now.
const orSnapshot = "; what is due is in the snapshot too: keysweep rotate-due --snapshot FILE"

const busVariable = "DBUS_SESSION_BUS_ADDRESS"

// busAddress returns the address of the user's session bus: what DBUS_SESSION_BUS_ADDRESS says, or else the socket that systemd
// makes (sd_bus_open_user(3), systemd.special(7)), in XDG_RUNTIME_DIR or, where that is not set, in /run/user. Nothing is ever
// started.
func busAddress(environ []string) (string, error) {
	none := func(why string) error { return &NoneError{Why: why, Do: "log in at a desktop" + orSnapshot} }
	switch address, set := lookup(environ, busVariable); {
	case address == "disabled":
		return "", none("D-Bus is switched off: DBUS_SESSION_BUS_ADDRESS is \"disabled\"")
	case set && address != "" && !strings.HasPrefix(address, "autolaunch:"):
		return address, nil
	}
	dir, set := lookup(environ, "XDG_RUNTIME_DIR")
	if !set || dir == "" {
		dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	socket := filepath.Join(dir, "bus")
	info, err := os.Stat(socket)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", none("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is no " + socket)
	case err != nil:
		return "", none(err.Error())
	case info.Mode().Type() != fs.ModeSocket:
		return "", none(socket + " is no socket")
	}
	return "unix:path=" + socket, nil
}

// lookup returns the last value of a variable.
func lookup(environ []string, name string) (value string, set bool) {
	for _, line := range environ {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			value, set = v, true
		}
	}
	return value, set
}

// without returns environ less some variables.
func without(environ []string, names ...string) []string {
	kept := make([]string, 0, len(environ)+2)
next:
	for _, line := range environ {
		for _, name := range names {
			if strings.HasPrefix(line, name+"=") {
				continue next
			}
		}
		kept = append(kept, line)
	}
	return kept
}
