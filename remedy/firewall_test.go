package remedy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/hosttest"
)

// untilBoot finds something wrong until a change is looked at.
func untilBoot(wrong ...Wrong) Judge {
	return func(_ context.Context, src host.Source, _ string) ([]Wrong, error) {
		if s, ok := src.(staged); ok && len(s.changes) > 0 {
			return nil, nil
		}
		return wrong, nil
	}
}

// ufwMachine is a machine with ufw, whose users' rules are given.
func ufwMachine(policy, rules string) *hosttest.Machine {
	m := debian(includes, map[string]string{
		"/etc/ufw/ufw.conf": "ENABLED=yes\n", ufwDefaults: "IPV6=yes\nDEFAULT_INPUT_POLICY=\"" + policy + "\"\nMANAGE_BUILTINS=no", "/proc/net/tcp": "", "/proc/net/udp": "",
	})
	for _, six := range []string{"", "6"} {
		frame := func(s string) string { return strings.ReplaceAll(s, "ufw-", "ufw"+six+"-") }
		m.File("/etc/ufw/before"+six+".rules", frame("*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input -i lo -j ACCEPT\nCOMMIT\n"))
		m.File("/etc/ufw/after"+six+".rules", frame("*filter\n:ufw-after-input - [0:0]\nCOMMIT\n"))
		text := rules
		if six != "" {
			text = ""
		}
		m.File("/etc/ufw/user"+six+".rules", frame("*filter\n:ufw-user-input - [0:0]\n### RULES ###\n\n"+text+ufwEnd+"COMMIT\n"))
	}
	return m
}

// put is a machine with the changes of a plan.
func put(m *hosttest.Machine, p *Plan) {
	for _, c := range p.Changes {
		if c.After != nil && !c.After.Mode.IsDir() {
			m.File(c.Path, string(c.After.Data))
		}
	}
}

func TestUfwRules(t *testing.T) {
	rules := ufwRule(firewall.IPv4, "deny", Port{9, 9, "tcp"}, "x") + "### tuple ### allow tcp 5000:6000 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp -m multiport --dports 5000:6000 -j ACCEPT\n\n" +
		"### tuple ### allow tcp 5432 0.0.0.0/0 any 10.0.0.0/8 in\n-A ufw-user-input -p tcp --dport 5432 -s 10.0.0.0/8 -j ACCEPT\n\n" +
		"### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n\n"
	m := ufwMachine("ACCEPT", rules)
	s := situation(m, nil)
	s.Judge = untilBoot(Wrong{Subject: "0.0.0.0:5432/tcp"}, Wrong{Subject: "[::]:5432/tcp"})
	p := plan(t, "net.sensitive-exposed", s)
	if len(p.Changes) != 2 || len(p.Refused) > 0 || p.Load != "ufw reload" {
		t.Fatalf("%+v", p)
	}
	text := string(p.Changes[0].After.Data)
	if deny, allow := strings.Index(text, "deny tcp 5432"), strings.Index(text, "allow tcp 5000:6000"); deny < 0 || deny > allow || deny < strings.Index(text, "deny tcp 9 ") {
		t.Errorf("it does not stand before the rule that opens the port:\n%s", text)
	}
	if len(p.Notes) == 0 || !strings.Contains(strings.Join(p.Notes, "\n"), "allow tcp 5432 0.0.0.0/0 any 10.0.0.0/8 in\" of ufw has no effect") {
		t.Errorf("the rule behind it: %q", p.Notes)
	}
	s.Judge = untilBoot(Wrong{Subject: "IPv4"}, Wrong{Subject: "IPv6"})
	s.Ports = []Port{{16124, 16129, "tcp"}}
	p = plan(t, "firewall.default-deny", s)
	if len(p.Refused) > 0 || len(p.Changes) != 3 {
		t.Fatalf("%+v", p)
	}
	four, six := string(p.Changes[0].After.Data), string(p.Changes[1].After.Data)
	if strings.Count(four, "--dport 22 ") != 1 || !strings.Contains(six, "-A ufw6-user-input -p tcp --dport 22 -j ACCEPT\n") || !strings.Contains(four, "--dports 16124:16129 -j ACCEPT\n") {
		t.Errorf("the ports that stay open:\n%s\n%s", four, six)
	}
	put(m, p)
	f, _ := Find("firewall.default-deny")
	if p, err := f.Revert(t.Context(), s); err != nil || len(p.Changes) != 3 || string(p.Changes[0].After.Data) != "IPV6=yes\nDEFAULT_INPUT_POLICY=\"ACCEPT\"\nMANAGE_BUILTINS=no" {
		t.Errorf("%v %+v", err, p)
	}
	m.File(ufwDefaults, strings.Replace(string(p.Changes[2].After.Data), `"DROP"`, `"REJECT"`, 1)) // ufw default reject incoming
	if _, err := f.Revert(t.Context(), s); err != nil {
		t.Errorf("a value of somebody else's in our block is one line still: %v", err)
	}
}

