package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Git runs the git program with the user's configuration. The zero value finds no configuration but the repository's.
type Git struct {
	Environ []string // the environment of every command, as of os.Environ
}

// gitError is a git command that failed.
type gitError struct {
	command string
	said    string // the end of what it printed
	err     error
}

func (e *gitError) Error() string {
	if said := strings.TrimPrefix(e.said, "fatal: "); said != "" {
		return fmt.Sprintf("git %s: %s", e.command, said)
	}
	return fmt.Sprintf("git %s: %v", e.command, e.err)
}

func (e *gitError) Unwrap() error { return e.err }

// waitDelay is how long something that a hook left running may keep git's output open.
const waitDelay = 2 * time.Second

// command prepares a git command that runs in dir and reads nothing.
func (g Git) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.WaitDelay = dir, waitDelay
	cmd.Env = append(append([]string(nil), g.Environ...), "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	return cmd
}

// output runs a git command and returns its standard output without the last line feed.
func (g Git) output(ctx context.Context, dir string, args ...string) (string, error) {
	var out, said bytes.Buffer
	cmd := g.command(ctx, dir, args...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", &gitError{subcommand(args), strings.TrimSpace(said.String()), err}
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// subcommand returns the first argument that is not an option of git's own.
func subcommand(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}

// Config returns the value of a setting as git's type "bool", "path" or "" sees it, and the scope where it is set: "local",
// "worktree", "global", "system" or "command". A setting that is not set gives "" and "".
func (g Git) Config(ctx context.Context, dir, kind, key string) (value, scope string, err error) {
	args := []string{"config", "--includes", "--show-scope", "--get", key}
	if kind != "" {
		args = []string{"config", "--includes", "--show-scope", "--type=" + kind, "--get", key}
	}
	out, err := g.output(ctx, dir, args...)
	if exitStatus(err) == 1 {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	scope, value, _ = strings.Cut(out, "\t")
	return value, scope, nil
}

// exitStatus returns the exit status that an error reports: 0 for none, -1 for an error of another kind.
func exitStatus(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}
