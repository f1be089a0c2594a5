// Package domain tells whether an address belongs to a domain that is known to be official, or only looks as if it did.
//
// Start at Check. A domain that is neither is unknown: nothing is said for or against it. The package asks no name server, and opens
// no connection.
package domain

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Verdict says what an address is.
type Verdict string

// The verdicts.
const (
	IsOfficial Verdict = "official"   // its host is an official domain, or below one
	LookAlike  Verdict = "look-alike" // it can be taken for one, or hides where it leads
	Unknown    Verdict = "unknown"    // neither
)

// Result is what was found out about an address.
type Result struct {
	Address  string   // as it was given
	Host     string   // where it leads, in ASCII: "xn--...", without a trailing dot; "" if that cannot be told
	Verdict  Verdict  // what it is
	Official string   // the domain that it is, or looks like; "" if it is like none
	Reasons  []string // why, in a few words each; of an official one, what is odd about the address all the same
}

// Check judges an address: a URL or a host, as a person or a program would follow it. official are official domains, as Official
// returns them. It fails if there is no host in the address.
func Check(address string, official []string) (Result, error) {
	r := Result{Address: address, Verdict: Unknown}
	a, err := parse(address)
	if err != nil {
		return r, err
	}
	r.Host = a.ascii
	r.Reasons = append(r.Reasons, a.odd...)
	if len(a.tricks) > 0 {
		r.Verdict, r.Reasons = LookAlike, append(a.tricks, r.Reasons...)
	}
	for _, name := range official {
		if within(a.ascii, name) {
			r.Official = name
			if r.Verdict != LookAlike {
				r.Verdict = IsOfficial
			}
			return r, nil
		}
	}
	if a.ip {
		return a.judgeIP(r, official), nil
	}
	if len(a.userinfo) > 0 {
		if name := named(a.userinfo, official); name != "" {
			r.alike(name, "what stands before the @ is a login name: the address leads to "+a.ascii)
		}
	}
	for _, name := range official {
		if why := resembles(a.unicode, name); why != "" {
			r.alike(name, why)
			break
		}
	}
	if why := mixedScripts(a.unicode); why != "" && r.Verdict != LookAlike {
		r.alike("", why)
	}
	if name := named(a.rest, official); name != "" && r.Verdict == Unknown {
		a.behind(&r, name)
	}
	return r, nil
}

// behind judges an official name behind the host. Links to other sites have one for good reasons; behind an @ after ? or #, where no path stands,
// it is there to be taken for the host.
func (a *address) behind(r *Result, name string) {
	if strings.ContainsAny(a.rest[:1], "?#") && strings.Contains(skeleton(strings.ToLower(a.rest)), "@"+skeleton(toUnicode(name))) {
		r.alike(name, name+" stands behind "+a.rest[:1]+" and @ only: the address leads to "+a.ascii)
		return
	}
	r.Reasons = append(r.Reasons, name+" stands behind the host only: the address leads to "+a.ascii)
}

// alike makes the verdict worse.
func (r *Result) alike(official, why string) {
	r.Verdict = LookAlike
	if r.Official == "" {
		r.Official = official
	}
	r.Reasons = append(r.Reasons, why)
}

// judgeIP judges an address without a name: with an official name elsewhere in it, it wants to be taken for that.
func (a *address) judgeIP(r Result, official []string) Result {
	r.Reasons = append(r.Reasons, "it is a number instead of a name: nobody can tell whose")
	if name := named(a.userinfo+a.rest, official); name != "" {
		r.alike(name, "an official name stands in it, and it leads elsewhere")
	}
	return r
}

// Official returns the form of a domain that Check compares with: lower case, ASCII, without a trailing dot. It refuses what is no domain
// of two labels or more.
func Official(name string) (string, error) {
	a, err := parse(name)
	switch {
	case err != nil:
		return "", err
	case a.ip || len(a.tricks)+len(a.odd) > 0 || a.userinfo+a.rest != "" || strings.Contains(name, "://") || !strings.Contains(a.ascii, "."):
		return "", fmt.Errorf("%q is no domain", name)
	}
	return a.ascii, nil
}

