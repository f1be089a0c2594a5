package script

import (
	"net/netip"
	"net/url"
	"strings"

	"keysweep/script/internal/shell"
)

// download is what a program is told to fetch.
type download struct {
	c        *shell.Command
	urls     []*shell.Word
	file     string // the name that it is given; "" for standard output
	raw      string // the name as it is written
	options  line
	headOnly bool
}

// Options of curl and wget that take a value, from their manual pages (curl 8.11, wget 1.25).
const (
	curlShort = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
	wgetShort = "aBeiloOPQtTUwDAIRX"
)

func curlLong() []string {
	return []string{"output", "url", "user", "header", "data", "data-raw", "data-binary", "data-urlencode", "form", "proxy", "user-agent", "retry", "retry-delay", "max-time",
		"connect-timeout", "request", "cacert", "cert", "key", "output-dir", "write-out", "proto", "resolve", "referer", "cookie", "cookie-jar", "config",
		"retry-max-time", "noproxy", "proxy-user", "oauth2-bearer", "upload-file", "json", "netrc-file", "proto-default", "ciphers", "tls-max", "limit-rate", "interface", "unix-socket", "range"}
}

func wgetLong() []string {
	return []string{"output-document", "directory-prefix", "header", "user", "password", "timeout", "tries", "user-agent", "post-data", "input-file", "ca-certificate", "http-user", "http-password", "waitretry", "output-file"}
}

// downloadOf reads a command that fetches something.
func downloadOf(c *shell.Command) (d download, ok bool) {
	if !shell.Fetches(c) {
		return d, false
	}
	d = download{c: c}
	switch c.Name {
	case "wget", "wget2":
		d.wget()
	default:
		d.curl()
	}
	for _, w := range output(c) {
		d.file, d.raw = w.Value, w.Raw
		break
	}
	if d.file == "-" || d.file == "/dev/stdout" {
		d.file, d.raw = "", ""
	}
	return d, true
}

func (d *download) curl() {
	short := curlShort
	if d.c.Name != "curl" {
		short = "oOd"
	}
	l := sorted(words(d.c), short, curlLong()...)
	d.options, d.urls = l, l.operands
	if o, ok := l.get("url"); ok {
		d.urls = append(d.urls, o.word)
	}
	d.headOnly = l.has("I", "head")
	if o, ok := l.get("o", "output", "out"); ok {
		d.file, d.raw = o.value, o.raw
	} else if l.has("O", "remote-name", "J", "remote-header-name") || d.c.Name == "aria2c" || d.c.Name == "axel" {
		d.file = d.lastName()
		d.raw = d.file
	}
}

func (d *download) wget() {
	l := sorted(words(d.c), wgetShort, wgetLong()...)
	d.options, d.urls = l, l.operands
	d.headOnly = l.has("spider")
	if o, ok := l.get("O", "output-document"); ok {
		d.file, d.raw = o.value, o.raw
		return
	}
	d.file = d.lastName()
	if o, ok := l.get("P", "directory-prefix"); ok {
		d.file = strings.TrimRight(o.value, "/") + "/" + d.file
	}
	d.raw = d.file
}

// lastName returns the name that a file has on the server.
func (d *download) lastName() string {
	for _, u := range d.urls {
		name, _, _ := strings.Cut(u.Value, "?")
		if name = base(name); name != "" {
			return name
		}
	}
	return "(unknown)"
}

// local reports whether all that is fetched comes from this machine, or from a service that a cloud gives each machine.
func (d *download) local() bool {
	for _, u := range d.urls {
		if !isLocal(u.Value) {
			return false
		}
	}
	return len(d.urls) > 0
}

// isLocal reports whether a URL is one of this machine, of a metadata service, or of a name without a dot, which only a private network
// resolves. A URL whose host is not known is not.
func isLocal(address string) bool {
	rest := address
	if i := strings.Index(address, "://"); i >= 0 {
		rest = address[i+3:]
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	if u, err := url.Parse("//" + host); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	if host == "" || strings.ContainsAny(host, "$*") || strings.HasPrefix(address, "file:") {
		return strings.HasPrefix(address, "file:")
	}
	switch strings.ToLower(host) {
	case "localhost", "metadata.google.internal", "169.254.169.254", "169.254.170.2", "100.100.100.200", "169.254.42.42", "fd00:ec2::254":
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return !strings.Contains(host, ".")
}
