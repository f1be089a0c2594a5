package remedy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
	"keysweep/host/sshd"
)

// sshFix sets a keyword of sshd.
type sshFix struct {
	id, name, value string
	number          bool // a smaller one is enough, too
	shuts           bool // it takes a way in away
}

// sshFixes are those of sshd. Ports and lists of users are left to people.
func sshFixes() []Fix {
	var list []Fix
	for _, f := range []sshFix{
		{id: "ssh.root-login", name: "PermitRootLogin", value: "no", shuts: true},
		{id: "ssh.password-auth", name: "PasswordAuthentication", value: "no", shuts: true},
		{id: "ssh.kbd-interactive", name: "KbdInteractiveAuthentication", value: "no", shuts: true},
		{id: "ssh.empty-passwords", name: "PermitEmptyPasswords", value: "no", shuts: true},
		{id: "ssh.pubkey-auth", name: "PubkeyAuthentication", value: "yes"},
		{id: "ssh.max-auth-tries", name: "MaxAuthTries", value: "3", number: true},
	} {
		list = append(list, Fix{ID: f.id, Does: "sets " + f.name + " " + f.value, plan: f.plan, revert: f.revert})
	}
	return list
}

// enough reports whether a value is what is wanted, or stricter.
func (f sshFix) enough(v sshd.Value) bool {
	if !f.number {
		return v.Is(f.value)
	}
	n, err := strconv.Atoi(v.String())
	most, wrong := strconv.Atoi(f.value)
	return v.Err == nil && err == nil && wrong == nil && n <= most
}

// tuned takes what the policy wants instead of the usual.
func (f sshFix) tuned(s *Situation) sshFix {
	if f.number && s.MaxAuthTries > 0 {
		f.value = strconv.Itoa(s.MaxAuthTries)
	}
	return f
}

// reload has sshd read its configuration again; sessions that are open go on. Debian calls the unit ssh, others sshd.
func reload(src host.Source) []string {
	for _, dir := range []string{"/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system"} {
		if _, err := src.Stat(dir + "/ssh.service"); err == nil {
			return []string{"systemctl reload ssh"}
		}
	}
	return []string{"systemctl reload sshd"}
}

const sshHeader = "# Made by keysweep fix; taken back by keysweep fix ID --revert. sshd takes the first value that it reads.\n"

// places are the files of sshd that a fix may change.
func (s *Situation) places() (main, own string) {
	main = s.Config
	if main == "" {
		main = sshd.Path
	}
	return main, path.Join(path.Dir(main), "sshd_config.d", "00-keysweep.conf")
}

// reader is a source of files.
type reader interface {
	Read(name string) (*host.File, error)
}

// current returns what is in a file; nil if there is none.
func current(src reader, name string) (*State, error) {
	f, err := src.Read(name)
	if host.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &State{f.Data, f.Mode.Perm()}, nil
}

// plan tries our own file first, which sshd must include before anything sets the value, and else the start of the main file.
func (f sshFix) plan(ctx context.Context, s *Situation) (*Plan, error) {
	f = f.tuned(s)
	src := s.Open()
	main, own := s.places()
	before, err := sshd.ReadFile(src, main)
	if err != nil {
		return nil, err
	}
	if p := before.Broken(); p != nil {
		return nil, fmt.Errorf("sshd does not start with its configuration, %s: correct that first", p)
	}
	p := &Plan{Notes: f.remaining(before)}
	value := before.Resolve(sshd.Connection{}).Get(f.name)
	switch {
	case value.Err != nil:
		return nil, fmt.Errorf("%s: what holds now is not known: %w", f.name, value.Err)
	case f.enough(value):
		return p, nil
	}
	for _, place := range []struct {
		put  func(host.Source, string, bool) ([]Change, error)
		name string
	}{{f.inOwn, own}, {f.inMain, main}} {
		changes, err := place.put(src, place.name, true)
		if err != nil {
			return nil, err
		}
		if changes == nil {
			continue
		}
		after, err := sshd.ReadFile(overlay{src, changes}, main)
		if err != nil {
			return nil, err
		}
		if f.enough(after.Resolve(sshd.Connection{}).Get(f.name)) {
			prove := func(ctx context.Context) error { return f.prove(ctx, s, changes) }
			p.Changes, p.before, p.after = changes, prove, prove
			p.Refused = append(f.above(ctx, s, src), f.guard(s, src, after)...)
			p.After = reload(src)
			if f.number {
				p.Notes = append(p.Notes, "each key that a client offers is a try: who has more than "+f.value+" in the agent names the one that fits, with IdentityFile and \"IdentitiesOnly yes\"")
			}
			return p, nil
		}
	}
	p.Refused = []string{fmt.Sprintf("%s decides %s for every connection, whatever stands before it: take the line out", value.Origin, f.name)}
	return p, nil
}

// above says why no file decides: what sshd is started with stands above all of them.
func (f sshFix) above(ctx context.Context, s *Situation, src host.Source) []string {
	if s.Config != "" {
		return nil // it is not the sshd of this machine
	}
	given, unit := sshd.Started(ctx, src, sshd.LookSocket(src))
	if !given.Running {
		given = unit
	}
	if !given.Overrides() || given.Err != nil { // what is not known audits say
		return nil
	}
	main, _ := s.places()
	c, err := sshd.ReadWith(src, main, given)
	if err != nil || c.Path != main {
		return []string{fmt.Sprintf("sshd is started with %s, and reads another file than %s", given.Origin, main)}
	}
	if value := c.Resolve(sshd.Connection{}).Get(f.name); c.On(value.Origin) && !f.enough(value) {
		return []string{fmt.Sprintf("an argument that sshd is started with sets %s, above every file (%s): take it out there", f.name, given.Origin)}
	}
	return nil
}

