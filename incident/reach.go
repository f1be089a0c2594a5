package incident

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keysweep/rotation"
)

// Link is one way from something affected to something else.
type Link struct {
	Of    string // the name of what is affected
	What  string // "is accepted by", "lies in", "is meant for", ...
	Where string // a host, a file, another key
	More  string // since when, under which name; may be empty
	Known string // how it is known: "ledger"
}

const fromLedger = "ledger"

// Reach says what whoever has something affected can reach, out of the records of the ledger. Nothing said is not nothing affected: the ledger knows
// only what it was told.
func Reach(list []Standing, records []rotation.Record, now time.Time) (links []Link) {
	for n := range list {
		s := &list[n]
		switch {
		case s.Kind == Host:
			links = append(links, reachOfHost(s, records, now)...)
		case s.Record != nil:
			links = append(links, reachOfRecord(s.Name, s.Record, now)...)
			links = append(links, same(s, records)...)
		}
	}
	return links
}

// reachOfRecord is what a key or credential opens, and where it lies.
func reachOfRecord(name string, r *rotation.Record, now time.Time) (links []Link) {
	add := func(what, where, more string) {
		if where != "" {
			links = append(links, Link{name, what, where, more, fromLedger})
		}
	}
	active := map[string]bool{}
	for _, in := range r.ActiveInstallations(now) {
		active[in.Target] = true
		more := "since " + in.At.Format(time.DateOnly)
		if !in.Expires.IsZero() {
			more += ", until " + in.Expires.Format(time.DateOnly)
		}
		add("is accepted by", in.Target, more)
	}
	for _, in := range r.Installed {
		if !active[in.Target] {
			add("was accepted by", in.Target, "since "+in.At.Format(time.DateOnly)+", until "+until(in))
		}
	}
	for _, h := range r.Hosts {
		add("is meant for", h, "")
	}
	add("is of", r.Provider, strings.TrimPrefix(strings.Join([]string{r.Account, r.URL}, " "), " "))
	add("serves", r.Service, "")
	if r.Path != "" {
		add("lies in", r.Path, "on "+r.Machine)
	}
	for _, b := range r.Backups {
		add("has a backup in", b.Place, b.Form+" of "+b.At.Format(time.DateOnly))
	}
	return links
}

func until(in rotation.Installation) string {
	if !in.Removed.IsZero() {
		return in.Removed.Format(time.DateOnly)
	}
	return in.Expires.Format(time.DateOnly)
}

// same finds what has the same secret under another name.
func same(s *Standing, records []rotation.Record) (links []Link) {
	for n := range records {
		r := &records[n]
		if r.ID != s.Record.ID && r.Status.Live() && sameSecret(s.Record, r) {
			links = append(links, Link{s.Name, "is the same secret as", r.Ref(), string(r.Kind), fromLedger})
		}
	}
	return links
}

func sameSecret(a, b *rotation.Record) bool {
	return a.Mark != "" && a.Mark == b.Mark || a.Fingerprint != "" && a.Fingerprint == b.Fingerprint
}

// reachOfHost is what lies on a host, what opens it, and, one step on, what the keys that lie there open.
func reachOfHost(s *Standing, records []rotation.Record, now time.Time) (links []Link) {
	add := func(what, where, more string) { links = append(links, Link{s.Name, what, where, more, fromLedger}) }
	for n := range records {
		r := &records[n]
		if !r.Status.Live() {
			continue
		}
		if SameHost(r.Machine, s.Name) && r.Path != "" {
			add("holds the file of", r.Ref(), r.Path)
			for _, in := range r.ActiveInstallations(now) {
				if !SameHost(HostOf(in.Target), s.Name) {
					add("can reach with "+r.Ref(), in.Target, "since "+in.At.Format(time.DateOnly))
				}
			}
		}
		for _, in := range r.ActiveInstallations(now) {
			if SameHost(HostOf(in.Target), s.Name) {
				add("accepts", r.Ref(), in.Target+" since "+in.At.Format(time.DateOnly))
			}
		}
		for _, h := range r.Hosts {
			if SameHost(HostOf(h), s.Name) {
				add("uses", r.Ref(), "meant for "+h)
			}
		}
	}
	return links
}

// Near is something that is not affected itself, and shares something with what is: it is to be replaced, too.
type Near struct {
	Record rotation.Record
	Why    []string
	Done   bool // it was replaced, or went out of use, since the incident was detected
}

// Neighbours returns of the records what shares an environment, a host, a directory or its secret with what is affected, and is not affected itself.
func (i *Incident) Neighbours(list []Standing, records []rotation.Record) (near []Near) {
	itself := map[string]bool{}
	for _, s := range list {
		if s.Record != nil {
			itself[s.Record.ID] = true
		}
	}
	for n := range records {
		r := &records[n]
		if itself[r.ID] {
			continue
		}
		var why []string
		for m := range list {
			why = append(why, shared(&list[m], r)...)
		}
		done := !r.Status.Live() && !lastChange(r).Before(i.Detected) || r.Status == rotation.Active && i.freshSince(r)
		if len(why) > 0 && (r.Status.Live() || done) {
			near = append(near, Near{*r, why, done})
		}
	}
	return near
}

// freshSince reports whether what a record is about was made or replaced since the incident was detected: whatever says how old it is says so.
func (i *Incident) freshSince(r *rotation.Record) bool {
	if !r.RotatedAt.IsZero() {
		return !r.RotatedAt.Before(i.Detected)
	}
	return len(r.Evidence) > 0 && !slices.ContainsFunc(r.Evidence, func(e rotation.Evidence) bool { return e.At.Before(i.Detected) })
}

// shared says what a record shares with something affected.
func shared(s *Standing, r *rotation.Record) (why []string) {
	if s.Kind == Host {
		if on(r, s.Name) {
			why = append(why, "on host "+s.Name)
		}
		return why
	}
	a := s.Record
	if a == nil {
		return nil
	}
	if sameSecret(a, r) {
		why = append(why, "the same secret as "+s.Name)
	}
	if a.Env != "" && a.Env == r.Env {
		why = append(why, fmt.Sprintf("environment %s, as %s", a.Env, s.Name))
	}
	if a.Path != "" && r.Path != "" && a.Machine == r.Machine && filepath.Dir(a.Path) == filepath.Dir(r.Path) {
		why = append(why, fmt.Sprintf("lies in %s, as %s", filepath.Dir(a.Path), s.Name))
	}
	for _, h := range hostsOf(a) {
		if on(r, h) {
			why = append(why, fmt.Sprintf("on host %s, as %s", h, s.Name))
		}
	}
	return why
}

// hostsOf are the hosts that a key opens or a credential is meant for, each once. Whose file lies on a machine is not on it in this sense.
func hostsOf(r *rotation.Record) (hosts []string) {
	seen := map[string]bool{}
	add := func(h string) {
		if h = HostOf(h); h != "" && !seen[strings.ToLower(h)] {
			seen[strings.ToLower(h)] = true
			hosts = append(hosts, h)
		}
	}
	for _, h := range r.Hosts {
		add(h)
	}
	for _, in := range r.Installed {
		add(in.Target)
	}
	return hosts
}
