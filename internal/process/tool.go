package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"keysweep/internal/owned"
)

// toolDirs are where the system's own programs are, those of its administrator first.
var toolDirs = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// Tool runs a program of the system by its absolute path, without standard input and with a settled environment, for a minute at most, and
// returns what it said on both of its streams, 1 MiB at most. An error is an exit code that is not 0, or wraps fs.ErrNotExist if it is not
// installed. Root runs none that others could change.
func Tool(ctx context.Context, argv ...string) (string, error) {
	for _, dir := range toolDirs {
		path := filepath.Join(dir, argv[0])
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if os.Geteuid() == 0 {
			if err := owned.Check(path); err != nil {
				return "", fmt.Errorf("root does not run it: %w", err)
			}
		}
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, argv[1:]...)
		Group(cmd)
		cmd.Env = []string{"LC_ALL=C", "PATH=" + strings.Join(toolDirs, ":")}
		var said beginning
		cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, time.Second // what it leaves running may hold the pipe
		err := Run(cmd)
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		return string(said), err
	}
	return "", fmt.Errorf("%s: %w", argv[0], fs.ErrNotExist)
}

// beginning keeps the first of what a program says, and lets the rest go.
type beginning []byte

func (b *beginning) Write(p []byte) (int, error) {
	*b = append(*b, p[:min(len(p), 1<<20-len(*b))]...)
	return len(p), nil
}

// Leave starts a program that goes on when this process and its connection have ended: in a session of its own, at the root of the files,
// and with no streams.
func Leave(program string, environ []string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), program, args...)
	Session(cmd)
	cmd.Env, cmd.Dir = environ, string(filepath.Separator)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
