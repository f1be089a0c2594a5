package audit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/sshd"
)

// sshdChecks are the checks of the SSH server.
func sshdChecks() []hostCheck {
	list := []hostCheck{
		{Check{ID: "ssh.config-valid", Area: "sshd", Severity: finding.High, Title: "sshd does not start with its configuration",
			Why:   "With an error in it, sshd does not come up at the next start, and nobody gets in.",
			Fix:   "correct the line, then: sshd -t",
			FixBy: finding.FixAdvice}, judgeConfig},
		{Check{ID: "ssh.reload-pending", Area: "sshd", Severity: finding.Medium, Title: "sshd runs with an older configuration than its files",
			Why: "What the files say does not hold until sshd reads them again.", Fix: "systemctl reload ssh", FixBy: finding.FixCommand}, judgeReload},
		{Check{ID: "ssh.port-default", Area: "sshd", Severity: finding.Info, Title: "sshd listens on port 22",
			Why: "Another port keeps blind scans out of the logs; it does not keep attackers out.", FixBy: finding.FixAdvice,
			Fix: "set Port, and open it in the firewall first"}, judgePort},
		{Check{ID: "ssh.port-consistent", Area: "sshd", Severity: finding.High, Title: "sshd's port is not the one that its configuration says",
			Why: "Who closes the wrong port in the firewall locks himself out, or leaves the real one open.", FixBy: finding.FixCommand,
			Fix: "systemctl daemon-reload && systemctl restart ssh.socket"}, judgePorts},
		{Check{ID: "ssh.allow-users", Area: "sshd", Severity: finding.Medium, Title: "every user may log in by SSH",
			Why: "A list keeps out accounts that nobody thought of: those of services, of tests, of people who left.", FixBy: finding.FixCommand,
			Fix: "set AllowUsers or AllowGroups"}, judgeAllow},
		{Check{ID: "ssh.source-restricted", Area: "sshd", Severity: finding.Medium, Title: "SSH is open to every address",
			Why: "Who cannot reach the port cannot try passwords, stolen keys or a hole in sshd.", FixBy: finding.FixCommand,
			Fix: "allow the port in the firewall from known addresses only, or set AllowUsers USER@NETWORK"}, judgeSource},
		{Check{ID: "ssh.user-ca", Area: "sshd", Severity: finding.Low, Title: "users log in with keys that never expire by themselves",
			Why: "A certificate ends by itself and needs no list of keys on each machine.", FixBy: finding.FixAdvice,
			Fix: "sign users' keys with an SSH authority and set TrustedUserCAKeys"}, judgeCA},
	}
	for _, r := range sshdRules() {
		list = append(list, hostCheck{r.Check, r.judge})
	}
	return list
}

const asRoot = "run it as root: sudo keysweep audit host"

// errNoProgram is about a configuration that nothing seems to read.
var errNoProgram = errors.New("there is " + sshd.Path + ", and no sshd where programs are")

// config returns sshd's configuration, or says why the check has nothing to judge.
func (m *machine) config() (*sshd.Config, bool) {
	f := m.SSHD
	switch {
	case f == nil:
		m.unknown("sshd was not looked at", host.ErrNotCollected, "")
		return nil, false
	case host.Missing(f.BinaryErr) && f.ConfigErr == nil:
		m.unknown("whether sshd is installed is not known", errNoProgram, "if it is gone, remove "+sshd.Path+"; if /usr is a file system of its own, mount it")
		return nil, false
	case host.Missing(f.BinaryErr):
		m.absent("sshd is not installed")
		return nil, false
	case host.Missing(f.ConfigErr):
		m.absent("sshd has no configuration at " + sshd.Path + " and does not start")
		return nil, false
	case f.ConfigErr != nil:
		m.unknown("sshd's configuration could not be read", f.ConfigErr, asRoot)
		return nil, false
	}
	return f.Config, true
}

