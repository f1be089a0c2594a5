//go:build unix

package git

import (
	"io/fs"
	"os"
	"syscall"
)

// hasOwners says that ownership can be checked here as git checks it.
const hasOwners = true

// isOurs reports whether a file belongs to the user that we run as. Whom else root may trust after sudo is for git to say.
func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(stat.Uid) == int64(os.Geteuid())
}

// deviceOf tells file systems apart.
func deviceOf(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Dev)
}
