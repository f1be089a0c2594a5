//go:build unix

package plugin

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// canKeep says that a process here can hand on an open file by its number.
const canKeep = true

// keepLock takes the lock that a keeper inherits (flock(2)): it is free when the last process that has the file open has ended, so that
// there is no moment in which it is not known that the provider is being asked.
func keepLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ { // who only looks whether it is held has it for a moment
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || try == 100 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errors.New("the provider is being asked already")
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// inherited returns the file and the lock that RunKept hands on. The plugin does not get them.
func inherited() (file, lock *os.File) {
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	return os.NewFile(3, "kept"), os.NewFile(4, "lock")
}
