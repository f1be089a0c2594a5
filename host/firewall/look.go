package firewall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"

	"keysweep/host"
)

// Firewall is what stands between a machine and the network. Its methods may be called concurrently.
type Firewall struct {
	Managers   []Manager    // the programs that make rules, those that are installed
	From       string       // where the rules are from: "the kernel", "ufw's files"
	Err        error        // why they are not known; every answer is unknown then
	Interfaces []string     // of the machine, without the loopback's; none if they are not known
	Addresses  []netip.Addr // of the machine; none if they are not known
	Docker     Docker
	tables     []*table
	moves      []move
	names      []string // patterns of interfaces that rules name
	work       atomic.Int64
	targets    bool // some rules look at the address that a packet is sent to
	loose      bool // some packets are not tracked
}

// Look finds out about the firewalls of a machine: from the kernel if it runs and this user may ask, else from files.
func Look(ctx context.Context, s host.Source) *Firewall {
	f := &Firewall{Interfaces: interfaces(s), Addresses: ownAddresses(s), Docker: docker(s)}
	f.Managers = managers(ctx, s)
	from := "the kernel"
	tables, err := kernel(ctx, s)
	if errors.Is(err, host.ErrNotRun) || errors.Is(err, host.ErrNotCollected) {
		tables, from, err = stored(s, f.Managers)
	}
	if err == nil {
		err = f.finish(tables)
	}
	f.From, f.Err = from, err
	return f
}

// kernel asks for the rules that are in force: nftables', and those of iptables by its own program as well (see parseNft). The old
// iptables keeps its rules apart; iptables-legacy-save is asked if the kernel has some (/proc/net/ip_tables_names).
func kernel(ctx context.Context, s host.Source) ([]*table, error) {
	var apart, all []*table
	saved := map[string]*table{}
	programs := 0
	var sets map[string]*ipset
	for _, p := range []struct {
		name, family string
		names        string // the kernel's list of tables; "": always asked
		of           Family
	}{
		{"iptables-save", "ip ", "", IPv4},
		{"ip6tables-save", "ip6 ", "", IPv6},
		{"iptables-legacy-save", "", "/proc/net/ip_tables_names", IPv4},
		{"ip6tables-legacy-save", "", "/proc/net/ip6_tables_names", IPv6},
	} {
		if p.names != "" && !named(s, p.names) {
			continue
		}
		out, err := ask(ctx, s, p.name)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		programs++
		if sets == nil && strings.Contains(string(out), "--match-set ") {
			if sets, err = setsOf(ctx, s); err != nil {
				return nil, err
			}
		}
		list, err := parseWithSets(p.of, "iptables", "", string(out), sets)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if !overNftables(string(out)) {
			apart = append(apart, list...)
			continue
		}
		for _, t := range list {
			_, name, _ := strings.Cut(t.name, " ")
			saved[p.family+name] = t
		}
	}
	out, err := ask(ctx, s, "nft", "-j", "list", "ruleset")
	switch {
	case host.Missing(err) && programs > 0:
		return all, nil
	case host.Missing(err):
		return noRules(s)
	case err != nil:
		return nil, err
	}
	native, err := parseNft(out, saved)
	return append(apart, native...), err
}