// within reports whether a host is a domain or below it.
func within(host, name string) bool { return host == name || strings.HasSuffix(host, "."+name) }

// named returns the official name that stands in a text, "" if none does.
func named(text string, official []string) string {
	text = skeleton(strings.ToLower(text))
	for _, name := range official {
		if strings.Contains(text, skeleton(toUnicode(name))) {
			return name
		}
	}
	return ""
}

// resembles says why a host can be taken for an official domain that it does not belong to; "" if it cannot.
func resembles(host, official string) string {
	official = toUnicode(official)
	brand, suffix, _ := strings.Cut(official, ".")
	labels, want := strings.Split(host, "."), strings.Split(official, ".")
	tail := labels[max(0, len(labels)-len(want)):]
	switch {
	case skeleton(strings.Join(tail, ".")) == skeleton(official):
		return "its letters look like those of " + official
	case containsLabels(labels, want):
		return official + " stands at its start only: it belongs to " + strings.Join(labels[max(0, len(labels)-2):], ".")
	case slices.ContainsFunc(labels, func(l string) bool { return squeezed(l) == squeezed(official) }):
		return "it is " + official + " without its dots"
	case len(labels) > 1 && isTypo(tail, want):
		return "it is " + official + " with a letter or two typed wrong"
	}
	if len(brand) < shortBrand {
		return ""
	}
	for i, l := range labels[:len(labels)-1] {
		switch {
		case skeleton(l) == skeleton(brand) && i == len(labels)-2:
			return "it has the name of " + official + " and another ending"
		case skeleton(l) == skeleton(brand):
			return "it has the name of " + official + " in front of a domain of somebody else"
		case slices.ContainsFunc(strings.Split(l, "-"), func(word string) bool { return skeleton(word) == skeleton(brand) }):
			return "it has the name of " + official + " and other words"
		case len(brand) >= longBrand && strings.Contains(skeleton(l), skeleton(brand)):
			return "it has the name of " + official + " and other words"
		case i >= len(labels)-3 && damerau(l, brand) < allowed(len(brand)):
			return "it has nearly the name of " + official + ", and another ending than ." + suffix
		}
	}
	return ""
}

// How many bytes a name must have before it is looked for alone, and within a word: shorter ones are words, and parts of words, of many.
const (
	shortBrand = 5
	longBrand  = 7
)

// containsLabels reports whether one list of labels stands in another one, but not at its end.
func containsLabels(labels, want []string) bool {
	for i := 0; i+len(want) < len(labels); i++ {
		if slices.EqualFunc(labels[i:i+len(want)], want, func(a, b string) bool { return skeleton(a) == skeleton(b) }) {
			return true
		}
	}
	return false
}

// squeezed takes dots and hyphens out.
func squeezed(s string) string { return strings.NewReplacer(".", "", "-", "").Replace(skeleton(s)) }

// isTypo reports whether labels are others with letters typed wrong, as far as their length allows.
func isTypo(labels, want []string) bool {
	if len(labels) != len(want) || len(want[0]) < shortBrand {
		return false
	}
	wrong := 0
	for i := range labels {
		wrong += damerau(labels[i], want[i])
	}
	return wrong > 0 && wrong <= allowed(len(want[0])) && damerau(labels[0], want[0]) < len(want[0])-2
}

// allowed is how many letters of a name may be wrong for it to be taken for the name: in a short one every change makes another word.
func allowed(length int) int {
	switch {
	case length < shortBrand:
		return 0
	case length < 7:
		return 1
	}
	return 2
}

// isIP reports whether a host is an address of the Internet protocol, and whether it is written so that people do not see that: as one
// number, in octal or hexadecimal, or with parts left out, all of which inet_aton(3) and browsers understand.
func isIP(host string) (ip, hidden bool) {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true, false
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return false, false
	}
	for _, p := range parts {
		digits, hex := strings.CutPrefix(p, "0x")
		set := "0123456789"
		if hex {
			set += "abcdef"
		}
		if p == "" || strings.Trim(digits, set) != "" {
			return false, false
		}
	}
	return true, true
}