// TestUfwFilesByHand puts rules into files that ufw did not write in its usual form, and takes them out.
func TestUfwFilesByHand(t *testing.T) {
	for _, text := range []string{"*filter\n### RULES ###\n-A ufw-user-limit -j REJECT\nCOMMIT\n", "*filter\n### RULES ###\n### END RULES ###\nCOMMIT\n",
		"*filter\n### RULES ###\n\n### tuple ### allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 80 -j ACCEPT\n### END RULES ###\nCOMMIT\n"} {
		at, _ := ufwOpens(text, Port{80, 80, "tcp"})
		with, err := ufwInsert(text, at, ufwRule(firewall.IPv4, "deny", Port{80, 80, "tcp"}, "x"))
		if err != nil || with == text || ufwWithout(with, "x") != text || ufwWithout(with, "y") != with {
			t.Errorf("%v: %q", err, with)
		}
		if cut := strings.Replace(with, "-j DROP\n\n", "-j DROP\n", 1); strings.Contains(ufwWithout(cut, "x"), "DROP") || ufwWithout(cut, "x") != text {
			t.Errorf("without the line at its end: %q", ufwWithout(cut, "x"))
		}
	}
	if _, err := ufwInsert("*filter\nCOMMIT\n", -1, "rule"); !errors.Is(err, ErrEdited) {
		t.Error(err)
	}
}

