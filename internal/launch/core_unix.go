//go:build unix

package launch

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// CoreLimit is a limit of core dumps, to be given back to a program: what handles secrets has switched them off for itself. The
// zero value leaves the limit as it is.
type CoreLimit struct {
	limit unix.Rlimit
	known bool
}

// Core returns the limit of this process. Call it before package harden does its work.
func Core() CoreLimit {
	var c CoreLimit
	c.known = unix.Getrlimit(unix.RLIMIT_CORE, &c.limit) == nil
	return c
}

// Restore sets the limit. A process that has given up more than it wants back cannot: that is an error.
func (c CoreLimit) Restore() error {
	if !c.known {
		return nil
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &c.limit); err != nil {
		return fmt.Errorf("give the limit of core dumps back: %w", err)
	}
	return nil
}
