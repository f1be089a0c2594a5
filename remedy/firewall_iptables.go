package remedy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keysweep/host"
	"keysweep/host/firewall"
)

// iptables is a service that loads what iptables-save wrote. Ours are chains of our own, in a block before the end of the table filter.
type iptables struct{ v4 string }

// v6 is the file of the other family.
func (m iptables) v6() string {
	return map[string]string{"/etc/iptables/rules.v4": "/etc/iptables/rules.v6", "/etc/sysconfig/iptables": "/etc/sysconfig/ip6tables",
		"/etc/iptables/iptables.rules": "/etc/iptables/ip6tables.rules"}[m.v4]
}

func (m iptables) file(f firewall.Family) string {
	if f == firewall.IPv6 {
		return m.v6()
	}
	return m.v4
}

// What is around our lines in a file that was not there: the other chains let everything through, as without the file.
const (
	restoreHeader = "# Made by keysweep fix; taken back by keysweep fix ID --revert.\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	restoreFooter = "COMMIT\n"
)

func families() []firewall.Family { return []firewall.Family{firewall.IPv4, firewall.IPv6} }

func (m iptables) put(src host.Source, id string, w want) (changes []Change, notes []string, err error) {
	for _, family := range families() {
		if !slices.Contains(w.families, family) {
			continue
		}
		list, err := m.change(src, family, id, iptablesRules(id, w))
		if err != nil {
			return nil, nil, err
		}
		changes = append(changes, list...)
	}
	return changes, nil, nil
}

func (m iptables) take(src host.Source, id string) (changes []Change, err error) {
	if m.v4 == "" {
		return nil, nil
	}
	for _, family := range families() {
		list, err := m.change(src, family, id, "")
		if err != nil {
			return nil, err
		}
		changes = append(changes, list...)
	}
	return changes, nil
}

// change sets the lines of a fix in the file of a family: in a block, or in a file of ours if there is none.
func (m iptables) change(src host.Source, family firewall.Family, id, lines string) ([]Change, error) {
	name := m.file(family)
	if name == "" {
		return nil, nil
	}
	own, e, err := m.open(src, family)
	if err != nil {
		return nil, err
	}
	if own != nil {
		own.set(id, lines)
		return own.changes(0o640), nil
	}
	if strings.Contains(e.head+e.tail, "\n:"+chainName(id)+" ") {
		return nil, fmt.Errorf("%s: the chain %s is in it without the lines around it: the rules were saved anew; iptables -D INPUT -j %[2]s; iptables -F %[2]s; iptables -X %[2]s, "+
			"the same with ip6tables, and save them again: %w", name, chainName(id), ErrEdited)
	}
	missing := false
	e.set(id, lines, func(text string) int {
		at := strings.Index(text, "*filter\n")
		if end := strings.Index(text[max(at, 0):], "\nCOMMIT"); at >= 0 && end >= 0 {
			return at + end + 1
		}
		missing = true
		return len(text)
	})
	if missing {
		return nil, fmt.Errorf("%s has no table filter: save the rules first", name)
	}
	return e.changes(), nil
}

// open returns our file if there is none of others, else that with our block.
func (m iptables) open(src host.Source, family firewall.Family) (*ownFile, *edited, error) {
	name := m.file(family)
	state, err := current(src, name)
	if err != nil {
		return nil, nil, err
	}
	if state == nil || strings.HasPrefix(strings.TrimPrefix(string(state.Data), ownDir), restoreHeader[:strings.IndexByte(restoreHeader, '\n')]) {
		own, err := openOwn(src, name, restoreHeader, restoreFooter)
		return own, nil, err
	}
	e, err := openBlock(src, name)
	return nil, e, err
}