// spot is the place of an origin.
func spot(o host.Origin, v sshd.Version, note string) finding.Spot {
	if o.Path == "" {
		return finding.Spot{Fact: "default (" + v.String() + ")", Note: note}
	}
	if o.Path == sshd.CommandLine {
		return finding.Spot{Fact: o.Path + ": " + o.Text, Note: note}
	}
	s := finding.Spot{Path: o.Path, Text: o.Text, Note: note}
	if o.Line > 0 {
		s.Span.Start = finding.Position{Line: o.Line, Column: max(o.Column, 1)}
		s.Span.End = finding.Position{Line: o.Line, Column: max(utf8.RuneCountInString(o.Text)+1, s.Span.Start.Column)}
	}
	return s
}

// decided returns the spot of a value and those of the lines that are never reached.
func decided(v sshd.Value, version sshd.Version) (finding.Spot, []finding.Spot) {
	note := "this value wins (first value read)"
	if len(v.Shadowed) == 0 {
		note = "sets it"
	}
	if v.Origin.Path == "" {
		note = ""
	}
	where := spot(v.Origin, version, note)
	var related []finding.Spot
	for i, s := range v.Shadowed {
		if i == 10 {
			break
		}
		related = append(related, spot(s.Origin, version, "never reached"))
	}
	return where, related
}

// one lower is a severity of what only some can use; the lowest stays.
func lower(s finding.Severity) finding.Severity { return max(s-1, finding.Low) }

func judgeConfig(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	before := len(m.results)
	for i, p := range c.Problems {
		if !p.Fatal || i >= 20 {
			continue
		}
		r := finding.Result{State: finding.Fail, Subject: p.Origin.String(), Found: p.Text, Wanted: "a line that sshd takes", Where: spot(p.Origin, c.Version, "")}
		if t := m.SSHD.Test; t != nil && t.Exit == 0 { // a build with keywords of its own
			r.State, r.Cause, r.Title = finding.Undetermined, p.Text+"; but sshd -t takes it", "a line of sshd's configuration is not understood here"
		}
		m.say(r)
	}
	if p := c.Broken(); p == nil {
		m.judgeTest(c)
	}
	for _, g := range c.Gaps {
		m.say(finding.Result{State: finding.Undetermined, Subject: g.Path, Title: "a part of sshd's configuration could not be read", Cause: g.Err.Error(), Hint: asRoot})
	}
	m.judgeDisputes(c)
	if len(m.results) == before {
		m.pass("sshd takes its configuration", finding.Spot{Path: c.Path})
	}
}

// judgeTest judges what sshd -t said. That it has no directory to work in, or no host key for this user, says nothing about the configuration.
func (m *machine) judgeTest(c *sshd.Config) {
	t := m.SSHD.Test
	if t == nil || t.Exit == 0 || !m.Source.Root() {
		return
	}
	said, _, _ := strings.Cut(strings.TrimSpace(string(t.Stderr)), "\n")
	if strings.HasPrefix(said, noDirectory) {
		return
	}
	m.say(finding.Result{State: finding.Fail, Subject: "sshd -t", Found: said, Wanted: "no error", Where: finding.Spot{Path: c.Path}})
}

// noDirectory is what sshd says if it has no directory to work in, as before its first start.
const noDirectory = "Missing privilege separation directory"

// asked reports whether sshd was asked in vain, by somebody whom it answers.
func (m *machine) asked() bool {
	err := m.SSHD.AskErr
	return err != nil && m.Source.Kind() == host.Live && m.Source.Root() && !errors.Is(err, host.ErrNotCollected) && !errors.Is(err, host.ErrNotRun)
}

// judgeDisputes reports what sshd itself sees differently: then nobody knows.
func (m *machine) judgeDisputes(c *sshd.Config) {
	for i, d := range m.SSHD.Disputes {
		if i == 10 {
			break
		}
		m.say(finding.Result{State: finding.Undetermined, Subject: d.Keyword + " for " + d.Connection.User + " from " + d.Connection.Addr,
			Title: "sshd and its files do not agree", Cause: fmt.Sprintf("the files say %q, sshd says %q", d.Ours, d.Real), Where: finding.Spot{Path: c.Path},
			Hint: "please report the configuration, without its secrets"})
	}
	if err := m.SSHD.AskErr; m.asked() && c.Broken() == nil && !strings.Contains(err.Error(), noDirectory) {
		m.say(finding.Result{State: finding.Undetermined, Subject: "sshd -T", Title: "sshd could not be asked what holds", Cause: err.Error(), Hint: "sshd -T -C user=root,host=x,addr=127.0.0.1"})
	}
}

