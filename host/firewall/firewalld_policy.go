package firewall

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// zonePolicy is a policy's file (firewalld.policy(5)): rules for what goes from zones to zones, or to the machine itself.
type zonePolicy struct {
	Target   string     `xml:"target,attr"`
	Priority int        `xml:"priority,attr"`
	Ingress  []zoneName `xml:"ingress-zone"`
	Egress   []zoneName `xml:"egress-zone"`
	zoneOpen
	Rules []richRule `xml:"rule"`

	name string
}

// zoneName names a zone, or one of "ANY" and "HOST".
type zoneName struct {
	Name string `xml:"name,attr"`
}

// takes reports whether a policy is about what comes from every zone to the machine itself.
func (p *zonePolicy) takes() bool {
	return slices.Contains(p.Egress, zoneName{"HOST"}) && slices.Contains(p.Ingress, zoneName{"ANY"})
}

// policies reads the policies, the machine's own before those of the package, by their priority.
func (d *firewalldReader) policies() error {
	seen := map[string]bool{}
	for _, dir := range []string{"/etc/firewalld/policies", "/usr/lib/firewalld/policies"} {
		entries, err := host.Glob(d.source, dir+"/*.xml")
		if err != nil {
			return fmt.Errorf("read firewalld's policies: %w", err)
		}
		for _, e := range entries {
			file := path.Join(dir, e.Name)
			if seen[e.Name] {
				continue
			}
			seen[e.Name] = true
			f, err := d.source.Read(file)
			if err != nil {
				return fmt.Errorf("read %s: %w", file, err)
			}
			p := &zonePolicy{Priority: -1, name: "policy " + strings.TrimSuffix(e.Name, ".xml")}
			if err := xml.Unmarshal(f.Data, p); err != nil {
				return fmt.Errorf("read %s: %w", file, err)
			}
			if err := d.policy(p, file); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(d.between, func(a, b *zonePolicy) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.name, b.name))
	})
	return nil
}

// policy makes the chain of a policy that is about the machine itself. Those between zones are about what is sent on.
func (d *firewalldReader) policy(p *zonePolicy, file string) error {
	if !slices.Contains(p.Egress, zoneName{"HOST"}) {
		return nil
	}
	if slices.ContainsFunc(p.Ingress, func(z zoneName) bool { return z.Name != "ANY" && z.Name != "HOST" }) {
		return fmt.Errorf("read %s: a policy for what comes from single zones is not understood", file)
	}
	forwards := slices.ContainsFunc(p.Rules, func(r richRule) bool { return len(r.Forwards) > 0 })
	if forwards || len(p.Forwards) > 0 {
		return fmt.Errorf("read %s: ports that a policy sends on are not understood", file)
	}
	z := &zone{Target: cmp.Or(p.Target, "CONTINUE"), zoneOpen: p.zoneOpen, Rules: p.Rules, path: file}
	d.between = append(d.between, p)
	return d.fill(z, p.name)
}

// pass has a zone's packets go through the policies: those with a priority below 0 before its own rules, the others before what becomes of the rest.
func (d *firewalldReader) pass(name string) {
	c := d.table.chain("in " + name)
	var before, after []rule
	for _, p := range d.between {
		r := rule{do: jump, target: "in " + p.name, origin: host.Origin{Text: "firewalld: " + p.name}}
		switch {
		case !p.takes():
		case p.Priority < 0:
			before = append(before, r)
		default:
			after = append(after, r)
		}
	}
	own, end := c.rules[:len(c.rules)-1], c.rules[len(c.rules)-1:]
	c.rules = slices.Concat(before, own, after, end)
}

// direct is the file of direct rules (firewalld.direct(5)).
type direct struct {
	Chains []struct {
		IPv   string `xml:"ipv,attr"`
		Table string `xml:"table,attr"`
		Chain string `xml:"chain,attr"`
	} `xml:"chain"`
	Rules       []directRule `xml:"rule"`
	Passthrough []struct{}   `xml:"passthrough"`
}

type directRule struct {
	IPv      string `xml:"ipv,attr"`
	Table    string `xml:"table,attr"`
	Chain    string `xml:"chain,attr"`
	Priority int    `xml:"priority,attr"`
	Args     string `xml:",chardata"`
}

var errPassthrough = errors.New("firewalld's direct rules of kind passthrough in /etc/firewalld/direct.xml are not understood")

// directTables reads direct rules. With nftables below, they are rules of iptables beside firewalld's own: what they drop is dropped, and what they
// accept still has to come through the zones.
func (d *firewalldReader) directTables(backend string) ([]*table, error) {
	const file = "/etc/firewalld/direct.xml"
	f, err := d.source.Read(file)
	if host.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read firewalld's direct rules: %w", err)
	}
	var all direct
	if err := xml.Unmarshal(f.Data, &all); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	switch {
	case len(all.Passthrough) > 0:
		return nil, errPassthrough
	case len(all.Rules) > 0 && strings.EqualFold(backend, "iptables"):
		return nil, errors.New("firewalld's direct rules with FirewallBackend=iptables are not understood")
	case len(all.Rules) > maxRules:
		return nil, fmt.Errorf("read %s: more than %d rules", file, maxRules)
	}
	slices.SortStableFunc(all.Rules, func(a, b directRule) int { return cmp.Compare(a.Priority, b.Priority) })
	var tables []*table
	for family, ipv := range map[Family]string{IPv4: "ipv4", IPv6: "ipv6"} {
		texts := map[string]string{}
		for _, c := range all.Chains {
			if c.IPv == ipv {
				texts[c.Table] += ":" + c.Chain + " - [0:0]\n"
			}
		}
		for _, r := range all.Rules {
			if r.IPv == ipv {
				texts[r.Table] += "-A " + r.Chain + " " + strings.Join(strings.Fields(r.Args), " ") + "\n"
			}
		}
		for name, text := range texts {
			head := "*" + name + "\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n"
			if name == "filter" {
				head = "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n"
			}
			list, err := parseIptables(family, "firewalld", "", head+text+"COMMIT\n")
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
			tables = append(tables, list...)
		}
	}
	slices.SortFunc(tables, func(a, b *table) int { return cmp.Compare(a.name, b.name) })
	return tables, nil
}

// connections refuses zones that NetworkManager gives to interfaces: it does so while firewalld runs, and where firewalld then puts them among the
// sources of other zones differs from what its files would make.
func (d *firewalldReader) connections() error {
	const dir = "/etc/NetworkManager/system-connections"
	entries, err := host.Glob(d.source, dir+"/*")
	if err != nil {
		return fmt.Errorf("look for zones of NetworkManager's connections: %w", err)
	}
	for _, e := range entries {
		f, err := d.source.Read(path.Join(dir, e.Name))
		if err != nil {
			return fmt.Errorf("look for zones of NetworkManager's connections: %w", err)
		}
		if strings.Contains(string(f.Data), "\nzone=") {
			return fmt.Errorf("NetworkManager's connection %s is given a zone: which rules then hold only the machine itself can say", e.Name)
		}
	}
	return nil
}
