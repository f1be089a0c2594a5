package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// Terminal is the console of the process.
type Terminal struct{ in, out *os.File }

// Open opens the console of the process. If there is none, the error is ErrNone.
func Open() (*Terminal, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNone, err)
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close()
		return nil, fmt.Errorf("%w (%w)", ErrNone, err)
	}
	return &Terminal{in: in, out: out}, nil
}

// Close closes the console.
func (t *Terminal) Close() error { return errors.Join(t.in.Close(), t.out.Close()) }

func (t *Terminal) read(ctx context.Context, prompt string, echo bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	handle := windows.Handle(t.in.Fd())
	var before uint32
	if err := windows.GetConsoleMode(handle, &before); err != nil {
		return nil, fmt.Errorf("read the console's mode: %w", err)
	}
	now := before | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT | windows.ENABLE_ECHO_INPUT
	if !echo {
		now &^= windows.ENABLE_ECHO_INPUT
		_ = windows.FlushConsoleInputBuffer(handle) // what was typed before the prompt was on the screen
	}
	if err := windows.SetConsoleMode(handle, now); err != nil {
		return nil, fmt.Errorf("change the console's mode: %w", err)
	}
	defer func() { _ = windows.SetConsoleMode(handle, before) }()
	if err := t.Print(prompt); err != nil {
		return nil, err
	}
	line, err := t.await(ctx)
	if err != nil || !echo {
		_ = t.Print("\n")
	}
	return line, err
}

type lineResult struct {
	line []byte
	err  error
}

// await reads a line, and does not wait for it any longer when ctx ends: the console offers no way to stop a read, which goes
// on until the process ends.
func (t *Terminal) await(ctx context.Context) ([]byte, error) {
	done := make(chan lineResult, 1)
	go func() {
		line, err := readLine(t.in)
		done <- lineResult{line, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if ctx.Err() != nil { // Ctrl-C ends the read, too
			clear(r.line)
			return nil, ctx.Err()
		}
		return r.line, r.err
	}
}

func readLine(r io.Reader) (line []byte, err error) {
	buf := make([]byte, MaxLine+2) // one array: growing would leave copies behind
	defer clear(buf)
	n, tooLong := 0, false
	for {
		if n == len(buf) {
			n, tooLong = 0, true
		}
		got, err := r.Read(buf[n:])
		n += got
		end := bytes.IndexByte(buf[:n], '\n')
		switch {
		case end < 0 && err == nil:
			continue
		case end < 0 && n == 0 && !tooLong && errors.Is(err, io.EOF):
			return nil, ErrNothing
		case end < 0 && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("read from the console: %w", err)
		case end < 0:
			end = n
		}
		text := bytes.TrimSuffix(buf[:end], []byte{'\r'})
		if tooLong || len(text) > MaxLine {
			return nil, ErrTooLong
		}
		return append([]byte{}, text...), nil
	}
}
