package cli

import (
	"os"
	"os/exec"
	"path/filepath"
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

// nftables switches the service on that loads a file, with one more table in it.
func (m *fixMachine) nftables(table string) {
	m.Helper()
	m.sh(`nft flush ruleset; mkdir -p /etc/systemd/system/sysinit.target.wants; ln -sf /lib/systemd/system/nftables.service /etc/systemd/system/sysinit.target.wants/
		printf '#!/usr/sbin/nft -f\nflush ruleset\n%s\n' >/etc/nftables.conf; nft -f /etc/nftables.conf`, table)
}

// TestFixFirewallNeverLocksOut has sshd listen at a port that is to be closed: the fix is refused, and the same done by hand keeps everybody out.
func TestFixFirewallNeverLocksOut(t *testing.T) {
	m, ok := insideMachine(t, "nft", "ufw", "iptables", "ip6tables")
	if !ok {
		return
	}
	m.nftables("table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 9 drop; }; }")
	m.start(exec.Command("/usr/sbin/sshd", "-D", "-e", "-p", "2375"))
	m.until("the second sshd", func() bool { return m.reaches(fixHere, 2375) && m.reaches(fixHere6, 2375) })
	m.keep()
	rules := m.sh("nft list ruleset")
	out := m.fix(exitFindings, "net.sensitive-exposed", "--apply")
	if !strings.Contains(out, "refused: sshd's port 2375 would be closed for any address") {
		m.Fatalf("another port of sshd:\n%s", out)
	}
	cmd := m.command("net.rpc-exposed", "--apply")
	cmd.Env = append(cmd.Env, "SSH_CONNECTION="+fixThere+" 50000 "+fixHere+" 8545")
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "refused: you are logged in from "+fixThere+" through port 8545, and would not get in again") {
		m.Fatalf("the session's own port: %v\n%s", err, said)
	}
	m.same("refused")
	if now := m.sh("nft list ruleset"); now != rules {
		m.Fatalf("refused, and the rules are others:\n%s", now)
	}
	if err := m.login(fixHere); err != nil {
		m.Fatal(err)
	}
	m.sh("nft 'table inet byhand { chain input { type filter hook input priority 10; tcp dport { 22, 2375 } drop; }; }'")
	if m.login(fixHere) == nil {
		m.Fatal("somebody gets in by a port that is dropped")
	}
	m.sh("nft delete table inet byhand")
	m.nftables("table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 9 drop; }; }")
	m.sh(`printf 'flush ruleset\ntable inet filter { chain input { type filter hook input priority 0; policy accept; ip saddr ` + fixThere + ` drop; }; }\n' >/etc/nftables.conf`)
	if out := m.fix(exitFindings, "net.rpc-exposed", "--apply"); !strings.Contains(out, "and would not get in again") {
		m.Fatalf("what the next boot would load keeps us out:\n%s", out)
	}
}

// TestFixFirewallLeavesContainers refuses to close a port that is sent on to a container: nobody could see the rules that do nothing.
func TestFixFirewallLeavesContainers(t *testing.T) {
	m, ok := insideMachine(t, "nft")
	if !ok {
		return
	}
	m.nftables("table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 9 drop; }; }")
	m.sh("nft 'table ip nat { chain prerouting { type nat hook prerouting priority -100; tcp dport 5432 dnat to 172.17.0.2:5432; }; }'")
	m.keep()
	if out := m.fix(exitFindings, "net.sensitive-exposed", "--apply"); !strings.Contains(out, "refused: 5432/tcp is sent on (5432/tcp to 172.17.0.2:5432)") {
		m.Fatalf("a container's port:\n%s", out)
	}
	if out := m.fix(exitOK, "firewall.default-deny"); !strings.Contains(out, "note: it does not close what is sent on to containers: 5432/tcp to 172.17.0.2:5432") {
		m.Fatalf("closed by default:\n%s", out)
	}
	m.same("nothing was changed")
}

