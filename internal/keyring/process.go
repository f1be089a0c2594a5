package keyring

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// child is the process, as its parent has it.
type child struct {
	program running
	in      *os.File
	out     *os.File
	buffer  *bufio.Reader
	tail    *tail
	ended   chan struct{} // closed when the child is gone
	err     error         // how it ended; for reading once ended is closed
	silent  chan struct{} // closed when all is in tail that the child has said
}

// running is a process that was started by run. It is in a process group of its own, so that an interrupt at the terminal leaves it to
// us when it ends. If we die it is asked to end, where the system can do that: while it is still before main it reads no pipe; later
// that is an end in good order, see Serve.
type running interface {
	wait() error // until it has ended; nil if it ended well. It may be called again, and at once
	kill()       // it and its group, at once; it may be gone already
}

// startProcess starts the child. Its standard error is kept, for errors: gpg says there what is wrong.
func startProcess(executable string, environ []string) (*child, error) {
	var ours, theirs [3]*os.File
	var err error
	for i := range ours {
		r, w, failed := os.Pipe()
		ours[i], theirs[i] = r, w
		if i == 0 {
			ours[i], theirs[i] = w, r
		}
		err = errors.Join(err, failed)
	}
	p := &child{in: ours[0], out: ours[1], buffer: bufio.NewReader(ours[1]), tail: &tail{}, ended: make(chan struct{}), silent: make(chan struct{})}
	if err == nil {
		p.program, err = run(executable, environ, theirs)
	}
	for _, f := range theirs {
		_ = f.Close() // nothing was written by us
	}
	if err != nil {
		for _, f := range ours {
			_ = f.Close()
		}
		return nil, err
	}
	go func() {
		p.err = p.program.wait()
		close(p.ended)
	}()
	go func() {
		_, _ = io.Copy(p.tail, ours[2]) // it ends with the last process that has it open; that may be one that gpg has started
		_ = ours[2].Close()
		close(p.silent)
	}()
	return p, nil
}

func (p *child) write(r request) error { return writeFrame(p.in, r) }
func (p *child) read(r *reply) error   { return readFrame(p.buffer, r) }

// kill ends the child at once, with the programs that it runs.
func (p *child) kill() { p.program.kill() }

// said returns the end of what the child, or a program that it ran, has said since the last time.
func (p *child) said() string { return p.tail.take() }

// died makes an error of a pipe that broke.
func (p *child) died(err error) error {
	wait, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	for _, done := range []chan struct{}{p.ended, p.silent} { // the pipe ends a moment before the process
		select {
		case <-done:
		case <-wait.Done():
		}
	}
	said := ""
	if text := p.said(); text != "" {
		said = ": " + text
	}
	select {
	case <-p.ended:
		return fmt.Errorf("the process that talks to the keyring has ended (%v)%s", p.err, said)
	default:
		return fmt.Errorf("the process that talks to the keyring cannot be reached: %w%s", err, said)
	}
}

// end closes the pipe, at which the child ends, and waits for that.
func (p *child) end(limit time.Duration) error {
	err := p.in.Close()
	timer := time.AfterFunc(limit, p.kill)
	_ = p.program.wait() // how it ended does not matter any more
	timer.Stop()
	if closed := p.out.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, os.ErrClosed) { // closed before
		return nil
	}
	return err
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 2048 // bytes

func (t *tail) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, data...)
	if over := len(t.text) - maxTail; over > 0 {
		t.text = bytes.Clone(t.text[over:])
	}
	return len(data), nil
}

func (t *tail) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	t.text = nil
	return text
}

var _ io.Writer = (*tail)(nil)
