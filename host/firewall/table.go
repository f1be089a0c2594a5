package firewall

import (
	"net/netip"
	"slices"
	"strings"

	"keysweep/host"
)

// tri is a set that is not wholly known: what is surely in it, and what may be. What is surely in it is part of what may be.
type tri struct{ sure, maybe Set }

// condition says of which source addresses a packet meets it.
type condition func(*packet) tri

// packet is the first one of a new connection, from all addresses at once.
type packet struct {
	family   Family
	protocol string     // "tcp", "udp"
	port     uint16     // that it is sent to
	in       string     // the interface that it comes in by; "" is one that no rule names
	to       netip.Addr // zero: one of the machine's own, nobody knows which
	forward  bool       // it is for a container, and not for the machine itself
	all      Set        // all addresses of the family
	sent     bool       // some packets come to the port after they were sent to another one
	loose    bool       // some packets are not tracked: what is said of a connection's state is not known
}

// verdict is what a rule does with a packet that meets its conditions.
type verdict uint8

const (
	next   verdict = iota // nothing that counts here: it goes on
	accept                // it may pass this base chain
	drop                  // it may not
	jump                  // it goes through another chain, and comes back
	leap                  // it goes through another chain, and does not come back: goto
	back                  // it goes back to the chain before: return
	moved                 // it is sent to another port or machine
	opaque                // nobody knows
)

// rule is one of a chain's.
type rule struct {
	when   []condition
	do     verdict
	target string // of jump and leap: the chain
	newTo  netip.Addr
	port   uint16 // of moved: where to; 0 is the same port
	origin host.Origin
	speaks string // the protocol that it is about: "tcp"; "" if it names none
	goal   Set    // of its condition on the address that packets are sent to
	source Set    // of its condition on the source, if that is its only one
	ports  ports  // that it is about, if it names some; none: it may be about all
	logs   bool
	perIP  bool // it counts the connections of each source
}

// chain is a list of rules.
type chain struct {
	rules []rule
}

// table is a name space of chains, and where packets enter it.
type table struct {
	kind     string // "iptables", "nftables", "ufw", "firewalld": whose rules
	name     string // "inet filter"
	families []Family
	chains   map[string]*chain
	bases    []base
	names    map[string]bool // interfaces that rules name, as patterns: "eth0", "wg*"
	byTarget bool            // some rules look at the address that a packet is sent to
	untrack  bool            // some of its rules keep packets from being tracked
	bounds   map[uint16]bool // ports at which ranges of ports that rules name start, and those behind their ends
	unclear  string          // what of it was not understood and may change every answer; "" if nothing
}

// base is a chain that the kernel sends packets through.
type base struct {
	chain     string
	hook      string   // "prerouting", "input", "forward", "output"
	device    []string // that it is about; none: all
	anyDevice bool     // it is about some devices, and nft 1.0 does not say in JSON about which
	nat       bool     // it translates addresses, and its policy does not count
	policy    verdict  // accept or drop
	origin    host.Origin
}

// newTable returns an empty table.
func newTable(kind, name string, families ...Family) *table {
	return &table{kind: kind, name: name, families: families, chains: map[string]*chain{}, names: map[string]bool{}, bounds: map[uint16]bool{}}
}

// chain returns a chain, which is made if there is none.
func (t *table) chain(name string) *chain {
	c := t.chains[name]
	if c == nil {
		c = &chain{}
		t.chains[name] = c
	}
	return c
}

func (t *table) has(f Family) bool { return slices.Contains(t.families, f) }

// Conditions that hold for all sources or for none, and those that nobody knows.
func always(p *packet) tri { return tri{p.all, p.all} }
func never(*packet) tri    { return tri{} }
func unsure(p *packet) tri { return tri{Set{}, p.all} }

// holds is the condition of something that does not depend on the source.
func holds(yes bool) condition {
	if yes {
		return always
	}
	return never
}

