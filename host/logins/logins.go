// Package logins reads from where people logged in: out of the journal, the log files of syslog, and wtmp, as far as a source has them. It
// has no opinions.
//
// Start at Look. What stands in a log was partly written by those who try to get in: only lines that sshd itself writes of a login that it
// accepted count, and no text of others gets further.
package logins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"time"

	"keysweep/host"
)

// Login is a login that was accepted.
type Login struct {
	At     time.Time
	User   string
	From   netip.Addr
	Method string // "publickey", "password", "keyboard-interactive/pam"; "" if it is not recorded
	Key    string // fingerprint of the key: "SHA256:..."; "" if there is none, or it is not recorded
}

// Facts are the logins of a machine.
type Facts struct {
	Logins  []Login  // the oldest first; at most 20,000, the newest ones
	Sources []string // that could be read: "journal", "/var/log/auth.log", "wtmp"
	Until   time.Time
	Err     error // why there may be more; fs.ErrNotExist: nothing records logins
}

// terminals is the source that knows the logins with a terminal.
const terminals = "wtmp"

// maxLogins bounds the logins that are kept.
const maxLogins = 20_000

// Files are the log files in which sshd's messages stand: Debian's, Red Hat's, and those before them.
func Files() []string {
	return []string{"/var/log/auth.log", "/var/log/auth.log.1", "/var/log/secure", "/var/log/secure.1", "/var/log/messages", "/var/log/messages.1"}
}

// The commands that are asked. The pattern has no white space: a collection notes commands with spaces between their words.
func journal() []string {
	return []string{"journalctl", "--no-pager", "--utc", "--output=short-iso", "--identifier=sshd", "--identifier=sshd-session", "--grep=^Accepted", "--lines=20000"}
}

func files() []string {
	return append([]string{"grep", "-a", "-h", "-E", `sshd(-session)?.[0-9]+.:.Accepted.[a-z/-]+.for.+.from.+.port.[0-9]+`}, Files()...)
}

func wtmp() []string { return []string{"last", "-w", "-F", "-i", "-n", "5000"} }

// Look reads all that there is. It does not fail: the errors stand in what it returns.
func Look(ctx context.Context, s host.Source) *Facts {
	f := &Facts{}
	if s.Kind() == host.Image {
		f.read(s)
	} else {
		f.Until = s.Time()
		f.ask(ctx, s, "journal", journal(), isoTime)
		f.ask(ctx, s, "log files", files(), func(line string) (time.Time, string, bool) { return logTime(line, f.Until) })
		f.ask(ctx, s, terminals, wtmp(), nil)
	}
	slices.SortStableFunc(f.Logins, func(a, b Login) int { return a.At.Compare(b.At) })
	f.Logins = slices.CompactFunc(f.Logins, func(a, b Login) bool { return a == b })
	f.Logins = f.Logins[max(0, len(f.Logins)-maxLogins):]
	if f.Err == nil && !slices.ContainsFunc(f.Sources, func(name string) bool { return name != terminals }) { // wtmp knows sessions with a terminal only
		f.Err = fmt.Errorf("neither the journal nor log files record logins: %w", fs.ErrNotExist)
	}
	return f
}

// ask asks one of the commands, if it is there.
func (f *Facts) ask(ctx context.Context, s host.Source, name string, argv []string, stamp func(string) (time.Time, string, bool)) {
	out, err := s.Run(ctx, argv...)
	if host.Missing(err) {
		return
	}
	if err == nil {
		err = complaint(out)
	}
	found := err == nil && (argv[0] != "grep" || len(out.Stdout) > 0 || strings.Count(string(out.Stderr), "No such file") < len(Files()))
	if found {
		f.Sources = append(f.Sources, name)
	}
	if out != nil {
		for line := range strings.Lines(string(out.Stdout)) {
			if stamp == nil {
				f.session(line)
			} else if at, rest, ok := stamp(line); ok {
				f.add(at, rest)
			}
		}
	}
	if err != nil && !host.Missing(err) && f.Err == nil {
		f.Err = fmt.Errorf("%s: %w", name, err)
	}
	if argv[0] == "journalctl" && !s.Root() && f.Err == nil {
		f.Err = fmt.Errorf("%s: its messages of other users are for root: %w", name, fs.ErrPermission)
	}
}

var errOdd = errors.New("it could not be read")

// complaint says what a command could not do. That there is no such log is knowledge; 1 is the exit code of nothing found.
func complaint(out *host.Output) error {
	for line := range strings.Lines(string(out.Stderr)) {
		switch line = strings.TrimSpace(line); {
		case line == "":
		case strings.Contains(line, "No journal files were found"):
			return fs.ErrNotExist
		case strings.Contains(line, "No such file"):
			if out.Argv[0] != "grep" {
				return fs.ErrNotExist
			}
		case strings.Contains(line, "ermission denied") || strings.Contains(line, "nsufficient permissions") || strings.Contains(line, "not seeing messages"):
			return fs.ErrPermission
		default:
			return errOdd
		}
	}
	if out.Exit > 1 && out.Argv[0] != "grep" {
		return errOdd
	}
	return nil
}

// read reads the log files of an image. Its last line says up to when they go.
func (f *Facts) read(s host.Source) {
	for _, name := range Files() {
		file, err := s.Read(name)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			f.Err = fmt.Errorf("read the log of logins: %s: %w", name, err)
			continue
		}
		f.Sources = append(f.Sources, name)
		for line := range strings.Lines(string(file.Data)) {
			at, rest, ok := logTime(line, file.Time)
			if !ok {
				continue
			}
			if at.After(f.Until) {
				f.Until = at
			}
			f.add(at, rest)
		}
	}
	if f.Err == nil && len(f.Sources) == 0 {
		if _, err := s.Stat("/var/log/journal"); err == nil {
			f.Err = fmt.Errorf("the journal is not read in an image: %w", host.ErrNotRun)
		}
	}
}
