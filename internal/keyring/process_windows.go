package keyring

import (
	"os"
	"syscall"
)

// attributes: the child does not get the interrupts of the console, so that the parent decides when it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

func killGroup(p *os.Process) { _ = p.Kill() } // it may be gone