// when is a condition that is known of each packet.
func when(f func(*packet) bool) condition {
	return func(p *packet) tri { return holds(f(p))(p) }
}

// from is the condition that a packet comes from a set of addresses.
func from(s Set) condition {
	return func(p *packet) tri {
		if s.Empty() || familyOf(s.spans[0].from) != p.family {
			return tri{}
		}
		return tri{s, s}
	}
}

func not(c condition) condition {
	return func(p *packet) tri {
		t := c(p)
		return tri{p.all.Minus(t.maybe), p.all.Minus(t.sure)}
	}
}

// either holds where one of some conditions does.
func either(list ...condition) condition {
	return func(p *packet) tri {
		var sum tri
		for _, c := range list {
			t := c(p)
			sum = tri{sum.sure.Union(t.sure), sum.maybe.Union(t.maybe)}
		}
		return sum
	}
}

// both holds where all of some conditions do.
func both(list ...condition) condition {
	return func(p *packet) tri {
		all := always(p)
		for _, c := range list {
			t := c(p)
			all = tri{all.sure.Intersect(t.sure), all.maybe.Intersect(t.maybe)}
		}
		return all
	}
}

// destination is the condition that a packet is sent to an address of a set.
func (t *table) destination(s Set) condition {
	t.byTarget = true
	return func(p *packet) tri {
		switch {
		case s.Empty() || familyOf(s.spans[0].from) != p.family:
			return tri{}
		case p.to.IsValid():
			return holds(s.Contains(p.to))(p)
		case s.Equal(p.all):
			return always(p)
		case s.Minus(foreign(p.family)).Empty():
			return tri{}
		}
		return unsure(p)
	}
}

// foreign are addresses that no connection from another machine is sent to: those of loopback, multicast and broadcast.
func foreign(f Family) Set {
	if f == IPv6 {
		return setOf([]span{Of(netip.MustParsePrefix("::/127")).spans[0], Of(netip.MustParsePrefix("ff00::/8")).spans[0]})
	}
	return setOf([]span{Of(netip.MustParsePrefix("127.0.0.0/8")).spans[0], Of(netip.MustParsePrefix("224.0.0.0/4")).spans[0],
		Of(netip.MustParsePrefix("255.255.255.255/32")).spans[0]})
}

// entering is the condition that a packet comes in by an interface: "eth0", or "eth*" for all that start so.
func (t *table) entering(pattern string) condition {
	t.names[pattern] = true
	return when(func(p *packet) bool {
		if start, any := strings.CutSuffix(pattern, "*"); any {
			return start == "" || strings.HasPrefix(p.in, start)
		}
		return p.in == pattern
	})
}

// ports are ranges of ports.
type ports [][2]uint16

func (l ports) has(n uint16) bool {
	return slices.ContainsFunc(l, func(r [2]uint16) bool { return r[0] <= n && n <= r[1] })
}

// toPort is the condition that a packet is sent to one of some ports, by TCP or UDP.
func (t *table) toPort(l ports) condition {
	for _, r := range l {
		t.bounds[r[0]], t.bounds[r[1]+1] = true, true
	}
	return when(func(p *packet) bool { return l.has(p.port) })
}

// fromPort is the condition that a packet is sent from one of some ports. Ordinary programs get theirs from the system, from 1024 on;
// others choose.
func fromPort(l ports) condition {
	for _, r := range l {
		if r[0] <= 1024 && r[1] == 65535 {
			return always
		}
	}
	return unsure
}

// tracked is the condition on a connection's state, where new says whether that of a new connection meets it.
func tracked(isNew, untracked bool) condition {
	return func(p *packet) tri {
		if p.loose && isNew != untracked {
			return unsure(p)
		}
		return holds(isNew)(p)
	}
}

// speaks is the condition that a packet is of one of some protocols, "tcp" and "udp" among them.
func speaks(list ...string) condition {
	return when(func(p *packet) bool { return slices.Contains(list, p.protocol) })
}