// iptablesRules are a chain for a fix, and the jump to it: before all other rules, or behind them if what they let in is to stay.
func iptablesRules(id string, w want) string {
	name := chainName(id)
	list := []string{":" + name + " - [0:0]"}
	add := func(rule string) { list = append(list, "-A "+name+" "+rule) }
	add("-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN")
	add("-i lo -j RETURN")
	for _, i := range inner {
		add("-i " + i + "+ -j RETURN")
	}
	verdict := func(ports []Port, target string) {
		for _, protocol := range []string{"tcp", "udp"} {
			for some := range slices.Chunk(spans(ports, protocol, ":"), 7) { // multiport takes 15, and a range counts twice
				add("-p " + protocol + " -m multiport --dports " + strings.Join(some, ",") + " -j " + target)
			}
		}
	}
	if !w.deny {
		verdict(w.close, "DROP")
		return strings.Join(append(list, "-I INPUT -j "+name), "\n")
	}
	for _, protocol := range []string{"icmp", "ipv6-icmp"} {
		add("-p " + protocol + " -j RETURN")
	}
	add("-p udp -m multiport --dports 68,546 -j RETURN") // answers of DHCP
	verdict(w.open, "RETURN")
	add("-j DROP")
	return strings.Join(append(list, "-A INPUT -j "+name), "\n")
}

func (m iptables) programs(f firewall.Family) (save, restore string) {
	if f == firewall.IPv6 {
		return "ip6tables-save", "ip6tables-restore"
	}
	return "iptables-save", "iptables-restore"
}

func (m iptables) loaded(ctx context.Context, src host.Source, _ *firewall.Firewall, id string) bool {
	for _, family := range families() {
		save, _ := m.programs(family)
		if out, err := src.Run(ctx, save); err == nil && m.v4 != "" && strings.Contains(string(out.Stdout), "\n:"+chainName(id)+" ") {
			return true
		}
	}
	return false
}

func (m iptables) command() string { return "iptables-restore -n, with our chains only" }

func (m iptables) test(ctx context.Context, s *Situation, src host.Source) error {
	for _, family := range families() {
		_, restore := m.programs(family)
		state, err := current(src, m.file(family))
		if err != nil {
			return err
		}
		if state == nil {
			continue
		}
		err = scratch(map[string]string{"rules": string(state.Data)}, func(path map[string]string) error {
			_, err := s.run(ctx, restore, "--test", path["rules"])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// load replaces our chains, all of a family in one step; those of others stay as they are.
func (m iptables) load(ctx context.Context, s *Situation) error {
	src := s.Open()
	for _, family := range families() {
		own, e, err := m.open(src, family)
		if err != nil {
			return err
		}
		var block map[string]string
		if own != nil {
			block = own.dropIn.lines
		} else {
			block = e.block.lines
		}
		save, restore := m.programs(family)
		now, err := s.run(ctx, save)
		if err != nil {
			return err
		}
		text := iptablesLoad(now, block)
		if text == "" {
			continue
		}
		err = scratch(map[string]string{"load": text}, func(path map[string]string) error {
			_, err := s.run(ctx, restore, "-n", path["load"])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// iptablesLoad makes of what the kernel has what a block says: the jumps to our chains go, the chains that are no more with them, and those of
// the block are made anew. "" is that there is nothing to do.
func iptablesLoad(now string, block map[string]string) string {
	var gone, chains []string
	table := ""
	for l := range strings.Lines(now) {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "*"):
			table = l
		case table != "*filter":
		case strings.HasPrefix(l, ":ks-"):
			name, _, _ := strings.Cut(l[1:], " ")
			chains = append(chains, name)
		default:
			if _, ok := under(l); ok {
				gone = append(gone, "-D"+strings.TrimPrefix(l, "-A"))
			}
		}
	}
	list := append([]string{"*filter"}, gone...)
	for _, id := range slices.Sorted(maps.Keys(block)) {
		list = append(list, block[id])
	}
	for _, name := range chains {
		if _, keep := block[strings.TrimPrefix(name, "ks-")]; !keep {
			list = append(list, "-F "+name, "-X "+name)
		}
	}
	if len(list) == 1 {
		return ""
	}
	return strings.Join(append(list, "COMMIT"), "\n") + "\n"
}
