package openssh

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Target is an account on a host.
type Target struct {
	User string // "" for what ssh's configuration says
	Host string // a name, an address, or an alias of ssh's configuration
	Port int    // 0 for what ssh's configuration says
}

// ParseTarget understands user@host, user@host:port, host, [address]:port and ssh://user@host:port.
func ParseTarget(text string) (Target, error) {
	var t Target
	rest := strings.TrimSuffix(strings.TrimPrefix(text, "ssh://"), "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		t.User, rest = rest[:i], rest[i+1:]
		if t.User == "" {
			return t, fmt.Errorf("%q: nothing stands before the @", text)
		}
	}
	port := ""
	switch {
	case strings.HasPrefix(rest, "["):
		host, after, ok := strings.Cut(rest[1:], "]")
		if !ok || after != "" && !strings.HasPrefix(after, ":") {
			return t, fmt.Errorf("%q: an address in brackets is written [address]:port", text)
		}
		t.Host, port = host, after
	case strings.Count(rest, ":") == 1:
		i := strings.IndexByte(rest, ':')
		t.Host, port = rest[:i], rest[i:]
	case strings.Contains(rest, ":") && net.ParseIP(rest) == nil:
		return t, fmt.Errorf("%q is neither host:port nor an address; an IPv6 address with a port is written [address]:port", text)
	default:
		t.Host = rest
	}
	if port != "" {
		n, err := strconv.ParseUint(port[1:], 10, 16)
		if err != nil || n == 0 {
			return t, fmt.Errorf("%q: %q is no port", text, port[1:])
		}
		t.Port = int(n)
	}
	return t, t.check(text)
}

// check refuses what ssh could take for an option or would hand to a shell. A backslash within a user's name stands between
// the domain and the name: EXAMPLE\ann; ssh takes it, but for the last character.
func (t Target) check(text string) error {
	const never = "'`\"$;&<>|(){}/"
	if unfit(t.Host, never+`\`) || unfit(t.User, never) || strings.HasSuffix(t.User, `\`) {
		return fmt.Errorf("%q is no user@host", text)
	}
	if t.Host == "" {
		return fmt.Errorf("%q names no host", text)
	}
	return nil
}

// unfit reports whether a word looks like an option, or holds white space, a control character or one of those in never.
func unfit(word, never string) bool {
	return strings.HasPrefix(word, "-") || strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(never, r)
	})
}

// String returns the target as ParseTarget takes it, with brackets only where they are needed.
func (t Target) String() string {
	host := t.Host
	if t.Port != 0 {
		host = net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	}
	if t.User != "" {
		return t.User + "@" + host
	}
	return host
}

// args are the arguments that name the target to ssh.
func (t Target) args() []string {
	var args []string
	if t.Port != 0 {
		args = append(args, "-p", strconv.Itoa(t.Port))
	}
	if t.User != "" {
		args = append(args, "-l", t.User)
	}
	return append(args, "--", t.Host)
}
