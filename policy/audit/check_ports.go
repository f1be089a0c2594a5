package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/host/firewall"
	"keysweep/host/listen"
)

// service is one that has a port of its own.
type service struct {
	port uint16
	name string
}

// rpcPorts are those by which nodes are commanded: those of go-ethereum, Bitcoin, Substrate, Tendermint, and rpcbind's (the defaults in
// their documentation).
func rpcPorts() []service {
	return []service{{111, "rpcbind"}, {8545, "Ethereum's RPC"}, {8546, "Ethereum's RPC by WebSocket"}, {8551, "Ethereum's engine API"}, {8332, "Bitcoin's RPC"},
		{18332, "Bitcoin's RPC (testnet)"}, {9944, "Substrate's RPC"}, {26657, "Tendermint's RPC"}}
}

// guardedPorts are those of services that are not made for strangers: databases, control of machines (the defaults in their
// documentation, IANA's registry).
func guardedPorts() []service {
	return []service{{23, "telnet"}, {135, "Windows' RPC"}, {139, "NetBIOS"}, {445, "SMB"}, {873, "rsync"}, {1433, "SQL Server"}, {1521, "Oracle"}, {2049, "NFS"}, {2375, "Docker's API"},
		{2376, "Docker's API"}, {2379, "etcd"}, {2380, "etcd"}, {3306, "MySQL"}, {3389, "RDP"}, {4243, "Docker's API"}, {5432, "PostgreSQL"}, {5601, "Kibana"},
		{5672, "AMQP"}, {5900, "VNC"}, {5901, "VNC"}, {5984, "CouchDB"}, {6379, "Redis"}, {6443, "Kubernetes' API"}, {7001, "Cassandra"}, {8086, "InfluxDB"}, {9000, "ClickHouse"},
		{9042, "Cassandra"}, {9090, "Prometheus"}, {9100, "node_exporter"}, {9200, "Elasticsearch"}, {9300, "Elasticsearch"}, {10250, "kubelet"}, {11211, "memcached"},
		{15672, "RabbitMQ's management"}, {27017, "MongoDB"}, {27018, "MongoDB"}}
}

func portChecks() []hostCheck {
	const area = "ports"
	return []hostCheck{
		{Check{ID: "net.required-ports", Area: area, Severity: finding.Medium, Title: "a port that the policy requires cannot be reached",
			Why: "the node does not take part, or is not paid, while its ports are closed", Fix: "ufw allow PORT", FixBy: finding.FixCommand}, judgeRequiredPorts},
		{Check{ID: "net.unexpected-listener", Area: area, Severity: finding.High, Title: "a program listens for everybody, and the policy does not name its port",
			Why: "every port that is open is a way in, and nobody looks after those that nobody knows of",
			Fix: "stop it, or have it listen at 127.0.0.1 only, or name its port under ports.allow in the policy", FixBy: finding.FixCommand}, judgeListeners},
		{Check{ID: "net.docker-bypass", Area: area, Severity: finding.High, Title: "a container's port is published past the firewall",
			Why: "Docker's own rules let packets for published ports through before those of ufw for the machine's own ports are asked",
			Fix: "publish it for the machine alone: -p 127.0.0.1:PORT:PORT", FixBy: finding.FixCommand}, judgeDocker},
		{Check{ID: "net.rpc-exposed", Area: area, Severity: finding.Critical, Title: "a node's RPC port is open",
			Why: "who reaches it commands the node, and often its wallet",
			Fix: "have it listen at 127.0.0.1 only, and reach it through an SSH tunnel; or close its port: keysweep fix net.rpc-exposed", FixBy: finding.FixAuto}, judgeRPC},
		{Check{ID: "net.sensitive-exposed", Area: area, Severity: finding.Critical, Title: "a service that is not for strangers is open to every address",
			Why: "databases and control ports are found and emptied within hours",
			Fix: "have it listen at 127.0.0.1 only, and reach it through a VPN or an SSH tunnel; or close its port: keysweep fix net.sensitive-exposed", FixBy: finding.FixAuto}, judgeSensitive},
	}
}

