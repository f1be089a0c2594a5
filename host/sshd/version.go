package sshd

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
)

// Version is a release of OpenSSH: 9.2 is {9, 2}. The zero value is an unknown one, which is taken for the newest that is known here.
type Version struct {
	Major, Minor int
	Text         string // as the machine says it: "OpenSSH_9.2p1 Debian-2+deb12u10"
}

// newest is the release whose keywords and defaults were read last for the tables of this package.
var newest = Version{Major: 10, Minor: 5}

// Known reports whether it is known which version this is.
func (v Version) Known() bool { return v.Major > 0 }

// Newer reports whether this is a version that came out after the tables of this package were made.
func (v Version) Newer() bool { return !v.Known() || newest.before(v.Major, v.Minor) }

// String returns "OpenSSH 9.2".
func (v Version) String() string {
	if !v.Known() {
		return "OpenSSH of unknown version"
	}
	return fmt.Sprintf("OpenSSH %d.%d", v.Major, v.Minor)
}

func (v Version) before(major, minor int) bool {
	if !v.Known() {
		return false
	}
	return v.Major < major || v.Major == major && v.Minor < minor
}

var banner = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`OpenSSH_(\d{1,3})\.(\d{1,3})[^\s,]{0,40}(?: [A-Z][A-Za-z]{1,20}-[^\s,]{1,60})?`)
})

// parseBanner finds the version in what sshd or ssh says of itself: "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19".
func parseBanner(text []byte) (Version, bool) {
	m := banner().FindSubmatch(text)
	if m == nil {
		return Version{}, false
	}
	return number(string(m[1]), string(m[2]), string(m[0]))
}

// packaged finds the version of a package: "1:9.2p1-2+deb12u10" (dpkg), "9.7_p1-r4" (apk).
var packaged = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\d+:)?(\d{1,3})\.(\d{1,3})(?:_?p\d|[-.]|$)`)
})

func parsePackage(text string) (Version, bool) {
	m := packaged().FindStringSubmatch(text)
	if m == nil {
		return Version{}, false
	}
	return number(m[1], m[2], text)
}

func number(major, minor, text string) (Version, bool) {
	a, err := strconv.Atoi(major)
	if err != nil {
		return Version{}, false
	}
	b, err := strconv.Atoi(minor)
	return Version{a, b, text}, err == nil && a > 0
}
