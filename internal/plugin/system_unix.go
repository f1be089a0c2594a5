//go:build unix

package plugin

import (
	"errors"
	"syscall"
)

func busy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }
