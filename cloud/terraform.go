package cloud

import (
	"slices"
	"strconv"
	"strings"
)

// learn takes the defaults of variables and the locals of a file.
func (r *reader) learn(file *block) {
	for _, b := range file.blocks {
		switch {
		case b.kind == "variable" && len(b.labels) == 1:
			if v, ok := b.attrs["default"]; ok {
				r.variables[b.labels[0]] = v
			}
		case b.kind == "locals":
			for name, v := range b.attrs {
				r.locals[name] = v
			}
		}
	}
}

// resolve follows references to variables and locals. It ends at a few: they may go round in circles.
func (r *reader) resolve(v value) value {
	line, col := v.line, v.col
	for range 8 {
		if v.kind != refValue {
			v.line, v.col = line, col
			return v
		}
		var known bool
		switch {
		case len(v.ref) == 2 && v.ref[0] == "var":
			v, known = r.variables[v.ref[1]]
		case len(v.ref) == 2 && v.ref[0] == "local":
			v, known = r.locals[v.ref[1]]
		}
		if !known {
			break
		}
	}
	return value{line: line, col: col}
}

// terraform reads the resources of a file.
func (r *reader) terraform(file *block) {
	for _, b := range file.all("resource") {
		if len(b.labels) != 2 {
			continue
		}
		c := change{r, b.labels[0] + "." + b.labels[1], b.line, b.col}
		if read, ok := providers()[b.labels[0]]; ok {
			read(&c, b)
		}
	}
}

// change is a resource that is being read.
type change struct {
	*reader
	name      string
	line, col int
}

// providers says how each kind of resource names who may come in. The names of attributes are those of the providers' documentation in
// the Terraform registry.
func providers() map[string]func(*change, *block) {
	return map[string]func(*change, *block){
		"aws_security_group":                  (*change).awsGroup,
		"aws_default_security_group":          (*change).awsGroup,
		"aws_security_group_rule":             (*change).awsRule,
		"aws_vpc_security_group_ingress_rule": (*change).awsIngress,
		"google_compute_firewall":             (*change).google,
		"azurerm_network_security_rule":       (*change).azure,
		"azurerm_network_security_group":      (*change).azureGroup,
		"digitalocean_firewall":               (*change).digitalOcean,
		"hcloud_firewall":                     (*change).hetzner,
		"linode_firewall":                     (*change).linode,
		"openstack_networking_secgroup_rule_v2": func(c *change, b *block) {
			if c.text(b, "direction") == "ingress" {
				c.rule(fields{b.attrs}, c.between(b, "port_range_min", "port_range_max", "protocol"), "remote_ip_prefix")
			}
		},
	}
}

// fields are the attributes of a block or the members of an object.
type fields struct{ attrs map[string]value }

func fieldsOf(v value) fields {
	f := fields{map[string]value{}}
	for i, k := range v.keys {
		f.attrs[k] = v.list[i]
	}
	return f
}

// text returns an attribute as text; "" if it is not there or not known.
func (c *change) text(b *block, name string) string { return c.resolve(b.attrs[name]).text }

// between reads ports that two attributes bound.
func (c *change) between(b *block, from, to, protocol string) func(fields) (ports, bool) {
	return func(f fields) (ports, bool) {
		p := ports{protocol: "all", last: lastPort}
		proto, known := f.attrs[protocol]
		if proto = c.resolve(proto); known && proto.kind == unknownValue {
			return p, false
		}
		p.protocol = protocolName(proto.text)
		if p.protocol == "all" || p.protocol == "icmp" {
			return p, true
		}
		for name, at := range map[string]*int{from: &p.first, to: &p.last} {
			v, given := f.attrs[name]
			if v = c.resolve(v); !given {
				continue
			}
			n, err := strconv.Atoi(v.text)
			if err != nil {
				return p, false
			}
			*at = n
		}
		if p.first == 0 && p.last == 0 {
			p.last = lastPort
		}
		return p, true
	}
}

// within reads ports that one attribute names: a text, a number, or a list of them.
func (c *change) within(attr, protocol string) func(fields) ([]ports, bool) {
	return func(f fields) ([]ports, bool) {
		proto := "all"
		if v, given := f.attrs[protocol]; given {
			if v = c.resolve(v); v.kind == unknownValue {
				return nil, false
			}
			proto = protocolName(v.text)
		}
		v, given := f.attrs[attr]
		if !given {
			return []ports{{proto, 0, lastPort}}, true
		}
		words, ok := c.words(v)
		var list []ports
		for _, w := range words {
			for _, part := range strings.Split(w.text, ",") {
				first, last, fits := span(part)
				ok = ok && fits
				list = append(list, ports{proto, first, last})
			}
		}
		return list, ok
	}
}

// words returns the texts of a value, a list's each by itself; false if one is not known.
func (c *change) words(v value) (list []value, known bool) {
	v = c.resolve(v)
	switch v.kind {
	case textValue, numberValue:
		return []value{v}, true
	case listValue:
		known = true
		for _, item := range v.list {
			item = c.resolve(item)
			if item.kind != textValue && item.kind != numberValue {
				known = false
				continue
			}
			list = append(list, item)
		}
		return list, known
	}
	return nil, false
}

// rule reads one rule whose ports are one range.
func (c *change) rule(f fields, read func(fields) (ports, bool), sources ...string) {
	c.rules(f, func(f fields) ([]ports, bool) {
		p, ok := read(f)
		return []ports{p}, ok
	}, sources...)
}

