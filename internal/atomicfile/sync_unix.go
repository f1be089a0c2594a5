//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// syncDir makes a new name in dir durable. File systems that cannot sync a directory say EINVAL or ENOTSUP; there is nothing
// more to be done then.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		// A directory may be writable and not readable; the name is there all the same.
		if errors.Is(err, os.ErrPermission) {
			return nil
		}
		return fmt.Errorf("sync directory: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
