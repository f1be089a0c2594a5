//go:build unix

package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is the controlling terminal of the process.
type Terminal struct {
	out *os.File
	fd  int
}

// Open opens the controlling terminal. If there is none, the error is ErrNone.
func Open() (*Terminal, error) { return OpenDevice("/dev/tty") }

// OpenDevice opens a terminal by its path, for tests that have made one. What is typed there sends this process no signals.
func OpenDevice(path string) (*Terminal, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w (%s: %w)", ErrNone, path, err)
	}
	_, err = unix.IoctlGetTermios(fd, getTermios)
	if err != nil || fd >= unix.FD_SETSIZE {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("%w (%s cannot be used as one)", ErrNone, path)
	}
	return &Terminal{out: os.NewFile(uintptr(fd), path), fd: fd}, nil
}

// Close closes the terminal.
func (t *Terminal) Close() error { return t.out.Close() }

// patience is how long a wait for input lasts before the context and the signals are looked at. select(2) is what can watch a
// terminal on every system: kqueue and poll refuse /dev/tty on macOS.
const patience = 50 * time.Millisecond

// canonicalMost is the longest line that a terminal gives, in bytes (N_TTY_BUF_SIZE of Linux; macOS has 1,024).
const canonicalMost = 4096

func (t *Terminal) read(ctx context.Context, prompt string, echo bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	before, err := unix.IoctlGetTermios(t.fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's settings: %w", err)
	}
	signals := make(chan os.Signal, 4)
	watch(signals)
	defer signal.Stop(signals)
	request := uint(setTermiosFlush)
	if echo {
		request = setTermios // several lines may be pasted at once
	}
	restore := func() { _ = unix.IoctlSetTermios(t.fd, request, before) } // a terminal that went away needs none
	defer restore()
	ask := func() error {
		if err := t.cook(before, request, echo); err != nil {
			return err
		}
		return t.Print(prompt)
	}
	if err := ask(); err != nil {
		return nil, err
	}
	line, err := t.line(ctx, signals, func() error {
		restore()
		stop()
		return ask()
	})
	if err != nil || !echo {
		_ = t.Print("\n") // the typed one was not shown; the shell's prompt wants its own line
	}
	return line, err
}

// cook lets the terminal edit lines and turn Ctrl-C into a signal, and shows what is typed or not. For a passphrase request
// drops what was typed before the prompt: it was on the screen. After it, the rest of a paste must not go to the shell.
func (t *Terminal) cook(before *unix.Termios, request uint, echo bool) error {
	now := *before
	now.Lflag |= unix.ICANON | unix.ISIG
	now.Iflag |= unix.ICRNL
	if !echo {
		now.Lflag &^= unix.ECHO | unix.ECHONL
	}
	if err := unix.IoctlSetTermios(t.fd, request, &now); err != nil {
		return fmt.Errorf("change the terminal's settings: %w", err)
	}
	return nil
}

// watch asks for the signals that would end or stop the process with the terminal's echo off.
func watch(signals chan os.Signal) {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGTSTP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
}

// line reads up to the end of a line. pause is called when the process is asked to stop (Ctrl-Z).
func (t *Terminal) line(ctx context.Context, signals <-chan os.Signal, pause func() error) (line []byte, err error) {
	buf := make([]byte, 2*canonicalMost) // one array: growing would leave copies behind
	defer func() {
		if err != nil {
			clear(buf)
		}
	}()
	n, tooLong := 0, false
	for {
		if err := t.wait(ctx, signals, pause); err != nil {
			return nil, err
		}
		got, err := unix.Read(t.fd, buf[n:])
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return nil, fmt.Errorf("read from the terminal: %w", err)
		case got == 0 && n == 0 && !tooLong:
			return nil, ErrNothing
		}
		n += got
		end := bytes.IndexByte(buf[:n], '\n')
		if tooLong = tooLong || n > MaxLine+1 || end < 0 && n > MaxLine; tooLong && end < 0 && got > 0 {
			n = 0 // the rest of the line has to go the same way
			continue
		}
		if tooLong {
			return nil, ErrTooLong
		}
		if end >= 0 || got == 0 {
			return cut(buf, n, end), nil
		}
	}
}

// cut returns the line alone, without the array behind it, which it clears.
func cut(buf []byte, n, end int) []byte {
	if end >= 0 {
		n = end
	}
	line := bytes.Clone(buf[:n])
	clear(buf)
	if line == nil {
		line = []byte{}
	}
	return line
}

// wait returns when there is something to read.
func (t *Terminal) wait(ctx context.Context, signals <-chan os.Signal, pause func() error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s := <-signals:
			if s != syscall.SIGTSTP {
				return context.Canceled
			}
			if err := pause(); err != nil {
				return err
			}
		default:
		}
		var set unix.FdSet
		set.Set(t.fd)
		timeout := unix.NsecToTimeval(int64(patience))
		n, err := unix.Select(t.fd+1, &set, nil, nil, &timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for the terminal: %w", err)
		}
		if err == nil && n > 0 {
			return nil
		}
	}
}

// stopTakes is how long it may take until the kernel has stopped every thread.
const stopTakes = 200 * time.Millisecond

// stop stops the process as Ctrl-Z does, and returns when it goes on. SIGTSTP itself cannot be raised again: Go does not give
// up a signal of its kind once it was asked for, and drops it. In the process group of the session's leader there is no shell
// with job control that could start the process again, and the kernel would not stop it either.
func stop() {
	if session, err := unix.Getsid(0); err != nil || session == unix.Getpgrp() {
		return
	}
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	_ = unix.Kill(unix.Getpid(), syscall.SIGSTOP)
	select {
	case <-goesOn:
	case <-time.After(stopTakes):
	}
}
