package audit

import (
	"net/netip"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/sshd"
)

// judgeAllow judges whether a list says who may log in, and whether the names on it exist.
func judgeAllow(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	v := c.Resolve(sshd.Connection{})
	users, groups := v.Get("allowusers"), v.Get("allowgroups")
	for _, value := range []sshd.Value{users, groups} {
		if value.Err != nil {
			m.unknown("who may log in is not known", value.Err, asRoot)
			return
		}
	}
	value := users
	if !namesSomebody(users) {
		value = groups
	}
	where, related := decided(value, c.Version)
	if !namesSomebody(value) {
		found := "neither AllowUsers nor AllowGroups"
		if users.Words != nil {
			found, where = spelled(users), spot(users.Origin, c.Version, "names everybody")
		}
		m.say(finding.Result{State: finding.Fail, Found: found, Wanted: "AllowUsers or AllowGroups with names", Where: where, Related: related})
		return
	}
	m.judgeNames(c, users, groups)
}

// namesSomebody reports whether a list names somebody: patterns that fit everybody do not count.
func namesSomebody(v sshd.Value) bool {
	return len(v.Words) > 0 && !slices.ContainsFunc(v.Words, func(w string) bool {
		user, _, _ := strings.Cut(w, "@")
		return strings.Trim(user, "*") == ""
	})
}

// judgeNames reports names on the lists that nobody has.
func (m *machine) judgeNames(c *sshd.Config, users, groups sshd.Value) {
	a := m.Accounts
	if a == nil || a.Err != nil {
		m.unknown("whether the users of AllowUsers exist is not known", host.ErrNotCollected, asRoot)
		return
	}
	missing := false
	for _, w := range users.Words {
		name, _, _ := strings.Cut(w, "@")
		if _, ok := a.Find(name); ok || strings.ContainsAny(name, "*?!") {
			continue
		}
		missing = true
		m.say(finding.Result{State: finding.Fail, Severity: finding.Low, Subject: name, Title: "AllowUsers names a user that does not exist", Found: "AllowUsers " + w,
			Wanted: "users of /etc/passwd", Where: spot(users.Origin, c.Version, ""), Confidence: finding.MediumConfidence, // a directory service may know him
			Why: "Whoever makes an account of that name may log in."})
	}
	if missing {
		return
	}
	value := users
	if !namesSomebody(users) {
		value = groups
	}
	where, _ := decided(value, c.Version)
	m.pass(spelled(value), where)
}

// judgeSource judges whether SSH is open to every address.
func judgeSource(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	v := c.Resolve(sshd.Connection{})
	users, listen := v.Get("allowusers"), v.Get("listenaddress")
	for _, value := range []sshd.Value{users, listen} {
		if value.Err != nil {
			m.unknown("from where users may log in is not known", value.Err, asRoot)
			return
		}
	}
	where, _ := decided(users, c.Version)
	if len(users.Words) > 0 && !slices.ContainsFunc(users.Words, func(w string) bool { return !fromSomewhere(w) }) {
		m.pass(spelled(users), where)
		return
	}
	if !slices.ContainsFunc(listen.Words, public) {
		where, _ = decided(listen, c.Version)
		m.pass("sshd listens on "+strings.Join(listen.Words, ", ")+" only", where)
		return
	}
	m.judgeFirewall(c, listenPorts(listen.Words))
}

// fromSomewhere reports whether a pattern of AllowUsers lets users in from some addresses only.
func fromSomewhere(pattern string) bool {
	_, hosts, at := strings.Cut(pattern, "@")
	if !at {
		return false
	}
	for h := range strings.SplitSeq(hosts, ",") {
		if strings.Trim(h, "*?.:") == "" || strings.HasSuffix(h, "/0") {
			return false
		}
	}
	return true
}

// public reports whether an address to listen on is one that others reach.
func public(listen string) bool {
	listen, _, _ = strings.Cut(listen, " ")
	at, err := netip.ParseAddrPort(listen)
	if err != nil {
		return true
	}
	a := at.Addr().Unmap()
	return !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast()
}

// judgeCA judges whether users can log in with certificates.
func judgeCA(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	ca := c.Resolve(sshd.Connection{}).Get("trustedusercakeys")
	if ca.Err != nil {
		m.unknown("whether certificates are taken is not known", ca.Err, asRoot)
		return
	}
	where, related := decided(ca, c.Version)
	if ca.Is("none") {
		m.say(finding.Result{State: finding.Fail, Found: "TrustedUserCAKeys none", Wanted: "an authority that signs users' keys", Where: where, Related: related})
		return
	}
	_, err := m.Source.Stat(ca.String())
	switch {
	case host.Missing(err):
		m.say(finding.Result{State: finding.Fail, Title: "the file of the authority is missing", Found: spelled(ca), Wanted: "a file that exists", Where: where})
	case err != nil:
		m.unknown("whether the file of the authority is there is not known", err, asRoot)
	default:
		m.pass(spelled(ca), where)
	}
}
