package authorized

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"keysweep/keys"
)

// Marker is the word with which a line of known_hosts may begin.
type Marker string

// The markers.
const (
	NoMarker      Marker = ""
	CertAuthority Marker = "@cert-authority" // the key signs the certificates of hosts
	Revoked       Marker = "@revoked"        // the key must never be accepted
)

// HostLine is one line of a known_hosts file.
type HostLine struct {
	Raw    []byte // the whole line with its ending; part of the input, not a copy
	Number int    // from 1
	Kind   Kind

	// Of an Entry:
	Marker   Marker
	Patterns []string // names, addresses and patterns, with "!" before those that are excluded; of a hashed line its one hash
	Hashed   bool     // the name is hidden: Match can test one
	Public   keys.Public
	Comment  string

	Err error // why an Unknown line holds no key; nil otherwise
}

// ParseKnownHosts splits a known_hosts file into lines. Their Raw parts, joined, are the data.
func ParseKnownHosts(data []byte) []HostLine {
	var lines []HostLine
	for raw := range bytes.Lines(data) {
		lines = append(lines, parseHostLine(raw, len(lines)+1))
	}
	return lines
}

func parseHostLine(raw []byte, number int) HostLine {
	l := HostLine{Raw: raw, Number: number}
	text := bytes.Trim(raw, " \t\r\n")
	switch {
	case len(text) == 0:
		l.Kind = Blank
	case text[0] == '#':
		l.Kind = Comment
	default:
		l.Kind = Entry
		if err := l.readEntry(text); err != nil {
			l = HostLine{Raw: raw, Number: number, Kind: Unknown, Err: fmt.Errorf("line %d: %w", number, err)}
		}
	}
	return l
}

func (l *HostLine) readEntry(text []byte) error {
	if text[0] == '@' {
		var marker []byte
		marker, text = cutWord(text)
		if l.Marker = Marker(marker); l.Marker != CertAuthority && l.Marker != Revoked {
			return errors.New("its marker is not known to ssh")
		}
	}
	hosts, rest := cutWord(text)
	if l.Hashed = hosts != nil && hosts[0] == '|'; l.Hashed {
		if _, _, err := splitHash(string(hosts)); err != nil {
			return err
		}
		l.Patterns = []string{string(hosts)}
	} else {
		l.Patterns = strings.Split(string(hosts), ",")
	}
	var err error
	if l.Public, l.Comment, err = keys.ParsePublicLine(rest); err != nil && !looksLikeKey(rest) {
		return fmt.Errorf("%w, and no comment either", keys.ErrNoPublic)
	}
	return err
}

func cutWord(text []byte) (word, rest []byte) {
	i := bytes.IndexAny(text, " \t")
	if i <= 0 {
		return text[:len(text):len(text)], nil
	}
	return text[:i], bytes.TrimLeft(text[i:], " \t")
}

// splitHash reads "|1|salt|hash": HMAC-SHA1 of the name with the salt as its key, both in base64.
func splitHash(text string) (salt, sum []byte, err error) {
	bad := errors.New("its hashed name is damaged")
	parts := strings.Split(text, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return nil, nil, bad
	}
	if salt, err = base64.StdEncoding.DecodeString(parts[2]); err != nil || len(salt) != sha1.Size {
		return nil, nil, bad
	}
	if sum, err = base64.StdEncoding.DecodeString(parts[3]); err != nil || len(sum) != sha1.Size {
		return nil, nil, bad
	}
	return salt, sum, nil
}

// Match reports whether the line is for a host: a name or address, or either with a port, "[host]:2222" (HostName makes that).
func (l HostLine) Match(host string) bool {
	host = strings.ToLower(host)
	if l.Kind != Entry {
		return false
	}
	if l.Hashed {
		salt, sum, err := splitHash(l.Patterns[0])
		mac := hmac.New(sha1.New, salt)
		mac.Write([]byte(host))
		return err == nil && hmac.Equal(mac.Sum(nil), sum)
	}
	found := false
	for _, pattern := range l.Patterns {
		pattern, negated := strings.CutPrefix(strings.ToLower(pattern), "!")
		if matchPattern(host, pattern) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// HostName returns a host as known_hosts names it: as it is for port 22 and 0, "[host]:port" for others.
func HostName(host string, port int) string {
	if port == 0 || port == 22 {
		return host
	}
	return "[" + host + "]:" + strconv.Itoa(port)
}

// SplitHostName is the other way round; port is 22 where none is named. An address of IPv6 may stand bare.
func SplitHostName(name string) (host string, port int) {
	if _, err := netip.ParseAddr(name); err == nil || !strings.HasPrefix(name, "[") {
		return name, 22
	}
	host, rest, _ := strings.Cut(name[1:], "]")
	if port, err := strconv.ParseUint(strings.TrimPrefix(rest, ":"), 10, 16); err == nil {
		return host, int(port)
	}
	return host, 22
}

// matchPattern tells whether a pattern of ssh_config(5), PATTERNS, matches the whole of s. It goes back to the last "*" only,
// so its time is bounded by the product of the lengths.
func matchPattern(s, pattern string) bool {
	i, j, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, from = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i++
			j++
		case star >= 0:
			from++
			i, j = from, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}
