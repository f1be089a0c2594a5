package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames if the new name is free: renamex_np(2).
func renameNew(from, to string) error {
	if err := unix.RenamexNp(from, to, unix.RENAME_EXCL); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
