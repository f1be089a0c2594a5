package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// ipset is a set of the kernel that rules of iptables name (ipset(8)).
type ipset struct {
	kind   string // "hash:net", "hash:ip,port", "bitmap:port", "list:set"
	masked bool   // what is asked for is masked or marked before: not understood
	nets   map[int]*[2][]span
	pairs  map[string]*[2][]span // the same by protocol and port: "tcp:80"
	ports  ports
	lists  []string
	all    Set // of nets
}

const (
	maxSets       = 10_000
	maxMembers    = 1_000
	maxPortsOfSet = 2_000 // ports of one set: each is a condition of its own
)

// parseSets reads what ipset save says: lines create NAME TYPE OPTIONS and add NAME ENTRY OPTIONS.
func parseSets(text string) (map[string]*ipset, error) {
	sets := map[string]*ipset{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, ` comment "`) // it stands last
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case len(words) >= 3 && words[0] == "create" && len(sets) < maxSets:
			sets[words[1]] = &ipset{kind: words[2], masked: slices.Contains(words, "netmask") || slices.Contains(words, "bitmask") || slices.Contains(words, "markmask"),
				nets: map[int]*[2][]span{}, pairs: map[string]*[2][]span{}}
		case len(words) >= 3 && words[0] == "add" && sets[words[1]] != nil:
			if err := sets[words[1]].add(words[2], slices.Contains(words[3:], "nomatch")); err != nil {
				return nil, fmt.Errorf("read sets of ipset: line %d: %w", number, err)
			}
		default:
			return nil, fmt.Errorf("read sets of ipset: line %d is neither create nor add", number)
		}
	}
	for _, s := range sets {
		s.all = s.addresses()
	}
	return sets, nil
}

// add adds an entry. Entries of kinds that are not understood are passed over: rules that name such a set are unsure.
func (s *ipset) add(entry string, nomatch bool) error {
	switch s.kind {
	case "hash:ip", "hash:net", "bitmap:ip":
		return note(s.nets, entry, entry, nomatch)
	case "hash:ip,port", "hash:net,port":
		address, port, ok := strings.Cut(entry, ",")
		if !ok {
			return fmt.Errorf("entry %q has no port", entry)
		}
		if s.pairs[port] == nil {
			s.pairs[port] = &[2][]span{}
		}
		// Of networks within each other the narrowest counts, for each port by itself: with exceptions it is left unsure.
		s.masked = s.masked || nomatch
		span, _, err := spanOf(address)
		s.pairs[port][0] = append(s.pairs[port][0], span)
		return err
	case "bitmap:port":
		l, ok := parsePorts(entry, "-")
		if !ok {
			return fmt.Errorf("port %q", entry)
		}
		s.ports = append(s.ports, l...)
	case "list:set":
		s.lists = append(s.lists, entry)
	}
	return nil
}

// note puts an address or a network under the length of its prefix, beside those that are excepted.
func note(nets map[int]*[2][]span, entry, address string, nomatch bool) error {
	s, bits, err := spanOf(address)
	if err != nil {
		return err
	}
	if nets[bits] == nil {
		nets[bits] = &[2][]span{}
	}
	i := 0
	if nomatch {
		i = 1
	}
	nets[bits][i] = append(nets[bits][i], s)
	return nil
}

// spanOf reads an address, a network or a range of addresses, which has no prefix: it counts as the narrowest.
func spanOf(text string) (s span, bits int, err error) {
	if low, high, isRange := strings.Cut(text, "-"); isRange {
		a, err1 := netip.ParseAddr(low)
		b, err2 := netip.ParseAddr(high)
		if err1 != nil || err2 != nil || a.BitLen() != b.BitLen() {
			return s, 0, fmt.Errorf("range %q", text)
		}
		return span{a, b}, a.BitLen(), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return s, 0, fmt.Errorf("address %q", text)
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return Of(p).spans[0], p.Bits(), nil
}

// addresses are those of a set of networks: a narrower network counts before a wider one, one with nomatch takes its addresses out.
func (s *ipset) addresses() (sum Set) {
	var lengths []int
	for bits := range s.nets {
		lengths = append(lengths, bits)
	}
	slices.Sort(lengths)
	for _, bits := range lengths {
		sum = sum.Union(setOf(s.nets[bits][0])).Minus(setOf(s.nets[bits][1]))
	}
	return sum
}

// inSet is the condition that a packet is in a set. flags say of each of its parts whether it is that of the source or of the target.
func (t *table) inSet(sets map[string]*ipset, name string, flags []string, depth int) condition {
	s := sets[name]
	if s == nil || s.masked || depth > 1 || len(s.lists) > maxMembers || len(flags) == 0 || slices.ContainsFunc(flags, func(f string) bool { return f != "src" && f != "dst" }) {
		return unsure
	}
	place := func(a Set) condition {
		if flags[0] == "dst" {
			return t.destination(a)
		}
		return from(a)
	}
	switch s.kind {
	case "hash:ip", "hash:net", "bitmap:ip":
		return place(s.all)
	case "bitmap:port":
		return t.portOf(flags[0], s.ports)
	case "hash:ip,port", "hash:net,port":
		if len(flags) < 2 || len(s.pairs) > maxPortsOfSet {
			return unsure
		}
		var list []condition
		for pair, spans := range s.pairs {
			protocol, number, _ := strings.Cut(pair, ":")
			l, ok := parsePorts(number, "-")
			if !ok || protocol != "tcp" && protocol != "udp" {
				continue // of ICMP and others
			}
			list = append(list, both(place(setOf(spans[0])), speaks(protocol), t.portOf(flags[1], l)))
		}
		return either(list...)
	case "list:set":
		var list []condition
		for _, member := range s.lists {
			list = append(list, t.inSet(sets, member, flags, depth+1))
		}
		return either(list...)
	}
	return unsure
}

func (t *table) portOf(flag string, l ports) condition {
	if flag == "dst" {
		return t.toPort(l)
	}
	return fromPort(l)
}
