package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"keysweep/internal/process"
	"keysweep/plugin"
)

// DefaultTimeout is how long a step may take if the policy says nothing: a provider under load, and what takes effect only
// after a while.
const DefaultTimeout = 90 * time.Second

// Runner runs one plugin. It may be used concurrently.
type Runner struct {
	Name     string          // in the policy
	Path     string          // absolute
	SHA256   string          // of the file, in hex
	Settings json.RawMessage // an object; nil for none
	Timeout  time.Duration   // of a step; 0 is DefaultTimeout
	Environ  []string        // of the caller; little of it is passed on, see environ
	Scratch  string          // directory for the copies that are run; made if need be
	// Say gets what the plugin writes to standard error, line by line, with the secrets of the rotation masked.
	Say func(line string)
	// Executable is this program, which runs once more as the keeper of RunKept; "" is without. KeeperLock is the path of the lock that is
	// taken for as long as a keeper runs.
	Executable, KeeperLock string
}

// waitDelay is how long the children of a killed plugin may keep its pipes open.
const waitDelay = 2 * time.Second

// maxSaid is the most that is shown of what a plugin writes to standard error, in bytes.
const maxSaid = 16 << 10

// Run runs one step. Its errors are as provider.Runner wants them: a *plugin.RetryError if the step may succeed later or nobody
// knows what it did. The reply's secret is set whenever the plugin has sent one; the caller clears it.
func (r *Runner) Run(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	return r.run(ctx, req, nil)
}

func (r *Runner) timeout() time.Duration {
	if r.Timeout == 0 {
		return DefaultTimeout
	}
	return r.Timeout
}

// by makes the command that runs a program with a request, and what it reads, which is overwritten afterwards; nil stands for the
// program itself.
type by func(ctx context.Context, program string, in []byte) (*exec.Cmd, []byte, error)

func (r *Runner) run(ctx context.Context, req *plugin.Request, keeper by) (plugin.Reply, error) {
	program, remove, err := r.stage(ctx)
	if err != nil {
		return plugin.Reply{}, err
	}
	defer remove()
	sent := *req
	sent.Settings = r.Settings
	var in bytes.Buffer
	defer func() { clear(in.Bytes()) }()
	if err := plugin.Encode(&in, &sent); err != nil {
		return plugin.Reply{}, fmt.Errorf("plugin %s: %w", r.Name, err)
	}
	timeout := r.timeout()
	if keeper != nil {
		timeout += keeperGrace
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, said := &capped{limit: plugin.MaxMessage}, &capped{limit: maxSaid}
	defer func() { clear(out.kept); clear(said.kept) }()
	runErr := r.execute(limited, program, in.Bytes(), keeper, out, said)
	if ctx.Err() == nil && limited.Err() != nil {
		runErr = &plugin.RetryError{Err: fmt.Errorf("step %s: no answer within %s", req.Step, timeout)}
	}
	reply, err := r.judge(req.Step, out, runErr)
	masks := secrets(req, &reply)
	defer masks.clear()
	r.tell(masks, said)
	reply.Message, reply.Account = masks.hide(reply.Message), masks.hide(reply.Account)
	for name, value := range reply.Meta {
		reply.Meta[name] = masks.hide(value)
	}
	if ctx.Err() != nil {
		return reply, ctx.Err()
	}
	if err != nil {
		err = masked(masks, fmt.Errorf("plugin %s: %w", r.Name, err))
	}
	return reply, err
}

// execute runs the program, by a keeper if there is one.
func (r *Runner) execute(ctx context.Context, program string, in []byte, keeper by, out, said *capped) error {
	return patiently(func() error {
		cmd, input := exec.CommandContext(ctx, program), in
		cmd.Args, cmd.Env = []string{r.Name}, environ(r.Environ)
		if keeper != nil {
			var err error
			if cmd, input, err = keeper(ctx, program, in); err != nil {
				return err
			}
			defer clear(input)
		}
		cmd.Dir, cmd.WaitDelay = "/", waitDelay
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), out, said
		process.Session(cmd) // neither it nor its children can ask anything on the terminal behind our back
		if err := cmd.Start(); err != nil {
			return err
		}
		return judged(cmd, cmd.Wait())
	})
}

// patiently runs a program. Somebody else who starts a program at the same moment may hold the copy open for writing until it has
// started, and the system then refuses to run it (ETXTBSY): that passes.
func patiently(run func() error) error {
	for try := 0; ; try++ {
		err := run()
		var e *ended
		switch {
		case err == nil || errors.As(err, &e):
			return err
		case !busy(err) || try == 50:
			return fmt.Errorf("it cannot be started: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// judged says how a program ended that was started.
func judged(cmd *exec.Cmd, err error) error {
	if errors.Is(err, exec.ErrWaitDelay) { // it ended well and left children behind that hold its pipes
		_ = cmd.Cancel()
		return nil
	}
	if err != nil {
		return &ended{err, cmd.ProcessState.ExitCode()}
	}
	return nil
}

// ended is a program that was started and did not end well.
type ended struct {
	err  error
	code int // -1 if it was killed
}

func (e *ended) Error() string { return e.err.Error() }
func (e *ended) Unwrap() error { return e.err }

// judge reads the reply and the exit code.
func (r *Runner) judge(step string, out *capped, runErr error) (plugin.Reply, error) {
	var e *ended
	var retry *plugin.RetryError
	started := runErr == nil || errors.As(runErr, &e) || errors.As(runErr, &retry)
	if !started {
		return plugin.Reply{}, runErr
	}
	reply, err := plugin.ReadReply(out.kept)
	if out.over {
		err = fmt.Errorf("its reply is longer than %d bytes", out.limit)
	}
	switch {
	case retry != nil:
		return reply, retry
	case err != nil && runErr != nil:
		return reply, &plugin.RetryError{Err: fmt.Errorf("step %s: it failed (%w) and sent no reply that can be read (%w)", step, runErr, err)}
	case err != nil:
		return reply, &plugin.RetryError{Err: fmt.Errorf("step %s: %w", step, err)}
	case runErr == nil:
		return reply, nil
	case e.code == plugin.Retry:
		return reply, &plugin.RetryError{Err: fmt.Errorf("step %s: %s", step, message(reply, runErr)), After: time.Duration(reply.RetryAfter) * time.Second}
	case e.code < 0:
		return reply, &plugin.RetryError{Err: fmt.Errorf("step %s: %w", step, runErr)}
	}
	return reply, fmt.Errorf("step %s: %s", step, message(reply, runErr))
}

func message(reply plugin.Reply, err error) string {
	if reply.Message != "" {
		return reply.Message
	}
	return err.Error()
}

// tell passes on what the plugin wrote to standard error.
func (r *Runner) tell(masks hidden, said *capped) {
	if r.Say == nil {
		return
	}
	text := masks.hide(string(said.kept))
	if said.over {
		text = masks.hideCut(text)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			r.Say(r.Name + ": " + line)
		}
	}
	if said.over {
		r.Say(fmt.Sprintf("%s: (more than %d bytes; the rest is left out)", r.Name, said.limit))
	}
}

// capped keeps the beginning of what is written to it.
type capped struct {
	kept  []byte
	limit int
	over  bool
}

// Write is io.Writer's. It never fails: a program must not fail because it talks much.
func (c *capped) Write(p []byte) (int, error) {
	room := min(len(p), c.limit-len(c.kept))
	c.kept = append(slices.Grow(c.kept, room), p[:room]...)
	c.over = c.over || room < len(p)
	return len(p), nil
}
