package process

import (
	"os/exec"
	"syscall"
)

// Group keeps the interrupts of the console from a program, so that it is left to us when it ends. When its context is done it is
// killed alone.
func Group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
	cmd.Cancel = func() error { return cmd.Process.Kill() }
}

// Session is Group: there are no sessions here.
func Session(cmd *exec.Cmd) { Group(cmd) }
