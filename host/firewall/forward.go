package firewall

import (
	"fmt"
	"net/netip"
	"slices"

	"keysweep/host"
)

// Forward is a port of the machine whose packets are sent on to another address: that of a container, most often. They do not meet the
// rules for the machine's own ports.
type Forward struct {
	Protocol    string
	First, Last uint16
	At          Set // addresses of the machine that it is about; empty: all of them
	To          netip.AddrPort
	Origin      host.Origin
}

// String names it: "8080/tcp to 172.17.0.2:80".
func (f Forward) String() string {
	name := fmt.Sprintf("%d/%s", f.First, f.Protocol)
	if f.First != f.Last {
		name = fmt.Sprintf("%d-%d/%s", f.First, f.Last, f.Protocol)
	}
	return name + " to " + f.To.String()
}

// Loopback reports whether it is only for the machine itself.
func (f Forward) Loopback() bool {
	own := Of(netip.MustParsePrefix("127.0.0.0/8"))
	return !f.At.Empty() && (f.At.Minus(own).Empty() || f.At.Equal(Of(netip.MustParsePrefix("::1/128"))))
}

// Forwards returns the ports that are sent on, in the order of the rules. Addresses of the machine itself are not among their targets.
func (f *Firewall) Forwards() []Forward {
	const most = 1000
	var list []Forward
	for _, m := range f.moves {
		if !m.newTo.IsValid() || m.newTo.IsLoopback() || slices.Contains(f.Addresses, m.newTo) || m.speaks == "" {
			continue
		}
		for _, r := range m.ports {
			to := m.rule.port
			if to == 0 {
				to = r[0]
			}
			if len(list) < most {
				list = append(list, Forward{Protocol: m.speaks, First: r[0], Last: r[1], At: m.goal, To: netip.AddrPortFrom(m.newTo, to), Origin: m.origin})
			}
		}
	}
	return list
}

// ReachForward says from where connections come through to where a port is sent on. Sure is often empty, for by which interface they go
// out is not looked at: Maybe tells who is kept out.
func (f *Firewall) ReachForward(to Forward) Answer {
	family := familyOf(to.To.Addr())
	return f.ask(All(family), func(name string) (Gate, error) {
		w := walk{packet: &packet{family: family, protocol: to.Protocol, port: to.To.Port(), in: name, to: to.To.Addr(), forward: true, sent: true, all: All(family), loose: f.loose}}
		t := f.hook(&w, "forward", false, always(w.packet))
		if w.over || f.spent(w.steps+1) {
			return Gate{Maybe: w.all}, ErrTooMany
		}
		if !t.sure.Equal(t.maybe) {
			return Gate{Sure: t.sure, Maybe: t.maybe, By: w.by}, ErrOpaque
		}
		return Gate{Sure: t.sure, Maybe: t.maybe, By: w.by}, nil
	})
}
