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

	"github.com/gofrs/flock"

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

// oneFix runs work while no other process changes something: one whose time is over waits for the one that is still being made.
func oneFix(ctx context.Context, env *Env, work func() error) error {
	dir, err := fixDir(env)
	if err != nil {
		return work() // without a directory nothing waits either
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another fix: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	return work()
}

// armRollback notes the fix and starts the process that takes it back: before anything is changed, so that nothing is left that nobody
// takes back. A unit does so where the machine starts anew, which that process does not live to see.
func armRollback(env *Env, o *fixOptions, fix *remedy.Fix, s *remedy.Situation) error {
	dir, err := fixDir(env)
	if err != nil {
		return err
	}
	p := remedy.Pending{ID: fix.ID, Deadline: env.Now().Add(o.rollback).UTC(), Token: rand.Text(), Config: s.Config, Dir: o.dir}
	if err := p.Arm(dir); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return usagef("keysweep fix "+fix.ID+" --confirm, or --revert", "%s waits to be confirmed already", fix.ID)
		}
		return err
	}
	args := []string{"fix", fix.ID, "--await-rollback", p.Token}
	if p.Config != "" {
		args = append(args, "--sshd-config", p.Config)
	}
	if p.Dir != "" {
		args = append(args, "--repository", p.Dir)
	}
	err = armBoot(env, p, args)
	if err == nil {
		err = process.Leave(env.Executable, env.Environ, args...)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("start what takes it back: %w", err), disarm(env, fix.ID))
	}
	return nil
}

// disarm ends the waiting of a fix that is not there any more.
func disarm(env *Env, id string) error {
	dir, err := fixDir(env)
	if err != nil {
		return nil
	}
	if err := (remedy.Pending{ID: id}).Settle(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return disarmBoot(id)
}

// overdue takes back what was to be taken back and was not: the machine lost its power, and nothing did it when it started again, or somebody
// killed the process that waited. The grace is for one that lives, which needs no second.
func overdue(ctx context.Context, env *Env) {
	const grace = 3 * time.Second
	dir, err := fixDir(env)
	if err != nil {
		return
	}
	for _, id := range remedy.Overdue(dir, env.Now().Add(-grace)) {
		fix, ok := remedy.Find(id)
		p, err := remedy.Unfinished(dir, id)
		if !ok || err != nil || p.Claim(dir) != nil {
			continue
		}
		_, _ = fmt.Fprintf(env.Stderr, "note: %s was to be taken back at %s and was not: it is now\n", id, p.Deadline.Format(time.RFC3339))
		if err := endRollback(ctx, env, &fixOptions{id: id, config: p.Config, dir: p.Dir}, fix, p); err != nil {
			_, _ = fmt.Fprintf(env.Stderr, "note: %s could not be taken back: %v; keysweep fix %s --confirm lets it stay, --revert takes it back\n", id, err, id)
		}
	}
}

// endRollback takes a fix back that was claimed.
func endRollback(ctx context.Context, env *Env, o *fixOptions, fix *remedy.Fix, p remedy.Pending) error {
	dir, err := fixDir(env)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := oneFix(ctx, env, func() error { return takeBack(ctx, env, o, fix) }); err != nil {
		return errors.Join(err, p.Wait(dir))
	}
	return errors.Join(p.Done(dir), disarmBoot(p.ID))
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
	if err := errors.Join(p.Settle(dir), disarmBoot(p.ID)); err != nil {
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
	p, err := remedy.Unfinished(dir, fix.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return disarmBoot(fix.ID) // confirmed, or taken back
	}
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
	return endRollback(ctx, env, o, fix, p)
}

func takeBack(ctx context.Context, env *Env, o *fixOptions, fix *remedy.Fix) error {
	s, err := o.situation(ctx, env, fix)
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
