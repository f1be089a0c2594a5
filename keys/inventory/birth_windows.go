package inventory

import (
	"io/fs"
	"syscall"
	"time"
)

// birth returns when the file system made the file.
func birth(_ string, info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		return time.Unix(0, s.CreationTime.Nanoseconds())
	}
	return time.Time{}
}
