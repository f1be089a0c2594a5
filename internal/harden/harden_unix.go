//go:build unix && !linux

package harden

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func process() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch off core dumps: %w", err)
	}
	return nil
}
