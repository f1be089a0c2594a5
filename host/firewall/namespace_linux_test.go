package firewall_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/host/firewall"
	"keysweep/host/live"
	"keysweep/internal/testneed"
)

// insideEnv has the test binary play a part in a network of its own: "machine" runs the test again in it, "peer" connects to it.
const insideEnv = "KEYSWEEP_TEST_NETWORK"

func TestMain(m *testing.M) {
	if os.Getenv(insideEnv) == "peer" {
		peer()
		return
	}
	os.Exit(m.Run())
}

// inside runs the test once more in namespaces of its own, and reports whether this is that run.
func inside(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideEnv) == "machine" {
		return true
	}
	t.Parallel()
	unshare := testneed.Program(t, "unshare")
	for _, name := range []string{"nft", "iptables-save", "ip6tables-save", "ip", "nsenter", "mount"} {
		testneed.Program(t, name)
	}
	if out, err := exec.Command(unshare, "--net", "--mount", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "network namespaces of its own, which this user may not make here: %v: %s", err, out)
	}
	cmd := exec.Command(unshare, "--net", "--mount", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v="+fmt.Sprint(testing.Verbose()))
	cmd.Env = append(os.Environ(), insideEnv+"=machine")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("in the network: %v", err)
	}
	return false
}

// network is a machine with two interfaces, and a peer in a namespace of its own on the other side of both.
type network struct {
	t     *testing.T
	peer  *exec.Cmd
	ask   *json.Encoder
	reply *json.Decoder
}

// Addresses of the network: what the machine listens at by interface, and where the peer connects from.
var (
	targets = map[string][]string{"eth0": {"10.1.0.1", "fd01::1"}, "eth1": {"10.2.0.1", "fd02::1"}}
	sources = []string{"10.1.0.2", "10.1.0.9", "192.0.2.7", "203.0.113.9", "172.16.5.5", "fd01::2", "2001:db8:1::5", "2001:db8:2::9"}
)

// probe is a connection that is tried, with what became of it.
type probe struct {
	From, To, Interface string
	Port                uint16
	Patient             bool
	Open                bool
}

func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
}

// newNetwork makes the two ends, and a listener for each port on the machine.
func newNetwork(t *testing.T) *network {
	t.Helper()
	sh(t, `mount -t sysfs none /sys
		ip link set lo up
		for i in 0 1; do ip link add eth$i type veth peer name far$i; ip link set eth$i up; done
		echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/eth0/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/eth1/rp_filter
		ip addr add 10.1.0.1/24 dev eth0; ip addr add 10.2.0.1/24 dev eth1
		ip addr add fd01::1/64 dev eth0 nodad; ip addr add fd02::1/64 dev eth1 nodad`)
	n := &network{t: t, peer: exec.Command("unshare", "--net", os.Args[0])}
	n.peer.Env = append(os.Environ(), insideEnv+"=peer")
	n.peer.Stderr = os.Stderr
	in, err := n.peer.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := n.peer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.peer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = n.peer.Wait() })
	n.ask, n.reply = json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	var ready bool
	if err := n.reply.Decode(&ready); err != nil {
		t.Fatal(err)
	}
	peer := fmt.Sprintf("nsenter -t %d -n ", n.peer.Process.Pid)
	sh(t, fmt.Sprintf("ip link set far0 netns %d; ip link set far1 netns %[1]d\n", n.peer.Process.Pid)+
		strings.ReplaceAll(`@ip link set lo up; @ip link set far0 up; @ip link set far1 up
		for i in all far0 far1; do @sh -c "echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter"; done
		@ip addr add 10.1.0.2/24 dev far0; @ip addr add 10.1.0.9/24 dev far0; @ip addr add 10.2.0.2/24 dev far1
		for a in 192.0.2.7 203.0.113.9 172.16.5.5; do @ip addr add $a/32 dev lo; done
		@ip addr add fd01::2/64 dev far0 nodad; @ip addr add fd02::2/64 dev far1 nodad
		for a in 2001:db8:1::5 2001:db8:2::9; do @ip addr add $a/128 dev lo nodad; done
		ip route add default via 10.1.0.2; ip -6 route add default via fd01::2`, "@", peer))
	for _, port := range tcp {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go serve(l)
	}
	return n
}

func serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// probes are all that can be tried.
func probes() (list []probe) {
	for iface, addrs := range targets {
		for _, to := range addrs {
			for _, from := range sources {
				for _, port := range tcp {
					if strings.Contains(from, ":") == strings.Contains(to, ":") {
						list = append(list, probe{From: from, To: to, Interface: iface, Port: port})
					}
				}
			}
		}
	}
	return list
}

// try has the peer try connections.
func (n *network) try(list []probe) []probe {
	n.t.Helper()
	if err := n.ask.Encode(list); err != nil {
		n.t.Fatal(err)
	}
	var done []probe
	if err := n.reply.Decode(&done); err != nil {
		n.t.Fatal(err)
	}
	return done
}

// peer answers on standard output what became of the connections that it reads on standard input.
func peer() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	if err := out.Encode(true); err != nil {
		return
	}
	for {
		var list []probe
		if in.Decode(&list) != nil {
			return
		}
		var all sync.WaitGroup
		for i := range list {
			all.Go(func() { list[i].Open = connects(list[i]) })
		}
		all.Wait()
		if out.Encode(list) != nil {
			return
		}
	}
}

// connects tries once. A packet needs microseconds here; a patient try waits until TCP has sent its first one again.
func connects(p probe) bool {
	wait := 80 * time.Millisecond
	if p.Patient {
		wait = 4 * time.Second
	}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(p.From)}, Timeout: wait}
	c, err := d.Dial("tcp", net.JoinHostPort(p.To, fmt.Sprint(p.Port)))
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// tally counts how answers fared.
type tally struct{ open, closed, unknown int }

// compare asks our reader and the network about every connection. What the reader does not know is counted.
func (n *network) compare(f *firewall.Firewall, what string) (c tally) {
	n.t.Helper()
	type wanted struct{ sure, maybe bool }
	list := probes()
	want := make([]wanted, len(list))
	answers := map[firewall.Query]firewall.Answer{}
	for i, p := range list {
		from, to := netip.MustParseAddr(p.From), netip.MustParseAddr(p.To)
		q := firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: p.Port, To: to}
		if to.Is6() {
			q.Family = firewall.IPv6
		}
		a, ok := answers[q]
		if !ok {
			a = f.Reach(q)
			answers[q] = a
		}
		here := func(name string) bool { return name == p.Interface }
		want[i] = wanted{a.Sure(here).Contains(from), a.Maybe(here).Contains(from)}
	}
	done := n.try(list)
	var again []probe
	for i, p := range done {
		switch {
		case want[i].sure != want[i].maybe:
			c.unknown++
		case want[i].sure:
			c.open++
		default:
			c.closed++
		}
		if p.Open && !want[i].maybe {
			n.t.Errorf("%s: %s connected to %s:%d, and we say it is closed", what, p.From, p.To, p.Port)
		}
		if !p.Open && want[i].sure {
			p.Patient = true
			again = append(again, p)
		}
	}
	if len(again) > 0 {
		for _, p := range n.try(again) {
			if !p.Open {
				n.t.Errorf("%s: %s could not connect to %s:%d, and we say it is open", what, p.From, p.To, p.Port)
			}
		}
	}
	return c
}

// look reads the rules that are in force.
func look(t *testing.T) *firewall.Firewall {
	t.Helper()
	f := firewall.Look(context.Background(), live.New(live.Options{Now: time.Now}))
	if f.Err != nil {
		t.Fatal(f.Err)
	}
	return f
}
