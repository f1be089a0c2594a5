package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// brokenError says that git stopped in the middle.
type brokenError struct {
	err       error
	delivered bool // the receiver has already seen the object at which it stopped
}

func (e *brokenError) Error() string { return e.err.Error() }

// batch is a running git cat-file.
type batch struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	in     io.WriteCloser
	out    *bufio.Reader
	said   note
	check  bool // answers have no contents
	once   bool // it answers only once its input has ended
}

func (r *Repo) startBatch(ctx context.Context, mode string, once bool) (*batch, error) {
	inner, cancel := context.WithCancel(ctx)
	args := []string{"cat-file", mode}
	if once {
		args = append(args, "--buffer")
	}
	b := &batch{cmd: r.Command(inner, args...), cancel: cancel, check: mode == "--batch-check", once: once}
	b.cmd.Stderr = &b.said
	in, inErr := b.cmd.StdinPipe()
	out, outErr := b.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		cancel()
		return nil, &Error{Command: "cat-file", Err: err}
	}
	if err := b.cmd.Start(); err != nil {
		cancel()
		return nil, &Error{Command: "cat-file", Err: err}
	}
	const buffer = 256 << 10
	b.in, b.out = in, bufio.NewReaderSize(out, buffer)
	return b, nil
}

// kill ends the process, if it has not ended by itself, and returns what it said.
func (b *batch) kill() string {
	_ = b.in.Close()
	if _, err := b.out.Peek(1); !errors.Is(err, io.EOF) { // at the end it is about to exit, and may still have to say why
		b.cancel()
	}
	_ = b.cmd.Wait() // what went wrong is known from its answers
	b.cancel()
	return b.said.String()
}

// ask writes the requests while it reads the answers, and tells how many objects were received whole.
func (b *batch) ask(ids []OID, limit int64, receive func(Object) error) (done int, err error) {
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		w := bufio.NewWriter(b.in)
		for _, id := range ids {
			if _, err := w.WriteString(id.String() + "\n"); err != nil {
				return // git is gone, which the reader notices
			}
		}
		_ = w.Flush()
		if b.once {
			_ = b.in.Close()
		}
	}()
	for _, id := range ids {
		if err := b.answer(id, limit, receive); err != nil {
			_ = b.in.Close() // lets the writer go if git reads no more
			b.unblock()
			<-wrote
			return done, err
		}
		done++
	}
	<-wrote
	return done, nil
}

// unblock kills a git that has more to write than anyone will read, so that it cannot keep the writer waiting.
func (b *batch) unblock() {
	if _, err := b.out.Peek(1); !errors.Is(err, io.EOF) {
		b.cancel()
	}
}

func (b *batch) answer(id OID, limit int64, receive func(Object) error) error {
	line, err := b.out.ReadString('\n')
	if err != nil {
		return &brokenError{err: io.ErrUnexpectedEOF}
	}
	h, err := parseHeader(line[:len(line)-1])
	switch {
	case errors.Is(err, ErrMissing):
		return receive(Object{OID: id, Err: ErrMissing})
	case err != nil:
		return err
	case h.oid != id:
		return fmt.Errorf("read git cat-file: asked for %s, got %s", id, h.oid)
	}
	object := Object{OID: id, Kind: h.kind, Size: h.size}
	switch {
	case b.check:
		return receive(object)
	case h.size > limit:
		return b.stream(object, receive)
	}
	data, err := readAll(b.out, h.size)
	if err != nil {
		return &brokenError{err: err}
	}
	if err := b.endOfObject(false); err != nil {
		return err
	}
	object.Data = data
	return receive(object)
}

func (b *batch) stream(object Object, receive func(Object) error) error {
	body := &io.LimitedReader{R: b.out, N: object.Size}
	object.Body = &wholeReader{body, object.OID}
	if err := receive(object); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, body); err != nil || body.N > 0 {
		return &brokenError{io.ErrUnexpectedEOF, true}
	}
	return b.endOfObject(true)
}

func (b *batch) endOfObject(delivered bool) error {
	if c, err := b.out.ReadByte(); err != nil || c != '\n' {
		return &brokenError{io.ErrUnexpectedEOF, delivered}
	}
	return nil
}

// wholeReader turns an early end into an error.
type wholeReader struct {
	body *io.LimitedReader
	id   OID
}

func (w *wholeReader) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if errors.Is(err, io.EOF) && w.body.N > 0 {
		err = corrupt(w.id, "")
	}
	return n, err
}

// readAll reads exactly size bytes. It grows the memory with what really comes: a header may lie.
func readAll(r io.Reader, size int64) ([]byte, error) {
	const trusted = 16 << 20
	if size <= trusted {
		data := make([]byte, size)
		_, err := io.ReadFull(r, data)
		return data, err
	}
	var data bytes.Buffer
	n, err := io.Copy(&data, io.LimitReader(r, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return data.Bytes(), err
}
