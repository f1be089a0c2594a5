package launch

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// firstDescriptor is where the descriptors of Sealed begin. Scripts use 3 to 9 for their own ends, and bash 10 and a few more.
const firstDescriptor = 100

// seals keep the content and the size as they are for ever: memfd_create(2), fcntl(2).
const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// Sealed puts data into a file that has no name and lies in memory only, and that nobody can change any more. A Program that it is
// passed to, and what that starts, read it at path as often as they like, as long as they keep the descriptor open. It
// has mode 0400, which is what ssh wants of a key. A system that cannot do it is errors.ErrUnsupported.
func Sealed(data []byte) (file *os.File, path string, err error) {
	low, err := unix.MemfdCreate("keysweep", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if errors.Is(err, unix.ENOSYS) {
		return nil, "", errors.ErrUnsupported
	}
	if err != nil {
		return nil, "", fmt.Errorf("make a file in memory: %w", err)
	}
	fd, err := unix.FcntlInt(uintptr(low), unix.F_DUPFD_CLOEXEC, firstDescriptor)
	if err = errors.Join(err, unix.Close(low)); err != nil {
		return nil, "", fmt.Errorf("make a file in memory: %w", err)
	}
	path = fmt.Sprintf("/proc/self/fd/%d", fd)
	file = os.NewFile(uintptr(fd), path)
	if err := seal(file, data); err != nil {
		return nil, "", errors.Join(fmt.Errorf("make a file in memory: %w", err), file.Close())
	}
	return file, path, nil
}

func seal(file *os.File, data []byte) error {
	if _, err := file.Write(data); err != nil {
		return err
	}
	if err := unix.Fchmod(int(file.Fd()), 0o400); err != nil {
		return err
	}
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return err
	}
	// The program gets this very descriptor: who reads from it, and not through the path, is to find the beginning.
	_, err := file.Seek(0, 0)
	return err
}
