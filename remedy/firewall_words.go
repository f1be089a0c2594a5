package remedy

import (
	"fmt"
	"strings"
)

// inner are names of interfaces behind which there are no strangers: bridges of containers and virtual machines, and tunnels whose other
// end is known by its key. They are those that the audit leaves out; what reaches the machine by them stays as it is.
var inner = []string{"docker", "br-", "veth", "virbr", "vnet", "lxc", "lxd", "cni", "flannel", "cali", "podman", "wg", "tailscale", "zt", "nebula"}

// span writes a range as a program wants it: "22", "16124-16129".
func (p Port) span(between string) string {
	if p.First == p.Last {
		return fmt.Sprint(p.First)
	}
	return fmt.Sprint(p.First) + between + fmt.Sprint(p.Last)
}

// spans writes all ranges of a protocol.
func spans(list []Port, protocol, between string) (words []string) {
	for _, p := range list {
		if p.Protocol == protocol {
			words = append(words, p.span(between))
		}
	}
	return words
}

// chainName is what a chain of a fix is called; iptables takes 28 letters.
func chainName(id string) string { return "ks-" + id }

// under reports whether a line of iptables is a jump to one of our chains.
func under(line string) (chain string, ok bool) {
	_, chain, ok = strings.Cut(line, " -j ks-")
	return "ks-" + chain, ok && strings.HasPrefix(line, "-A INPUT ")
}
