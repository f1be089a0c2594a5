//go:build unix

package launch

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// fromKeyboard are the signals that a terminal sends to all processes in its foreground, this one and the program alike.
var fromKeyboard = []os.Signal{unix.SIGINT, unix.SIGQUIT}

// forwarded returns the signals that are passed on: those that people and service managers send to a process. One that was
// ignored when this process started stays so, here and in the program (nohup, background jobs of scripts).
func forwarded() (list []os.Signal) {
	for _, s := range slices.Concat(fromKeyboard, []os.Signal{unix.SIGHUP, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGCONT}) {
		if !signal.Ignored(s) {
			list = append(list, s)
		}
	}
	return list
}

// passOn sends a signal to the program, unless it has it from the terminal already: a second interrupt means to many programs
// that they are to drop everything. Who sent a signal Go does not tell; in the foreground it is taken to be the keyboard.
func passOn(program *os.Process, s os.Signal) {
	if slices.Contains(fromKeyboard, s) && inForeground() {
		return
	}
	_ = program.Signal(s) // it may have ended
}

// inForeground reports whether this process is among those that its terminal sends signals to.
func inForeground() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func endingOf(state *os.ProcessState) Ending {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return Ending{Code: 128 + int(status.Signal()), Signal: status.Signal()}
	}
	return Ending{Code: state.ExitCode()}
}

// deadly are the signals that end a Go program that has no other use for them (os/signal). The others that a program can die of
// would end this one with a trace of its own, or not at all.
var deadly = []os.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGKILL}

// Repeat ends this process as the program ended, if a signal killed that: who waits for this process learns of it. It returns
// where it cannot, and if there was no signal; then the process is to end with e.Code. Everything else is to be done before.
func (e Ending) Repeat() {
	s, ok := e.Signal.(syscall.Signal)
	if !ok || !slices.Contains(deadly, e.Signal) {
		return
	}
	signal.Reset(s)
	if unix.Kill(unix.Getpid(), s) == nil {
		time.Sleep(time.Second) // the signal may take a moment
	}
}
