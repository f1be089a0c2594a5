//go:build unix

package plugin

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func busy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }

// exposed says who else could change a file or directory; "" if nobody but the user and root.
func exposed(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch uid := uint32(os.Geteuid()); {
	case info.Mode().Perm()&0o022 != 0:
		return "can be changed by others (" + info.Mode().Perm().String() + ")"
	case ok && stat.Uid != 0 && stat.Uid != uid:
		return "belongs to another user"
	}
	return ""
}