// TestFirewallRefusals shows what is not touched.
func TestFirewallRefusals(t *testing.T) {
	wants := map[string]string{"/usr/sbin/firewalld": "", "/etc/systemd/system/multi-user.target.wants/firewalld.service": ""}
	both := maps.Clone(wants)
	both["/etc/ufw/ufw.conf"] = "ENABLED=yes\n"
	wrong := Wrong{Subject: "0.0.0.0:5432/tcp", Title: "open"}
	for _, tt := range []struct {
		name, refused string
		more          map[string]string
		wrong         Wrong
	}{
		{"no manager", "no service loads a firewall at boot", nil, wrong},
		{"firewalld", "firewall-cmd --permanent", wants, wrong},
		{"two managers", "ufw and firewalld are both switched on", both, wrong},
		{"a node's setting", "which a firewall does not change", map[string]string{"/etc/ufw/ufw.conf": "ENABLED=yes\n"}, Wrong{Subject: "geth", Title: "told to answer"}},
	} {
		m := debian(includes, tt.more)
		m.File("/proc/net/tcp", "")
		s := situation(m, nil)
		s.Judge = untilBoot(tt.wrong)
		if p := plan(t, "net.sensitive-exposed", s); !strings.Contains(strings.Join(p.Refused, ""), tt.refused) || len(p.Changes) > 0 {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
	s := situation(debian("", nil), nil)
	s.Judge = func(context.Context, host.Source, string) ([]Wrong, error) { return nil, errors.New("not known") }
	f, _ := Find("firewall.default-deny")
	if p, err := f.Plan(t.Context(), s); err == nil {
		t.Errorf("what is wrong is not known: %+v", p)
	}
}

// TestFirewallKeepsSession refuses what would cut the session, and any port of sshd's.
func TestFirewallKeepsSession(t *testing.T) {
	session := &Session{User: "alice", Addr: "192.0.2.7", LocalAddr: "198.51.100.1", LocalPort: 5432}
	for name, s := range map[string]*Situation{
		"you are logged in from 192.0.2.7 through port 5432": situation(ufwMachine("ACCEPT", ""), session),
		"sshd's port 5432 would be closed for any address":   situation(ufwMachine("ACCEPT", "").File("/etc/ssh/sshd_config", "Port 5432\n"), nil),
	} {
		s.Judge = untilBoot(Wrong{Subject: "0.0.0.0:5432/tcp"})
		if p := plan(t, "net.sensitive-exposed", s); !strings.Contains(strings.Join(p.Refused, ""), name) {
			t.Errorf("%s: %+v", name, p.Refused)
		}
	}
	s := situation(ufwMachine("DROP", "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n\n"), nil)
	s.Judge = func(_ context.Context, _ host.Source, _ string) ([]Wrong, error) {
		return []Wrong{{Subject: "0.0.0.0:5432/tcp", Title: "still open"}}, nil
	}
	if p := plan(t, "net.sensitive-exposed", s); !strings.Contains(strings.Join(p.Refused, ""), "it would not help: still open") {
		t.Errorf("%+v", p.Refused)
	}
}

// TestIptablesLoad shows that the kernel gets what a block says, whatever of ours it has.
func TestIptablesLoad(t *testing.T) {
	now := "*nat\n:ks-none - [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:ks-a - [0:0]\n:ks-b - [0:0]\n-A INPUT -j ks-a\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j ks-b\n-A ks-a -j DROP\nCOMMIT\n"
	for _, tt := range []struct {
		block map[string]string
		want  string
	}{
		{map[string]string{"a": ":ks-a - [0:0]\n-I INPUT -j ks-a"}, "*filter\n-D INPUT -j ks-a\n-D INPUT -j ks-b\n:ks-a - [0:0]\n-I INPUT -j ks-a\n-F ks-b\n-X ks-b\nCOMMIT\n"},
		{nil, "*filter\n-D INPUT -j ks-a\n-D INPUT -j ks-b\n-F ks-a\n-X ks-a\n-F ks-b\n-X ks-b\nCOMMIT\n"},
	} {
		if got := iptablesLoad(now, tt.block); got != tt.want {
			t.Errorf("%q", got)
		}
	}
	if got := iptablesLoad("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", nil); got != "" {
		t.Errorf("nothing to do: %q", got)
	}
}

// TestManyPorts keeps to the fifteen ports that multiport takes.
func TestManyPorts(t *testing.T) {
	var w want
	for n := range uint16(40) {
		w.close = append(w.close, Port{1000 + 10*n, 1005 + 10*n, "tcp"})
	}
	for l := range strings.Lines(iptablesRules("net.rpc-exposed", w)) {
		if _, list, ok := strings.Cut(l, "--dports "); ok && strings.Count(list, ",")+strings.Count(list, ":")+1 > 15 {
			t.Errorf("%s", l)
		}
	}
	for _, f := range firewallFixes() {
		if n := len(chainName(f.ID)); n > 28 {
			t.Errorf("%s: a chain with %d letters", f.ID, n)
		}
	}
}

// TestBlocks puts a block into files of all kinds of ends, and takes it out.
func TestBlocks(t *testing.T) {
	for _, before := range []string{"a\nb\n", "a\nb", "", "\n", "a\n\n", "\r\n", "# begin keysweep\n"} {
		m := hosttest.New(map[string]string{"/f": before})
		e, err := openBlock(m, "/f")
		if err != nil {
			t.Fatal(err)
		}
		e.set("x", "line one\nline two", atEnd)
		m.File("/f", string(e.changes()[0].After.Data))
		if e, err = openBlock(m, "/f"); err != nil {
			t.Fatal(err)
		}
		if e.set("x", "line one\nline two", atEnd); len(e.changes()) > 0 {
			t.Errorf("%q: a second time: %+v", before, e.changes())
		}
		undone, err := openBlock(m, "/f")
		if err != nil {
			t.Fatal(err)
		}
		if undone.set("x", "", atEnd); string(undone.changes()[0].After.Data) != before {
			t.Errorf("%q came back as %q", before, undone.changes()[0].After.Data)
		}
		e.set("y", "z", atEnd)
		m.File("/f", string(e.changes()[0].After.Data)+"below\n")
		if e, err = openBlock(m, "/f"); err != nil {
			t.Fatal(err)
		}
		e.set("x", "", atEnd)
		e.set("y", "", atEnd)
		want := before + "below\n"
		if before == "a\nb" {
			want = before + "\nbelow\n"
		}
		if got := string(e.changes()[0].After.Data); got != want {
			t.Errorf("%q came back as %q", before, got)
		}
	}
	m := hosttest.New(map[string]string{"/f": "a\n" + blockHere + mark + "x\nb\n"})
	if _, err := openBlock(m, "/f"); !errors.Is(err, ErrEdited) {
		t.Errorf("without an end: %v", err)
	}
	for l := range slices.Values([]string{"no mark\n", mark + "x\n"}) {
		if _, err := openBlock(m.File("/f", blockHere+l+blockEnd), "/f"); !errors.Is(err, ErrEdited) {
			t.Errorf("%q: %v", l, fmt.Sprint(err))
		}
	}
}
