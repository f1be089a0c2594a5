package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames if the new name is free: renameat2(2).
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
