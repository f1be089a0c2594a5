package schedule

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long one of the programs may take.
const patience = 30 * time.Second

// run runs a program of the system, and returns what it prints. The error has the first line of what it complains of.
func (s Scheduler) run(ctx context.Context, input []byte, program string, args ...string) ([]byte, error) {
	path := s.lookUp(program)
	if path == "" {
		return nil, fmt.Errorf("%s is not installed, or not in PATH", program)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = append(s.Environ, "LC_ALL=C"), bytes.NewReader(input), &stdout, &stderr, time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", program, context.Cause(ctx))
		}
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("%s %s: %w: %.200s", program, args[0], err, said)
	}
	return stdout.Bytes(), nil
}

// lookUp finds a program in the absolute directories of PATH; "" if it is not there.
func (s Scheduler) lookUp(program string) string {
	for _, dir := range filepath.SplitList(s.environ("PATH")) {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); filepath.IsAbs(dir) && err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

func (s Scheduler) environ(name string) string {
	for i := len(s.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(s.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}
