package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"

	"keysweep/internal/terminal"
)

// fromFlag reads the passphrase from the source that the flags name.
func (o *passphraseOptions) fromFlag(ctx context.Context, env *Env) (pass []byte, err error) {
	switch {
	case o.stored != "":
		pass, err = o.fromLedger(ctx, o.stored)
	case o.fd >= 0:
		pass, err = readDescriptor(ctx, env, o.fd)
	default:
		pass, err = o.readFile(ctx, env)
	}
	if err == nil && len(pass) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, o.describe(err)
	}
	return pass, nil
}

// readDescriptor reads a passphrase to the end of an open file, standard input for 0.
func readDescriptor(ctx context.Context, env *Env, fd int) ([]byte, error) {
	from := env.Stdin
	if fd != 0 {
		f := os.NewFile(uintptr(fd), "file descriptor "+strconv.Itoa(fd))
		if f == nil {
			return nil, fmt.Errorf("there is no file descriptor %d", fd)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	if f, ok := from.(*os.File); ok && isTerminal(f) {
		return nil, usagef("leave the flag out, and be asked without echo", "file descriptor %d is a terminal, which would show what is typed", fd)
	}
	return readPassphrase(ctx, from)
}

// readFile reads a passphrase from the file that the flag names.
func (o *passphraseOptions) readFile(ctx context.Context, env *Env) ([]byte, error) {
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		// A shell's <(...) is such a name. Once the process has switched off core dumps it may not open it any more.
		if n, ok := strings.CutPrefix(o.file, dir); ok {
			if fd, err := strconv.Atoi(n); err == nil {
				return readDescriptor(ctx, env, fd)
			}
		}
	}
	if o.file == "-" || o.file == "/dev/stdin" {
		return readDescriptor(ctx, env, 0)
	}
	path := absolute(env, o.file)
	info, err := os.Stat(path) // before it is opened: opening a device can do things
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeNamedPipe {
		return nil, fmt.Errorf("%s is a directory or a device, and no file", o.file)
	}
	if open := info.Mode().Perm() & 0o066; info.Mode().IsRegular() && open != 0 && runtime.GOOS != "windows" {
		return nil, usagef("chmod 600 "+o.file, "others may read or change %s (mode %04o)", o.file, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readPassphrase(ctx, f)
}

// readPassphrase reads to the end of r and drops one line end, and the mark that some editors put before a text. When ctx ends it does not wait any longer.
func readPassphrase(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		pass []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		pass, err := readAtMost(r)
		done <- result{pass, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		return got.pass, got.err
	}
}

func readAtMost(r io.Reader) ([]byte, error) {
	buf := make([]byte, terminal.MaxLine+3) // room for a line end, and for one byte too many
	n, err := io.ReadFull(r, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		clear(buf)
		return nil, err
	}
	pass := bytes.TrimPrefix(buf[:n], []byte("\ufeff")) // nobody can type it
	pass = bytes.TrimSuffix(bytes.TrimSuffix(pass, []byte{'\n'}), []byte{'\r'})
	if len(pass) > terminal.MaxLine {
		clear(buf)
		return nil, fmt.Errorf("it is longer than %d bytes", terminal.MaxLine)
	}
	return pass, nil
}
