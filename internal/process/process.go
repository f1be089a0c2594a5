// Package process keeps other programs on a lead: Group and Session have all that a program starts end with it, and Run and Start
// have it end with this process, even when that is killed, where the system can do that (Linux).
package process

import (
	"os/exec"
	"runtime"
)

// Run is exec.Cmd's Run for a program that ends when this process does, however that ends: an ssh that has logged in would
// otherwise stay for ever. It is for a command that Group or Session was called with.
func Run(cmd *exec.Cmd) error {
	wait, err := Start(cmd)
	if err != nil {
		return err
	}
	return wait()
}

// Start is Run's first half; wait is the other, and returns what exec.Cmd's Wait does. It must be called, and may be called
// again. The command must have no StdoutPipe or StderrPipe: they are closed when the program ends, read or not.
//
// Linux tells a child of the death of the thread that started it (PR_SET_PDEATHSIG(2const)), and a thread of Go ends with a
// goroutine that was locked to it. So the child gets a goroutine with a thread, both of which last as long as it does.
func Start(cmd *exec.Cmd) (wait func() error, err error) {
	tie(cmd)
	started, ended := make(chan error), make(chan struct{})
	var result error
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			result = cmd.Wait()
			close(ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() error {
		<-ended
		return result
	}, nil
}
