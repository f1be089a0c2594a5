package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/logins"
	"keysweep/host/sshd"
)

// judgeVisits judges from where people logged in of late: from addresses that the policy knows, or that were used before. Of the logs that
// cannot be read nobody knows.
func judgeVisits(m *machine) {
	f := m.Visits
	switch {
	case f == nil:
		m.unknown("logins were not looked at", host.ErrNotCollected, "")
		return
	case host.Missing(f.Err):
		m.unknown("from where people log in is not known", f.Err, "there is no systemd and no syslog: see what records logins, and attest it")
		return
	}
	begin := f.Until.AddDate(0, 0, -recentDays)
	if f.Until.IsZero() {
		begin = m.at().AddDate(0, 0, -recentDays)
	}
	before := map[netip.Prefix]bool{}
	fresh := map[string][]logins.Login{}
	var order []string
	for _, l := range f.Logins {
		switch subject := l.User + " from " + l.From.String(); {
		case l.At.Before(begin):
			before[network(l.From)] = true
		case l.From.IsLoopback() || m.rules.knows(l.From) || before[network(l.From)]:
		default:
			if fresh[subject] == nil {
				order = append(order, subject)
			}
			fresh[subject] = append(fresh[subject], l)
		}
	}
	m.saySources(f, begin, len(before), order, fresh)
}

// saySources says what was found: from so many places people came before, and from others since.
func (m *machine) saySources(f *logins.Facts, begin time.Time, before int, order []string, fresh map[string][]logins.Login) {
	since := begin.UTC().Format(time.DateOnly)
	where := finding.Spot{Fact: "logins: " + strings.Join(f.Sources, ", ")}
	if len(order) > 0 && before == 0 && len(m.rules.Known) == 0 {
		m.unknown(fmt.Sprintf("whether the %d places of logins since %s are new is not known", len(order), since), fmt.Errorf("no login before is recorded"),
			"name the addresses that people log in from in logins.known of policy.toml")
		return
	}
	for i, subject := range order {
		if i == maxSources {
			m.say(finding.Result{State: finding.Fail, Subject: "others", Found: fmt.Sprintf("%d more", len(order)-i), Wanted: "addresses that were used before, or that the policy knows", Where: where})
			break
		}
		all := fresh[subject]
		last := all[len(all)-1]
		m.say(finding.Result{State: finding.Fail, Subject: subject, Found: fmt.Sprintf("%s, %d times since %s", by(last), len(all), all[0].At.UTC().Format("2006-01-02 15:04")),
			Wanted: "addresses that were used before, or that the policy knows", Where: where})
	}
	switch quiet := m.quiet(); {
	case f.Err != nil:
		m.unknown("from where all people logged in is not known", f.Err, asRoot)
	case len(order) > 0:
	case len(f.Logins) == 0 && quiet != nil:
		m.unknown("from where people log in is not known", quiet, "set LogLevel VERBOSE in sshd_config")
	default:
		m.pass("nobody logged in from a new address since "+since, where)
	}
}

// maxSources is how many places are named.
const maxSources = 20

// by says how somebody got in.
func by(l logins.Login) string {
	switch {
	case l.Key != "":
		return "by " + l.Method + " " + l.Key
	case l.Method != "":
		return "by " + l.Method
	}
	return "with a terminal"
}

// quiet says why sshd may record no logins.
func (m *machine) quiet() error {
	if m.SSHD == nil || m.SSHD.Config == nil {
		return nil
	}
	level := m.SSHD.Config.Resolve(sshd.Connection{}).Get("loglevel")
	if level.Err != nil {
		return level.Err
	}
	if slices.ContainsFunc([]string{"QUIET", "SILENT", "FATAL", "ERROR"}, func(l string) bool { return strings.EqualFold(l, level.String()) }) {
		return fmt.Errorf("LogLevel %s: sshd does not say who logs in", level)
	}
	return nil
}

// network is what belongs to one place: an address of IPv4, and of IPv6 the network that a subscriber has.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// knows reports whether the policy names a network that an address is in.
func (r *Rules) knows(a netip.Addr) bool {
	return slices.ContainsFunc(r.Known, func(p netip.Prefix) bool { return p.Contains(a) })
}
