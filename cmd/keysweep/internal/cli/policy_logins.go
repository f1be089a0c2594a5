package cli

import (
	"fmt"
	"net/netip"
)

// policyLogins is the table [logins].
type policyLogins struct {
	Known []string `toml:"known"`
}

// parseNetworks reads networks and single addresses: "192.0.2.0/24", "2001:db8::7".
func parseNetworks(list []string) (networks []netip.Prefix, err error) {
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err2 := netip.ParseAddr(text)
			if err2 != nil || a.Zone() != "" {
				return nil, fmt.Errorf("%q is neither a network nor an address", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		networks = append(networks, p.Masked())
	}
	return networks, nil
}