func judgeReload(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	f := m.SSHD
	switch {
	case m.Source.Kind() == host.Image:
		m.absent("nothing runs in an image")
	case m.judgeArguments(f):
	case host.Missing(f.LoadedErr):
		m.absent("sshd does not run: it has no pid file")
	case f.LoadedErr != nil:
		m.unknown("when sshd read its configuration is not known", f.LoadedErr, "systemctl show ssh -p ActiveEnterTimestamp")
	case f.Changed.After(f.Loaded):
		m.say(finding.Result{State: finding.Fail, Found: fmt.Sprintf("%s changed %s, sshd read it %s", f.Newest, f.Changed.UTC().Format("2006-01-02 15:04"),
			f.Loaded.UTC().Format("2006-01-02 15:04")), Wanted: "read after the last change", Where: finding.Spot{Path: f.Newest}})
	default:
		m.pass("sshd runs with the configuration of its files", finding.Spot{Path: c.Path})
	}
}

// judgeArguments says that the sshd that runs was started with something else than its unit gives it now.
func (m *machine) judgeArguments(f *sshd.Facts) bool {
	now, next := f.Config.Arguments, f.Unit
	if !now.Running || next.Err != nil || next.Origin.Path == "" || slices.Equal(now.Words, next.Words) || !now.Overrides() && !next.Overrides() {
		return false
	}
	m.say(finding.Result{State: finding.Fail, Subject: "arguments", Title: "sshd runs with other arguments than its unit gives it", Found: "sshd " + strings.Join(now.Words, " "),
		Wanted: "sshd " + strings.Join(next.Words, " "), Where: spot(now.Origin, f.Config.Version, "runs"), Related: []finding.Spot{spot(next.Origin, f.Config.Version, "at the next start")},
		Fix: "settle which ones are right, then: systemctl daemon-reload && systemctl restart ssh", FixBy: finding.FixAdvice})
	return true
}

func judgePort(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	v := c.Resolve(sshd.Connection{}).Get("port")
	if v.Err != nil {
		m.unknown("sshd's ports are not known", v.Err, asRoot)
		return
	}
	where, related := decided(v, c.Version)
	if !slices.Contains(v.Words, "22") {
		m.pass("Port "+v.String(), where)
		return
	}
	m.say(finding.Result{State: finding.Fail, Found: "Port " + v.String(), Wanted: "another port", Where: where, Related: related})
}

func judgePorts(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	v := c.Resolve(sshd.Connection{}).Get("listenaddress")
	if v.Err != nil {
		m.unknown("sshd's ports are not known", v.Err, asRoot)
		return
	}
	said := listenPorts(v.Words)
	port := c.Resolve(sshd.Connection{}).Get("port")
	where, related := decided(port, c.Version)
	s := m.SSHD.Socket
	if s.Err != nil {
		m.unknown("the unit that listens for sshd could not be read", s.Err, asRoot)
		return
	}
	if s.Unit != "" && len(s.Ports()) > 0 {
		if !same(said, s.Ports()) {
			m.say(finding.Result{State: finding.Fail, Subject: s.Unit, Found: s.Unit + " listens on " + strings.Join(s.Ports(), ", "),
				Wanted: "port " + strings.Join(said, ", ") + ", as sshd_config says", Where: spot(s.Origin, c.Version, ""), Related: append(related, where)})
			return
		}
	}
	m.judgeListeners(said, where)
}

func listenPorts(addresses []string) []string {
	var list []string
	for _, a := range addresses {
		a, _, _ = strings.Cut(a, " ")
		p := a[strings.LastIndexByte(a, ':')+1:]
		if _, err := strconv.Atoi(p); err == nil && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
