//go:build unix

package openssh

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// isolate puts a program in a session of its own: its children die with it, and neither it nor they can ask anything on the
// terminal behind our back.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
