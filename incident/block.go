package incident

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Firewall is a program that can block addresses, and how.
type Firewall struct {
	Name     string // "ufw"
	Commands []string
}

// widest are the shortest prefixes that are blocked at once: shorter ones are of whole providers and countries, or a slip.
const (
	widest4 = 8
	widest6 = 19
)

// ParseAddress reads an address or a prefix, of IPv4 or IPv6. What cannot be an attacker's, or is more than one would block in an incident, is
// refused.
func ParseAddress(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return p, errors.New("it is neither an address nor a prefix such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/64")
		}
		if addr.Zone() != "" {
			return p, errors.New("an address with a zone is of this link only")
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, errors.New("it is a prefix of mapped addresses: write it as IPv4")
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	least := widest4
	if p.Addr().Is6() {
		least = widest6
	}
	switch a := p.Addr(); {
	case p.Bits() < least:
		return p, fmt.Errorf("/%d is a large part of all there is: the widest is /%d", p.Bits(), least)
	case a.IsLoopback() || a.IsUnspecified():
		return p, errors.New("it is this machine itself")
	case a.IsMulticast():
		return p, errors.New("it is multicast: nobody sends from there")
	}
	return p, nil
}

// Block returns, for each firewall there may be, the commands that drop whatever comes from some addresses, before any other rule. One
// firewall of them is the one in use.
func Block(prefixes []netip.Prefix) []Firewall {
	ufw, nft, iptables, firewalld := Firewall{Name: "ufw"}, Firewall{Name: "nftables"}, Firewall{Name: "iptables"}, Firewall{Name: "firewalld"}
	nft.Commands = []string{
		"nft add table inet keysweep_block",
		"nft 'add chain inet keysweep_block prerouting { type filter hook prerouting priority -300; policy accept; }'",
	}
	for _, p := range prefixes {
		text, family, program := addressText(p), "ip", "iptables"
		end := "ss -K dst " + text // ufw and firewalld let connections go on that are open already, before any rule of this kind
		if p.Addr().Is6() {
			family, program, end = "ip6", "ip6tables", "ss -K dst '["+text+"]'"
		}
		ufw.Commands = append(ufw.Commands, "ufw prepend deny from "+text, end)
		nft.Commands = append(nft.Commands, fmt.Sprintf("nft add rule inet keysweep_block prerouting %s saddr %s drop", family, text))
		iptables.Commands = append(iptables.Commands, program+" -I INPUT 1 -s "+text+" -j DROP", program+" -I FORWARD 1 -s "+text+" -j DROP")
		firewalld.Commands = append(firewalld.Commands, "firewall-cmd --permanent --zone=drop --add-source="+text, "firewall-cmd --zone=drop --add-source="+text, end)
	}
	return []Firewall{ufw, nft, iptables, firewalld}
}

// Firewalls lists the names of Block's.
func Firewalls() (names []string) {
	for _, f := range Block(nil) {
		names = append(names, f.Name)
	}
	return names
}

// addressText writes a prefix of one address without its length.
func addressText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// AddressTexts writes prefixes as Block's commands do, sorted and each once.
func AddressTexts(prefixes []netip.Prefix) (texts []string) {
	for _, p := range prefixes {
		texts = append(texts, addressText(p))
	}
	slices.SortFunc(texts, strings.Compare)
	return slices.Compact(texts)
}
