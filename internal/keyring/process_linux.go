package keyring

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"keysweep/internal/keyring/guard"
)

// group is a process that leads a process group.
type group struct {
	pid    int
	mu     sync.Mutex
	reaped bool  // the number may be another process's
	err    error // how it ended, once reaped
}

// run starts a process. It does so without os/exec, which starts another one first, to see what the kernel can do: run, whose user
// waits for the start of every program, would take half a millisecond more.
//
// Linux tells a child of the death of the thread that started it (PR_SET_PDEATHSIG(2const)): the goroutine that starts it keeps its
// thread until the end.
func run(executable string, environ []string, files [3]*os.File) (running, error) {
	attributes := &syscall.ProcAttr{
		Env:   once(environ),
		Files: []uintptr{files[0].Fd(), files[1].Fd(), files[2].Fd()},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM},
	}
	g := &group{}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pid, err := syscall.ForkExec(executable, []string{executable, guard.Argument}, attributes)
		g.pid = pid
		started <- err
		if err == nil {
			_ = g.wait() // the thread stays until then
		}
	}()
	if err := <-started; err != nil {
		return nil, &os.PathError{Op: "fork/exec", Path: executable, Err: err}
	}
	return g, nil
}

// once leaves the last value of each variable, as os/exec does.
func once(environ []string) []string {
	seen, kept := make(map[string]bool, len(environ)), make([]string, 0, len(environ))
	for _, line := range slices.Backward(environ) {
		name, _, _ := strings.Cut(line, "=")
		if !seen[name] {
			seen[name] = true
			kept = append(kept, line)
		}
	}
	slices.Reverse(kept)
	return kept
}

// wait blocks its own thread: to be told by another one takes longer. It takes note of the end when nobody is about to kill.
func (g *group) wait() error {
	for ended := false; !ended; {
		var info unix.Siginfo
		ended = !errors.Is(unix.Waitid(unix.P_PID, g.pid, &info, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.reaped {
		g.reaped, g.err = true, reap(g.pid)
	}
	return g.err
}

// reap takes note of how a process ended, in the words of os/exec.
func reap(pid int) error {
	var status unix.WaitStatus
	_, err := unix.Wait4(pid, &status, 0, nil)
	for errors.Is(err, unix.EINTR) {
		_, err = unix.Wait4(pid, &status, 0, nil)
	}
	switch {
	case err != nil:
		return err
	case status.Signaled():
		return fmt.Errorf("signal: %v", status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", status.ExitStatus())
	}
	return nil
}

func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.reaped {
		_ = unix.Kill(-g.pid, unix.SIGKILL) // it may have ended
	}
}
