package process

import (
	"os/exec"
	"syscall"
)

// Gently has a program that ends with this process be asked to end (SIGTERM), and not be killed.
func Gently(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM }

// tie has the program be killed when this process ends, if nothing else was asked for.
func tie(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if cmd.SysProcAttr.Pdeathsig == 0 {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
}
