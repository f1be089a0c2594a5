package remedy

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/listen"
	"keysweep/host/sshd"
)

// sshPorts are all ports by which somebody gets in by SSH: those of sshd's configuration, of its socket, of a server that runs, and that of
// the session in use.
func sshPorts(_ context.Context, s *Situation, src host.Source) ([]uint16, error) {
	var list []uint16
	add := func(n uint64, err error) {
		if err == nil && n > 0 && !slices.Contains(list, uint16(n)) {
			list = append(list, uint16(n))
		}
	}
	main, _ := s.places()
	config, err := sshd.ReadFile(src, main)
	switch {
	case err == nil:
		v := config.Resolve(sshd.Connection{}).Get("port")
		if v.Err != nil {
			return nil, v.Err
		}
		for _, w := range v.Words {
			add(strconv.ParseUint(w, 10, 16))
		}
	case !host.Missing(err):
		return nil, err
	}
	socket := sshd.LookSocket(src)
	if socket.Err != nil {
		return nil, socket.Err
	}
	for _, w := range socket.Ports() {
		add(strconv.ParseUint(w, 10, 16))
	}
	for _, l := range listen.Look(src).Listeners {
		if l.Command == "sshd" && l.Protocol == "tcp" && !l.Loopback() {
			add(uint64(l.At.Port()), nil)
		}
	}
	if s.Session != nil && s.Session.LocalPort > 0 && s.Session.LocalPort < 1<<16 {
		add(uint64(s.Session.LocalPort), nil)
	}
	slices.Sort(list)
	return list, nil
}

// shut says for whom a change would close the ports of SSH: nobody may lose them, the session in use first of all.
func shut(before, after *firewall.Firewall, s *Session, ports []uint16) []string {
	if after.Err != nil {
		return []string{"what the rules would then say is not known: " + after.Err.Error()}
	}
	var refused []string
	for _, family := range []firewall.Family{firewall.IPv4, firewall.IPv6} {
		for _, port := range ports {
			q := firewall.Query{Family: family, Protocol: "tcp", Port: port}
			if s != nil && int(port) == s.LocalPort {
				if why := cuts(before, after, q, s); why != "" {
					refused = append(refused, why)
					continue
				}
			}
			if names := lost(before, after, q); len(names) > 0 {
				refused = append(refused, fmt.Sprintf("sshd's port %d would be closed for %s (%s)", port, names[0], family))
			}
		}
	}
	return refused
}

// cuts says that the rules would drop what the session in use sends, were it to begin anew.
func cuts(before, after *firewall.Firewall, q firewall.Query, s *Session) string {
	addr, err := netip.ParseAddr(s.Addr)
	addr = addr.Unmap().WithZone("")
	if err != nil || addr.IsLoopback() || addr.Is4() != (q.Family == firewall.IPv4) {
		return ""
	}
	if to, err := netip.ParseAddr(s.LocalAddr); err == nil {
		q.To = to.Unmap().WithZone("")
	}
	any := func(string) bool { return true }
	if b := before.Reach(q); b.Maybe(any).Contains(addr) && !after.Reach(q).Sure(any).Contains(addr) {
		return fmt.Sprintf("you are logged in from %s through port %d, and would not get in again", s.Addr, s.LocalPort)
	}
	return ""
}

// lost names from where a port can be reached before and not after, by interface.
func lost(before, after *firewall.Firewall, q firewall.Query) []string {
	var names []string
	then := after.Reach(q)
	for _, gate := range before.Reach(q).Gates {
		here := func(name string) bool { return name == gate.Interface }
		if gone := gate.Sure.Minus(then.Sure(here)); !gone.Empty() {
			names = append(names, gone.String())
		}
	}
	return names
}