// TestFixFirewallOfOneFamily closes IPv6 where only IPv4 has rules.
func TestFixFirewallOfOneFamily(t *testing.T) {
	m, ok := insideMachine(t, "nft", "iptables", "ip6tables")
	if !ok {
		return
	}
	for name, make := range map[string]func(){
		"nftables": func() {
			m.nftables("table ip filter { chain input { type filter hook input priority 0; policy drop; ct state established accept; iif lo accept; tcp dport 22 accept; }; }")
		},
		"iptables": func() {
			m.sh(`mkdir -p /etc/iptables /etc/systemd/system/multi-user.target.wants; ln -s /lib/systemd/system/netfilter-persistent.service /etc/systemd/system/multi-user.target.wants/
				rm -f /etc/systemd/system/*.wants/nftables.service; nft flush ruleset; iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -P INPUT DROP; iptables-save >/etc/iptables/rules.v4`)
		},
	} {
		m.sh("nft flush ruleset; rm -rf /etc/iptables /etc/systemd/system/*.wants/*.service")
		make()
		m.keep()
		if m.reaches(fixHere, 8000) || !m.reaches(fixHere6, 8000) {
			m.Fatalf("%s: at first", name)
		}
		m.fix(exitOK, "firewall.enabled", "--apply")
		m.wantReach(name, map[int]bool{22: true, 8000: false, 5432: false})
		if err := m.login(fixHere6); err != nil {
			m.Fatalf("%s: %v", name, err)
		}
		if out := m.fix(exitOK, "firewall.enabled", "--apply"); !strings.Contains(out, "so already") {
			m.Fatalf("%s: a second time:\n%s", name, out)
		}
		m.fix(exitOK, "firewall.enabled", "--revert")
		m.same(name + " taken back")
		if m.reaches(fixHere, 8000) || !m.reaches(fixHere6, 8000) {
			m.Fatalf("%s: taken back", name)
		}
	}
}

// TestFixFirewallIsTakenBack has a fix end by itself, after who made it was killed and his connection with him.
func TestFixFirewallIsTakenBack(t *testing.T) {
	m, ok := insideMachine(t, "ufw", "iptables", "nft")
	if !ok {
		return
	}
	m.sh("ufw default allow incoming; ufw deny 9; ufw --force enable; ufw reload")
	m.keep()
	m.fix(exitOK, "firewall.default-deny", "--apply", "--rollback-after", "2s")
	m.until("closed, and open again", func() bool { return m.reaches(fixHere, 8000) && m.reaches(fixHere6, 8000) })
	m.until("settled", func() bool { return m.waiting() == 0 })
	m.same("taken back")
	m.fix(exitOK, "firewall.default-deny", "--apply", "--rollback-after", "1h")
	m.fix(exitOK, "firewall.default-deny", "--confirm")
	m.wantReach("confirmed", map[int]bool{22: true, 8000: false})
	m.sh("ufw allow 80/tcp; ufw status | grep 'keysweep fix firewall.default-deny' || exit 1; ufw delete allow 80/tcp") // which writes the files anew
	m.fix(exitOK, "firewall.default-deny", "--revert")
	m.same("taken back by hand")
}

// waiting counts the fixes that wait to be confirmed.
func (m *fixMachine) waiting() int {
	list, err := filepath.Glob("/root/.local/state/keysweep/fix/*.json*")
	if err != nil {
		m.Fatal(err)
	}
	return len(list)
}

// TestFixFirewallKilled kills keysweep at each of its steps: sshd stays reachable, and one more call goes on to the new state or back to the
// old one.
func TestFixFirewallKilled(t *testing.T) {
	m, ok := insideMachine(t, "ufw", "iptables", "nft", "strace")
	if !ok {
		return
	}
	for _, f := range []struct {
		name string
		step int // every how many calls it is killed in a long run: ufw takes a second to load its rules
		make func()
	}{
		{"ufw", 10, func() { m.sh("ufw default allow incoming; ufw deny 9; ufw --force enable") }},
		{"iptables", 5, func() { m.sh("%s", firewalls[2].make) }},
		{"nftables", 3, func() {
			m.nftables("table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 9 drop; }; }")
		}},
	} {
		m.sh("nft flush ruleset; rm -rf /etc/iptables; rm -f /etc/systemd/system/*.wants/*.service; sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf")
		f.make()
		m.keep()
		step := f.step
		if os.Getenv("KEYSWEEP_KILLS") == "" {
			step *= 5
		}
		m.killed(f.name, step, []string{"firewall.default-deny"}, func(when string) {
			m.wantReach(when, map[int]bool{22: true})
		})
		m.wantReach(f.name, map[int]bool{22: true, 8000: true})
	}
}