// noSockets handles listeners that are not known.
func (m *machine) noSockets() bool {
	switch {
	case m.Sockets == nil:
		m.absent("listeners are not looked at here")
	case m.Sockets.Err != nil && len(m.Sockets.Listeners) == 0:
		m.unknown("what listens is not known", m.Sockets.Err, "look at the machine while it runs")
	default:
		if m.Sockets.Err != nil {
			m.unknown("not all of what listens is known", m.Sockets.Err, rootHint)
		}
		return false
	}
	return true
}

// sight is a listener, and who can reach it.
type sight struct {
	listen.Listener
	exposure
	from   string
	result finding.Result // with what every result about it says
}

// see finds out who can reach a listener.
func (m *machine) see(l listen.Listener) sight {
	families := []firewall.Family{firewall.IPv4}
	if l.At.Addr().Is6() {
		families = []firewall.Family{firewall.IPv6}
		if l.Both {
			families = append(families, firewall.IPv4)
		}
	}
	to := l.At.Addr()
	if to.IsUnspecified() {
		to = netip.Addr{}
	}
	s := sight{Listener: l}
	s.result = finding.Result{Subject: fmt.Sprintf("%s/%s", l.At, l.Protocol), Where: finding.Spot{Fact: "listener " + l.String(), Text: l.Unit}}
	switch {
	case l.Loopback():
		s.exposure, s.from = blocked, "nobody: it is the loopback's"
	case m.Firewall == nil || m.Firewall.Err != nil:
		s.exposure, s.result.Cause, s.result.Hint = unclear, "the firewall's rules are not known", rootHint
		if m.Firewall != nil {
			s.result.Cause += ": " + m.Firewall.Err.Error()
		}
	default:
		e, from, by, cause := m.exposed(l.Protocol, l.At.Port(), to, families...)
		s.exposure, s.from = e, from
		for _, o := range by {
			spot := spotOf(o)
			spot.Note = "it lets packets in"
			s.result.Related = append(s.result.Related, spot)
		}
		if e == unclear {
			s.result.Cause = cause.Error()
		}
	}
	s.result.Found = "it can be reached by " + s.from
	return s
}

// expected reports whether the policy names the listener's port, or everybody knows what it is: sshd, which has checks of its own, and
// clients of DHCP, which wait for answers at ports 68 and 546 (RFC 2131, RFC 8415).
func (m *machine) expected(l listen.Listener, ssh []uint16) bool {
	port := l.At.Port()
	return m.named(port, l.Protocol) || l.Protocol == "tcp" && slices.Contains(ssh, port) || l.Protocol == "udp" && (port == 68 || port == 546)
}

func judgeListeners(m *machine) {
	if m.noSockets() {
		return
	}
	ssh, _ := m.sshPorts()
	quiet := 0
	for _, l := range m.Sockets.Listeners {
		port := l.At.Port()
		if m.expected(l, ssh) || l.Loopback() {
			quiet++
			continue
		}
		if named(rpcPorts(), port) != "" || named(guardedPorts(), port) != "" || l.Command == "docker-proxy" {
			continue // it has a check of its own
		}
		s := m.see(l)
		r := s.result
		r.Wanted = "a port of the policy, or the loopback"
		switch s.exposure {
		case open:
			r.State, r.Title = finding.Fail, who(l)+" is open to every address"
			if l.Protocol == "udp" && port >= 32768 {
				r.Severity, r.Why = finding.Low, "most often it is a client that waits for answers; some are servers"
			}
			r.Fix = stopOf(l)
		case unclear:
			r.State, r.Title = finding.Undetermined, "whether "+who(l)+" can be reached is not known"
		case restricted:
			r.State, r.Title = finding.Pass, who(l)+" is open to "+s.from+" only"
		case blocked:
			r.State, r.Title = finding.Pass, who(l)+" listens, and the firewall lets nobody in"
		}
		m.say(r)
	}
	m.pass(fmt.Sprintf("%d listeners are those of the policy, sshd's, or the loopback's", quiet), finding.Spot{Fact: "listeners"})
}

// who names the program of a listener.
func who(l listen.Listener) string {
	if l.Command == "" {
		return "a program"
	}
	return l.Command
}