// inOwn adds the line to our own file, or takes it out. No change means that it cannot stand there.
func (f sshFix) inOwn(src host.Source, own string, set bool) ([]Change, error) {
	if info, err := src.Stat(path.Dir(own)); err != nil || !info.Mode.IsDir() {
		return nil, nil
	}
	state, err := current(src, own)
	if err != nil {
		return nil, err
	}
	text := ""
	if state != nil {
		text = string(state.Data)
	}
	d, err := parseDropIn(sshHeader, text, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; change it there, or remove it", own, err)
	}
	return d.change(own, state, f.id, f.line(), set), nil
}

func (f sshFix) line() string { return f.name + " " + f.value }

// change is the file with the line set, or without it; nil if it is so already.
func (d dropIn) change(name string, before *State, id, line string, set bool) []Change {
	was := d.text()
	if set {
		d.lines[id] = line
	} else {
		delete(d.lines, id)
	}
	now := d.text()
	switch {
	case now == was:
		return nil
	case now == "":
		return []Change{{Path: name, Before: before}}
	}
	mode := fs.FileMode(0o644)
	if before != nil {
		mode = before.Mode
	}
	return []Change{{Path: name, Before: before, After: &State{[]byte(now), mode}}}
}

// inMain adds the line to a block at the start of the main file, or takes it out.
func (f sshFix) inMain(src host.Source, main string, set bool) ([]Change, error) {
	state, err := current(src, main)
	if err != nil || state == nil {
		return nil, err
	}
	d, rest, err := cutBlock(string(state.Data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; change it there, or remove the block", main, err)
	}
	was := d.text()
	if set {
		d.lines[f.id] = f.line()
	} else {
		delete(d.lines, f.id)
	}
	if d.text() == was {
		return nil, nil
	}
	return []Change{{Path: main, Before: state, After: &State{[]byte(d.withBlock(rest)), state.Mode}}}, nil
}

// revert plans to take the line out of wherever it is.
func (f sshFix) revert(_ context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	main, own := s.places()
	p := &Plan{After: reload(src)}
	for _, place := range []struct {
		take func(host.Source, string, bool) ([]Change, error)
		name string
	}{{f.inOwn, own}, {f.inMain, main}} {
		changes, err := place.take(src, place.name, false)
		if err != nil {
			return nil, err
		}
		p.Changes = append(p.Changes, changes...)
	}
	if len(p.Changes) > 0 && !f.shuts {
		config, err := sshd.ReadFile(overlay{src, p.Changes}, main)
		if err != nil {
			return nil, err
		}
		p.Refused = f.keeps(s, src, config)
	}
	p.after = func(ctx context.Context) error { return sshdTakes(ctx, s, main, nil) }
	return p, nil
}

// remaining are Match blocks that set the value otherwise for some connections: a line of ours leaves them as they are.
func (f sshFix) remaining(c *sshd.Config) []string {
	var list []string
	for _, b := range c.Matches() {
		value := c.Under(b).Get(f.name)
		sets := slices.ContainsFunc(b.Settings, func(s sshd.Setting) bool { return slices.Contains(value.Origins, s.Origin) })
		if sets && !f.enough(value) && !b.Always(c.Version) {
			list = append(list, fmt.Sprintf("%s: %s %s stays for \"%s\": take the line out if nobody needs it", value.Origin, f.name, value, b))
		}
	}
	return list
}

// prove proves a change: sshd takes the configuration, and the value holds. Before it is on the disk, a copy is proven.
func (f sshFix) prove(ctx context.Context, s *Situation, changes []Change) error {
	main, _ := s.places()
	src := s.Open()
	if err := sshdTakes(ctx, s, main, changes); err != nil {
		return err
	}
	c, err := sshd.ReadFile(overlay{src, changes}, main)
	if err != nil {
		return err
	}
	if value := c.Resolve(sshd.Connection{}).Get(f.name); !f.enough(value) {
		return fmt.Errorf("%s is still %s, set at %s", f.name, value, value.Origin)
	}
	return nil
}

// sshdTakes asks sshd whether it takes the configuration: with changes, a copy that says the same, and then what is on the disk.
func sshdTakes(ctx context.Context, s *Situation, main string, changes []Change) error {
	if s.Run == nil {
		return ErrElsewhere
	}
	if len(changes) > 0 {
		dir, err := os.MkdirTemp("", "keysweep-fix-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		text, err := candidate(s.Open(), main, changes)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, "sshd_config")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
		if err := sshdTest(ctx, s, file); err != nil {
			return err
		}
	}
	return sshdTest(ctx, s, main)
}

// candidate is one file that says what the main file will: ours first, for nothing stands before it.
func candidate(src host.Source, main string, changes []Change) ([]byte, error) {
	state, err := current(overlay{src, changes}, main)
	if err != nil || state == nil {
		return nil, errors.Join(err, ErrElsewhere)
	}
	var text []byte
	for _, c := range changes {
		if c.Path != main && c.After != nil {
			text = append(text, c.After.Data...)
		}
	}
	return append(text, state.Data...), nil
}

func sshdTest(ctx context.Context, s *Situation, file string) error {
	said, err := s.Run(ctx, "sshd", "-t", "-f", file)
	if err != nil && !strings.HasPrefix(said, "Missing privilege separation directory") { // which it looks for after it has read all of the file
		return fmt.Errorf("sshd -t: %s: %w", firstLine(said), err)
	}
	return nil
}
