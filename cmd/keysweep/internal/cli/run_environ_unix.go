//go:build unix

package cli

import (
	"io/fs"
	"os"
	"syscall"
)

// systemNames are the variables without which programs do not start: on Unix there are none.
var systemNames []string

// isOwn reports whether a directory is this user's: sudo leaves variables of another behind.
func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
