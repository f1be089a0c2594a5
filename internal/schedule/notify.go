package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"keysweep/internal/owned"
)

// Hook is a program that is told of something.
type Hook struct {
	Command []string // an absolute path, and arguments
	Environ []string
	Timeout time.Duration
	Stderr  io.Writer // takes what the program prints
}

// Notify runs a hook with input on its standard input. It fails if the program does, takes longer than it may, or could have been
// written by others than the user and root.
func Notify(ctx context.Context, h Hook, input []byte) error {
	if len(h.Command) == 0 {
		return errors.New("there is no program to run")
	}
	program := h.Command[0]
	if err := owned.Check(program); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, h.Timeout, fmt.Errorf("it took longer than %v", h.Timeout))
	defer cancel()
	cmd := exec.CommandContext(ctx, program, h.Command[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = h.Environ, bytes.NewReader(input), h.Stderr, h.Stderr, time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
