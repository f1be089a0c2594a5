package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/fail2ban"
	"keysweep/host/sshd"
)

func fail2banChecks() []hostCheck {
	const area = "fail2ban"
	return []hostCheck{
		{Check{ID: "f2b.enabled", Area: area, Severity: finding.Medium, Title: "nothing keeps those out who guess passwords",
			Why: "whoever may try without end fills the logs and the machine's time, and finds a weak password some day",
			Fix: "apt-get install fail2ban python3-systemd && systemctl enable --now fail2ban", FixBy: finding.FixCommand}, judgeGuard},
		{Check{ID: "f2b.log-source", Area: area, Severity: finding.High, Title: "fail2ban does not see sshd's log",
			Why: "it runs, and never bans anybody: systems without rsyslog have no auth.log",
			Fix: "apt-get install python3-systemd && keysweep fix f2b.log-source", FixBy: finding.FixAuto}, judgeLogSource},
		{Check{ID: "f2b.ssh-port", Area: area, Severity: finding.High, Title: "fail2ban bans at another port than sshd's",
			Why: "who is banned from port 22 goes on at the one where sshd listens",
			Fix: "keysweep fix f2b.ssh-port", FixBy: finding.FixAuto}, judgeBannedPort},
	}
}

func judgeGuard(m *machine) {
	g := m.Guard
	if g == nil || m.noServer() {
		return
	}
	if m.otherGuard() {
		return
	}
	r := finding.Result{State: finding.Fail, Wanted: "fail2ban with its jail sshd, or something like it", Where: finding.Spot{Fact: "fail2ban"}}
	switch {
	case !g.Installed:
		r.Title, r.Found = "nothing keeps those out who guess passwords: fail2ban is not installed", "no fail2ban, sshguard, crowdsec, ufw limit or PerSourcePenalties"
	case g.Jail.Err != nil:
		m.unknown("fail2ban's jail for sshd is not known", g.Jail.Err, rootHint)
		return
	case !g.Jail.Enabled:
		r.Title, r.Found, r.Where = "fail2ban's jail for sshd is switched off", "enabled = "+orDefault(g.Jail.EnabledAt.Text, "false"), spotOf(g.Jail.EnabledAt.Origin)
		r.Fix = `printf '[sshd]\nenabled = true\n' > /etc/fail2ban/jail.d/sshd.local && systemctl restart fail2ban`
		if r.Where == (finding.Spot{}) {
			r.Where = finding.Spot{Fact: "fail2ban: no jail sshd"}
		}
	case g.Running.Err != nil && g.Boot.Err != nil:
		m.unknown("whether fail2ban runs is not known", g.Running.Err, rootHint)
		return
	case g.Running.Err == nil && !g.Running.Yes:
		r.Title, r.Found, r.Fix = "fail2ban does not run", "fail2ban-client ping is not answered", "systemctl enable --now fail2ban; fail2ban-client -t says what is wrong"
	case !g.Boot.Yes && g.Boot.Err == nil:
		r.Title, r.Found, r.Fix = "fail2ban is not started at boot", "no unit wants fail2ban.service", "systemctl enable --now fail2ban"
	default:
		m.pass("fail2ban's jail for sshd is on", spotOf(g.Jail.EnabledAt.Origin))
		return
	}
	m.say(r)
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// noServer handles machines without sshd: neither the program nor its configuration is there, as far as was looked.
func (m *machine) noServer() bool {
	if m.SSHD != nil && m.SSHD.BinaryErr != nil && host.Missing(m.SSHD.ConfigErr) {
		m.absent("there is no sshd")
		return true
	}
	return false
}

// otherGuard passes machines where something else does what fail2ban does.
func (m *machine) otherGuard() bool {
	for _, name := range m.Guard.Others {
		m.pass(name+" is started at boot", finding.Spot{Fact: name})
		return true
	}
	ports, err := m.sshPorts()
	limited := err == nil && len(ports) > 0 && m.Firewall != nil && m.Firewall.Err == nil
	var where host.Origin
	for _, p := range ports {
		if limited {
			where, limited = m.Firewall.LimitsPort(p)
		}
	}
	if limited {
		m.pass("the firewall limits how often an address may connect to sshd", spotOf(where))
		return true
	}
	if m.SSHD == nil || m.SSHD.Config == nil {
		return false
	}
	v := m.SSHD.Config.Version
	penalties := m.SSHD.Config.Resolve(sshd.Connection{}).Get("persourcepenalties")
	if v.Major > 9 || v.Major == 9 && v.Minor >= 8 {
		if penalties.Err == nil && !slices.Contains(penalties.Words, "no") {
			m.pass("sshd itself keeps out who fails (PerSourcePenalties, since OpenSSH 9.8)", spotOf(penalties.Origin))
			return true
		}
	}
	return false
}

// noJail handles machines where there is no jail to be right or wrong.
func (m *machine) noJail() bool {
	g := m.Guard
	switch {
	case g == nil:
	case !g.Installed:
		m.absent("fail2ban is not installed")
	case g.Jail.Err != nil:
		m.unknown("fail2ban's jail for sshd is not known", g.Jail.Err, rootHint)
	case !g.Jail.Enabled:
		m.absent("fail2ban's jail for sshd is off; see f2b.enabled")
	default:
		return false
	}
	return true
}

func judgeLogSource(m *machine) {
	if m.noJail() {
		return
	}
	j := m.Guard.Jail
	r := finding.Result{State: finding.Fail, Found: "backend = " + j.Backend.Text, Wanted: "a log that sshd writes to", Where: spotOf(j.Backend.Origin)}
	switch {
	case m.Guard.TestErr == nil && m.Guard.Test.Exit != 0:
		r.Title, r.Found = "fail2ban does not start with its configuration", "fail2ban-client -t: "+complaint(m.Guard.Test)
		r.Where = finding.Spot{Fact: "fail2ban-client -t"}
	case j.Journal() && j.Python.Err != nil:
		m.unknown("whether fail2ban can read the journal is not known", j.Python.Err, rootHint)
		return
	case j.Journal() && !j.Python.Yes:
		r.Title, r.Found, r.Wanted = "fail2ban is told to read the journal, and Python's module for it is missing", "backend = "+j.Backend.Text+", no module systemd", "the module systemd of Python"
		r.Fix = "apt-get install python3-systemd && systemctl restart fail2ban"
	case j.Journal():
		m.pass("fail2ban reads the journal", spotOf(j.Backend.Origin))
		return
	case len(j.Files) == 0:
		r.Title, r.Found = "fail2ban watches a log that is not there: "+strings.Join(strings.Fields(j.Logs.Text), ", "), r.Found+", logpath = "+j.Logs.Text
		r.Where, r.Related = spotOf(j.Logs.Origin), []finding.Spot{spotOf(j.Backend.Origin)}
	default:
		m.pass("fail2ban watches "+strings.Join(j.Files, ", "), spotOf(j.Logs.Origin))
		return
	}
	m.say(r)
}

// complaint is the line that says what is wrong: an error, or else the last one.
func complaint(out host.Output) string {
	lines := strings.Split(strings.TrimSpace(string(out.Stderr)+"\n"+string(out.Stdout)), "\n")
	best := lines[len(lines)-1]
	for _, l := range lines {
		if strings.Contains(l, "ERROR") && strings.Contains(l, "Failed during configuration") || strings.Contains(l, "Have not found any log") {
			best = l
		}
	}
	if _, text, ok := strings.Cut(best, "]: "); ok {
		best = text
	}
	return strings.TrimSpace(best)
}

func judgeBannedPort(m *machine) {
	if m.noServer() || m.noJail() {
		return
	}
	ports, err := m.sshPorts()
	if err != nil {
		m.unknown("sshd's ports are not known", err, rootHint)
		return
	}
	j := m.Guard.Jail
	if j.AllPorts() {
		m.pass("who is banned is kept from every port", spotOf(j.Actions.Origin))
		return
	}
	var missing []string
	for _, p := range ports {
		covered, ok := covers(j, p)
		if !ok {
			m.unknown("the jail's ports are not understood: "+j.Port.Text, fmt.Errorf("port = %s names a service that is not known", j.Port.Text), "write the port as a number")
			return
		}
		if !covered {
			missing = append(missing, strconv.Itoa(int(p)))
		}
	}
	if len(missing) == 0 {
		m.pass("the jail is for sshd's ports: "+j.Port.Text, spotOf(j.Port.Origin))
		return
	}
	var all []string
	for _, p := range ports {
		all = append(all, strconv.Itoa(int(p)))
	}
	m.say(finding.Result{State: finding.Fail, Title: "fail2ban does not ban at sshd's port " + strings.Join(missing, " and "), Found: "port = " + j.Port.Text, Wanted: strings.Join(all, ","),
		Where: spotOf(j.Port.Origin)})
}

// covers reports whether a jail is for a port: "ssh,2222", "0:65535". ok is false if a name in it is not known.
func covers(j fail2ban.Jail, port uint16) (covered, ok bool) {
	for part := range strings.FieldsFuncSeq(j.Port.Text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		if known, is := services()[part]; is {
			part = known
		}
		low, high, isRange := strings.Cut(strings.ReplaceAll(part, "-", ":"), ":")
		if !isRange {
			high = low
		}
		a, err1 := strconv.ParseUint(low, 10, 16)
		b, err2 := strconv.ParseUint(high, 10, 16)
		if err1 != nil || err2 != nil {
			return false, false
		}
		if a <= uint64(port) && uint64(port) <= b {
			return true, true
		}
	}
	return false, true
}

// services are the names of ports that stand in jails for sshd (services(5)); sftp is a name that people write for ssh, and has port 115.
func services() map[string]string {
	return map[string]string{"ssh": "22", "sftp": "115", "ftp": "21", "http": "80", "https": "443"}
}
