package audit

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/firewall"
)

// wide is the part of the public internet from which on a port counts as open to everybody: less than that is a list of networks, or
// of a country's.
const wide = 1.0 / 8

const rootHint = "run it as root"

func firewallChecks() []hostCheck {
	const area = "firewall"
	return []hostCheck{
		{Check{ID: "firewall.enabled", Area: area, Severity: finding.High, Title: "no firewall is at work",
			Why: "every program that listens can be reached from everywhere, also one that was started by mistake",
			Fix: "ufw allow 22/tcp && ufw enable (first allow the port of the SSH connection in use)", FixBy: finding.FixCommand}, judgeFirewallEnabled},
		{Check{ID: "firewall.boot-enabled", Area: area, Severity: finding.High, Title: "the firewall's rules are gone after the next boot",
			Why: "rules in the kernel are lost when the machine starts again, unless a service loads them",
			Fix: "systemctl enable ufw, nftables or netfilter-persistent, whichever holds the rules", FixBy: finding.FixCommand}, judgeFirewallBoot},
		{Check{ID: "firewall.default-deny", Area: area, Severity: finding.High, Title: "what no rule names is let in",
			Why: "a program that is installed later is reachable at once",
			Fix: "keysweep fix firewall.default-deny", FixBy: finding.FixAuto}, judgeDefaultDeny},
		{Check{ID: "firewall.default-out", Area: area, Severity: finding.Info, Title: "outgoing connections",
			Why: "programs need to reach updates and peers; forbidding the rest is a choice of its own"}, judgeDefaultOut},
		{Check{ID: "firewall.ssh-allowed", Area: area, Severity: finding.Critical, Title: "the firewall lets nobody in to sshd",
			Why: "you are locked out as soon as the present connection ends",
			Fix: "ufw allow PORT/tcp", FixBy: finding.FixCommand}, judgeSSHAllowed},
		{Check{ID: "firewall.any-source", Area: area, Severity: finding.Medium, Title: "a port is open to every address",
			Why: "only what is meant for the public should be open to the whole internet",
			Fix: "name the source: ufw allow from ADDRESS to any port PORT; or name the port under ports.public in the policy", FixBy: finding.FixCommand}, judgeAnySource},
		{Check{ID: "logs.network", Area: area, Severity: finding.Low, Title: "what the firewall refuses is not logged",
			Why: "without a log nobody sees a scan, nor finds out later who tried",
			Fix: "ufw logging low", FixBy: finding.FixCommand}, judgeFirewallLogs},
		{Check{ID: "p2p.per-ip-limit", Area: area, Severity: finding.Low, Title: "nothing limits how many connections an address may have",
			Why: "a single machine can take all places for peers of a node",
			Fix: "nft add rule inet filter input tcp dport PORT ct state new add @peers { ip saddr ct count over 20 } reject", FixBy: finding.FixCommand}, judgePeerLimit},
	}
}

// fact is a spot for something that a firewall says.
func spotOf(o host.Origin) finding.Spot {
	if o.Path == "" {
		return finding.Spot{Fact: o.Text}
	}
	line := finding.Span{}
	if o.Line > 0 {
		line.Start.Line, line.End.Line = o.Line, o.Line
	}
	return finding.Spot{Path: o.Path, Span: line, Text: o.Text}
}

// noFirewall handles what all checks of rules begin with: rules that are not known, or not there.
func (m *machine) noFirewall() bool {
	f := m.Firewall
	switch {
	case f == nil:
		m.unknown("the firewall was not looked at", host.ErrNotCollected, "")
	case f.Err != nil:
		m.unknown("the firewall's rules are not known", f.Err, rootHint)
	case !f.Rules(firewall.IPv4) && !f.Rules(firewall.IPv6):
		m.absent("there are no rules; see firewall.enabled")
	default:
		return false
	}
	return true
}

// families are those that the machine has addresses of, or both if that is not known.
func (m *machine) families() []firewall.Family {
	six := len(m.Firewall.Addresses) == 0
	for _, a := range m.Firewall.Addresses {
		six = six || a.Is6() && !a.IsLoopback()
	}
	if six {
		return []firewall.Family{firewall.IPv4, firewall.IPv6}
	}
	return []firewall.Family{firewall.IPv4}
}

// outside reports whether strangers may be behind an interface: it is not a bridge of containers and virtual machines, nor a tunnel
// whose other end is known by its key. What names stand for is what the programs call them by themselves.
func outside(name string) bool {
	for _, start := range []string{"lo", "docker", "br-", "veth", "virbr", "vnet", "lxc", "lxd", "cni", "flannel", "cali", "podman", "wg", "tailscale", "zt", "nebula"} {
		if strings.HasPrefix(name, start) {
			return false
		}
	}
	return true
}

