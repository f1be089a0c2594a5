package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"keysweep/host/live"
	"keysweep/internal/process"
	"keysweep/remedy"
)

// fixDir is where fixes that wait to be confirmed are noted.
func fixDir(env *Env) (string, error) {
	state := homeOf(env, "XDG_STATE_HOME")
	if state == "" {
		return "", usagef("set HOME or XDG_STATE_HOME", "there is no home directory to note a fix in that waits to be confirmed")
	}
	return filepath.Join(state, "keysweep", "fix"), nil
}

// armRollback notes the fix and starts the process that takes it back: before anything is changed, so that nothing is left that nobody
// takes back.
func armRollback(env *Env, o *fixOptions, fix *remedy.Fix) error {
	dir, err := fixDir(env)
	if err != nil {
		return err
	}
	p := remedy.Pending{ID: fix.ID, Deadline: env.Now().Add(o.rollback).UTC(), Token: rand.Text()}
	if err := p.Arm(dir); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return usagef("keysweep fix "+fix.ID+" --confirm, or --revert", "%s waits to be confirmed already", fix.ID)
		}
		return err
	}
	args := []string{"fix", fix.ID, "--await-rollback", p.Token}
	if o.config != "" {
		args = append(args, "--sshd-config", absolute(env, o.config))
	}
	if err := process.Leave(env.Executable, env.Environ, args...); err != nil {
		return errors.Join(fmt.Errorf("start what takes it back: %w", err), p.Settle(dir))
	}
	return nil
}

// disarm ends the waiting of a fix that is not there any more.
func disarm(env *Env, id string) error {
	dir, err := fixDir(env)
	if err != nil {
		return nil
	}
	if err := (remedy.Pending{ID: id}).Settle(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// overdue tells of a fix that was to be taken back and was not: the machine was off, or somebody changed the file by hand.
func overdue(env *Env, fix *remedy.Fix) {
	dir, err := fixDir(env)
	if err != nil {
		return
	}
	if p, err := remedy.Waiting(dir, fix.ID); err == nil && env.Now().After(p.Deadline.Add(time.Minute)) {
		_, _ = fmt.Fprintf(env.Stderr, "note: %s was to be taken back at %s and was not; keysweep fix %s --confirm lets it stay, --revert takes it back\n",
			fix.ID, p.Deadline.Format(time.RFC3339), fix.ID)
	}
}

func confirmFix(env *Env, fix *remedy.Fix) error {
	dir, err := fixDir(env)
	if err != nil {
		return err
	}
	p, err := remedy.Waiting(dir, fix.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("keysweep fix "+fix.ID+" says how it is now", "%s does not wait to be confirmed: it was not applied with --rollback-after, or was taken back", fix.ID)
	case err != nil:
		return err
	}
	if err := p.Settle(dir); err != nil {
		return err
	}
	return tellUser(env, "It stays.\n")
}

// awaitRollback waits until the fix is confirmed or its time is over, and then takes it back. It does so at once when it is asked to end,
// as it is when the machine shuts down: after that nothing would.
func awaitRollback(ctx context.Context, env *Env, o *fixOptions, fix *remedy.Fix) error {
	dir, err := fixDir(env)
	if err != nil {
		return err
	}
	p, err := remedy.Waiting(dir, fix.ID)
	if err != nil || p.Token != o.await {
		return err
	}
	ctx, done := unbroken(ctx)
	defer done()
	now := env.Now()
	deadline := now.Add(p.Deadline.Sub(now)) // by the clock that nobody sets
	for ctx.Err() == nil && env.Now().Before(deadline) {
		select {
		case <-ctx.Done():
		case <-time.After(min(time.Second, deadline.Sub(env.Now()))):
		}
		if !p.Still(dir) {
			return nil
		}
	}
	if err := p.Claim(dir); errors.Is(err, fs.ErrNotExist) {
		return nil // confirmed just now
	} else if err != nil {
		return err
	}
	if err := takeBack(context.WithoutCancel(ctx), env, o, fix); err != nil {
		return errors.Join(err, p.Wait(dir))
	}
	return p.Done(dir)
}

func takeBack(ctx context.Context, env *Env, o *fixOptions, fix *remedy.Fix) error {
	s, err := o.situation(ctx, env)
	if err != nil {
		return err
	}
	s.Config = o.config
	plan, err := fix.Revert(ctx, s)
	if err != nil {
		return err
	}
	if err := remedy.Apply(ctx, s, plan); err != nil {
		return err
	}
	finishFix(ctx, env, s, plan)
	return nil
}

// sshSession finds the connection that the command came by. sudo and su change the variables, so the processes above are asked, too: the
// highest one that has them is the shell that was logged in to.
func sshSession(env *Env) *remedy.Session {
	found := sessionOf(env.Environ)
	source := live.New(live.Options{Now: env.Now})
	pid := os.Getppid()
	for range 30 {
		if pid <= 1 {
			break
		}
		data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
		if s := sessionOf(strings.Split(string(data), "\x00")); err == nil && s != nil {
			found = s
		}
		f, err := source.Read("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			break
		}
		pid = parentOf(string(f.Data))
	}
	return found
}

// parentOf reads the fourth field of /proc/PID/stat; the second, in parentheses, may hold anything.
func parentOf(stat string) int {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return pid
}

// sessionOf reads SSH_CONNECTION: the client's address and port, and ours.
func sessionOf(environ []string) *remedy.Session {
	e := &Env{Environ: environ}
	f := strings.Fields(e.Getenv("SSH_CONNECTION"))
	if len(f) != 4 {
		return nil
	}
	port, err := strconv.Atoi(f[3])
	if err != nil {
		return nil
	}
	name := e.Getenv("SUDO_USER")
	if name == "" {
		name = e.Getenv("USER")
	}
	if name == "" {
		name = e.Getenv("LOGNAME")
	}
	return &remedy.Session{User: name, Addr: f[0], LocalAddr: f[2], LocalPort: port}
}