// stopOf is how a listener is stopped.
func stopOf(l listen.Listener) string {
	if strings.HasSuffix(l.Unit, ".service") {
		return fmt.Sprintf("systemctl disable --now %s; or have it listen at 127.0.0.1 only, or name %d/%s under ports.allow in the policy", l.Unit, l.At.Port(), l.Protocol)
	}
	return ""
}

func named(list []service, port uint16) string {
	for _, s := range list {
		if s.port == port {
			return s.name
		}
	}
	return ""
}

func judgeSensitive(m *machine) { m.judgeServices(guardedPorts(), false) }

// judgeRPC judges listeners at ports of RPC, and settings by which it answers everybody: they count also while the node does not run.
func judgeRPC(m *machine) {
	if m.Sockets != nil {
		for _, o := range m.Sockets.Openings {
			m.say(finding.Result{State: finding.Fail, Severity: finding.High, Subject: o.Node, Title: "the node's RPC is told to answer every address", Found: o.Setting, Wanted: "127.0.0.1 or known addresses",
				Where: spotOf(o.Origin), Fix: "have it answer 127.0.0.1 only, and reach it through an SSH tunnel", FixBy: finding.FixAdvice})
		}
		if m.Sockets.NodesErr != nil {
			m.unknown("not all settings of nodes are known", m.Sockets.NodesErr, rootHint)
		}
	}
	m.judgeServices(rpcPorts(), true)
}

// judgeServices judges listeners at ports of some services. strict ones fail also if some networks reach them.
func (m *machine) judgeServices(list []service, strict bool) {
	if m.noSockets() {
		return
	}
	some := false
	for _, l := range m.Sockets.Listeners {
		name := named(list, l.At.Port())
		if name == "" || l.Protocol == "udp" && l.At.Port() != 111 && l.At.Port() != 11211 {
			continue
		}
		some = true
		s := m.see(l)
		r := s.result
		what := name
		if l.Command != "" {
			what += " (" + l.Command + ")"
		}
		r.Wanted = "the loopback, a tunnel or named sources"
		switch {
		case s.exposure == open:
			r.State, r.Title = finding.Fail, what+" is open to every address"
		case s.exposure == unclear:
			r.State, r.Title = finding.Undetermined, "whether "+what+" can be reached is not known"
		case s.exposure == restricted && strict:
			r.State, r.Title, r.Severity = finding.Fail, what+" is open to "+s.from, finding.Medium
		default:
			r.State, r.Title = finding.Pass, what+" can be reached by "+s.from
		}
		m.say(r)
	}
	if !some {
		m.pass("nothing listens at such a port", finding.Spot{Fact: "listeners"})
	}
}

func judgeRequiredPorts(m *machine) {
	if len(m.rules.Required) == 0 {
		m.absent("the policy requires no ports")
		return
	}
	if m.noSockets() {
		return
	}
	for _, p := range m.rules.Required {
		for n := int(p.First); n <= int(p.Last) && n < int(p.First)+64; n++ {
			m.say(m.required(uint16(n), p.Protocol))
		}
	}
}

// required judges a port that must be open: something listens, and the firewall lets everybody in.
func (m *machine) required(port uint16, protocol string) finding.Result {
	name := fmt.Sprintf("%d/%s", port, protocol)
	r := finding.Result{Subject: name, Wanted: "open to every address", Fix: "ufw allow " + name, Where: finding.Spot{Fact: "port " + name}}
	i := slices.IndexFunc(m.Sockets.Listeners, func(l listen.Listener) bool {
		return l.At.Port() == port && l.Protocol == protocol && !l.Loopback()
	})
	if i < 0 {
		r.State, r.Title, r.Found = finding.Fail, "nothing listens there", "no listener"
		r.Fix, r.FixBy = "start the program whose port it is", finding.FixAdvice
		return r
	}
	s := m.see(m.Sockets.Listeners[i])
	r.Where, r.Found, r.Cause, r.Hint = s.result.Where, s.result.Found, s.result.Cause, s.result.Hint
	switch s.exposure {
	case open:
		r.State, r.Title = finding.Pass, "it is open"
	case unclear:
		r.State, r.Title = finding.Undetermined, "whether it is open is not known"
	default:
		r.State, r.Title = finding.Fail, "it is open to "+s.from+" only"
	}
	return r
}
