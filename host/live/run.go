package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"keysweep/host"
	"keysweep/host/plan"
	"keysweep/internal/owned"
	"keysweep/internal/process"
)

// ErrNotAllowed says that a command is none of those that are known to look only.
var ErrNotAllowed = errors.New("it is not among the commands that only look")

// answer is what a command said, once it is done.
type answer struct {
	once   sync.Once
	output *host.Output
	err    error
}

// Run is host.Source's.
func (s *Source) Run(ctx context.Context, argv ...string) (*host.Output, error) {
	command := strings.Join(argv, " ")
	key := strings.Join(argv, "\x00")
	s.mu.Lock()
	a := s.answers[key]
	if a == nil {
		a = &answer{}
		s.answers[key] = a
	}
	s.mu.Unlock()
	a.once.Do(func() {
		if a.output, a.err = s.run(ctx, argv); a.err != nil {
			a.err = fmt.Errorf("%s: %w", command, a.err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ran = append(s.ran, host.Output{Argv: a.output.Argv, Exit: a.output.Exit, CPU: a.output.CPU, Elapsed: a.output.Elapsed})
	})
	if a.err != nil {
		return nil, a.err
	}
	out := *a.output
	return &out, nil
}

// Programs returns what was run so far, in the order of the commands, without what they said.
func (s *Source) Programs() []host.Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.ran)
	slices.SortFunc(list, func(a, b host.Output) int { return slices.Compare(a.Argv, b.Argv) })
	return list
}

func (s *Source) run(ctx context.Context, argv []string) (*host.Output, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrOtherSystem
	}
	limit, err := s.allowed(argv)
	if err != nil {
		return nil, err
	}
	file, err := s.lookUp(argv[0])
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it took longer than %s", limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, file, argv[1:]...)
	cmd.Env, cmd.Dir, cmd.WaitDelay = s.environ(), "/", time.Second
	out, said := bounded{stop: cancel}, bounded{stop: cancel}
	cmd.Stdout, cmd.Stderr = &out, &said
	process.Session(cmd)
	begin := s.options.Now()
	err = process.Run(cmd)
	var exit *exec.ExitError
	switch {
	case out.over || said.over:
		return nil, fmt.Errorf("it says more than %d bytes", host.MaxFile)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return nil, err
	}
	state := cmd.ProcessState
	return &host.Output{Argv: slices.Clone(argv), Stdout: out.kept, Stderr: said.kept, Exit: state.ExitCode(),
		CPU: state.UserTime() + state.SystemTime(), Elapsed: s.options.Now().Sub(begin)}, nil
}

// usual is how long a command may take that the policy names.
const usual = 20 * time.Second

// allowed says how long a command may take.
func (s *Source) allowed(argv []string) (time.Duration, error) {
	if c, ok := plan.Find(argv); ok {
		return time.Duration(c.Seconds) * time.Second, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(argv) > 0 && slices.ContainsFunc(s.options.Allow, func(c []string) bool { return slices.Equal(c, argv) }) {
		return usual, nil
	}
	return 0, ErrNotAllowed
}

// lookUp finds a program. Root runs none that others could change.
func (s *Source) lookUp(name string) (string, error) {
	candidates := []string{name}
	if !path.IsAbs(name) {
		candidates = nil
		for _, dir := range s.options.Path {
			candidates = append(candidates, path.Join(dir, name))
		}
	}
	for _, file := range candidates {
		fi, err := os.Stat(file)
		if err != nil || !fi.Mode().IsRegular() || fi.Mode()&0o111 == 0 {
			continue
		}
		if os.Geteuid() == 0 {
			if err := owned.Check(file); err != nil {
				return "", fmt.Errorf("root does not run it: %w", err)
			}
		}
		return file, nil
	}
	return "", fmt.Errorf("it is not installed: %w", fs.ErrNotExist)
}

// environ is all that programs are given. None of the user's variables gets through: they could change what is said.
func (s *Source) environ() []string {
	return []string{"PATH=" + strings.Join(s.options.Path, ":"), "LC_ALL=C", "LANG=C", "TZ=UTC", "HOME=/", "TERM=dumb", "PAGER=cat",
		"SYSTEMD_PAGER=", "SYSTEMD_COLORS=0", "NO_COLOR=1", "DEBIAN_FRONTEND=noninteractive"}
}

// bounded keeps what a program says, and ends it when that is too much.
type bounded struct {
	kept []byte
	over bool
	stop func()
}

// Write fails when there is too much.
func (b *bounded) Write(p []byte) (int, error) {
	if len(b.kept)+len(p) > host.MaxFile {
		b.over = true
		b.stop()
		return 0, host.ErrTooLarge
	}
	b.kept = append(b.kept, p...)
	return len(p), nil
}
