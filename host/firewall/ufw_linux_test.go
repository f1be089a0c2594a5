package firewall_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/hosttest"
	"keysweep/internal/testneed"
)

// TestUfwAgreesWithTheNetwork has the real ufw load random rules. What its files say must be what the kernel has, and what the network does.
func TestUfwAgreesWithTheNetwork(t *testing.T) {
	ufw := testneed.Program(t, "ufw")
	if !inside(t) {
		return
	}
	n := newNetwork(t)
	var sum tally
	const rounds = 4
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 11))
		dir := t.TempDir()
		// Its own copies of ufw's files; those of the machine stay as they are.
		sh(t, "nft flush ruleset; umount /etc/ufw /etc/default/ufw 2>/dev/null || true; cp -r /etc/ufw "+dir+"/ufw; cp /etc/default/ufw "+dir+"/default; cp /usr/share/ufw/iptables/user*.rules "+dir+"/ufw/; "+
			"mount --bind "+dir+"/ufw /etc/ufw; mount --bind "+dir+"/default /etc/default/ufw; sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf")
		var did []string
		for _, command := range randomUfw(r) {
			out, err := exec.Command(ufw, strings.Fields(command)...).CombinedOutput()
			did = append(did, command)
			if err != nil {
				t.Fatalf("ufw %s: %v: %s", command, err, out)
			}
		}
		what := fmt.Sprintf("ufw %d: %s", seed, strings.Join(did, "; "))
		live, files := look(t), firewall.Look(context.Background(), ufwFiles(t))
		if !live.Loaded("ufw") || files.Err != nil {
			t.Fatalf("%s: loaded %v, files: %v", what, live.Loaded("ufw"), files.Err)
		}
		c := n.compare(live, what)
		sum = tally{sum.open + c.open, sum.closed + c.closed, sum.unknown + c.unknown}
		files.Interfaces = live.Interfaces
		sameAnswers(t, what, live, files)
	}
	t.Logf("%+v", sum)
	if sum.unknown > 0 || sum.open*10 < sum.closed || sum.closed*10 < sum.open {
		t.Errorf("the rulesets show little: %+v", sum)
	}
}

// sameAnswers compares two views of a machine, for both protocols and all classes of ports.
func sameAnswers(t *testing.T, what string, a, b *firewall.Firewall) {
	t.Helper()
	for _, q := range []firewall.Query{{Family: firewall.IPv4, To: netip.MustParseAddr("10.1.0.1")}, {Family: firewall.IPv6, To: netip.MustParseAddr("fd02::1")}} {
		for _, q.Protocol = range []string{"tcp", "udp"} {
			for _, class := range a.Classes() {
				q.Port = class[0]
				x, y := a.Reach(q), b.Reach(q)
				for i, g := range x.Gates {
					if h := y.Gates[i]; !g.Sure.Equal(h.Sure) || !g.Maybe.Equal(h.Maybe) {
						t.Errorf("%s: %+v by %s: the kernel lets in %v (%v), the files %v (%v)", what, q, g.Interface, g.Sure, g.Maybe, h.Sure, h.Maybe)
					}
				}
			}
		}
	}
}

// ufwFiles is an image with ufw's files as they are now.
func ufwFiles(t *testing.T) host.Source {
	t.Helper()
	m := hosttest.New(map[string]string{"/usr/sbin/ufw": ""}).Link("/etc/systemd/system/multi-user.target.wants/ufw.service", "/lib/systemd/system/ufw.service").As(host.Image)
	names, err := filepath.Glob("/etc/ufw/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "/etc/default/ufw") {
		if data, err := os.ReadFile(name); err == nil {
			m.File(name, string(data))
		}
	}
	return m
}

// randomUfw is a list of ufw's commands that ends with switching it on.
func randomUfw(r *rand.Rand) []string {
	list := []string{"default " + pick(r, "deny", "reject", "deny", "allow") + " incoming", "logging " + pick(r, "off", "low", "full")}
	for range 3 + r.IntN(5) {
		verb := pick(r, "allow", "allow", "deny", "limit", "reject")
		p := port(r)
		switch r.IntN(8) {
		case 0:
			list = append(list, verb+" "+p)
		case 1:
			list = append(list, verb+" "+p+"/tcp")
		case 2:
			list = append(list, "allow "+portRange(r, ":")+"/tcp")
		case 3:
			list = append(list, verb+" from "+prefix4(r)+" to any port "+p+" proto tcp")
		case 4:
			list = append(list, verb+" in on "+pick(r, "eth0", "eth1")+" to any port "+p)
		case 5:
			list = append(list, "allow proto tcp from "+prefix6(r)+" to any port "+p+",7")
		case 6:
			list = append(list, "allow from "+prefix4(r)+" comment friends")
		case 7:
			list = append(list, pick(r, "allow OpenSSH", "deny proto tcp to 10.2.0.1 port "+p, "route allow in on eth0 out on eth1", "allow from "+prefix6(r)))
		}
	}
	return append(list, "--force enable")
}
