package firewall

import (
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// firewalldTables reads firewalld's zones, policies and direct rules from its files (firewalld.zone(5)) into the rules that it would make of them.
// What is not understood of them makes it an error.
func firewalldTables(s host.Source) ([]*table, error) {
	const dir, config = "/etc/firewalld", "/etc/firewalld/firewalld.conf"
	d := firewalldReader{source: s, table: newTable("firewalld", "inet firewalld", IPv4, IPv6), zones: map[string]*zone{}}
	if err := d.connections(); err != nil {
		return nil, err
	}
	standard := "public"
	settings, err := readSettings(s, config)
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	if v, ok := settings["DefaultZone"]; ok {
		standard = v.value
	}
	for _, dir := range []string{dir + "/zones", "/usr/lib/firewalld/zones"} { // the first one of a name counts
		entries, err := host.Glob(s, dir+"/*.xml")
		if err != nil {
			return nil, fmt.Errorf("read firewalld's zones: %w", err)
		}
		for _, e := range entries {
			if err := d.zone(path.Join(dir, e.Name), strings.TrimSuffix(e.Name, ".xml")); err != nil {
				return nil, err
			}
		}
	}
	if d.zones[standard] == nil {
		return nil, fmt.Errorf("read firewalld's zones: there is no zone %s, which is the default", standard)
	}
	if err := d.policies(); err != nil {
		return nil, err
	}
	d.build(standard, settings["DefaultZone"].origin)
	more, err := d.directTables(settings["FirewallBackend"].value)
	return append([]*table{d.table}, more...), err
}

// firewalldReader puts zones together.
type firewalldReader struct {
	source host.Source
	table  *table
	zones  map[string]*zone
	names  []string
	steps  int

	between []*zonePolicy // those about the machine itself, by their priority
}

// zone is a zone's file.
type zone struct {
	Target     string `xml:"target,attr"`
	Interfaces []struct {
		Name string `xml:"name,attr"`
	} `xml:"interface"`
	Sources []zoneAddress `xml:"source"`
	zoneOpen
	Rules []richRule `xml:"rule"`

	path string
}

// zoneAddress is where packets come from or go to.
type zoneAddress struct {
	Address string `xml:"address,attr"`
	Mac     string `xml:"mac,attr"`
	Ipset   string `xml:"ipset,attr"`
	Invert  string `xml:"invert,attr"`
	NOT     string `xml:"NOT,attr"`
}

// zonePort is a port with its protocol, and of a forward where it leads to.
type zonePort struct {
	Port     string `xml:"port,attr"`
	Protocol string `xml:"protocol,attr"`
	ToPort   string `xml:"to-port,attr"`
	ToAddr   string `xml:"to-addr,attr"`
}

// zoneOpen is what zones, services and rules may name.
type zoneOpen struct {
	Services []struct {
		Name string `xml:"name,attr"`
	} `xml:"service"`
	Includes []struct {
		Service string `xml:"service,attr"`
	} `xml:"include"`
	Ports     []zonePort `xml:"port"`
	Protocols []struct {
		Value string `xml:"value,attr"`
	} `xml:"protocol"`
	SourcePorts []zonePort `xml:"source-port"`
	Forwards    []zonePort `xml:"forward-port"`
}

// richRule is a rule of a zone (firewalld.richlanguage(5)).
type richRule struct {
	Family      string       `xml:"family,attr"`
	Priority    int          `xml:"priority,attr"`
	Source      *zoneAddress `xml:"source"`
	Destination *zoneAddress `xml:"destination"`
	zoneOpen
	Icmp       []struct{} `xml:"icmp-type"`
	Block      []struct{} `xml:"icmp-block"`
	Masquerade *struct{}  `xml:"masquerade"`
	Log        *struct{}  `xml:"log"`
	Nflog      *struct{}  `xml:"nflog"`
	Accept     *struct{}  `xml:"accept"`
	Reject     *struct{}  `xml:"reject"`
	Drop       *struct{}  `xml:"drop"`
}

func (d *firewalldReader) zone(file, name string) error {
	if d.zones[name] != nil {
		return nil
	}
	f, err := d.source.Read(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	z := &zone{path: file}
	if err := xml.Unmarshal(f.Data, z); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	d.zones[name] = z
	d.names = append(d.names, name)
	slices.Sort(d.names)
	for _, hook := range []string{"in ", "nat "} {
		d.table.chain(hook + name)
	}
	return d.fill(z, name)
}

// build makes the chains that choose a zone: by source, then by interface, then the default one.
func (d *firewalldReader) build(standard string, where host.Origin) {
	in, nat := d.table.chain("in"), d.table.chain("nat")
	end := host.Origin{Text: "firewalld: what no zone takes"}
	in.rules = []rule{{when: []condition{tracked(false, false)}, do: accept}, {when: []condition{sentOn}, do: accept, origin: end}, {when: []condition{d.table.entering("lo")}, do: accept, origin: end}}
	choose := func(name string, z *zone, c ...condition) {
		o := host.Origin{Path: z.path}
		in.rules = append(in.rules, rule{when: c, do: leap, target: "in " + name, origin: o})
		nat.rules = append(nat.rules, rule{when: c, do: leap, target: "nat " + name, origin: o})
	}
	for _, name := range d.names {
		for _, s := range d.zones[name].Sources {
			choose(name, d.zones[name], s.condition(from))
		}
	}
	for _, name := range d.names {
		for _, i := range d.zones[name].Interfaces {
			choose(name, d.zones[name], d.table.entering(strings.Replace(i.Name, "+", "*", 1)))
		}
	}
	choose(standard, d.zones[standard])
	for _, name := range d.names {
		d.pass(name)
	}
	if where == (host.Origin{}) {
		where.Path = d.zones[standard].path
	}
	d.table.setBase(base{chain: "in", hook: "input", policy: drop, origin: where})
	d.table.setBase(base{chain: "nat", hook: "prerouting", nat: true, policy: accept})
}

// sentOn is the condition that a packet was sent on from another port: ct status dnat.
func sentOn(p *packet) tri {
	if p.sent {
		return unsure(p)
	}
	return tri{}
}

// condition is that packets are of an address; what cannot be known from files, or is no address of IP, is unsure.
func (a zoneAddress) condition(c func(Set) condition) condition {
	s, err := parseAddresses(a.Address)
	if err != nil || a.Mac != "" || a.Ipset != "" {
		return unsure
	}
	is := c(s)
	if a.inverted() {
		family := familyOf(s.spans[0].from)
		return both(when(func(p *packet) bool { return p.family == family }), not(is))
	}
	return is
}

func (a zoneAddress) inverted() bool {
	for _, v := range []string{a.Invert, a.NOT} {
		if v = strings.ToLower(v); v == "true" || v == "yes" || v == "1" {
			return true
		}
	}
	return false
}

var errTooManyServices = errors.New("firewalld's services include each other too often")
