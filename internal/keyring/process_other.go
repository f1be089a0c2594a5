//go:build !linux

package keyring

import (
	"context"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"keysweep/internal/keyring/guard"
	"keysweep/internal/process"
)

// command is a process that leads a process group, where there are such.
type command struct {
	cmd   *exec.Cmd
	end   func() error
	ended atomic.Bool // the number may be another process's
}

func run(executable string, environ []string, files [3]*os.File) (running, error) {
	c := &command{cmd: exec.CommandContext(context.Background(), executable, guard.Argument)}
	c.cmd.Env, c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = environ, files[0], files[1], files[2]
	process.Group(c.cmd)
	process.Gently(c.cmd)
	c.cmd.WaitDelay = time.Second
	wait, err := process.Start(c.cmd)
	c.end = wait
	return c, err
}

func (c *command) wait() error {
	defer c.ended.Store(true)
	return c.end()
}

func (c *command) kill() {
	if !c.ended.Load() {
		_ = c.cmd.Cancel() // it may have ended
	}
}
