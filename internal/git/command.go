package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"time"

	"keysweep/internal/process"
)

// waitDelay is how long a killed git may keep its pipes open.
const waitDelay = 2 * time.Second

// Command prepares a git command. It runs at the top of the work tree, or in the git directory if there is no work tree. Its
// standard input is empty unless set; when ctx is done the command and its children are killed. The diff commands are told
// to start no external diff and no text conversion.
func (r *Repo) Command(ctx context.Context, args ...string) *exec.Cmd {
	if len(args) > 0 && diffs[args[0]] {
		args = append([]string{args[0], "--no-ext-diff", "--no-textconv"}, args[1:]...)
	}
	flags, env, err := r.settled(ctx)
	cmd := prepare(ctx, r.git, r.dir, env, append(append([]string(nil), flags...), args...))
	if err == nil {
		err = r.obstacle()
	}
	if err != nil {
		cmd.Err = err // Start returns it
	}
	return cmd
}

var diffs = map[string]bool{
	"diff": true, "diff-files": true, "diff-index": true, "diff-tree": true, "log": true, "show": true,
}

func prepare(ctx context.Context, git, dir string, env, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, git, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, waitDelay
	process.Group(cmd)
	return cmd
}

// Output runs a git command and returns what it prints. If it fails, the error is an *Error with what git said, or
// ErrNotRepository or an *OwnershipError; what was printed before is returned too.
func (r *Repo) Output(ctx context.Context, args ...string) ([]byte, error) {
	return output(ctx, r.Command(ctx, args...), args[0])
}

func output(ctx context.Context, cmd *exec.Cmd, name string) ([]byte, error) {
	var out bytes.Buffer
	var said note
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	return out.Bytes(), judge(ctx, name, &said, err)
}

func judge(ctx context.Context, name string, said *note, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &Error{Command: name, Err: context.Cause(ctx)}
	}
	return failure(name, said.String(), err)
}

// Stream runs a git command that reads stdin (nil: nothing) and hands its output to read as it comes. If read returns before
// the end of the output the command is killed, which is no error. Errors of read come first, then those of Output.
func (r *Repo) Stream(ctx context.Context, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	_, err := r.StreamWarned(ctx, stdin, read, args...)
	return err
}

// StreamWarned is Stream that also returns what git had to say, which may be something although it did not fail.
func (r *Repo) StreamWarned(ctx context.Context, stdin io.Reader, read func(io.Reader) error, args ...string) (warnings string, err error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.Command(inner, args...)
	var said note
	cmd.Stdin, cmd.Stderr = stdin, &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", &Error{Command: args[0], Err: err}
	}
	if err := cmd.Start(); err != nil {
		return "", &Error{Command: args[0], Err: err}
	}
	readErr := read(out)
	_, atEnd := out.Read(make([]byte, 1))
	stopped := !errors.Is(atEnd, io.EOF)
	if stopped {
		cancel()
	}
	err = judge(ctx, args[0], &said, cmd.Wait())
	switch {
	case readErr != nil && ctx.Err() == nil:
		err = readErr
	case stopped && ctx.Err() == nil:
		err = nil
	}
	return said.String(), err
}
