package audit

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/sshd"
)

// exposure is who can reach a port, as far as it matters.
type exposure int

const (
	blocked    exposure = iota // nobody
	restricted                 // some networks, or only by a tunnel
	unclear                    // perhaps everybody: a rule was not understood
	open                       // everybody
)

// exposed says who can reach a port at an address, by one of some families; the worst counts. from are those who can, by are the
// rules that let them.
func (m *machine) exposed(protocol string, port uint16, to netip.Addr, families ...firewall.Family) (e exposure, from string, by []host.Origin, cause error) {
	from = "nobody"
	for _, family := range families {
		a := m.Firewall.Reach(firewall.Query{Family: family, Protocol: protocol, Port: port, To: to})
		sure, maybe := a.Sure(outside), a.Maybe(outside)
		now := restricted
		switch {
		case sure.Share() >= wide:
			now = open
		case maybe.Share() >= wide:
			now = unclear
		case maybe.Empty():
			now = blocked
			if !a.Maybe(func(string) bool { return true }).Empty() {
				now = restricted
			}
		}
		if now >= e {
			if now > e || by == nil {
				e, from = now, maybe.String()
			}
			by = append(by, a.By(outside)...)
		}
		if now == unclear && cause == nil {
			cause = a.Cause
		}
	}
	return e, from, by, cause
}

func judgeDefaultDeny(m *machine) {
	if m.noFirewall() {
		return
	}
	for _, family := range m.families() {
		if !m.Firewall.Rules(family) {
			continue // firewall.enabled says it
		}
		drops, where := m.Firewall.Policy("input", family)
		var opens, unclears int
		for _, class := range m.Firewall.Classes() {
			switch e, _, _, _ := m.exposed("tcp", class[0], netip.Addr{}, family); e {
			case open:
				opens += int(class[1]-class[0]) + 1
			case unclear:
				unclears += int(class[1]-class[0]) + 1
			}
		}
		found := map[bool]string{true: "the policy drops", false: "the policy accepts"}[drops]
		r := finding.Result{Subject: family.String(), Found: fmt.Sprintf("%s; %d of 65535 TCP ports are open to every address", found, opens), Wanted: "what no rule allows is dropped", Where: spotOf(where)}
		const most = 65535 / 2
		switch {
		case opens > most:
			r.State = finding.Fail
		case opens+unclears > most:
			r.State, r.Title, r.Cause = finding.Undetermined, "whether other ports are closed is not known", firewall.ErrOpaque.Error()
		default:
			r.State, r.Title = finding.Pass, "other ports are closed"
		}
		m.say(r)
	}
}

// sshPorts are those that sshd listens at: by its configuration and its socket, and where neither is known, by what listens.
func (m *machine) sshPorts() ([]uint16, error) {
	if m.SSHD == nil || m.SSHD.Config == nil {
		return m.listeningSSH()
	}
	v := m.SSHD.Config.Resolve(sshd.Connection{}).Get("port")
	if v.Err != nil {
		return nil, v.Err
	}
	var list []uint16
	for _, word := range v.Words {
		if n, err := strconv.ParseUint(word, 10, 16); err == nil {
			list = append(list, uint16(n))
		}
	}
	return list, nil
}

func (m *machine) listeningSSH() ([]uint16, error) {
	if m.Sockets == nil || m.Sockets.Err != nil {
		return nil, errors.New("neither sshd's configuration nor what listens is known")
	}
	var list []uint16
	for _, l := range m.Sockets.Listeners {
		if l.Command == "sshd" && l.Protocol == "tcp" && !l.Loopback() && !slices.Contains(list, l.At.Port()) {
			list = append(list, l.At.Port())
		}
	}
	return list, nil
}

func judgeSSHAllowed(m *machine) {
	if m.noFirewall() || m.noServer() {
		return
	}
	ports, err := m.sshPorts()
	if err != nil {
		m.unknown("sshd's ports are not known", err, rootHint)
		return
	}
	for _, port := range ports {
		name := fmt.Sprintf("%d/tcp", port)
		e, from, by, cause := m.exposed("tcp", port, netip.Addr{}, m.families()...)
		r := finding.Result{Subject: name, Found: name + " is open to " + from, Wanted: "at least one source", Where: m.rule(by), Fix: "ufw allow " + name}
		switch e {
		case blocked:
			r.State, r.Title = finding.Fail, "the firewall lets nobody in to sshd"
		case unclear:
			r.State, r.Title, r.Cause = finding.Undetermined, "whether the firewall lets somebody in to sshd is not known", cause.Error()
		default:
			r.State, r.Title = finding.Pass, "sshd can be reached"
		}
		m.say(r)
	}
}

// rule is a spot for the rule that decides, or for the firewall as a whole.
func (m *machine) rule(by []host.Origin) finding.Spot {
	if len(by) > 0 {
		return spotOf(by[0])
	}
	return finding.Spot{Fact: "firewall: " + m.Firewall.String()}
}

func judgeAnySource(m *machine) {
	if m.noFirewall() {
		return
	}
	ssh, _ := m.sshPorts()
	found := false
	for _, protocol := range []string{"tcp", "udp"} {
		for _, r := range m.openRanges(protocol, ssh) {
			found = true
			if r.First == 1 && r.Last == 65535 {
				m.absent("every port is open; see firewall.default-deny")
				return
			}
			m.say(m.anySource(r))
		}
	}
	if !found {
		m.pass("only the ports of the policy and sshd's are open to every address", m.rule(nil))
	}
}

// openRange is a range of ports that everybody can reach, and the rules that let him.
type openRange struct {
	Port
	by []host.Origin
}

// openRanges are those that the policy does not name; sshd's port is left to the checks of its own.
func (m *machine) openRanges(protocol string, ssh []uint16) []openRange {
	var list []openRange
	for _, class := range m.Firewall.Classes() {
		e, _, by, _ := m.exposed(protocol, class[0], netip.Addr{}, m.families()...)
		if e != open || m.named(class[0], protocol) || class[0] == class[1] && protocol == "tcp" && slices.Contains(ssh, class[0]) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].Last+1 == class[0] {
			list[n-1].Last = class[1]
			continue
		}
		list = append(list, openRange{Port{class[0], class[1], protocol}, by})
	}
	return list
}

func (m *machine) anySource(r openRange) finding.Result {
	name := fmt.Sprintf("%d/%s", r.First, r.Protocol)
	if r.Last != r.First {
		name = fmt.Sprintf("%d-%d/%s", r.First, r.Last, r.Protocol)
	}
	result := finding.Result{State: finding.Fail, Subject: name, Severity: finding.Medium, Title: "open to every address", Found: "any source", Wanted: "named sources, or the port among ports.public of the policy", Where: m.rule(r.by)}
	switch {
	case r.First == r.Last && (r.First == 80 || r.First == 443):
		result.Severity = finding.Low
	case slices.ContainsFunc(guardedPorts(), func(s service) bool { return r.First <= s.port && s.port <= r.Last }):
		result.Severity = finding.High
	}
	for _, o := range r.by[min(1, len(r.by)):] {
		result.Related = append(result.Related, spotOf(o))
	}
	return result
}
