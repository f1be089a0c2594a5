package firewall

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// service is a service's file (firewalld.service(5)).
type service struct {
	zoneOpen
	Destination *struct {
		IPv4 string `xml:"ipv4,attr"`
		IPv6 string `xml:"ipv6,attr"`
	} `xml:"destination"`
}

// fill makes the chains of a zone: rules with a priority below 0, those that log, those that refuse, those that accept, those with a
// priority above 0, and what becomes of the rest.
func (d *firewalldReader) fill(z *zone, name string) error {
	var early, logs, denied, allowed, late []rule
	add := func(list *[]rule, do verdict, sets [][]condition) {
		for _, when := range sets {
			*list = append(*list, rule{when: when, do: do, origin: host.Origin{Path: z.path}})
		}
	}
	open, err := d.open(z.zoneOpen, 0)
	if err != nil {
		return err
	}
	add(&allowed, accept, open)
	rich := slices.Clone(z.Rules)
	slices.SortStableFunc(rich, func(a, b richRule) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, r := range rich {
		do, list := next, &logs
		switch {
		case r.Accept != nil:
			do, list = accept, &allowed
		case r.Reject != nil || r.Drop != nil:
			do, list = drop, &denied
		case len(r.Forwards) > 0:
			d.forward(name, r.Forwards, r.guards(d.table))
			continue
		}
		if r.Priority < 0 {
			list = &early
		} else if r.Priority > 0 {
			list = &late
		}
		sets, err := d.rich(r)
		if err != nil {
			return err
		}
		add(list, do, sets)
		if r.Log != nil || r.Nflog != nil {
			logs = append(logs, rule{logs: true})
		}
	}
	d.forward(name, z.Forwards, nil)
	end := rule{do: drop, origin: host.Origin{Path: z.path}}
	switch z.Target {
	case "ACCEPT":
		end.do = accept
	case "CONTINUE": // of a policy
		end.do = next
	}
	d.table.chain("in " + name).rules = slices.Concat(early, logs, denied, allowed, late, []rule{end})
	return nil
}

// guards are the conditions of a rule beside what it is about.
func (r richRule) guards(t *table) (list []condition) {
	switch strings.ToLower(r.Family) {
	case "ipv4":
		list = append(list, when(func(p *packet) bool { return p.family == IPv4 }))
	case "ipv6":
		list = append(list, when(func(p *packet) bool { return p.family == IPv6 }))
	}
	if r.Source != nil {
		list = append(list, r.Source.condition(from))
	}
	if r.Destination != nil {
		list = append(list, r.Destination.condition(t.destination))
	}
	return list
}

// rich returns the conditions of a rule, each list of which is enough.
func (d *firewalldReader) rich(r richRule) ([][]condition, error) {
	guards := r.guards(d.table)
	if len(r.Icmp) > 0 || len(r.Block) > 0 || r.Masquerade != nil {
		return nil, nil // not about TCP or UDP that comes in
	}
	sets, err := d.open(r.zoneOpen, 0)
	if err != nil {
		return nil, err
	}
	if sets == nil {
		return [][]condition{guards}, nil
	}
	for i := range sets {
		sets[i] = slices.Concat(guards, sets[i])
	}
	return sets, nil
}

// open returns what is opened, as lists of conditions of which each is enough.
func (d *firewalldReader) open(o zoneOpen, depth int) (sets [][]condition, err error) {
	const most, deep = 20_000, 8
	if d.steps++; depth > deep || d.steps > most {
		return nil, errTooManyServices
	}
	for _, p := range o.Ports {
		l, ok := parsePorts(p.Port, "-")
		if !ok {
			return nil, fmt.Errorf("read firewalld's zones: port %q", p.Port)
		}
		sets = append(sets, []condition{speaks(p.Protocol), d.table.toPort(l)})
	}
	for _, p := range o.Protocols {
		sets = append(sets, []condition{speaks(p.Value)})
	}
	for _, p := range o.SourcePorts {
		l, ok := parsePorts(p.Port, "-")
		if !ok {
			return nil, fmt.Errorf("read firewalld's zones: source port %q", p.Port)
		}
		sets = append(sets, []condition{speaks(p.Protocol), fromPort(l)})
	}
	var names []string
	for _, s := range o.Services {
		names = append(names, s.Name)
	}
	for _, s := range o.Includes {
		names = append(names, s.Service)
	}
	for _, name := range names {
		more, err := d.service(name, depth)
		if err != nil {
			return nil, err
		}
		sets = append(sets, more...)
	}
	return sets, nil
}

// service reads a service, from the machine's own files first. One with destinations is only for those.
func (d *firewalldReader) service(name string, depth int) ([][]condition, error) {
	if name == "" || strings.ContainsAny(name, "/") {
		return nil, fmt.Errorf("read firewalld's zones: service %q", name)
	}
	f, err := d.source.Read("/etc/firewalld/services/" + name + ".xml")
	if host.Missing(err) {
		f, err = d.source.Read("/usr/lib/firewalld/services/" + name + ".xml")
	}
	if err != nil {
		return nil, fmt.Errorf("read firewalld's service %s: %w", name, err)
	}
	var s service
	if err := xml.Unmarshal(f.Data, &s); err != nil {
		return nil, fmt.Errorf("read firewalld's service %s: %w", name, err)
	}
	includes := s.Includes
	s.Includes = nil
	sets, err := d.open(s.zoneOpen, depth+1)
	if err != nil {
		return nil, err
	}
	if s.Destination != nil {
		var to Set
		places := []condition{}
		for _, text := range []string{s.Destination.IPv4, s.Destination.IPv6} {
			if text == "" {
				continue
			}
			if to, err = parseAddresses(text); err != nil {
				return nil, fmt.Errorf("read firewalld's service %s: %w", name, err)
			}
			places = append(places, d.table.destination(to))
		}
		for i := range sets {
			sets[i] = append(sets[i], either(places...))
		}
	}
	more, err := d.open(zoneOpen{Includes: includes}, depth+1)
	return append(sets, more...), err
}

// forward adds ports of a zone that are sent on.
func (d *firewalldReader) forward(name string, list []zonePort, guards []condition) {
	c := d.table.chain("nat " + name)
	for _, p := range list {
		l, ok := parsePorts(p.Port, "-")
		r := rule{do: moved, origin: host.Origin{Path: d.zones[name].path}, speaks: p.Protocol, ports: l}
		r.when = append(slices.Clone(guards), speaks(p.Protocol), d.table.toPort(l))
		if p.ToPort != "" {
			first, _, _ := strings.Cut(p.ToPort, "-")
			n, err := strconv.ParseUint(first, 10, 16)
			ok = ok && err == nil
			r.port = uint16(n)
		}
		if p.ToAddr != "" {
			a, err := netip.ParseAddr(p.ToAddr)
			ok = ok && err == nil
			r.newTo = a
		} else if guards == nil {
			r.when = append(r.when, when(func(p *packet) bool { return p.family == IPv4 })) // without a rule that says so it is for IPv4
		}
		if !ok {
			r.do = opaque
		}
		c.rules = append(c.rules, r)
	}
}
