package cli

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"keysweep/domain"
	"keysweep/policy/audit"
	"keysweep/report"
)

// policyContact is a table [[contacts]].
type policyContact struct {
	Name     string `toml:"name"`
	Role     string `toml:"role"`
	Reach    string `toml:"reach"`
	Reviewed any    `toml:"reviewed"` // a date of TOML's own, or a text
}

// policyChannel is a table [[channels]].
type policyChannel struct {
	Name     string `toml:"name"`
	URL      string `toml:"url"`
	Reviewed any    `toml:"reviewed"`
}

// policyClients is the table [client_data].
type policyClients struct {
	Paths []string `toml:"paths"`
	Keep  span     `toml:"keep"`
}

// applyClients takes where data of clients lies.
func (a *auditSettings) applyClients(l auditLayer) error {
	where, day := l.places.of("client_data", 0), 24*time.Hour
	for _, p := range l.doc.ClientData.Paths {
		if !path.IsAbs(p) {
			return usagef("begin it with /", "%s: client_data: paths: %q is not an absolute path", where, p)
		}
		if p = path.Clean(p); !slices.Contains(a.rules.Clients.Paths, p) {
			a.rules.Clients.Paths = append(a.rules.Clients.Paths, p)
			a.rules.Clients.Where = where
		}
	}
	if keep := l.doc.ClientData.Keep; keep.set {
		if keep.Duration < day || keep.Duration > longestSpan {
			return usagef(`for example: keep = "365d"`, "%s: client_data: keep is not 1d to ten years", where)
		}
		a.rules.Clients.Days = int(keep.Duration / day)
	}
	return nil
}

// applyDomains takes the official domains.
func (a *auditSettings) applyDomains(l auditLayer) error {
	for _, name := range l.doc.Domains.Official {
		official, err := domain.Official(name)
		if err != nil {
			return usagef(`for example: official = ["example.org"]`, "%s: domains: official: %w", l.places.of("domains", 0), err)
		}
		a.addDomain(official)
	}
	return nil
}

func (a *auditSettings) addDomain(name string) {
	if !slices.Contains(a.domains, name) {
		a.domains = append(a.domains, name)
	}
}

// applyContacts takes those who are to be reached in an incident.
func (a *auditSettings) applyContacts(l auditLayer) error {
	for i, c := range l.doc.Contacts {
		where := l.places.of("contacts", i)
		if strings.TrimSpace(c.Name) == "" || strings.TrimSpace(c.Reach) == "" || !slices.Contains(audit.Roles(), c.Role) {
			return usagef(`name = "...", role = "provider", reach = "+49 ..."; role is one of: `+strings.Join(audit.Roles(), ", "),
				"%s: contacts: it needs name, role and reach", where)
		}
		reviewed, err := reviewedOn(where+": contacts "+c.Name, c.Reviewed)
		if err != nil {
			return err
		}
		a.rules.Contacts = append(a.rules.Contacts, audit.Contact{Name: c.Name, Role: c.Role, Reach: c.Reach, Reviewed: reviewed, Where: where})
	}
	return nil
}

// applyChannels takes official channels. Their hosts are not official domains: a community's channel is on a platform that everybody is on.
func (a *auditSettings) applyChannels(l auditLayer) error {
	for i, c := range l.doc.Channels {
		where := l.places.of("channels", i)
		if u, err := url.Parse(c.URL); strings.TrimSpace(c.Name) == "" || err != nil || u.Scheme != "https" || u.Host == "" {
			return usagef(`name = "support", url = "https://example.org/support"`, "%s: channels: it needs a name and a URL that begins with https://", where)
		}
		reviewed, err := reviewedOn(where+": channels "+c.Name, c.Reviewed)
		if err != nil {
			return err
		}
		a.rules.Channels = append(a.rules.Channels, audit.Channel{Name: c.Name, URL: c.URL, Reviewed: reviewed, Where: where})
	}
	return nil
}

func reviewedOn(where string, value any) (time.Time, error) {
	if value == nil {
		return time.Time{}, usagef("for example: reviewed = 2026-12-31", "%s: it does not say when it was looked through", where)
	}
	day, err := lastDay(value)
	if err != nil {
		return day, usagef("for example: reviewed = 2026-12-31", "%s: reviewed: %w", where, err)
	}
	return day, nil
}

// peopleLists are the contacts and channels, to be printed with the checklist.
func peopleLists(r *audit.Rules) (lists []report.ChecklistList) {
	var contacts, channels []string
	for _, c := range r.Contacts {
		contacts = append(contacts, c.Role+": "+c.Name+", "+c.Reach)
	}
	for _, c := range r.Channels {
		channels = append(channels, c.Name+": "+c.URL)
	}
	if len(contacts) > 0 {
		lists = append(lists, report.ChecklistList{Title: "Contacts for incidents", Lines: contacts})
	}
	if len(channels) > 0 {
		lists = append(lists, report.ChecklistList{Title: "Official channels", Lines: channels})
	}
	return lists
}
