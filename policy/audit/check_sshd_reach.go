package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/host/firewall"
	"keysweep/host/sshd"
)

// judgeListeners compares the ports of the configuration with those that sshd really listens on.
func (m *machine) judgeListeners(said []string, where finding.Spot) {
	found := "Port " + strings.Join(said, ", ")
	if m.Sockets == nil || m.Sockets.Err != nil || m.Sockets.Owners != nil {
		m.pass(found+", in all files that name it", where)
		return
	}
	var real []string
	var at []finding.Spot
	for _, l := range m.Sockets.Listeners {
		if l.Protocol != "tcp" || l.Command != "sshd" && l.Unit != "ssh.socket" && l.Unit != "sshd.socket" {
			continue
		}
		real = append(real, strconv.Itoa(int(l.At.Port())))
		at = append(at, finding.Spot{Fact: "listener " + l.String()})
	}
	real = unique(real)
	missing := slices.DeleteFunc(slices.Clone(said), func(p string) bool { return slices.Contains(real, p) })
	if len(real) == 0 || len(missing) == 0 { // ports beside them may be forwarded through sessions
		m.pass(found, where)
		return
	}
	m.say(finding.Result{State: finding.Fail, Subject: "listeners", Found: "sshd listens on port " + strings.Join(real, ", "), Wanted: "port " +
		strings.Join(said, ", ") + ", as sshd_config says", Where: where, Related: at, Fix: "systemctl restart ssh"})
}

// unique sorts a list and takes what stands twice out.
func unique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// everybody is the share of the public internet from which on a port counts as open to every address.
const everybody = 0.5

// judgeFirewall judges whether the firewall keeps addresses away from sshd's ports.
func (m *machine) judgeFirewall(c *sshd.Config, ports []string) {
	var doubt error
	somebody := false
	for _, p := range ports {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			continue
		}
		if e, _, _, _ := m.exposed("tcp", uint16(n), netip.Addr{}, firewall.IPv4, firewall.IPv6); e != blocked {
			somebody = true
		}
		for _, family := range []firewall.Family{firewall.IPv4, firewall.IPv6} {
			a := m.Firewall.Reach(firewall.Query{Family: family, Protocol: "tcp", Port: uint16(n)})
			for _, g := range a.Gates {
				switch {
				case g.Sure.Share() >= everybody:
					m.say(finding.Result{State: finding.Fail, Found: fmt.Sprintf("port %s is open to every address of %s", p, family), Wanted: "known addresses only",
						Where: finding.Spot{Path: c.Path}, Related: origins(g)})
					return
				case g.Maybe.Share() >= everybody && doubt == nil:
					doubt = a.Cause
				}
			}
		}
	}
	if doubt != nil {
		m.unknown("what the firewall lets through is not known", doubt, asRoot)
		return
	}
	if !somebody {
		m.absent("the firewall lets nobody come to sshd; see firewall.ssh-allowed")
		return
	}
	m.pass("the firewall lets known addresses only come to port "+strings.Join(ports, ", "), finding.Spot{Fact: "firewall: " + m.Firewall.From})
}

func origins(g firewall.Gate) []finding.Spot {
	var list []finding.Spot
	for _, o := range g.By {
		s := spotOf(o)
		s.Note = "lets it in"
		list = append(list, s)
	}
	return list
}
