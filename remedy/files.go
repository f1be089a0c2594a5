package remedy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"keysweep/host"
	"keysweep/host/sshd"
)

// fileFix is a fix by lines in a file of ours.
type fileFix struct {
	id, does, path, header string
	lines                  func(host.Source) (text string, refused string, err error)
	test                   []string // proves what is on the disk
	holds                  []string // what the test must say
	after                  []string
}

// fileFixes are those by a file of ours, and by a directory.
func fileFixes() []Fix {
	const jail = "/etc/fail2ban/jail.d/zz-keysweep.local" // the last file wins
	jailHeader := "# Made by keysweep fix; taken back by keysweep fix ID --revert. fail2ban takes the last value that it reads.\n[sshd]\n"
	var list []Fix
	for _, f := range []fileFix{
		{"updates.auto", "has security updates installed every day", "/etc/apt/apt.conf.d/99keysweep",
			"# Made by keysweep fix; taken back by keysweep fix ID --revert. apt takes the last value that it reads.\n", automatic,
			[]string{"apt-config", "dump"}, []string{`APT::Periodic::Update-Package-Lists "1";`, `APT::Periodic::Unattended-Upgrade "1";`}, nil},
		{"f2b.log-source", "has fail2ban read sshd's log from the journal", jail, jailHeader, journalBackend,
			[]string{"fail2ban-client", "-t"}, nil, []string{"systemctl restart fail2ban"}},
		{"f2b.ssh-port", "has fail2ban block the ports that sshd listens on", jail, jailHeader, jailPorts,
			[]string{"fail2ban-client", "-t"}, nil, []string{"systemctl restart fail2ban"}},
	} {
		list = append(list, Fix{ID: f.id, Does: f.does, plan: f.plan, revert: f.revert})
	}
	return append(list, Fix{ID: journalID, Does: "has the journal survive a reboot", plan: planJournal, revert: revertJournal})
}

func automatic(src host.Source) (text, refused string, err error) {
	for _, path := range []string{"/usr/bin/unattended-upgrade", "/usr/bin/unattended-upgrades"} {
		if _, err = src.Stat(path); err == nil || !host.Missing(err) {
			break
		}
	}
	if host.Missing(err) {
		return "", "unattended-upgrades is not installed; first: apt-get install unattended-upgrades", nil
	}
	return "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";", "", err
}

func journalBackend(src host.Source) (text, refused string, err error) {
	_, err = src.Stat("/usr/lib/python3/dist-packages/systemd")
	if host.Missing(err) {
		return "", "fail2ban cannot read the journal without python3-systemd; first: apt-get install python3-systemd", nil
	}
	return "backend = systemd", "", err
}

func jailPorts(src host.Source) (text, refused string, err error) {
	c, err := sshd.Read(src)
	if err != nil {
		return "", "", err
	}
	v := c.Resolve(sshd.Connection{}).Get("port")
	if v.Err != nil {
		return "", "", v.Err
	}
	return "port = " + strings.Join(slices.Compact(slices.Sorted(slices.Values(v.Words))), ","), "", nil
}

func (f fileFix) read(s *Situation) (d dropIn, state *State, err error) {
	if state, err = current(s.Open(), f.path); err != nil {
		return d, nil, err
	}
	text := ""
	if state != nil {
		text = string(state.Data)
	}
	if d, err = parseDropIn(f.header, text, 2); err != nil {
		err = fmt.Errorf("%s: %w; change it there, or remove it", f.path, err)
	}
	return d, state, err
}

func (f fileFix) plan(_ context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	dir := f.path[:strings.LastIndexByte(f.path, '/')]
	if _, err := src.Stat(dir); err != nil {
		if host.Missing(err) {
			return &Plan{Refused: []string{"there is no directory " + dir}}, nil
		}
		return nil, err
	}
	text, refused, err := f.lines(src)
	if err != nil {
		return nil, err
	}
	if refused != "" {
		return &Plan{Refused: []string{refused}}, nil
	}
	d, state, err := f.read(s)
	if err != nil {
		return nil, err
	}
	return &Plan{Changes: d.change(f.path, state, f.id, text, true), After: f.after, after: f.proof(s)}, nil
}

func (f fileFix) revert(_ context.Context, s *Situation) (*Plan, error) {
	d, state, err := f.read(s)
	if err != nil {
		return nil, err
	}
	return &Plan{Changes: d.change(f.path, state, f.id, "", false), After: f.after}, nil
}

// proof asks the program that reads the file.
func (f fileFix) proof(s *Situation) func(context.Context) error {
	return func(ctx context.Context) error {
		said, err := s.Run(ctx, f.test...)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", strings.Join(f.test, " "), firstLine(said), err)
		}
		for _, want := range f.holds {
			if !strings.Contains(said, want) {
				return fmt.Errorf("%s does not say %s: another file wins", strings.Join(f.test, " "), want)
			}
		}
		return nil
	}
}

const (
	journal       = "/var/log/journal"
	journalID     = "logs.persistent"
	journalOwn    = "/etc/systemd/journald.conf.d/zz-keysweep.conf" // the last file wins (journald.conf(5))
	journalHeader = "# Made by keysweep fix; taken back by keysweep fix ID --revert. journald takes the last value that it reads.\n[Journal]\n"
	journalLine   = "Storage=persistent"
)

// planJournal has journald keep its files, for which it makes the directory by itself.
func planJournal(ctx context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	own, err := openOwn(src, journalOwn, journalHeader, "")
	if err != nil {
		return nil, err
	}
	if wrong, err := s.judge(ctx, src, journalID); err != nil || len(wrong) == 0 {
		return &Plan{}, err
	}
	own.set(journalID, journalLine)
	p := &Plan{Changes: own.changes(0o644), After: journalAfter()}
	p.after = func(ctx context.Context) error {
		said, err := s.Run(ctx, "systemd-analyze", "cat-config", "systemd/journald.conf")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("systemd-analyze: %s: %w", firstLine(said), err)
		}
		last := ""
		for l := range strings.Lines(said) {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "Storage=") {
				last = l
			}
		}
		if err == nil && last != journalLine {
			return fmt.Errorf("another file wins: %s", last)
		}
		return nil
	}
	return p, nil
}

func journalAfter() []string {
	return []string{"systemctl restart systemd-journald", "journalctl --flush"}
}

// revertJournal takes our file away. What was logged meanwhile is nobody's to delete unasked.
func revertJournal(_ context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	own, err := openOwn(src, journalOwn, journalHeader, "")
	if err != nil {
		return nil, err
	}
	own.set(journalID, "")
	p := &Plan{Changes: own.changes(0o644)}
	if len(p.Changes) == 0 {
		return p, nil
	}
	p.After = journalAfter()[:1]
	if _, err := src.Stat(journal); err == nil {
		p.Notes = []string{"what was logged stays in " + journal + ", and as long as the directory is there journald goes on writing to it: remove it if nobody needs it"}
	}
	return p, nil
}
