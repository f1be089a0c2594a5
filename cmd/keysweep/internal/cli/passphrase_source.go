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
		pass, err = readDescriptor(ctx, env, o.fd, terminal.MaxLine)
	default:
		pass, err = readPrivateFile(ctx, env, o.file, terminal.MaxLine)
	}
	if err == nil && o.stored == "" {
		pass, _, err = withoutLineEnd(pass, terminal.MaxLine)
	}
	if err == nil && len(pass) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, o.describe(err)
	}
	return pass, nil
}

// readDescriptor reads a secret to the end of an open file, standard input for 0. It is for withoutLineEnd.
func readDescriptor(ctx context.Context, env *Env, fd, most int) ([]byte, error) {
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
	return readSecret(ctx, from, most)
}

// readPrivateFile reads a secret from a file that nobody else may read. It is for withoutLineEnd.
func readPrivateFile(ctx context.Context, env *Env, name string, most int) ([]byte, error) {
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		// A shell's <(...) is such a name. Once the process has switched off core dumps it may not open it any more.
		if n, ok := strings.CutPrefix(name, dir); ok {
			if fd, err := strconv.Atoi(n); err == nil {
				return readDescriptor(ctx, env, fd, most)
			}
		}
	}
	if name == "-" || name == "/dev/stdin" {
		return readDescriptor(ctx, env, 0, most)
	}
	path := absolute(env, name)
	info, err := os.Stat(path) // before it is opened: opening a device can do things
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeNamedPipe {
		return nil, fmt.Errorf("%s is a directory or a device, and no file", name)
	}
	if open := info.Mode().Perm() & 0o066; info.Mode().IsRegular() && open != 0 && runtime.GOOS != "windows" {
		return nil, usagef("chmod 600 "+name, "others may read or change %s (mode %04o)", name, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readSecret(ctx, f, most)
}

// readSecret reads to the end of r, but little more than most bytes. When ctx ends it does not wait any longer.
func readSecret(ctx context.Context, r io.Reader, most int) ([]byte, error) {
	type result struct {
		secret []byte
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := readAtMost(r, most)
		done <- result{secret, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		return got.secret, got.err
	}
}

// byteMark is what some editors put before a text.
const byteMark = "\ufeff"

func readAtMost(r io.Reader, most int) ([]byte, error) {
	buf := make([]byte, len(byteMark)+most+len("\r\n")+1) // the last is one byte too many
	n, err := io.ReadFull(r, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		clear(buf)
		return nil, err
	}
	return buf[:n], nil
}

// withoutLineEnd drops one line end behind a secret, and the mark before it: nobody can type them. dropped tells of the line end. What
// is then longer than most bytes is refused, and cleared.
func withoutLineEnd(raw []byte, most int) (secret []byte, dropped bool, err error) {
	secret = bytes.TrimPrefix(raw, []byte(byteMark))
	secret, dropped = bytes.CutSuffix(secret, []byte{'\n'})
	secret = bytes.TrimSuffix(secret, []byte{'\r'})
	if len(secret) > most {
		clear(raw)
		return nil, false, fmt.Errorf("it is longer than %d bytes", most)
	}
	return secret, dropped, nil
}
