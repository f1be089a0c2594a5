package git

import (
	"context"
	"errors"
	"io"
	"os/exec"
)

// OpenBlob streams the content of one blob, of any size, through a process of its own. An object that is missing or corrupt is an
// error of Read or Close, at the latest of Close, and so is one of another size: git streams a large object whose header is wrong as if
// that were all of it. It is for one goroutine.
func (r *Repo) OpenBlob(ctx context.Context, id OID, size int64) (io.ReadCloser, error) {
	inner, cancel := context.WithCancel(ctx)
	b := &blobStream{id: id, missing: size, cancel: cancel, cmd: r.Command(inner, "cat-file", "blob", id.String())}
	b.cmd.Stderr = &b.said
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, &Error{Command: "cat-file", Err: err}
	}
	b.out = out
	return b, nil
}

type blobStream struct {
	id      OID
	missing int64 // bytes that are still to come
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	out     io.Reader
	said    note
	ended   bool
	err     error // git's
}

// Read reads the content. Where the content ends git's own verdict decides whether it was all.
func (b *blobStream) Read(p []byte) (int, error) {
	if b.ended {
		return 0, b.verdict()
	}
	n, err := b.out.Read(p)
	b.missing -= int64(n)
	if err == nil {
		return n, nil
	}
	b.finish()
	return n, b.verdict()
}

func (b *blobStream) verdict() error {
	if b.err != nil {
		return b.err
	}
	return io.EOF
}

func (b *blobStream) finish() {
	if b.ended {
		return
	}
	b.ended = true
	err := b.cmd.Wait()
	b.cancel()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		b.err = corrupt(b.id, b.said.String())
	} else if err != nil {
		b.err = &Error{Command: "cat-file", Stderr: b.said.String(), Err: err}
	} else if b.missing != 0 {
		b.err = corrupt(b.id, "its content has another size than its header says")
	}
}

// Close ends the process, in the middle if need be, which is no error.
func (b *blobStream) Close() error {
	if !b.ended {
		b.cancel()
		b.finish()
		b.err = nil
	}
	return b.err
}
