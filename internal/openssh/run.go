package openssh

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keysweep/internal/process"
)

// Key is a private key to log in with.
type Key struct {
	File string // absolute path
	// Passphrase is handed to ssh over a socket if the file is protected and the passphrase is known; nil otherwise.
	Passphrase []byte
}

// RunOptions say how Run gets in.
type RunOptions struct {
	// Via is the key to log in with; nil leaves it to ssh's configuration and the agent.
	Via *Key
	// Limit is the most that is taken of what the script prints, in bytes; 0 for 16 MB. With more than that the script is ended, and it fails.
	Limit int
}

// Run sends a shell script to the target's sh, over a new connection with the user's own configuration (aliases, jump hosts,
// agent), and returns what it prints. Nothing is asked for: if a passphrase, a password or a decision on a host key is
// missing, it fails. Errors are *Error; where the script itself failed what it printed is returned too.
func (t *Tools) Run(ctx context.Context, target Target, script []byte, opts RunOptions) ([]byte, error) {
	args := append(t.common(), "-o", "LogLevel=ERROR")
	var environ []string
	if opts.Via != nil {
		args = append(args, "-o", "IdentitiesOnly=yes", "-i", escape(opts.Via.File))
	}
	if opts.Via != nil && opts.Via.Passphrase != nil {
		more, stop, err := answering(t.Self, opts.Via.File, opts.Via.Passphrase)
		if err != nil {
			return nil, err
		}
		defer stop()
		environ = more
	}
	args = append(args, asking(environ != nil)...)
	args = append(append(args, target.args()...), remoteShell)
	cmd, err := t.command(ctx, "ssh", args...)
	if err != nil {
		return nil, err
	}
	var said note
	out := capped{limit: cmp.Or(opts.Limit, outputLimit)}
	cmd.Env = append(cmd.Env, environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(string(script)), &out, &said
	if err := process.Run(cmd); err != nil {
		return out.kept, connectionError(ctx, target, &said, err)
	}
	return out.kept, nil
}

// remoteShell is understood by every login shell: csh and fish know exec too. The script comes on standard input, so that
// nothing of it stands in the host's list of processes.
const remoteShell = "exec sh"

// common are the arguments of every connection: made anew, never shared, with no side effects on this machine, and given up
// when the other side falls silent.
func (t *Tools) common() []string {
	timeout := t.ConnectTimeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	var args []string
	if t.Config != "" {
		args = []string{"-F", t.Config}
	}
	args = append(args, "-T")
	for _, option := range []string{
		"ConnectTimeout=" + strconv.Itoa(max(1, int(timeout.Seconds()))), "ControlPath=none", "ControlMaster=no",
		"ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no", "RemoteCommand=none",
		"ServerAliveInterval=10", "ServerAliveCountMax=3",
	} {
		args = append(args, "-o", option)
	}
	if t.AcceptNew {
		args = append(args, "-o", "StrictHostKeyChecking=accept-new")
	}
	return args
}

// asking are the options that keep ssh from asking anything, but for the passphrase if that is answered. Where ssh would ask
// about a host key, that fails: whoever answers knows the passphrase of one key, and the answer to no other question.
func asking(answered bool) []string {
	if !answered {
		return []string{"-o", "BatchMode=yes"}
	}
	return []string{"-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1", "-o", "PreferredAuthentications=publickey"}
}

// escape keeps ssh from expanding a file name's percent signs.
func escape(file string) string { return strings.ReplaceAll(file, "%", "%%") }

// quote makes one word for a shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// option makes an argument -o NAME=VALUE of what ssh -G printed.
func option(name, value string) []string { return []string{"-o", fmt.Sprintf("%s=%s", name, value)} }
