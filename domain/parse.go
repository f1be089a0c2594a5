package domain

import (
	"errors"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// address is an address taken apart as browsers do it (https://url.spec.whatwg.org/#concept-basic-url-parser).
type address struct {
	scheme   string // in lower case; "" if it has none
	userinfo string // before the @
	unicode  string // the host as people see it, in lower case
	ascii    string // the host as name servers see it
	rest     string // path, query and fragment
	ip       bool
	tricks   []string // what only those use who hide where an address leads
	odd      []string // what is worth saying
}

// maxAddress is the longest address that is looked at, in bytes. A host has 253 at most.
const maxAddress = 64 << 10

// ErrNoHost says that an address leads to no host.
var ErrNoHost = errors.New("there is no host in it")

func parse(text string) (*address, error) {
	if len(text) > maxAddress {
		return nil, errors.New("it is too long for an address")
	}
	a := &address{}
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	if clean := strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text); clean != text {
		text = clean
		a.trick("it holds line breaks or tabs, which browsers leave out")
	}
	a.scheme, text = cutScheme(text)
	switch a.scheme {
	case "", "https", "wss", "ssh", "git", "sftp", "ftps":
	case "http", "ws", "ftp":
		a.odd = append(a.odd, "it is not encrypted: "+a.scheme)
	case "javascript", "data", "vbscript", "file", "blob", "mailto":
		return nil, ErrNoHost
	}
	end := strings.IndexAny(text, "/?#")
	if i := strings.IndexByte(text, '\\'); i >= 0 && (end < 0 || i < end) {
		a.trick("it holds a backslash: browsers and other programs take it to different hosts")
		end = i
	}
	if end >= 0 {
		text, a.rest = text[:end], text[end:]
	}
	if strings.Contains(a.rest, "@") && strings.Contains(a.rest[:strings.IndexByte(a.rest, '@')], `\`) {
		a.userinfo = a.rest
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		a.userinfo, text = text[:i], text[i+1:]
		a.odd = append(a.odd, "it holds a login name")
	}
	return a, a.setHost(cutPort(text))
}

func (a *address) trick(why string) { a.tricks = append(a.tricks, why) }

// cutScheme takes "https:" and the slashes behind it off; browsers take any number of them, and backslashes too.
func cutScheme(text string) (scheme, rest string) {
	before, after, found := strings.Cut(text, ":")
	letters := strings.Trim(strings.ToLower(before), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
	if found && before != "" && letters && (strings.HasPrefix(after, "/") || strings.HasPrefix(after, `\`) || !strings.Contains(before, ".") && !isPort(after)) {
		return strings.ToLower(before), strings.TrimLeft(after, `/\`)
	}
	return "", strings.TrimLeft(text, `/\`)
}

// isPort reports whether what stands behind a colon begins with the number of a port: the text before it is a host then.
func isPort(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

func cutPort(host string) string {
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i >= 0 {
			return host[:i+1]
		}
		return host
	}
	host, _, _ = strings.Cut(host, ":")
	return host
}

// setHost reads the host.
func (a *address) setHost(host string) error {
	if strings.Contains(host, "%") {
		a.trick("its host is written with percent signs")
		if plain, err := url.PathUnescape(host); err == nil {
			host = plain
		}
	}
	if visible := strings.Map(dropInvisible, host); visible != host {
		host = visible
		a.trick("it holds characters that cannot be seen")
	}
	host = strings.Map(dot, norm.NFKC.String(host))
	host = norm.NFKC.String(strings.ToLower(host))
	if trimmed := strings.TrimSuffix(host, "."); trimmed != host {
		host = trimmed
		a.odd = append(a.odd, "its host ends in a dot")
	}
	var hidden bool
	if a.ip, hidden = isIP(host); hidden {
		a.trick("its host is a number, written so that it does not look like one of the Internet protocol")
	}
	a.unicode, a.ascii = host, host
	if !a.ip {
		a.unicode, a.ascii = toUnicode(host), toASCII(host)
		for label := range strings.SplitSeq(a.ascii, ".") {
			if label == "" || len(label) > 63 || strings.ContainsAny(label, " \"'<>^`{|}[]@/\\?#:%") {
				return ErrNoHost
			}
		}
		if len(a.ascii) > 253 {
			return ErrNoHost
		}
	}
	return nil
}

// dot makes a full stop of what browsers take for one (UTS #46, section 2.3).
func dot(r rune) rune {
	switch r {
	case '\u3002', '\uff0e', '\uff61':
		return '.'
	}
	return r
}

// dropInvisible takes out what takes no room on the screen.
func dropInvisible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || unicode.Is(unicode.Variation_Selector, r) {
		return -1
	}
	return r
}
