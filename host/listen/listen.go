// Package listen finds out what listens on a machine's network: addresses and ports from the kernel's tables of sockets, and the
// programs that hold them. It states facts; package policy/audit judges them together with the firewall's.
//
// Start at Look.
package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// Sockets are those that wait for others. It is not changed after it was made.
type Sockets struct {
	Listeners []Listener
	Err       error     // why nothing, or not all, is known of them
	Owners    error     // why the programs of some are not known; nil if all are
	Openings  []Opening // settings by which a node's RPC answers everybody
	NodesErr  error     // why not all settings of nodes are known
	Networks  int       // of containers and the like, beside the machine's own: what listens there is not seen
}

// Listener is a socket that waits for connections, or for packets of UDP from everybody.
type Listener struct {
	Protocol string         // "tcp", "udp"
	At       netip.AddrPort // where; the unspecified address stands for all of the machine's
	Both     bool           // At is of IPv6, and IPv4 comes to it, too
	UID      int            // of who opened it
	PID      int            // of the program that holds it; 0 if unknown
	Command  string         // its name; "" if unknown
	Unit     string         // of systemd that it belongs to: "ssh.service"; "" if none is known
	inode    uint64
}

// String names a listener: "0.0.0.0:5432/tcp (postgres, pid 812)".
func (l Listener) String() string {
	name := l.At.String() + "/" + l.Protocol
	if l.PID == 0 {
		return name
	}
	return fmt.Sprintf("%s (%s, pid %d)", name, l.Command, l.PID)
}

// Loopback reports whether only the machine itself can come to a listener.
func (l Listener) Loopback() bool { return l.At.Addr().Unmap().IsLoopback() }

// states are those of sockets that wait (include/net/tcp_states.h): TCP_LISTEN, and TCP_CLOSE, which is what a socket of UDP has
// that is not connected.
func states() map[string]string { return map[string]string{"tcp": "0A", "udp": "07"} }

// maxListeners is how many sockets are looked at.
const maxListeners = 20_000

// Look finds what listens. It does not fail; the errors stand in what it returns.
func Look(s host.Source) *Sockets {
	found := &Sockets{}
	found.Openings, found.NodesErr = openings(s)
	if s.Kind() == host.Image {
		found.Err = fmt.Errorf("look for listeners: %w", host.ErrNotRun)
		return found
	}
	for _, name := range []string{"tcp", "tcp6", "udp", "udp6"} {
		f, err := s.Read("/proc/net/" + name)
		if host.Missing(err) && strings.HasSuffix(name, "6") {
			continue // IPv6 is switched off
		}
		if err == nil {
			var list []Listener
			list, err = parse(strings.TrimSuffix(name, "6"), string(f.Data))
			found.Listeners = append(found.Listeners, list...)
		}
		if err != nil {
			found.Err = errors.Join(found.Err, fmt.Errorf("look for listeners: %s: %w", name, err))
		}
	}
	found.both(s)
	found.owners(s)
	slices.SortStableFunc(found.Listeners, func(a, b Listener) int {
		if c := strings.Compare(a.Protocol, b.Protocol); c != 0 {
			return c
		}
		if a.At.Port() != b.At.Port() {
			return int(a.At.Port()) - int(b.At.Port())
		}
		return a.At.Compare(b.At)
	})
	found.Listeners = slices.CompactFunc(found.Listeners, func(a, b Listener) bool {
		return a.Protocol == b.Protocol && a.At == b.At && a.PID == b.PID
	})
	return found
}

// parse reads a table of sockets (proc_pid_net(5)).
func parse(protocol, text string) ([]Listener, error) {
	var list []Listener
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		fields := strings.Fields(line)
		if number == 1 || len(fields) == 0 {
			continue
		}
		if len(fields) < 10 {
			return list, fmt.Errorf("line %d is too short", number)
		}
		if fields[3] != states()[protocol] {
			continue
		}
		at, err := address(fields[1])
		if err != nil {
			return list, fmt.Errorf("line %d: %w", number, err)
		}
		uid, err1 := strconv.Atoi(fields[7])
		inode, err2 := strconv.ParseUint(fields[9], 10, 64)
		if err1 != nil || err2 != nil {
			return list, fmt.Errorf("line %d: owner %q, inode %q", number, fields[7], fields[9])
		}
		if len(list) == maxListeners {
			return list, fmt.Errorf("more than %d sockets", maxListeners)
		}
		list = append(list, Listener{Protocol: protocol, At: at, UID: uid, inode: inode})
	}
	return list, nil
}

// address reads "0100007F:07E8". The address is written in words of 32 bits, each in the byte order of the machine, which is taken to
// be little-endian.
func address(text string) (netip.AddrPort, error) {
	hex, portHex, ok := strings.Cut(text, ":")
	port, err := strconv.ParseUint(portHex, 16, 16)
	if !ok || err != nil || (len(hex) != 8 && len(hex) != 32) {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	var raw []byte
	for i := 0; i < len(hex); i += 8 {
		word, err := strconv.ParseUint(hex[i:i+8], 16, 32)
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("address %q", text)
		}
		raw = append(raw, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
	}
	addr, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

// both marks sockets of IPv6 that IPv4 comes to, too: those at all addresses, unless the system says otherwise or another socket has the
// port for IPv4 (ipv6(7), IPV6_V6ONLY). What a program asked for itself does not stand in the tables.
func (s *Sockets) both(source host.Source) {
	f, err := source.Read("/proc/sys/net/ipv6/bindv6only")
	if err == nil && strings.TrimSpace(string(f.Data)) == "1" {
		return
	}
	type key struct {
		protocol string
		port     uint16
	}
	taken := map[key]bool{}
	for _, l := range s.Listeners {
		if l.At.Addr() == netip.IPv4Unspecified() {
			taken[key{l.Protocol, l.At.Port()}] = true
		}
	}
	for i, l := range s.Listeners {
		s.Listeners[i].Both = l.At.Addr() == netip.IPv6Unspecified() && !taken[key{l.Protocol, l.At.Port()}]
	}
}