// rules states what a rule opens to everybody: for each of the attributes that name addresses, and each range of ports.
func (c *change) rules(f fields, read func(fields) ([]ports, bool), sources ...string) {
	for _, name := range sources {
		v, given := f.attrs[name]
		if !given {
			continue
		}
		words, known := c.words(v)
		open := slices.IndexFunc(words, func(w value) bool { return everybody(w.text) })
		if open < 0 && !known {
			c.doubt(v, name+" is not known from the text alone")
		}
		if open < 0 {
			continue
		}
		list, ok := read(f)
		if !ok {
			c.doubt(v, "it lets every address in, at ports that are not known from the text alone")
		}
		at := words[open]
		if v.kind == refValue || at.line == 0 { // the words stand elsewhere
			at.line, at.col = v.line, v.col
		}
		for _, p := range list {
			c.open = append(c.open, Opening{c.path, at.line, at.col, c.name, at.text, p.protocol, p.first, p.last})
		}
	}
}

// everybody reports whether a word stands for all addresses; "*" and the tags are Azure's.
func everybody(s string) bool {
	return anyone(s) || s == "*" || strings.EqualFold(s, "Internet") || strings.EqualFold(s, "Any")
}

func (c *change) doubt(v value, why string) {
	d := Doubt{c.path, v.line, v.col, c.name, why}
	if d.Line == 0 {
		d.Line, d.Column = c.line, c.col
	}
	c.doubts = append(c.doubts, d)
}

// loops says of rules that are made by a loop.
func (c *change) loops(b *block, kind string) {
	for _, d := range b.all("dynamic") {
		if len(d.labels) == 1 && d.labels[0] == kind {
			c.doubt(value{line: d.line, col: d.col}, "a loop makes its rules, which are not known from the text alone")
		}
	}
}

func (c *change) awsGroup(b *block) {
	read := c.between(b, "from_port", "to_port", "protocol")
	for _, in := range b.all("ingress") {
		c.rule(fields{in.attrs}, read, "cidr_blocks", "ipv6_cidr_blocks")
	}
	c.loops(b, "ingress")
	if v, given := b.attrs["ingress"]; given {
		list := c.resolve(v)
		if list.kind != listValue {
			c.doubt(v, "ingress is not known from the text alone")
		}
		for _, item := range list.list {
			if item = c.resolve(item); item.kind != objectValue {
				c.doubt(item, "ingress is not known from the text alone")
				continue
			}
			c.rule(fieldsOf(item), read, "cidr_blocks", "ipv6_cidr_blocks")
		}
	}
}

func (c *change) awsRule(b *block) {
	if kind := c.resolve(b.attrs["type"]); kind.text == "egress" {
		return
	}
	c.rule(fields{b.attrs}, c.between(b, "from_port", "to_port", "protocol"), "cidr_blocks", "ipv6_cidr_blocks")
}

func (c *change) awsIngress(b *block) {
	c.rule(fields{b.attrs}, c.between(b, "from_port", "to_port", "ip_protocol"), "cidr_ipv4", "cidr_ipv6")
}

// google reads a firewall rule of a VPC. Without any source it is for every address.
func (c *change) google(b *block) {
	if strings.EqualFold(c.text(b, "direction"), "EGRESS") || c.resolve(b.attrs["disabled"]).text == "true" {
		return
	}
	f := fields{b.attrs}
	if _, given := b.attrs["source_ranges"]; !given {
		if b.attrs["source_tags"].kind != unknownValue || b.attrs["source_service_accounts"].kind != unknownValue {
			return
		}
		f.attrs["source_ranges"] = value{kind: textValue, text: "0.0.0.0/0", line: b.line, col: b.col}
	}
	for _, allow := range b.all("allow") {
		c.rules(f, func(fields) ([]ports, bool) { return c.within("ports", "protocol")(fields{allow.attrs}) }, "source_ranges")
	}
	c.loops(b, "allow")
}

func (c *change) azure(b *block) { c.azureRule(fields{b.attrs}) }

func (c *change) azureGroup(b *block) {
	for _, rule := range b.all("security_rule") {
		c.azureRule(fields{rule.attrs})
	}
	c.loops(b, "security_rule")
}

func (c *change) azureRule(f fields) {
	if strings.EqualFold(c.resolve(f.attrs["direction"]).text, "Outbound") || strings.EqualFold(c.resolve(f.attrs["access"]).text, "Deny") {
		return
	}
	attr := "destination_port_range"
	if _, several := f.attrs["destination_port_ranges"]; several {
		attr = "destination_port_ranges"
	}
	c.rules(f, c.within(attr, "protocol"), "source_address_prefix", "source_address_prefixes")
}

func (c *change) digitalOcean(b *block) {
	for _, in := range b.all("inbound_rule") {
		c.rules(fields{in.attrs}, c.within("port_range", "protocol"), "source_addresses")
	}
	c.loops(b, "inbound_rule")
}

func (c *change) hetzner(b *block) {
	for _, rule := range b.all("rule") {
		if c.text(rule, "direction") == "out" {
			continue
		}
		c.rules(fields{rule.attrs}, c.within("port", "protocol"), "source_ips")
	}
	c.loops(b, "rule")
}

func (c *change) linode(b *block) {
	for _, in := range b.all("inbound") {
		if !strings.EqualFold(c.text(in, "action"), "DROP") {
			c.rules(fields{in.attrs}, c.within("ports", "protocol"), "ipv4", "ipv6")
		}
	}
	if strings.EqualFold(c.text(b, "inbound_policy"), "ACCEPT") {
		v := b.attrs["inbound_policy"]
		c.open = append(c.open, Opening{c.path, v.line, v.col, c.name, "inbound_policy = ACCEPT", "all", 0, lastPort})
	}
	c.loops(b, "inbound")
}
