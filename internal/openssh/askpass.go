package openssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
)

// ErrDeclined says that the person who was asked for a passphrase gave none.
var ErrDeclined = errors.New("no passphrase was given")

// passphraseLimit is the most that a passphrase may hold, in bytes. OpenSSH takes 1,023.
const passphraseLimit = 1023

// Askpass asks for a passphrase by way of program, the value of the user's SSH_ASKPASS, as ssh-askpass(1) and ssh(1) have it:
// prompt is its only argument, and it prints the passphrase and ends with exit code 0. The program is looked up in the PATH of
// environ if it is not a path, and runs in that environment; what it complains of goes to stderr. If it ends otherwise the error
// is ErrDeclined. The caller clears the result.
func Askpass(ctx context.Context, program, prompt string, environ []string, stderr io.Writer) ([]byte, error) {
	path := program
	if filepath.Base(program) == program {
		var err error
		if path, err = (&Tools{Environ: environ}).lookUp(program); err != nil {
			return nil, fmt.Errorf("SSH_ASKPASS: there is no program %s in PATH", program)
		}
	}
	cmd := exec.CommandContext(ctx, path, prompt)
	cmd.Env, cmd.WaitDelay, cmd.Stderr = environ, waitDelay, stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("SSH_ASKPASS: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("SSH_ASKPASS: %w", err)
	}
	answer, readErr := readPassphrase(out)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		clear(answer)
		return nil, context.Cause(ctx)
	case err != nil:
		clear(answer)
		return nil, fmt.Errorf("SSH_ASKPASS: %w", ErrDeclined)
	case readErr != nil:
		return nil, fmt.Errorf("SSH_ASKPASS: %w", readErr)
	}
	if end := bytes.IndexAny(answer, "\r\n"); end >= 0 { // of several lines ssh takes the first
		clear(answer[end:])
		answer = answer[:end]
	}
	return answer, nil
}

// readPassphrase reads one line to the end of r, into memory that is not copied about, and takes the line's end away.
func readPassphrase(r io.Reader) ([]byte, error) {
	buf := make([]byte, passphraseLimit+3) // with CR LF and one byte too many
	n, err := io.ReadFull(r, buf)
	if err == nil {
		clear(buf)
		_, _ = io.Copy(io.Discard, r)
		return nil, fmt.Errorf("the passphrase is longer than %d bytes", passphraseLimit)
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		clear(buf)
		return nil, err
	}
	answer := bytes.TrimSuffix(bytes.TrimSuffix(buf[:n], []byte("\n")), []byte("\r"))
	return answer, nil
}
