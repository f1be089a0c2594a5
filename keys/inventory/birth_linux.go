package inventory

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// birth returns when the file system made the file (statx(2)); zero if it does not remember.
func birth(path string, _ fs.FileInfo) time.Time {
	var s unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, unix.AT_STATX_DONT_SYNC, unix.STATX_BTIME, &s) != nil || s.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return time.Unix(s.Btime.Sec, int64(s.Btime.Nsec))
}
