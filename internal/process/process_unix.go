//go:build unix

package process

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Group puts a program, made with exec.CommandContext, in a process group of its own: an interrupt at the terminal leaves it to us
// when it ends, and when its context is done, or its Cancel is called, its children die with it.
func Group(cmd *exec.Cmd) { lead(cmd, &syscall.SysProcAttr{Setpgid: true}) }

// Session is Group for a program that must not ask anything on the terminal behind our back, nor may its children.
func Session(cmd *exec.Cmd) { lead(cmd, &syscall.SysProcAttr{Setsid: true}) }

func lead(cmd *exec.Cmd, attributes *syscall.SysProcAttr) {
	cmd.SysProcAttr = attributes
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
