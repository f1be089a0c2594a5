package keyring

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"keysweep/internal/keyring/guard"
	"keysweep/internal/process"
)

// child is the process, as its parent has it.
type child struct {
	cmd    *exec.Cmd
	in     *os.File
	out    *os.File
	buffer *bufio.Reader
	tail   *tail
	ended  chan struct{} // closed when the child is gone
	err    error         // how it ended; for reading once ended is closed
}

// startProcess starts the child. Its standard error is kept, for errors: gpg says there what is wrong.
func startProcess(executable string, environ []string) (*child, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), in.Close())
	}
	p := &child{in: in, out: out, buffer: bufio.NewReader(out), tail: &tail{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(context.Background(), executable, guard.Argument)
	p.cmd.Env, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = environ, theirIn, theirOut, p.tail
	process.Group(p.cmd)          // an interrupt at the terminal leaves it to us when it ends
	process.Gently(p.cmd)         // if we die while it is still before main, where it reads no pipe; later that is an end in good order, see Serve
	p.cmd.WaitDelay = time.Second // what gpg has started may keep its standard error open
	wait, err := process.Start(p.cmd)
	err = errors.Join(err, theirIn.Close(), theirOut.Close())
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	go func() {
		p.err = wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *child) write(r request) error { return writeFrame(p.in, r) }
func (p *child) read(r *reply) error   { return readFrame(p.buffer, r) }

// kill ends the child at once, with the programs that it runs.
func (p *child) kill() {
	select {
	case <-p.ended: // the number may be another process's by now
	default:
		_ = p.cmd.Cancel() // it may be gone
	}
}

// said returns the end of what the child, or a program that it ran, has said since the last time.
func (p *child) said() string { return p.tail.take() }

// died makes an error of a pipe that broke.
func (p *child) died(err error) error {
	select {
	case <-p.ended:
	case <-time.After(time.Second): // the pipe ends a moment before the process
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
	<-p.ended
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