// setsOf asks for the sets that rules name. Without ipset the rules that name them are not understood.
func setsOf(ctx context.Context, s host.Source) (map[string]*ipset, error) {
	out, err := ask(ctx, s, "ipset", "save")
	if host.Missing(err) || errors.Is(err, host.ErrNotCollected) {
		return map[string]*ipset{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parseSets(string(out))
}

// overNftables reports whether what iptables-save says is of rules that nft lists, too: its first line then has "(nf_tables)", and in the
// first releases the name xtables-save.
func overNftables(said string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	return strings.Contains(said, "(nf_tables)") || strings.Contains(first, "xtables-save")
}

// noRules is the answer for a machine without nft and iptables: there are no rules, unless the kernel has tables that others made.
func noRules(s host.Source) ([]*table, error) {
	if named(s, "/proc/net/ip_tables_names") || named(s, "/proc/net/ip6_tables_names") {
		return nil, errors.New("look for rules: the kernel has tables of iptables, and iptables-save is not installed")
	}
	if _, err := s.Stat("/proc/net"); err != nil {
		return nil, fmt.Errorf("look for rules: neither nft nor iptables-save is there, and the kernel cannot be asked: %w", err)
	}
	return nil, nil
}

// ask runs a program; one that fails is an error with what it said.
func ask(ctx context.Context, s host.Source, argv ...string) ([]byte, error) {
	out, err := s.Run(ctx, argv...)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", argv[0], err)
	}
	if out.Exit != 0 {
		said, _, _ := strings.Cut(strings.TrimSpace(string(out.Stderr)), "\n")
		return nil, fmt.Errorf("run %s: exit code %d: %s", strings.Join(argv, " "), out.Exit, said)
	}
	return out.Stdout, nil
}

// named reports whether a file of the kernel names some tables.
func named(s host.Source, path string) bool {
	f, err := s.Read(path)
	return err == nil && len(strings.TrimSpace(string(f.Data))) > 0
}

// interfaces returns those of a machine that runs. Names of an image would be those of the machine that it lies on.
func interfaces(s host.Source) []string {
	entries, err := s.List("/sys/class/net")
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		if e.Name != "lo" && e.Name != "bonding_masters" && len(list) < maxInterfaces {
			list = append(list, e.Name)
		}
	}
	return list
}

// ownAddresses reads the addresses of a machine that runs: the local ones in the kernel's routes (proc_pid_net(5): fib_trie), and if_inet6.
func ownAddresses(s host.Source) []netip.Addr {
	seen := map[netip.Addr]bool{}
	var list []netip.Addr
	add := func(a netip.Addr) {
		if a.IsValid() && !seen[a] {
			seen[a] = true
			list = append(list, a)
		}
	}
	if f, err := s.Read("/proc/net/fib_trie"); err == nil {
		var last netip.Addr
		for line := range strings.SplitSeq(string(f.Data), "\n") {
			line = strings.TrimSpace(line)
			if text, ok := strings.CutPrefix(line, "|-- "); ok {
				last, _ = netip.ParseAddr(text)
			} else if line == "/32 host LOCAL" {
				add(last)
			}
		}
	}
	if f, err := s.Read("/proc/net/if_inet6"); err == nil {
		for line := range strings.SplitSeq(string(f.Data), "\n") {
			add(hexAddress(line))
		}
	}
	return list
}

// hexAddress reads the 32 hexadecimal digits that a line of if_inet6 starts with.
func hexAddress(line string) netip.Addr {
	if len(line) < 32 {
		return netip.Addr{}
	}
	var parts []string
	for i := 0; i < 32; i += 4 {
		parts = append(parts, line[i:i+4])
	}
	a, err := netip.ParseAddr(strings.Join(parts, ":"))
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// Docker is what is known of containers whose ports are published past the rules for the machine's own ports.
type Docker struct {
	Config    string // of the daemon: /etc/docker/daemon.json; "" if there is none
	NoRules   bool   // it is told to make no rules: "iptables": false
	ConfigErr error
}

// docker reads the daemon's configuration (dockerd(8)).
func docker(s host.Source) (d Docker) {
	const path = "/etc/docker/daemon.json"
	f, err := s.Read(path)
	if host.Missing(err) {
		return d
	}
	d.Config = path
	if err != nil {
		d.ConfigErr = err
		return d
	}
	var config struct{ Iptables *bool }
	if err := json.Unmarshal(f.Data, &config); err != nil {
		d.ConfigErr = fmt.Errorf("read %s: %w", path, err)
		return d
	}
	d.NoRules = config.Iptables != nil && !*config.Iptables
	return d
}
