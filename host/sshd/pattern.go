package sshd

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// matchPattern reports whether a text fits a pattern with * and ? as wildcards, byte by byte.
func matchPattern(s, pattern string) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, mark = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}

// longest is the longest pattern of a list that sshd takes (match.c); a longer one matches nothing.
const longest = 1022

// matchList compares a text with patterns that commas separate: -1 if one matches that an exclamation mark denies, 1 if another one
// matches, 0 otherwise.
func matchList(s, patterns string) int {
	found := 0
	for _, p := range splitList(patterns) {
		p, denied := strings.CutPrefix(p, "!")
		if len(p) > longest {
			return 0
		}
		switch {
		case !matchPattern(s, p):
		case denied:
			return -1
		default:
			found = 1
		}
	}
	return found
}

// splitList splits at commas; a comma at the end starts no element.
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, ","), ",")
}

// matchHost compares a host name with patterns, whatever the case of the letters.
func matchHost(name, patterns string) int {
	return matchList(strings.ToLower(name), strings.ToLower(patterns))
}

// errAddress says that sshd would not take a list of addresses.
var errAddress = errors.New("an address that is none, or one with bits behind its prefix")

// checkAddresses says whether sshd takes a list of addresses, networks and wildcards.
func checkAddresses(list string) error {
	_, err := matchAddress(netip.Addr{}, "", list)
	return err
}

// matchAddress compares an address with such a list: -1 if an element matches that an exclamation mark denies, 1 if another one does.
// The zero address is compared with nothing.
func matchAddress(addr netip.Addr, text, list string) (int, error) {
	found := 0
	for e := range strings.SplitSeq(list, ",") {
		e, denied := strings.CutPrefix(e, "!")
		network, kind := parseNetwork(e)
		if e == "" || kind == brokenNetwork {
			return 0, fmt.Errorf("%q: %w", e, errAddress)
		}
		fits := kind == aNetwork && addr.IsValid() && network.Addr().Is4() == addr.Is4() && network.Contains(addr) ||
			kind == noNetwork && text != "" && addr.IsValid() && matchPattern(text, e)
		switch {
		case fits && denied:
			return -1, nil
		case fits:
			found = 1
		}
	}
	return found, nil
}

// networkKind says what an element of a list of addresses is.
type networkKind int

const (
	noNetwork networkKind = iota // a text with wildcards
	aNetwork
	brokenNetwork
)

func parseNetwork(s string) (netip.Prefix, networkKind) {
	host, bits, masked := strings.Cut(s, "/")
	length := -1
	if masked {
		n, err := strconv.ParseUint(bits, 10, 32)
		if err != nil || n > 128 {
			return netip.Prefix{}, noNetwork
		}
		length = int(n)
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}, noNetwork
	}
	addr = addr.WithZone("")
	if length < 0 {
		length = addr.BitLen()
	}
	p := netip.PrefixFrom(addr, length)
	if !p.IsValid() || p.Masked() != p {
		return netip.Prefix{}, brokenNetwork
	}
	return p, aNetwork
}
