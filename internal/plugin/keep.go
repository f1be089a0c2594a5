package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"keysweep/internal/process"
	"keysweep/plugin"
)

// A plugin's answer may be the only copy of a credential. Who waits for it can be killed, and the pipe then ends in nothing. So a
// keeper stands in between: this program once more, in a session of its own. It runs the plugin, puts the answer into a file that
// was made ready, and passes it on only then. Whoever kills the one does not kill the other.

// keeperArgument and keeperMarker together tell this program that it is a keeper.
const (
	keeperArgument = "-keep-answer"
	keeperMarker   = "KEYSWEEP_KEEP_ANSWER=1"
)

// KeeperAsked reports whether this process was started as a keeper.
func KeeperAsked(args, environ []string) bool {
	return slices.Equal(args, []string{keeperArgument}) && slices.Contains(environ, keeperMarker)
}

// errand is what a keeper is told before the request, on one line.
type errand struct {
	Program string        `json:"program"`
	Name    string        `json:"name"`
	Timeout time.Duration `json:"timeout"`
	Note    []byte        `json:"note"`
	Size    int           `json:"size"` // of the request: a part of one is not carried out
}

// maxErrand is the most that a keeper reads, in bytes.
const maxErrand = plugin.MaxMessage + 16<<10

// RunKept is Run by a keeper, who has file, which is open for writing, and note as they are. Without Executable, and on systems where
// a process cannot hand on an open file so, it is Run.
func (r *Runner) RunKept(ctx context.Context, req *plugin.Request, file *os.File, note []byte) (plugin.Reply, error) {
	if r.Executable == "" || file == nil || !canKeep {
		return r.Run(ctx, req)
	}
	lock, err := keepLock(r.KeeperLock)
	if err != nil {
		return plugin.Reply{}, err
	}
	defer func() { _ = lock.Close() }()
	return r.run(ctx, req, func(ctx context.Context, program string, in []byte) (*exec.Cmd, []byte, error) {
		line, err := json.Marshal(errand{Program: program, Name: r.Name, Timeout: r.timeout(), Note: note, Size: len(in)})
		if err != nil {
			return nil, nil, err
		}
		whole := make([]byte, 0, len(line)+1+len(in)) // no copies are left behind by growing
		cmd := exec.CommandContext(ctx, r.Executable, keeperArgument)
		cmd.Env = append(environ(r.Environ), keeperMarker)
		cmd.ExtraFiles = []*os.File{file, lock}
		return cmd, append(append(append(whole, line...), '\n'), in...), nil
	})
}

// keeperGrace is how much longer than the plugin its keeper may take.
const keeperGrace = waitDelay + 10*time.Second

// Keep puts an answer where it is not lost. File and note are those that RunKept was called with.
type Keep func(file *os.File, note []byte, reply *plugin.Reply) error

// ServeKeeper runs a plugin as its keeper. It returns the plugin's exit code, or what a plugin would say in its place; an error is
// for standard error besides.
func ServeKeeper(ctx context.Context, in io.Reader, stdout, stderr io.Writer, environ []string, keep Keep) (int, error) {
	file, lock := inherited()
	defer func() { _, _ = file.Close(), lock.Close() }()
	e, request, err := readErrand(in)
	defer clear(request)
	if err != nil {
		return plugin.Failed, err
	}
	out, said := &capped{limit: plugin.MaxMessage}, &capped{limit: maxSaid}
	defer func() { clear(out.kept); clear(said.kept) }()
	limited, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	runErr := e.run(limited, request, environ, out, said)
	reply, _ := plugin.ReadReply(out.kept) // who asked reads it again, and says what is wrong with it
	defer clear(reply.Secret)
	var keepErr error
	if len(reply.Secret) > 0 {
		keepErr = keep(file, e.Note, &reply)
	}
	_, saidErr := stderr.Write(said.kept)
	if limited.Err() != nil && len(out.kept) == 0 {
		late := plugin.Reply{Message: fmt.Sprintf("no answer within %s", e.Timeout)}
		return plugin.Retry, errors.Join(keepErr, plugin.Encode(stdout, &late))
	}
	_, outErr := stdout.Write(out.kept)
	return exitOf(runErr), errors.Join(keepErr, saidErr, outErr, startError(runErr))
}

func readErrand(in io.Reader) (e errand, request []byte, err error) {
	data, err := io.ReadAll(io.LimitReader(in, maxErrand))
	if err != nil {
		return e, nil, fmt.Errorf("keep the answer: %w", err)
	}
	line, request, _ := bytes.Cut(data, []byte{'\n'})
	if err := json.Unmarshal(line, &e); err != nil || len(request) != e.Size || e.Program == "" || e.Timeout <= 0 {
		clear(data)
		return e, nil, errors.New("keep the answer: what is to be done did not come wholly")
	}
	return e, request, nil
}

// run runs the plugin, which ends when the keeper does.
func (e *errand) run(ctx context.Context, request []byte, of []string, out, said *capped) error {
	return patiently(func() error {
		cmd := exec.CommandContext(ctx, e.Program)
		cmd.Args = []string{e.Name}
		cmd.Env, cmd.Dir, cmd.WaitDelay = environ(of), "/", waitDelay
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(request), out, said
		process.Group(cmd)
		wait, err := process.Start(cmd)
		if err != nil {
			return err
		}
		return judged(cmd, wait())
	})
}

// exitOf is the exit code that stands for how a plugin ended.
func exitOf(err error) int {
	var e *ended
	switch {
	case err == nil:
		return plugin.OK
	case !errors.As(err, &e):
		return plugin.Failed
	case e.code < 0: // killed: nobody knows what it did
		return plugin.Retry
	}
	return e.code
}

// startError is what else there is to say of a plugin that was not even started.
func startError(err error) error {
	var e *ended
	if errors.As(err, &e) {
		return nil
	}
	return err
}
