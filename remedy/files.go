package remedy

import (
	"context"
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
	return append(list, Fix{ID: "logs.persistent", Does: "has the journal survive a reboot", plan: planJournal, revert: revertJournal})
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

const journal = "/var/log/journal"

// planJournal makes the directory that journald keeps its files in if it is there (journald.conf(5), Storage=auto).
func planJournal(_ context.Context, s *Situation) (*Plan, error) {
	_, err := s.Open().Stat(journal)
	switch {
	case err == nil:
		return &Plan{}, nil
	case !host.Missing(err):
		return nil, err
	}
	return &Plan{Changes: []Change{{Path: journal, After: &State{Mode: fs.ModeDir | 0o755}}},
		After: []string{"systemd-tmpfiles --create --prefix " + journal, "journalctl --flush"}}, nil
}

// revertJournal removes the directory as long as nothing is in it.
func revertJournal(_ context.Context, s *Situation) (*Plan, error) {
	list, err := s.Open().List(journal)
	switch {
	case host.Missing(err):
		return &Plan{}, nil
	case err != nil:
		return nil, err
	case len(list) > 0:
		return &Plan{Refused: []string{journal + " holds logs: remove them first if nobody needs them"}}, nil
	}
	return &Plan{Changes: []Change{{Path: journal, Before: &State{Mode: fs.ModeDir | 0o755}}}}, nil
}
