package firewall

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"keysweep/host"
)

// Query asks who may reach a port of the machine.
type Query struct {
	Family   Family
	Protocol string     // "tcp", "udp"
	Port     uint16     //
	To       netip.Addr // the address that is listened at; zero: all of the machine's
}

// Answer says from where new connections to a port come through the firewalls.
type Answer struct {
	Gates []Gate // by interface, without the loopback's
	Cause error  // why the sets are not wholly known; nil if they are
}

// Gate is an interface, and which addresses are let in by it.
type Gate struct {
	Interface string        // "" is any that no rule names
	Sure      Set           // surely let in
	Maybe     Set           // let in or not, nobody knows; Sure is part of it
	By        []host.Origin // the rules and policies that let something in, at most 8
}

// Errors of answers.
var (
	ErrOpaque  = errors.New("some rules are of a kind that is not understood")
	ErrTooMany = errors.New("there are too many rules to follow")
)

// Reach says who may reach a port. It may be called concurrently.
func (f *Firewall) Reach(q Query) Answer {
	return f.ask(All(q.Family), func(name string) (Gate, error) { return f.gate(q, name) })
}

// ask asks about each interface. Those that rules do not set apart have one answer.
func (f *Firewall) ask(all Set, gate func(name string) (Gate, error)) Answer {
	var a Answer
	known := map[string]Gate{}
	for _, name := range f.gates() {
		like := f.like(name)
		g, ok := known[like]
		if !ok {
			var err error
			g, err = Gate{Maybe: all}, f.Err
			if f.Err == nil {
				g, err = gate(name)
			}
			if a.Cause == nil {
				a.Cause = err
			}
			known[like] = g
		}
		g.Interface = name
		a.Gates = append(a.Gates, g)
	}
	return a
}

// like is the same for interfaces that no rule sets apart.
func (f *Firewall) like(name string) string {
	var b strings.Builder
	for _, pattern := range f.names {
		start, any := strings.CutSuffix(pattern, "*")
		if pattern == name || any && strings.HasPrefix(name, start) {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

// maxWork is how many rules are met for all questions about a firewall together: some seconds. A machine with thousands of rules needs
// a tenth of it; only what was made up needs more.
const maxWork = 8_000_000

// spent counts the rules that were met, and reports whether there were too many.
func (f *Firewall) spent(steps int) bool { return f.work.Add(int64(steps)) > maxWork }

// gates returns the interfaces that are asked about: those of the machine, or, if they are not known, those that rules name and one
// that they do not.
func (f *Firewall) gates() []string {
	if len(f.Interfaces) > 0 {
		return f.Interfaces
	}
	list := []string{""}
	for _, name := range f.names {
		name = strings.Replace(name, "*", "0", 1)
		if name != "lo" && name != "0" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// gate follows packets that come in by one interface.
func (f *Firewall) gate(q Query, name string) (Gate, error) {
	g := Gate{Interface: name}
	targets := []netip.Addr{q.To}
	if !q.To.IsValid() && f.targets {
		targets = f.own(q.Family)
	}
	var steps int
	for _, to := range targets {
		w := walk{steps: steps, packet: &packet{family: q.Family, protocol: q.Protocol, port: q.Port, in: name, to: to,
			all: All(q.Family), loose: f.loose, sent: f.sends(q)}}
		t := f.incoming(&w)
		if w.over || f.spent(w.steps-steps+1) {
			return Gate{Interface: name, Maybe: All(q.Family)}, ErrTooMany
		}
		g.Sure, g.Maybe, steps = g.Sure.Union(t.sure), g.Maybe.Union(t.maybe), w.steps
		g.By = append(g.By, w.by...)
	}
	if !g.Sure.Equal(g.Maybe) {
		return g, ErrOpaque
	}
	return g, nil
}

// incoming sends a packet through all base chains on the way to a program: it must come through each of them.
func (f *Firewall) incoming(w *walk) tri {
	t := always(w.packet)
	for _, nat := range []bool{false, true} {
		t = f.hook(w, "prerouting", nat, t)
	}
	if w.sent {
		t.maybe = w.all
	}
	return f.hook(w, "input", false, t)
}

func (f *Firewall) hook(w *walk, hook string, nat bool, in tri) tri {
	for _, t := range f.tables {
		for _, b := range t.bases {
			if b.hook == hook && b.nat == nat && t.has(w.family) {
				in = w.base(t, b, in)
			}
		}
	}
	return in
}

// own returns the addresses of the machine that others can reach, or an unknown one if they are not known.
func (f *Firewall) own(family Family) []netip.Addr {
	const enough = 8
	var list []netip.Addr
	for _, a := range f.Addresses {
		if familyOf(a) == family && !foreign(family).Contains(a) && len(list) < enough {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return []netip.Addr{{}}
	}
	return list
}

// sends reports whether packets to another port may be sent to the one that is asked about.
func (f *Firewall) sends(q Query) bool {
	return slices.ContainsFunc(f.moves, func(m move) bool { return m.port == q.Port && m.table.has(q.Family) })
}

// Sure returns the addresses that are surely let in by one of the interfaces that a function chooses.
func (a Answer) Sure(choose func(iface string) bool) Set {
	return a.sum(choose, func(g Gate) Set { return g.Sure })
}

// Maybe returns the addresses that may be let in by one of the interfaces that a function chooses.
func (a Answer) Maybe(choose func(iface string) bool) Set {
	return a.sum(choose, func(g Gate) Set { return g.Maybe })
}

func (a Answer) sum(choose func(string) bool, of func(Gate) Set) (s Set) {
	for _, g := range a.Gates {
		if choose(g.Interface) {
			s = s.Union(of(g))
		}
	}
	return s
}

// By returns the rules that let something in by one of the interfaces that a function chooses.
func (a Answer) By(choose func(iface string) bool) []host.Origin {
	var list []host.Origin
	for _, g := range a.Gates {
		for _, o := range g.By {
			if choose(g.Interface) && !slices.Contains(list, o) {
				list = append(list, o)
			}
		}
	}
	return list
}

// Classes returns ports, one for each range of ports that the rules treat alike, with the last port of the range: what Reach says of
// the one holds for all. There are at most 600.
func (f *Firewall) Classes() [][2]uint16 {
	const most = 600
	bounds := map[uint16]bool{1: true}
	for _, t := range f.tables {
		for n := range t.bounds {
			if n > 0 {
				bounds[n] = true
			}
		}
	}
	var starts []uint16
	for n := range bounds {
		starts = append(starts, n)
	}
	slices.Sort(starts)
	if len(starts) > most {
		starts = starts[:most]
	}
	var list [][2]uint16
	for i, n := range starts {
		last := uint16(65535)
		if i+1 < len(starts) {
			last = starts[i+1] - 1
		}
		list = append(list, [2]uint16{n, last})
	}
	return list
}
