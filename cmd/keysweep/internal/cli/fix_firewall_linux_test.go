package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// firewalls are how each manager's rules are made, with everything open, and whether a database's port is meant to be.
var firewalls = []struct {
	name, make string
	named      bool
}{
	{"ufw", `ufw default allow incoming; ufw allow 5432; ufw allow from 192.0.2.0/24 to any port 5432 proto tcp; ufw allow 22/tcp; ufw deny 9; ufw --force enable`, true},
	{"nftables", `mkdir -p /etc/systemd/system/sysinit.target.wants; ln -s /lib/systemd/system/nftables.service /etc/systemd/system/sysinit.target.wants/
		printf 'table inet filter {\n chain input {\n  type filter hook input priority 0; policy accept;\n  tcp dport 9 drop\n }\n}' >>/etc/nftables.conf; nft -f /etc/nftables.conf`, false},
	{"iptables", `mkdir -p /etc/iptables /etc/systemd/system/multi-user.target.wants; ln -s /lib/systemd/system/netfilter-persistent.service /etc/systemd/system/multi-user.target.wants/
		for p in iptables ip6tables; do $p -A INPUT -p tcp --dport 9 -j DROP; done
		iptables-save >/etc/iptables/rules.v4; ip6tables-save >/etc/iptables/rules.v6`, false},
}

func TestFixFirewalls(t *testing.T) {
	m, ok := insideMachine(t, "ufw", "nft", "iptables", "ip6tables")
	if !ok {
		return
	}
	for _, f := range firewalls {
		t.Run(f.name, func(t *testing.T) {
			m.T = t
			t.Cleanup(func() {
				m.T = t
				m.sh("nft flush ruleset; sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf; rm -f /etc/systemd/system/*.wants/*.service; rm -rf /etc/iptables")
			})
			m.sh("nft flush ruleset; %s", f.make)
			m.keep()
			all := map[int]bool{22: true, 5432: true, 8545: true, 8000: true}
			m.wantReach("at first", all)
			m.closesPorts()
			m.wantReach("taken back", all)
			m.deniesByDefault(f.named)
			m.wantReach("taken back", all)
		})
	}
}

// closesPorts closes a database's port and a node's, each by a fix of its own, and opens them again.
func (m *fixMachine) closesPorts() {
	m.Helper()
	if out := m.fix(exitOK, "net.sensitive-exposed"); !strings.Contains(out, "+") || !strings.Contains(out, "Nothing was changed") {
		m.Fatalf("the diff:\n%s", out)
	}
	m.same("the diff alone")
	m.fix(exitOK, "net.sensitive-exposed", "--apply")
	m.wantReach("one is closed", map[int]bool{22: true, 5432: false, 8545: true, 8000: true})
	once := m.files()
	if out := m.fix(exitOK, "net.sensitive-exposed", "--apply"); !strings.Contains(out, "so already") {
		m.Fatalf("a second time:\n%s", out)
	}
	m.before, once = once, m.before
	m.same("a second time")
	m.before = once
	m.fix(exitOK, "net.rpc-exposed", "--apply")
	m.wantReach("both are closed", map[int]bool{22: true, 5432: false, 8545: false, 8000: true})
	m.fix(exitOK, "net.sensitive-exposed", "--revert")
	m.wantReach("the first one is open again", map[int]bool{22: true, 5432: true, 8545: false, 8000: true})
	m.fix(exitOK, "net.rpc-exposed", "--revert")
	m.same("both taken back")
	if out := m.fix(exitOK, "net.rpc-exposed", "--revert"); !strings.Contains(out, "so already") {
		m.Fatalf("taken back twice:\n%s", out)
	}
}

// deniesByDefault closes all but sshd's port, while a session is open.
func (m *fixMachine) deniesByDefault(named bool) {
	m.Helper()
	open := exec.Command("nsenter", "-t", m.peerID(), "-n", "bash", "-c", "exec 3<>/dev/tcp/"+fixHere+"/22; read -r line <&3; sleep 600")
	m.start(open)
	out := m.fix(exitOK, "firewall.default-deny", "--apply")
	if !strings.Contains(out, "8000/tcp, and others cannot reach it any more") {
		m.Fatalf("it does not tell what is cut:\n%s", out)
	}
	m.wantReach("closed by default", map[int]bool{22: true, 5432: named, 8545: false, 8000: false})
	for _, address := range []string{fixHere, fixHere6} {
		if err := m.login(address); err != nil {
			m.Fatalf("nobody gets in by %s: %v\n%s", address, err, m.sh("nft list ruleset"))
		}
	}
	if out := m.fix(exitOK, "firewall.default-deny", "--apply"); !strings.Contains(out, "so already") {
		m.Fatalf("a second time:\n%s", out)
	}
	m.fix(exitOK, "firewall.default-deny", "--revert")
	m.same("taken back")
}
