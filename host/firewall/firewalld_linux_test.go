package firewall_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/hosttest"
	"keysweep/internal/testneed"
)

// TestFirewalldFilesAreReadAsFirewalldDoes has the real firewalld load random zones, and compares what the kernel then has with what we read from the files.
func TestFirewalldFilesAreReadAsFirewalldDoes(t *testing.T) {
	daemon, bus := testneed.Program(t, "firewalld"), testneed.Program(t, "dbus-daemon")
	if !inside(t) {
		return
	}
	sh(t, "mount -t sysfs none /sys; mount -t tmpfs none /run; mkdir -p /run/dbus; ip link set lo up; ip link add eth0 type veth peer name eth1")
	const dir = "/run/firewalld.test"
	sh(t, "cp -r /etc/firewalld "+dir+"; mount --bind "+dir+" /etc/firewalld; rm -f /etc/firewalld/zones/* /etc/firewalld/direct.xml /etc/firewalld/policies/*; mkdir -p /etc/firewalld/policies")
	start(t, bus, "--system", "--nofork", "--nopidfile")
	start(t, daemon, "--nofork", "--nopid")
	until(t, "firewall-cmd", "--state")
	const rounds = 6
	for seed := range uint64(rounds) {
		sh(t, "rm -f /etc/firewalld/zones/* /etc/firewalld/policies/* /etc/firewalld/direct.xml")
		written := ""
		for name, text := range randomZones(rand.New(rand.NewPCG(seed, 5))) {
			if err := os.WriteFile("/etc/firewalld/zones/"+name+".xml", []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			written += name + ": " + text + "\n"
		}
		if seed > 1 {
			r := rand.New(rand.NewPCG(seed, 6))
			for name, text := range map[string]string{"policies/p": randomPolicy(r), "policies/q": randomPolicy(r), "direct": randomDirect(r)} {
				if err := os.WriteFile("/etc/firewalld/"+name+".xml", []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				written += name + ": " + text + "\n"
			}
		}
		sh(t, "firewall-cmd --reload")
		if state, err := exec.Command("firewall-cmd", "--check-config").CombinedOutput(); err != nil {
			t.Fatalf("%d: %s\n%s", seed, state, written)
		}
		live := look(t)
		read := firewall.Look(context.Background(), firewalldFiles(t))
		if read.Err != nil || !live.Loaded("firewalld") {
			t.Fatalf("%d: %v, loaded %v\n%s", seed, read.Err, live.Loaded("firewalld"), written)
		}
		read.Interfaces = live.Interfaces
		sameAnswers(t, fmt.Sprintf("zones %d", seed), live, read)
		if t.Failed() {
			t.Fatal(written)
		}
	}
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// until runs a program until it succeeds.
func until(t *testing.T, name string, args ...string) {
	t.Helper()
	var out []byte
	for range 300 {
		var err error
		if out, err = exec.Command(name, args...).CombinedOutput(); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: %s", name, out)
}

// firewalldFiles is an image with firewalld's files as they are now.
func firewalldFiles(t *testing.T) host.Source {
	t.Helper()
	m := hosttest.New(map[string]string{"/usr/sbin/firewalld": ""}).Link("/etc/systemd/system/multi-user.target.wants/firewalld.service", "/lib/systemd/system/firewalld.service").As(host.Image)
	for _, root := range []string{"/etc/firewalld", "/usr/lib/firewalld/policies", "/usr/lib/firewalld/zones", "/usr/lib/firewalld/services"} {
		err := filepath.WalkDir(root, func(name string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			m.File(name, string(data))
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return m
}

// randomZones are the files of the default zone and of two others, with sources and interfaces of their own.
func randomZones(r *rand.Rand) map[string]string {
	zones := map[string]string{}
	for name, belongs := range map[string]string{
		"public":   pick(r, "", `<interface name="eth0"/>`),
		"internal": pick(r, `<interface name="eth1"/>`, `<source address="10.0.0.0/8"/>`, `<source address="2001:db8::/32"/><interface name="wg+"/>`),
		"work":     pick(r, `<source address="192.0.2.0/24"/>`, `<source address="fd01::/64"/>`),
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<zone%s>%s", pick(r, "", "", ` target="DROP"`, ` target="%%REJECT%%"`, ` target="ACCEPT"`), belongs)
		for _, s := range []string{"ssh", "http", "https", "mdns", "dhcpv6-client", "samba", "redis"} {
			if r.IntN(4) == 0 {
				fmt.Fprintf(&b, `<service name="%s"/>`, s)
			}
		}
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, `<port port="%s" protocol="%s"/>`, pick(r, port(r), portRange(r, "-")), pick(r, "tcp", "udp"))
		}
		if r.IntN(4) == 0 {
			b.WriteString(pick(r, `<protocol value="udp"/>`, `<protocol value="gre"/>`, `<source-port port="53" protocol="udp"/>`, `<forward-port port="80" protocol="tcp" to-port="8080"/>`))
		}
		for i := range r.IntN(4) {
			b.WriteString(randomRich(r, i))
		}
		b.WriteString("</zone>\n")
		zones[name] = b.String()
	}
	return zones
}

func randomRich(r *rand.Rand, i int) string {
	family, prefix := "ipv4", prefix4(r)
	if r.IntN(2) == 0 {
		family, prefix = "ipv6", prefix6(r)
	}
	source := fmt.Sprintf(`<source address="%s"%s/>`, prefix, pick(r, "", "", ` invert="True"`))
	what := pick(r, "", `<service name="ssh"/>`, fmt.Sprintf(`<port port="%s" protocol="tcp"/>`, port(r)), `<port port="1024-9000" protocol="tcp"/>`)
	priority := pick(r, "", "", fmt.Sprintf(` priority="%d"`, i-5), fmt.Sprintf(` priority="%d"`, i+5))
	return fmt.Sprintf(`<rule family="%s"%s>%s%s%s<%s/></rule>`, family, priority, source, what, pick(r, "", "", `<log prefix="x"/>`), pick(r, "accept", "reject", "drop"))
}

// randomPolicy is a policy about the machine itself, or between zones.
func randomPolicy(r *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<policy target=%q priority=\"%s\">", pick(r, "CONTINUE", "CONTINUE", "CONTINUE", "ACCEPT", "DROP", "REJECT"), pick(r, "-100", "-5", "7", "90"))
	b.WriteString(pick(r, `<ingress-zone name="ANY"/><egress-zone name="HOST"/>`, `<ingress-zone name="ANY"/><egress-zone name="HOST"/>`, `<ingress-zone name="ANY"/><egress-zone name="HOST"/>`,
		`<ingress-zone name="work"/><egress-zone name="ANY"/>`))
	for _, s := range []string{"http", "redis"} {
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, `<service name="%s"/>`, s)
		}
	}
	if r.IntN(2) == 0 {
		fmt.Fprintf(&b, `<port port="%s" protocol="tcp"/>`, port(r))
	}
	for i := range r.IntN(3) {
		b.WriteString(randomRich(r, i))
	}
	return b.String() + "</policy>\n"
}

// randomDirect are direct rules, some of which drop.
func randomDirect(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct><chain ipv=\"ipv4\" table=\"filter\" chain=\"own\"/>")
	for i := range r.IntN(5) {
		family, prefix := "ipv4", prefix4(r)
		if r.IntN(2) == 0 {
			family, prefix = "ipv6", prefix6(r)
		}
		chain, verdict := "INPUT", pick(r, "DROP", "DROP", "ACCEPT", "REJECT")
		if family == "ipv4" {
			chain, verdict = pick(r, "INPUT", "own"), pick(r, verdict, "own")
		}
		if chain == "own" {
			verdict = "DROP"
		}
		fmt.Fprintf(&b, `<rule ipv=%q table="filter" chain=%q priority="%d">-p tcp --dport %s -s %s -j %s</rule>`, family, chain, pick(r, i, 9-i), port(r), prefix, verdict)
	}
	return b.String() + "</direct>\n"
}

// TestFirewalldThatIsNotUnderstood must come out as unknown.
func TestFirewalldThatIsNotUnderstood(t *testing.T) {
	const zone = `<zone><service name="ssh"/></zone>`
	base := func() *hosttest.Machine {
		return hosttest.New(map[string]string{"/usr/sbin/firewalld": "", "/usr/lib/firewalld/zones/public.xml": zone, "/usr/lib/firewalld/services/ssh.xml": `<service><port port="22" protocol="tcp"/></service>`}).
			Link("/etc/systemd/system/multi-user.target.wants/firewalld.service", "/lib/systemd/system/firewalld.service").As(host.Image)
	}
	if f := firewall.Look(context.Background(), base()); f.Err != nil || f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: 22}).Gates[0].Sure.Share() != 1 {
		t.Errorf("as it is shipped: %v", f.Err)
	}
	for name, m := range map[string]*hosttest.Machine{
		"direct rules":     base().File("/etc/firewalld/direct.xml", "<direct><passthrough ipv='ipv4'>-A INPUT -j ACCEPT</passthrough></direct>"),
		"direct, iptables": base().File("/etc/firewalld/direct.xml", "<direct><rule ipv='ipv4' table='filter' chain='INPUT' priority='0'>-j DROP</rule></direct>").File("/etc/firewalld/firewalld.conf", "FirewallBackend=iptables\n"),
		"direct, no XML":   base().File("/etc/firewalld/direct.xml", "<direct>"),
		"policies":         base().File("/etc/firewalld/policies/a.xml", "<policy>"),
		"a policy's zone":  base().File("/etc/firewalld/policies/a.xml", `<policy><ingress-zone name="public"/><egress-zone name="HOST"/></policy>`),
		"a policy's ports": base().File("/etc/firewalld/policies/a.xml", `<policy><ingress-zone name="ANY"/><egress-zone name="HOST"/><forward-port port="1" protocol="tcp" to-port="2"/></policy>`),
		"no XML":           base().File("/etc/firewalld/zones/public.xml", "<zone>"),
		"no service":       base().File("/etc/firewalld/zones/public.xml", `<zone><service name="none"/></zone>`),
		"service's path":   base().File("/etc/firewalld/zones/public.xml", `<zone><service name="../ssh"/></zone>`),
		"services in ring": base().File("/etc/firewalld/services/ssh.xml", `<service><include service="ssh"/></service>`),
		"port":             base().File("/etc/firewalld/zones/public.xml", `<zone><port port="x" protocol="tcp"/></zone>`),
		"no default":       base().File("/etc/firewalld/firewalld.conf", "DefaultZone=home\n"),
		"denied":           base().File("/etc/firewalld/zones/public.xml", zone).Deny("/etc/firewalld/zones/public.xml"),
		"NetworkManager":   base().File("/etc/NetworkManager/system-connections/a.nmconnection", "[connection]\nzone=home\n"),
	} {
		if f := firewall.Look(context.Background(), m); f.Err == nil {
			t.Errorf("%s is understood", name)
		}
	}
}
