package audit

import (
	"fmt"

	"keysweep/finding"
	"keysweep/host/firewall"
	"keysweep/host/listen"
)

// judgeDocker judges ports that are sent on to containers: by the kernel, before the rules for the machine's own ports are asked, and by
// docker-proxy, which listens for them.
func judgeDocker(m *machine) {
	if m.noSockets() {
		return
	}
	judged := map[string]bool{}
	if m.Firewall != nil && m.Firewall.Err == nil {
		for _, f := range m.Firewall.Forwards() {
			judged[fmt.Sprintf("%d/%s", f.First, f.Protocol)] = true
			m.say(m.forwarded(f))
		}
	}
	for _, l := range m.Sockets.Listeners {
		name := fmt.Sprintf("%d/%s", l.At.Port(), l.Protocol)
		if l.Command != "docker-proxy" || judged[name] {
			continue
		}
		judged[name] = true
		m.say(m.proxied(l))
	}
	if len(judged) == 0 {
		m.absent("no container publishes a port")
	}
}

// forwarded judges a port that a rule sends on.
func (m *machine) forwarded(f firewall.Forward) finding.Result {
	a := m.Firewall.ReachForward(f)
	from := a.Maybe(outside)
	r := finding.Result{Subject: f.String(), Where: spotOf(f.Origin), Found: "sent on for " + from.String(), Wanted: "published at 127.0.0.1, named sources, or the port among those of the policy"}
	r.Fix = fmt.Sprintf("publish it for the machine alone: -p 127.0.0.1:%d:%d; or restrict it: iptables -I DOCKER-USER -p %s --dport %d ! -s NETWORK -j DROP", f.First, f.To.Port(), f.Protocol, f.To.Port())
	switch {
	case f.Loopback():
		r.State, r.Title = finding.Pass, "published for the machine alone"
	case m.named(f.First, f.Protocol) && m.named(f.Last, f.Protocol):
		r.State, r.Title = finding.Pass, "a port of the policy is published"
	case from.Share() >= wide:
		r.State, r.Title = finding.Fail, "published past the firewall for every address"
	default:
		r.State, r.Title = finding.Pass, "published for "+from.String()
	}
	return r
}

// proxied judges a port that docker-proxy holds open. The machine's own rules count for it if the daemon makes none.
func (m *machine) proxied(l listen.Listener) finding.Result {
	r := finding.Result{Subject: fmt.Sprintf("%s/%s", l.At, l.Protocol), Where: finding.Spot{Fact: "listener " + l.String()}, Found: "published at " + l.At.Addr().String(),
		Wanted: "published at 127.0.0.1, or the port among those of the policy"}
	switch {
	case l.Loopback():
		r.State, r.Title = finding.Pass, "a container's port is published for the machine alone"
		return r
	case m.named(l.At.Port(), l.Protocol):
		r.State, r.Title = finding.Pass, "a container's port is one of the policy"
		return r
	case m.Firewall != nil && m.Firewall.Docker.NoRules:
		s := m.see(l)
		r.Related, r.Cause, r.Hint, r.Found = s.result.Related, s.result.Cause, s.result.Hint, s.result.Found
		switch s.exposure {
		case open:
			r.State, r.Title = finding.Fail, "a container's port is open to every address"
		case unclear:
			r.State, r.Title = finding.Undetermined, "whether a container's port can be reached is not known"
		default:
			r.State, r.Title = finding.Pass, "a container's port is open to "+s.from
		}
		return r
	}
	r.State, r.Title = finding.Fail, "a container's port is published past the firewall"
	return r
}

// named reports whether the policy names a port.
func (m *machine) named(port uint16, protocol string) bool {
	return Has(m.rules.Allow, port, protocol) || Has(m.rules.Public, port, protocol) || Has(m.rules.Required, port, protocol)
}
