package source

import (
	"errors"

	"golang.org/x/sys/unix"
)

// openNoLinks is openAt for a path without links: one is an error wherever it stands. Kernels before 5.6, and some sandboxes, only see
// to the last part.
func openNoLinks(dir int, name string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags), Resolve: unix.RESOLVE_NO_SYMLINKS}
	for {
		fd, err := unix.Openat2(dir, name, &how)
		switch {
		case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
			return openAt(dir, name, flags)
		case !errors.Is(err, unix.EINTR):
			return fd, err
		}
	}
}