func judgeFirewallEnabled(m *machine) {
	f := m.Firewall
	if f == nil || f.Err != nil {
		m.noFirewall()
		return
	}
	m.conflicts()
	var without []string
	for _, family := range m.families() {
		if !f.Rules(family) || !m.closes(family) {
			without = append(without, family.String())
		}
	}
	where := finding.Spot{Fact: "firewall: " + f.String()}
	switch {
	case len(without) == 0:
		m.pass(f.String(), where)
	case len(without) < len(m.families()):
		m.say(finding.Result{State: finding.Fail, Subject: without[0], Title: "the firewall is for the other family only",
			Found: "no rule closes a port for " + without[0], Wanted: "rules for both families", Where: where})
	default:
		r := finding.Result{State: finding.Fail, Found: "no rule closes a port", Wanted: "a firewall", Where: where, Fix: m.enableCommand()}
		for _, x := range f.Managers {
			if x.Enabled && f.From == "the kernel" && !f.Loaded(x.Name) {
				r.Title = x.Name + " is switched on, and its rules are not loaded"
				r.Related = append(r.Related, spotOf(x.Config))
				if x.Name == "firewalld" {
					r.Fix = m.startCommand()
				}
			}
		}
		m.say(r)
	}
}

// closes reports whether some port is not open to everybody. Rules that only ban addresses, as fail2ban's do, close none.
func (m *machine) closes(family firewall.Family) bool {
	for _, class := range m.Firewall.Classes() {
		for _, protocol := range []string{"tcp", "udp"} {
			if e, _, _, _ := m.exposed(protocol, class[0], netip.Addr{}, family); e != open {
				return true
			}
		}
	}
	return false
}

// conflicts says which programs make rules beside each other: the one flushes or overrides what the other wrote.
func (m *machine) conflicts() {
	var names []string
	var spots []finding.Spot
	for _, x := range m.Firewall.Managers {
		if x.Enabled {
			names = append(names, x.Name)
			spots = append(spots, spotOf(x.Config))
		}
	}
	if len(names) > 1 {
		m.say(finding.Result{State: finding.Fail, Severity: finding.Low, Subject: "conflict", Title: strings.Join(names, " and ") + " are both switched on",
			Found: strings.Join(names, ", "), Wanted: "one of them", Where: spots[0], Related: spots[1:], Fix: "systemctl disable all but one of them",
			FixBy: finding.FixAdvice, Why: "each of them loads rules at boot, and one may flush those of the other"})
	}
}

// enableCommand is the command that switches a firewall on without locking anybody out.
func (m *machine) enableCommand() string {
	var allow []string
	ports, _ := m.sshPorts()
	for _, p := range ports {
		allow = append(allow, fmt.Sprintf("ufw allow %d/tcp", p))
	}
	if len(allow) == 0 {
		return ""
	}
	return strings.Join(append(allow, "ufw enable"), " && ")
}

// startCommand starts firewalld, which stays the one firewall of the machine, with the ports of sshd open.
func (m *machine) startCommand() string {
	var all []string
	ports, _ := m.sshPorts()
	for _, p := range ports {
		all = append(all, fmt.Sprintf("firewall-offline-cmd --add-port=%d/tcp", p))
	}
	return strings.Join(append(all, "systemctl start firewalld"), " && ")
}

func judgeFirewallBoot(m *machine) {
	if m.noFirewall() {
		return
	}
	var unknown error
	for _, x := range m.Firewall.Managers {
		if x.Err != nil {
			unknown = errors.Join(unknown, x.Err)
		}
		if x.Boot && (m.Firewall.From != "the kernel" || m.Firewall.Loaded(x.Name) || x.Name == "iptables") {
			m.pass(x.Name+" is started at boot", spotOf(x.Config))
			return
		}
	}
	if unknown != nil {
		m.unknown("what loads the rules at boot is not known", unknown, rootHint)
		return
	}
	m.say(finding.Result{State: finding.Fail, Found: m.Firewall.String(), Wanted: "a service that loads the rules at boot", Where: finding.Spot{Fact: "firewall: " + m.Firewall.String()}})
}

func judgeDefaultOut(m *machine) {
	if m.noFirewall() {
		return
	}
	drops, where := m.Firewall.Policy("output", firewall.IPv4)
	if drops {
		m.pass("outgoing connections need a rule", spotOf(where))
		return
	}
	m.pass("outgoing connections are allowed", spotOf(where))
}

func judgeFirewallLogs(m *machine) {
	if m.noFirewall() {
		return
	}
	if o, ok := m.Firewall.Logs(); ok {
		m.pass("the firewall logs", spotOf(o))
		return
	}
	for _, x := range m.Firewall.Managers {
		if x.Enabled && x.Logging != "" && x.Logging != "off" && m.Firewall.Loaded(x.Name) {
			m.pass(x.Name+" logs: "+x.Logging, spotOf(x.Config))
			return
		}
	}
	m.say(finding.Result{State: finding.Fail, Found: "no rule logs", Wanted: "a log of what is refused", Where: finding.Spot{Fact: "firewall: " + m.Firewall.String()}})
}

func judgePeerLimit(m *machine) {
	if len(m.rules.Required) == 0 && len(m.rules.NodeServices) == 0 {
		m.absent("the policy names no node that has peers")
		return
	}
	if m.noFirewall() {
		return
	}
	if o, ok := m.Firewall.LimitsPerAddress(); ok {
		m.pass("connections of an address are counted", spotOf(o))
		return
	}
	m.say(finding.Result{State: finding.Fail, Found: "no rule counts connections by address", Wanted: "a limit for each address", Confidence: finding.MediumConfidence,
		Where: finding.Spot{Fact: "firewall: " + m.Firewall.String()}})
}
