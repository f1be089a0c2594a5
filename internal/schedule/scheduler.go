package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"keysweep/internal/atomicfile"
)

// Kind is who runs the job.
type Kind string

// The kinds of schedulers.
const (
	Systemd Kind = "systemd" // a timer of the user's own manager
	Cron    Kind = "cron"    // the user's crontab
	Launchd Kind = "launchd" // an agent of the user's, on macOS
)

// Kinds returns the names of the schedulers.
func Kinds() []Kind { return []Kind{Systemd, Cron, Launchd} }

// Scheduler is one scheduler of one user.
type Scheduler struct {
	Kind    Kind
	Environ []string // the user's environment: PATH says where systemctl, crontab and launchctl are
	Config  string   // the user's directory of configuration, $XDG_CONFIG_HOME: for systemd
	Home    string   // the user's home: for launchd
	UID     int      // for launchd
}

// Best returns the scheduler of a machine that suits best, by what is there: "" if there is none.
func (s Scheduler) Best(goos string) Kind {
	switch {
	case goos == "darwin":
		return Launchd
	case s.lookUp("systemctl") != "" && s.environ("XDG_RUNTIME_DIR") != "" && isDir(filepath.Join(s.environ("XDG_RUNTIME_DIR"), "systemd")):
		return Systemd
	case s.lookUp("crontab") != "":
		return Cron
	case s.lookUp("systemctl") != "":
		return Systemd
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// InactiveError says that the files of a job are written, and that the scheduler could not be told of them.
type InactiveError struct {
	Err  error
	Next string // what to type
}

// Error says why.
func (e *InactiveError) Error() string {
	return "the job is written down, and not active yet: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *InactiveError) Unwrap() error { return e.Err }

// Hint says what to type.
func (e *InactiveError) Hint() string { return e.Next }

// Install makes the scheduler run the plan, and returns where that is written: with an *InactiveError, too. Installing again brings
// it up to date.
func (s Scheduler) Install(ctx context.Context, p Plan) (where []string, err error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	switch s.Kind {
	case Systemd:
		return s.installUnits(ctx, p)
	case Cron:
		if err := s.editCrontab(ctx, func(old []byte) ([]byte, error) { return Crontab(old, p) }); err != nil {
			return nil, err
		}
		return []string{"crontab"}, nil
	case Launchd:
		return s.installAgent(ctx, p)
	}
	return nil, fmt.Errorf("schedule: there is no scheduler %q", s.Kind)
}

// Installed returns where a job of ours is written down; nothing if there is none.
func (s Scheduler) Installed(ctx context.Context) (where []string, err error) {
	if s.Kind == Cron {
		old, err := s.crontab(ctx)
		if err != nil || !bytes.Contains(old, []byte(cronBegin)) {
			return nil, err
		}
		return []string{"crontab"}, nil
	}
	for _, file := range s.files() {
		if _, err := os.Lstat(file); err == nil {
			where = append(where, file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("schedule: %w", err)
		}
	}
	return where, nil
}

// Remove takes the job away, and returns where it was. That there is none is no error.
func (s Scheduler) Remove(ctx context.Context) (where []string, err error) {
	if where, err = s.Installed(ctx); err != nil || len(where) == 0 {
		return nil, err
	}
	switch s.Kind {
	case Cron:
		return where, s.editCrontab(ctx, WithoutCrontab)
	case Systemd: // where the manager does not run the timer does not either
		_, _ = s.run(ctx, nil, "systemctl", "--user", "disable", "--now", TimerName)
	case Launchd:
		_, _ = s.run(ctx, nil, "launchctl", "bootout", s.domain()+"/"+AgentLabel)
	}
	for _, file := range where {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return where, fmt.Errorf("schedule: %w", err)
		}
	}
	if s.Kind == Systemd {
		_, _ = s.run(ctx, nil, "systemctl", "--user", "daemon-reload")
	}
	return where, nil
}

// files are the files of the job, for the schedulers that have some.
func (s Scheduler) files() []string {
	if s.Kind == Launchd {
		return []string{filepath.Join(s.Home, "Library", "LaunchAgents", AgentLabel+".plist")}
	}
	dir := filepath.Join(s.Config, "systemd", "user")
	return []string{filepath.Join(dir, ServiceName), filepath.Join(dir, TimerName)}
}

func (s Scheduler) installUnits(ctx context.Context, p Plan) ([]string, error) {
	service, timer, err := Units(p)
	if err != nil {
		return nil, err
	}
	files := s.files()
	if err := write(files, service, timer); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", "--now", TimerName}} {
		if _, err := s.run(ctx, nil, "systemctl", append([]string{"--user"}, args...)...); err != nil {
			return files, &InactiveError{err, "in a session of this user: systemctl --user enable --now " + TimerName + "; to run it without one: loginctl enable-linger"}
		}
	}
	return files, nil
}

func (s Scheduler) installAgent(ctx context.Context, p Plan) ([]string, error) {
	agent, err := Agent(p)
	if err != nil {
		return nil, err
	}
	files := s.files()
	if err := write(files, agent); err != nil {
		return nil, err
	}
	_, _ = s.run(ctx, nil, "launchctl", "bootout", s.domain()+"/"+AgentLabel) // fails unless an older one is loaded
	if _, err := s.run(ctx, nil, "launchctl", "bootstrap", s.domain(), files[0]); err != nil {
		return files, &InactiveError{err, "launchctl bootstrap " + s.domain() + " " + files[0]}
	}
	return files, nil
}

func (s Scheduler) domain() string { return "gui/" + strconv.Itoa(s.UID) }

func write(files []string, contents ...[]byte) error {
	for i, file := range files {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("schedule: %w", err)
		}
		if err := atomicfile.Write(file, contents[i], 0o644); err != nil {
			return fmt.Errorf("schedule: write %s: %w", file, err)
		}
	}
	return nil
}

// crontab returns the user's crontab; nothing if there is none. crontab -l says that with exit code 1 and words of its own, on
// every system other ones: all have "no crontab" in them.
func (s Scheduler) crontab(ctx context.Context) ([]byte, error) {
	out, err := s.run(ctx, nil, "crontab", "-l")
	if err != nil && strings.Contains(err.Error(), "no crontab") {
		return nil, nil
	}
	return out, err
}

func (s Scheduler) editCrontab(ctx context.Context, edit func([]byte) ([]byte, error)) error {
	old, err := s.crontab(ctx)
	if err != nil {
		return err
	}
	made, err := edit(old)
	if err != nil || bytes.Equal(made, old) {
		return err
	}
	_, err = s.run(ctx, made, "crontab", "-")
	return err
}

// Available reports whether the program that the scheduler is told with is installed.
func (s Scheduler) Available() bool {
	return s.lookUp(map[Kind]string{Systemd: "systemctl", Cron: "crontab", Launchd: "launchctl"}[s.Kind]) != ""
}
