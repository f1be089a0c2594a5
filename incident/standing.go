package incident

import (
	"slices"
	"strings"
	"time"

	"keysweep/rotation"
)

// Standing is how something that is affected stands today.
type Standing struct {
	Affected
	Settled bool             // nobody can use it any more, by what is known
	How     string           // "revoked", "replaced", "compromised, not revoked yet", ...
	At      time.Time        // since when it is settled; zero if it is not, or that is not known
	Record  *rotation.Record // of the ledger; nil if that does not know it
}

// Standings says of everything affected how it stands, by the records of the ledger. What the ledger does not know counts as revoked
// once the step RevokeStep is done: somebody says so then. A host counts as settled once it was built anew, or somebody said that there
// is nothing to build. unread says that the ledger could not be read: then nothing that it knew is settled.
func (i *Incident) Standings(records []rotation.Record, unread bool) (list []Standing) {
	for _, a := range i.Affected {
		s := Standing{Affected: a, Record: find(a, records)}
		switch {
		case a.Kind == Host:
			i.settleByStep(&s, rebuildStep, "not trusted until it is built anew", "built anew")
		case s.Record == nil && unread && a.Kind != Other:
			s.How = "not known: the ledger could not be read"
		case s.Record == nil && a.Record != "":
			i.settleByStep(&s, RevokeStep, "gone from the ledger: revoked once somebody says so", "revoked")
		case s.Record == nil:
			i.settleByStep(&s, RevokeStep, "the ledger does not know it: revoked once somebody says so", "revoked")
		case a.Kind == Credential:
			i.settleCredential(&s)
		default:
			i.settleKey(&s)
		}
		list = append(list, s)
	}
	return list
}

// find returns the record of something affected: by its id, and where it was named before the ledger knew it by its fingerprint. Of several
// with one fingerprint it is one that is in use: that another is revoked says nothing of it.
func find(a Affected, records []rotation.Record) (found *rotation.Record) {
	for n := range records {
		r := &records[n]
		switch {
		case a.Record != "" && r.ID == a.Record:
			return r
		case a.Fingerprint != "" && r.Fingerprint == a.Fingerprint && (found == nil || !found.Status.Live() && r.Status.Live()):
			found = r
		}
	}
	return found
}

// settleByStep takes somebody's word.
func (i *Incident) settleByStep(s *Standing, step, open, done string) {
	s.How = open
	if st := i.Step(step); st != nil && st.State != Open {
		s.Settled, s.At, s.How = true, later(st.At, i.Detected), done+", as "+st.By+" says"
		if st.State == NA {
			s.How = "nothing to do, as " + st.By + " says"
		}
	}
}

// settleCredential: its value is another one since the incident was detected, or it is out of use.
func (i *Incident) settleCredential(s *Standing) {
	r := s.Record
	switch {
	case r.Status == rotation.Revoked:
		s.Settled, s.How, s.At = true, string(r.Status), lastChange(r)
	case !r.Status.Live(): // it went out of use here: what its provider does is not said
		i.settleByStep(s, RevokeStep, string(r.Status)+" here; its provider may still accept it: revoked once somebody says so", "revoked")
	case r.Status == rotation.Active && !r.RotatedAt.IsZero() && !r.RotatedAt.Before(i.Detected):
		s.Settled, s.How, s.At = true, "replaced", r.RotatedAt
	case r.Status == rotation.Retiring:
		s.How = "replaced, and the old value is still valid"
	default:
		s.How = notYet(r.Status)
	}
}

// settleKey: no host accepts it any more. That is so since it was taken off the last one, where that was done in the incident.
func (i *Incident) settleKey(s *Standing) {
	r := s.Record
	if r.Status.Live() {
		s.How = notYet(r.Status)
		return
	}
	s.Settled, s.How, s.At = true, string(r.Status), lastRemoval(r)
	if s.At.Before(i.Detected) {
		s.At = lastChange(r)
	}
}

func notYet(status rotation.Status) string {
	switch status {
	case rotation.Compromised:
		return "compromised, and not revoked yet"
	case rotation.Retiring:
		return "retiring: hosts may still accept it"
	}
	return string(status) + ": neither marked as compromised nor revoked"
}

func lastRemoval(r *rotation.Record) (at time.Time) {
	for _, in := range r.Installed {
		at = later(in.Removed, at)
	}
	return at
}

func lastChange(r *rotation.Record) (at time.Time) {
	for _, e := range r.History {
		at = later(e.At, at)
	}
	return at
}

// Revoked returns when the last key, credential or other secret of the incident was revoked; false while one is not, or if there is none.
func (i *Incident) Revoked(list []Standing) (at time.Time, all bool) {
	for _, s := range list {
		if s.Kind == Host {
			continue
		}
		if !s.Settled {
			return time.Time{}, false
		}
		at, all = later(s.At, at), true
	}
	return later(at, i.Detected), all
}

// SameHost reports whether two names may be those of one host: they are equal, or one is the other without its domain.
func SameHost(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(strings.TrimSuffix(b, "."))
	if a == "" || b == "" {
		return false
	}
	short := func(long, name string) bool {
		label, _, dotted := strings.Cut(long, ".")
		return dotted && label == name && strings.Trim(label, "0123456789") != "" // an address has no domain
	}
	return a == b || short(a, b) || short(b, a)
}

// HostOf returns the host of a target as the ledger keeps it: "web1" of "ann@web1:2222".
func HostOf(target string) string {
	if n := strings.LastIndexByte(target, '@'); n >= 0 {
		target = target[n+1:]
	}
	if rest, ok := strings.CutPrefix(target, "["); ok {
		host, _, _ := strings.Cut(rest, "]")
		return host
	}
	if strings.Count(target, ":") == 1 {
		target, _, _ = strings.Cut(target, ":")
	}
	return target
}

// on reports whether a record has to do with a host: it is meant for it, its file lies there, or the host accepts it.
func on(r *rotation.Record, host string) bool {
	return SameHost(r.Machine, host) || slices.ContainsFunc(r.Hosts, func(h string) bool { return SameHost(HostOf(h), host) }) ||
		slices.ContainsFunc(r.Installed, func(in rotation.Installation) bool {
			return in.Removed.IsZero() && SameHost(HostOf(in.Target), host)
		})
}
