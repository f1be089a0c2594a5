package incident

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

// The variables with which the test runs itself again: in namespaces of its own, and there as who connects.
const (
	ownNetwork = "KEYSWEEP_TEST_OWN_NETWORK"
	dialFrom   = "KEYSWEEP_TEST_DIAL_FROM"
)

// TestBlockIsReal types the commands in namespaces of its own: connections from the addresses come in before, and not after; others go on coming in.
func TestBlockIsReal(t *testing.T) {
	switch {
	case os.Getenv(dialFrom) != "":
		dial(t, os.Getenv(dialFrom))
		return
	case os.Getenv(ownNetwork) != "":
		inside(t, os.Getenv(ownNetwork))
		return
	}
	for _, name := range []string{"unshare", "nsenter", "ip", "ss", "ufw", "nft", "iptables", "ip6tables"} {
		testneed.Program(t, name)
	}
	if out, err := exec.Command("unshare", "--net", "--mount", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "namespaces of its own: %s", out)
	}
	for _, name := range []string{"ufw", "nftables", "iptables"} { // firewalld's commands need its daemon, and that a bus
		cmd := exec.Command("unshare", "--net", "--mount", os.Args[0], "-test.run=^TestBlockIsReal$")
		cmd.Env = append(os.Environ(), ownNetwork+"="+name)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// inside blocks addresses with one firewall, with a peer in a network of its own.
func inside(t *testing.T, firewall string) {
	peer := exec.Command("unshare", "--net", "sh", "-c", "echo ready; exec sleep 60")
	out, err := peer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = peer.Process.Kill(); _ = peer.Wait() }()
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	pid := fmt.Sprint(peer.Process.Pid)
	run(t, "mount -t sysfs none /sys; ip link set lo up; ip link add v0 type veth peer name v1; ip link set v1 netns "+pid+"; ip addr add 203.0.113.1/24 dev v0; ip addr add 2001:db8:bad::1/32 dev v0 nodad; ip link set v0 up")
	run(t, "nsenter -t "+pid+" -n sh -ec 'for a in 203.0.113.7/24 203.0.113.8/24; do ip addr add $a dev v1; done; for a in 2001:db8:bad::7/32 2001:db8:600d::7/32; do ip addr add $a dev v1 nodad; done; ip link set v1 up'")
	if firewall == "ufw" {
		dir := t.TempDir()
		run(t, "cp -r /etc/ufw "+dir+"/ufw; cp /etc/default/ufw "+dir+"/default; cp /usr/share/ufw/iptables/user*.rules "+dir+"/ufw/; mount --bind "+dir+"/ufw /etc/ufw; "+
			"mount --bind "+dir+"/default /etc/default/ufw; sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf; ufw allow 8000/tcp; ufw --force enable")
	}
	l, err := net.Listen("tcp", ":8000")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	want := func(when string, in map[string]bool) {
		for from, want := range in {
			cmd := exec.Command("nsenter", "-t", pid, "-n", os.Args[0], "-test.run=^TestBlockIsReal$")
			cmd.Env = append(os.Environ(), dialFrom+"="+from)
			if out, err := cmd.CombinedOutput(); (err == nil) != want {
				t.Errorf("%s: from %s comes in: %v, want %v\n%s", when, from, err == nil, want, out)
			}
		}
	}
	want("before", map[string]bool{"203.0.113.7": true, "203.0.113.8": true, "2001:db8:bad::7": true, "2001:db8:600d::7": true})
	for _, f := range Block([]netip.Prefix{netip.MustParsePrefix("203.0.113.7/32"), netip.MustParsePrefix("2001:db8:bad::/48")}) {
		if f.Name == firewall {
			run(t, strings.Join(f.Commands, "\n"))
		}
	}
	want("after", map[string]bool{"203.0.113.7": false, "203.0.113.8": true, "2001:db8:bad::7": false, "2001:db8:600d::7": true})
}

// dial connects from an address, and fails if it is not let in. A packet that is dropped has no answer: the time is for one that has.
func dial(t *testing.T, from string) {
	to := "203.0.113.1:8000"
	if strings.Contains(from, ":") {
		to = "[2001:db8:bad::1]:8000"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

func run(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
}
