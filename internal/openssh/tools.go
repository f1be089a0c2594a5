package openssh

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"keysweep/internal/process"
)

// Tools starts OpenSSH's programs for one user.
type Tools struct {
	// Environ is the user's environment, as of os.Environ. PATH says where the programs are.
	Environ []string
	// Config is a configuration file for ssh instead of the user's own and the system's; "" for those.
	Config string
	// Self is the path of this program, which ssh starts to be told a passphrase (see Answer). Only a Key with a passphrase
	// needs it.
	Self string
	// AcceptNew has ssh remember the host key of a host that it has never seen, instead of refusing the connection. A
	// changed host key is refused in any case.
	AcceptNew bool
	// ConnectTimeout is how long a connection may take to be made; 0 is 15 seconds.
	ConnectTimeout time.Duration
}

// MissingError says that a program of OpenSSH is in no absolute directory of PATH.
type MissingError struct{ Program string }

// Error names the program.
func (e *MissingError) Error() string { return e.Program + " is not installed, or not in PATH" }

// Hint says where it comes from.
func (e *MissingError) Hint() string {
	return "install OpenSSH's client programs (Debian: apt-get install openssh-client)"
}

// lookUp finds a program in PATH. Directories that are not absolute are passed over: "." could be anybody's.
func (t *Tools) lookUp(name string) (string, error) {
	file := name
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	for _, dir := range filepath.SplitList(variable(t.Environ, "PATH")) {
		path := filepath.Join(dir, file)
		if filepath.IsAbs(dir) && executable(path) {
			return path, nil
		}
	}
	return "", &MissingError{name}
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
}

// settled is the environment of every program: the user's own, because a ProxyCommand may need any of it, but for what would
// change the programs' language or have another program asked for passphrases.
func settled(environ []string) []string {
	kept := make([]string, 0, len(environ)+3)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		switch name {
		case "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", socketVariable, "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE":
		default:
			kept = append(kept, entry)
		}
	}
	return append(kept, "LC_ALL=C")
}

// variable returns the last value of a variable, as the system does.
func variable(environ []string, want string) (value string) {
	for _, entry := range environ {
		name, v, _ := strings.Cut(entry, "=")
		if name == want || runtime.GOOS == "windows" && strings.EqualFold(name, want) {
			value = v
		}
	}
	return value
}

// waitDelay is how long a killed program may keep its pipes open.
const waitDelay = 2 * time.Second

// command prepares a program for process.Run. When ctx ends, it and what it started, a ProxyCommand for instance, are killed.
func (t *Tools) command(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	path, err := t.lookUp(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.WaitDelay = settled(t.Environ), waitDelay
	process.Session(cmd)
	return cmd, nil
}

// output runs a program that talks to nobody and returns what it prints.
func (t *Tools) output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd, err := t.command(ctx, name, args...)
	if err != nil {
		return nil, err
	}
	var said note
	out := capped{limit: outputLimit}
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := process.Run(cmd); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", name, context.Cause(ctx))
		}
		return out.kept, &ProgramError{Program: name, Stderr: said.String(), Err: err}
	}
	return out.kept, nil
}

// ProgramError is a program other than ssh that failed.
type ProgramError struct {
	Program string
	Stderr  string // what it said, a few lines at most, fit for a terminal
	Err     error  // usually an *exec.ExitError
}

// Error names the program and quotes it.
func (e *ProgramError) Error() string {
	if e.Stderr == "" {
		return fmt.Sprintf("%s: %v", e.Program, e.Err)
	}
	return e.Program + ": " + e.Stderr
}

// Unwrap gives the cause.
func (e *ProgramError) Unwrap() error { return e.Err }
