package sshd

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
)

// Admits reports whether AllowUsers, DenyUsers, AllowGroups and DenyGroups let a connection in, and the value that decides. The value's
// Err says why it is not known; then nobody is let in.
func (v Values) Admits(c Connection) (bool, Value) {
	for _, name := range []string{"denyusers", "allowusers", "denygroups", "allowgroups"} {
		value := v.Get(name)
		if value.Err != nil {
			return false, value
		}
		listed := slices.ContainsFunc(value.Words, func(w string) bool {
			if strings.HasSuffix(name, "users") {
				return matchUser(c, w)
			}
			return slices.ContainsFunc(c.Groups, func(g string) bool { return matchPattern(g, w) })
		})
		if allows := strings.HasPrefix(name, "allow"); len(value.Words) > 0 && listed != allows {
			return false, value
		}
	}
	return true, Value{}
}

// matchUser compares a connection with USER or USER@HOSTS.
func matchUser(c Connection, pattern string) bool {
	user, hosts, at := strings.Cut(pattern, "@")
	if !matchPattern(c.User, user) || !at {
		return !at && matchPattern(c.User, user)
	}
	byName := matchHost(c.Host, hosts)
	addr, err := netip.ParseAddr(c.Addr)
	if err != nil {
		return byName == 1
	}
	byAddress, err := matchAddress(addr, c.Addr, hosts)
	if err != nil || byName < 0 || byAddress < 0 {
		return false
	}
	return byName == 1 || byAddress == 1
}

// AcceptsKey reports whether PubkeyAcceptedAlgorithms leaves an algorithm for keys of a kind: "ssh-ed25519", "ssh-rsa".
func (v Values) AcceptsKey(kind string) bool {
	value := v.Get("pubkeyacceptedalgorithms")
	if value.Err != nil && !errors.Is(value.Err, errSuite) {
		return false
	}
	signed := []string{kind}
	if kind == "ssh-rsa" {
		signed = append(signed, "rsa-sha2-256", "rsa-sha2-512")
	}
	said := value.String()
	usual := kind != "ssh-dss"
	switch {
	case said == "":
		return usual
	case strings.ContainsAny(said[:1], "+^"): // beside the usual ones
		return usual || matchesAny(signed, said[1:])
	case said[0] == '-':
		return usual && slices.ContainsFunc(signed, func(s string) bool { return matchList(s, said[1:]) == 0 })
	}
	return matchesAny(signed, said)
}

func matchesAny(names []string, patterns string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return matchList(n, patterns) == 1 })
}
