package inventory

import (
	"io/fs"
	"syscall"
	"time"
)

// birth returns when the file system made the file.
func birth(_ string, info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(s.Birthtimespec.Unix())
	}
	return time.Time{}
}
