package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/live"
	"keysweep/host/logins"
	"keysweep/host/observe"
	"keysweep/incident"
	"keysweep/keys/authorized"
)

// scopeMachine is a machine that incident scope looks at: which keys it accepts, and who logged in.
type scopeMachine struct {
	host.Source
	is string // the affected host that it is; "" if it is none
}

// openMachine opens the machine that the flags name; nil if they name none.
func (o *incidentScopeOptions) openMachine(ctx context.Context, env *Env, i *incident.Incident) (*scopeMachine, error) {
	w := &o.where
	named := w.root != "" || w.bundle != "" || w.host != ""
	var source host.Source
	var err error
	switch {
	case named && o.local:
		return nil, usagef("one at a time", "--local, --root, --host and --bundle cannot be combined")
	case named:
		source, _, err = w.open(ctx, env)
	case o.local && runtime.GOOS != "linux":
		return nil, fmt.Errorf("incident scope --local: %w", live.ErrOtherSystem)
	case o.local:
		source = live.New(live.Options{Now: env.Now})
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &scopeMachine{Source: source}
	var hosts []string
	for _, a := range i.Affected {
		if a.Kind == incident.Host {
			hosts = append(hosts, a.Name)
		}
	}
	for _, h := range hosts {
		if incident.SameHost(source.Name(), h) || w.host != "" && incident.SameHost(incident.HostOf(w.host), h) || o.local && incident.SameHost(env.Hostname, h) {
			m.is = h
		}
	}
	if m.is == "" && w.root != "" && len(hosts) == 1 { // a mounted disk has no name but its directory's
		m.is = hosts[0]
	}
	return m, nil
}

// called is what the machine is called in a report.
func (m *scopeMachine) called() string {
	if m.is != "" {
		return m.is
	}
	return m.Name()
}

// machine looks at a machine: which of the affected keys it accepts, who logged in with them, and, if it is affected itself, whose keys it accepts
// and from where anybody logged in.
func (s *incidentScope) machine(ctx context.Context, m *scopeMachine) {
	known := map[host.Kind]string{host.Live: "this machine", host.Image: "the tree of " + m.called(), host.Bundle: "collected on " + m.called()}[m.Kind()]
	add := func(of, what, where, more string) {
		s.links = append(s.links, incident.Link{Of: of, What: what, Where: where, More: more, Known: known})
	}
	s.accepted(ctx, m, add)
	found := logins.Look(ctx, m.Source)
	from := s.incident.Detected.Add(-exposed)
	for _, st := range s.standings {
		switch {
		case st.Kind == incident.Host && st.Name == m.is:
			for _, g := range groupLogins(found.Logins, func(l logins.Login) bool { return !l.At.Before(from) }) {
				add(st.Name, "was logged in to by", g.user+" from "+g.from.String(), g.words())
			}
		case printOf(&st) != "":
			for _, g := range groupLogins(found.Logins, func(l logins.Login) bool { return l.Key == printOf(&st) }) {
				add(st.Name, "logged in as", g.user+" on "+m.called(), "from "+g.from.String()+", "+g.words())
			}
		}
	}
	switch {
	case errors.Is(found.Err, fs.ErrNotExist):
		s.problem(m.called(), "who logged in is not known: "+found.Err.Error(), "the provider's console may record it")
	case found.Err != nil:
		s.problem(m.called(), "not all logins are known: "+found.Err.Error(), "look at it as root")
	}
	if len(found.Sources) > 0 {
		s.note("logins", m.called(), "logins are those of "+strings.Join(found.Sources, ", ")+"; whoever was root there could change them")
	}
}

// exposed is how long before its detection an incident may have begun, where nothing else is known: what is listed of logins. A week is what most
// journals keep.
const exposed = 7 * 24 * time.Hour

// printOf is the fingerprint of an affected key; "" if it is none, or that is not known.
func printOf(st *incident.Standing) string {
	if st.Fingerprint == "" && st.Record != nil {
		return st.Record.Fingerprint
	}
	return st.Fingerprint
}

// accepted finds affected keys in authorized_keys of all users, and of an affected machine all that it accepts.
func (s *incidentScope) accepted(ctx context.Context, m *scopeMachine, add func(of, what, where, more string)) {
	seen := observe.Logins(ctx, m.Source)
	if seen.Accounts.Err != nil {
		s.problem(m.called(), "its accounts are not known: "+seen.Accounts.Err.Error(), "look at it as root")
	}
	for _, u := range seen.Logins {
		if u.KeysErr != nil && !host.Missing(u.KeysErr) {
			s.problem(m.called(), "not all keys are known that let in "+u.Name+": "+u.KeysErr.Error(), "look at it as root")
		}
		for _, file := range u.Files {
			for _, l := range file.Lines {
				if l.Kind != authorized.Entry {
					continue
				}
				print, where := l.Public.SHA256(), fmt.Sprintf("%s:%d", file.Path, l.Number)
				for n := range s.standings {
					switch st := &s.standings[n]; {
					case printOf(st) == print:
						add(st.Name, "is accepted by", u.Name+"@"+m.called(), where)
					case st.Kind == incident.Host && st.Name == m.is:
						add(st.Name, "accepts for "+u.Name, s.nameOfKey(print), strings.TrimPrefix(l.Comment+", "+where, ", "))
					}
				}
			}
		}
	}
}

// nameOfKey is what the ledger calls a key, or its fingerprint.
func (s *incidentScope) nameOfKey(print string) string {
	for n := range s.ledger.records {
		if r := &s.ledger.records[n]; r.Fingerprint == print {
			return r.Name
		}
	}
	return print
}

// loginGroup are the logins of a user from one address.
type loginGroup struct {
	user        string
	from        netip.Addr
	first, last time.Time
	count       int
}

// words say how often, and when.
func (g *loginGroup) words() string {
	if g.count == 1 {
		return "once, " + clock(g.first)
	}
	return fmt.Sprintf("%d times, %s to %s", g.count, clock(g.first), clock(g.last))
}

// groupLogins counts some logins, by user and address, in the order of the first of each.
func groupLogins(list []logins.Login, wanted func(logins.Login) bool) (groups []*loginGroup) {
	for _, l := range list {
		if !wanted(l) {
			continue
		}
		i := slices.IndexFunc(groups, func(g *loginGroup) bool { return g.user == l.User && g.from == l.From })
		if i < 0 {
			groups = append(groups, &loginGroup{user: l.User, from: l.From, first: l.At})
			i = len(groups) - 1
		}
		groups[i].last = l.At
		groups[i].count++
	}
	return groups
}
