package audit

import (
	"cmp"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/units"
)

// logChecks are the checks of what remains to be read after an incident.
func logChecks() []hostCheck {
	const area = "logs"
	return []hostCheck{
		{Check{ID: "logs.persistent", Area: area, Severity: finding.Medium, Title: "logs are lost with a reboot",
			Why: "After an attack, the logs are all that tells what was done.", FixBy: finding.FixAuto,
			Fix: "keysweep fix logs.persistent"}, judgePersistent},
		{Check{ID: "logs.forwarded", Area: area, Severity: finding.Low, Title: "logs are kept on this machine only",
			Why: "Who takes the machine over takes its logs away.", FixBy: finding.FixAdvice,
			Fix: "send them to another machine: rsyslog (omfwd), systemd-journal-upload, or your provider's agent"}, judgeForwarded},
		{Check{ID: "logs.new-login-source", Area: area, Severity: finding.Medium, Title: "somebody logged in from a new address",
			Why: "A stolen key or password shows first by the address that it is used from.", FixBy: finding.FixAdvice,
			Fix: "ask who it was; addresses that people use belong into logins.known of policy.toml"}, judgeVisits},
		{Check{ID: "logs.node", Area: area, Severity: finding.Low, Title: "what a node service says is thrown away",
			Why: "Without its log nobody finds out why it failed, or who talked to it.", FixBy: finding.FixCommand, Fix: "set StandardOutput=journal and StandardError=journal"}, judgeNodeLogs},
	}
}

func judgePersistent(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	l := f.Logs
	where := spotOf(l.StorageAt)
	if l.StorageAt.Path == "" {
		where = finding.Spot{Fact: "Storage=" + cmp.Or(l.Storage, "auto") + " (default), /var/log/journal"}
	}
	switch {
	case l.Kept:
		m.pass("the journal is kept over reboots", where)
	case l.Syslog != "":
		m.pass("logs are kept by "+l.Syslog, finding.Spot{Fact: "unit " + l.Syslog})
	case l.JournalErr != nil && !host.Missing(l.JournalErr):
		m.unknown("whether logs are kept is not known", l.JournalErr, asRoot)
	case l.SyslogErr != nil:
		m.unknown("whether a syslog daemon runs is not known", l.SyslogErr, asRoot)
	case host.Missing(l.JournalErr):
		m.unknown("whether logs are kept is not known", l.JournalErr, "there is no systemd: see what keeps the logs, and attest it")
	default:
		m.say(finding.Result{State: finding.Fail, Found: "journald's Storage is " + l.Storage + ", and no syslog daemon starts", Wanted: "a journal in /var/log/journal, or a syslog daemon", Where: where})
	}
}

func judgeForwarded(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	l := f.Logs
	switch {
	case len(l.Forward) > 0:
		m.pass("logs are sent to another machine", spotOf(l.Forward[0]))
	case l.ForwardErr != nil:
		m.unknown("whether logs are sent to another machine is not known", l.ForwardErr, asRoot)
	default:
		m.say(finding.Result{State: finding.Fail, Confidence: finding.MediumConfidence, Found: "neither rsyslog, syslog-ng nor journald sends them", Wanted: "a copy on another machine", Where: finding.Spot{Fact: "log forwarding"}})
	}
}

func judgeNodeLogs(m *machine) {
	switch {
	case len(m.rules.NodeServices) == 0:
		m.absent("the policy names no node services")
		return
	case m.Units == nil:
		m.unknown("services were not looked at", host.ErrNotCollected, "")
		return
	case m.Units.Err != nil && !host.Missing(m.Units.Err):
		m.unknown("services are not known", m.Units.Err, asRoot)
		return
	}
	looked := 0
	for _, pattern := range m.rules.NodeServices {
		for _, name := range units.Match(m.Units.Names(), pattern) {
			looked++
			m.judgeOutput(name)
		}
	}
	if looked == 0 {
		m.absent("none of the node services that the policy names is here")
	}
}

func (m *machine) judgeOutput(name string) {
	u := m.Units.Services[name]
	if u == nil {
		m.say(finding.Result{State: finding.Undetermined, Subject: name, Title: "where its log goes is not known", Cause: m.Units.Errs[name].Error(), Hint: asRoot})
		return
	}
	for _, key := range []string{"StandardOutput", "StandardError"} {
		if s, ok := u.Last("Service", key); ok && s.Value == "null" {
			m.say(finding.Result{State: finding.Fail, Subject: name, Title: "what it says is thrown away", Found: key + "=null", Wanted: key + "=journal", Where: spotOf(s.At)})
			return
		}
	}
	m.say(finding.Result{State: finding.Pass, Subject: name, Title: "what it says is kept", Where: finding.Spot{Path: u.Path}})
}
