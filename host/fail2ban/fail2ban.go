// Package fail2ban finds out whether something on a machine keeps those out who guess passwords: fail2ban with its jail for sshd, and
// the programs that do the same. It states facts; package policy/audit judges them.
//
// Start at Look. Files are merged as fail2ban merges them: the last value counts, unlike in sshd's.
package fail2ban

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// Guard is what is known of fail2ban and its like.
type Guard struct {
	Installed bool        // fail2ban is
	Running   Answer      // its server answers
	Boot      Answer      // the system starts it
	Jail      Jail        // the one called sshd
	Test      host.Output // what fail2ban-client -t says of the configuration
	TestErr   error       // why it was not asked
	Others    []string    // programs that do the same and are started at boot: "sshguard", "crowdsec"
}

// Answer is yes or no, or why that is not known.
type Answer struct {
	Yes bool
	Err error
}

// Jail is what fail2ban is told to watch, and to do. Values have their %(names)s put in.
type Jail struct {
	Err       error // why nothing of it is known
	Enabled   bool
	EnabledAt Value // zero if it is not set anywhere
	Port      Value // as it is written: "ssh", "2222,22"
	Backend   Value // "auto", "systemd", "pyinotify"
	Logs      Value // patterns of files, by lines or spaces
	Actions   Value // what is done: "iptables-multiport[port=..."

	Files  []string // those that Logs stands for and that are there
	Python Answer   // Python has the module that backend systemd needs
}

// Journal reports whether the jail reads the journal and not files.
func (j Jail) Journal() bool { return strings.HasPrefix(j.Backend.Text, "systemd") }

// AllPorts reports whether who is banned is kept from every port: by the actions whose names say so, by a firewall's rule without ports,
// or by a route.
func (j Jail) AllPorts() bool {
	for action := range strings.FieldsSeq(j.Actions.Text) {
		name, options, _ := strings.Cut(action, "[")
		if strings.Contains(name, "allports") || name == "ufw" && !strings.Contains(j.Actions.Text, "application=") || name == "route" ||
			strings.Contains(options, "type=allports") || strings.Contains(options, "type='allports'") || strings.Contains(options, `type="allports"`) {
			return true
		}
	}
	return false
}

// Look finds out about them. It does not fail; what is not known is said beside each value.
func Look(ctx context.Context, s host.Source) *Guard {
	g := &Guard{}
	for _, p := range []string{"/usr/bin/fail2ban-server", "/usr/local/bin/fail2ban-server", "/usr/bin/fail2ban-client"} {
		if _, err := s.Stat(p); err == nil {
			g.Installed = true
		}
	}
	for _, o := range []struct{ name, program string }{{"sshguard", "/usr/sbin/sshguard"}, {"crowdsec", "/usr/bin/crowdsec"}} {
		if _, err := s.Stat(o.program); err == nil && started(s, o.name).Yes {
			g.Others = append(g.Others, o.name)
		}
	}
	if !g.Installed {
		return g
	}
	g.Boot, g.Running = started(s, "fail2ban"), running(ctx, s)
	g.Jail = lookJail(s)
	if out, err := s.Run(ctx, "fail2ban-client", "-t"); err != nil {
		g.TestErr = err
	} else {
		g.Test = *out
	}
	return g
}

// running asks the server.
func running(ctx context.Context, s host.Source) Answer {
	out, err := s.Run(ctx, "fail2ban-client", "ping")
	if err != nil {
		return Answer{Err: err}
	}
	said := string(out.Stdout) + string(out.Stderr)
	if out.Exit != 0 && strings.Contains(strings.ToLower(said), "permission denied") {
		return Answer{Err: errors.New("fail2ban-client ping: permission denied")}
	}
	return Answer{Yes: out.Exit == 0}
}

// started reports whether the system starts a service of systemd at boot: another unit wants it, and it is not masked.
func started(s host.Source, service string) Answer {
	unit := service + ".service"
	const dir = "/etc/systemd/system"
	if info, err := s.Lstat(path.Join(dir, unit)); err == nil && info.Link == "/dev/null" {
		return Answer{}
	}
	entries, err := s.List(dir)
	if host.Missing(err) {
		return Answer{}
	}
	if err != nil {
		return Answer{Err: fmt.Errorf("look for what is started at boot: %w", err)}
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name, ".wants") {
			continue
		}
		if _, err := s.Lstat(path.Join(dir, e.Name, unit)); err == nil {
			return Answer{Yes: true}
		} else if !host.Missing(err) {
			return Answer{Err: fmt.Errorf("look for what is started at boot: %w", err)}
		}
	}
	return Answer{}
}

// lookJail reads the jail for sshd.
func lookJail(s host.Source) (j Jail) {
	c, err := readConfig(s)
	if err != nil {
		return Jail{Err: err}
	}
	if c.sections["sshd"] == nil {
		return j
	}
	enabled, _, err := c.get("sshd", "enabled")
	j.EnabledAt, j.Err = enabled, err
	switch strings.ToLower(enabled.Text) {
	case "1", "on", "true", "yes":
		j.Enabled = true
	}
	for option, to := range map[string]*Value{"port": &j.Port, "backend": &j.Backend, "logpath": &j.Logs} {
		v, _, err := c.get("sshd", option)
		if err != nil {
			j.Err = errors.Join(j.Err, err)
		}
		*to = v
	}
	j.Actions = actions(c)
	j.Files, err = present(s, j.Logs.Text)
	j.Err = errors.Join(j.Err, err)
	j.Python = pythonModule(s)
	return j
}

// actions returns the jail's actions. Names that fail2ban itself sets, or that only a mail needs, keep some from being put in; the name
// of the action that bans is enough then.
func actions(c *config) Value {
	if v, _, err := c.get("sshd", "action"); err == nil {
		return v
	}
	v, _, _ := c.get("sshd", "banaction")
	return v
}

// maxLogs is how many files of patterns are listed.
const maxLogs = 100

// present returns the files that patterns stand for; words behind them ("tail") say how they are read.
func present(s host.Source, patterns string) ([]string, error) {
	var list []string
	for word := range strings.FieldsSeq(patterns) {
		if !strings.HasPrefix(word, "/") || len(list) >= maxLogs {
			continue
		}
		if !strings.ContainsAny(word, "*?[") {
			_, err := s.Stat(word)
			switch {
			case err == nil:
				list = append(list, word)
			case !host.Missing(err):
				return list, fmt.Errorf("look for the log %s: %w", word, err)
			}
			continue
		}
		entries, err := host.Glob(s, word)
		if err != nil {
			return list, fmt.Errorf("look for the log %s: %w", word, err)
		}
		for _, e := range entries {
			list = append(list, path.Join(path.Dir(word), e.Name))
		}
	}
	return list, nil
}

// pythonModule looks for the module systemd of Python: in Debian's place, and in those that have the version in their names.
func pythonModule(s host.Source) Answer {
	places := []string{"/usr/lib/python3/dist-packages/systemd"}
	var unknown error
	for _, dir := range []string{"/usr/lib", "/usr/lib64", "/usr/local/lib"} {
		entries, err := host.Glob(s, dir+"/python3*")
		unknown = errors.Join(unknown, err)
		for _, e := range entries {
			places = append(places, path.Join(dir, e.Name, "site-packages/systemd"), path.Join(dir, e.Name, "dist-packages/systemd"))
		}
	}
	for _, p := range places {
		_, err := s.Stat(p)
		if err == nil {
			return Answer{Yes: true}
		}
		if !host.Missing(err) {
			unknown = errors.Join(unknown, err)
		}
	}
	return Answer{Err: unknown}
}
