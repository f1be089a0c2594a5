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
	sh(t, "cp -r /etc/firewalld "+dir+"; mount --bind "+dir+" /etc/firewalld; rm -f /etc/firewalld/zones/* /etc/firewalld/direct.xml")
	start(t, bus, "--system", "--nofork", "--nopidfile")
	start(t, daemon, "--nofork", "--nopid")
	until(t, "firewall-cmd", "--state")
	const rounds = 4
	for seed := range uint64(rounds) {
		sh(t, "rm -f /etc/firewalld/zones/*")
		written := ""
		for name, text := range randomZones(rand.New(rand.NewPCG(seed, 5))) {
			if err := os.WriteFile("/etc/firewalld/zones/"+name+".xml", []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			written += name + ": " + text + "\n"
		}
		sh(t, "firewall-cmd --reload")
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
	for _, root := range []string{"/etc/firewalld", "/usr/lib/firewalld/zones", "/usr/lib/firewalld/services"} {
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
		"direct rules":     base().File("/etc/firewalld/direct.xml", "<direct><rule ipv='ipv4'>-j ACCEPT</rule></direct>"),
		"policies":         base().File("/etc/firewalld/policies/a.xml", "<policy/>"),
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
