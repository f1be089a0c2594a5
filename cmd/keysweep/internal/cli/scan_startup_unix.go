//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// modeAndOwner says who may read a file: "mode 0644, owned by root: every user can read it". It is empty if that cannot be told.
func modeAndOwner(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	text := fmt.Sprintf("mode %04o", info.Mode().Perm())
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner := strconv.FormatUint(uint64(stat.Uid), 10)
		if u, err := user.LookupId(owner); err == nil && u.Username != "" {
			owner = u.Username
		}
		text += ", owned by " + owner
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o002 != 0:
		text += ": every user can change it"
	case mode&0o004 != 0:
		text += ": every user can read it"
	case mode&0o040 != 0:
		text += ": its group can read it"
	}
	return text
}

// isNotDirectory reports whether a path goes through something that is no directory, or round in circles.
func isNotDirectory(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP)
}
