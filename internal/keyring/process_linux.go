package keyring

import (
	"os"
	"syscall"
)

// attributes: the child has a group of its own, so that it can be killed with the programs that it runs, and so that an
// interrupt at the terminal leaves it to the parent when to end it. If the parent dies while the child is still before main, where it
// reads no pipe, SIGTERM ends it; later SIGTERM is an end in good order, see Serve.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // it may be gone
