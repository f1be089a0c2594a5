//go:build unix && !linux

package keyring

import (
	"os"
	"syscall"
)

// attributes: the child has a group of its own, so that it can be killed with the programs that it runs, and so that an
// interrupt at the terminal leaves it to the parent when to end it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // it may be gone
