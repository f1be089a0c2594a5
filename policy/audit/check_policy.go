package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
)

// Contact is somebody to be reached in an incident.
type Contact struct {
	Name     string
	Role     string // one of Roles
	Reach    string // a number, an address, a page
	Reviewed time.Time
	Where    string // file and line of the policy
}

// Channel is where a provider really answers.
type Channel struct {
	Name, URL string
	Reviewed  time.Time
	Where     string // file and line of the policy
}

// Roles lists whom an incident needs: the provider's emergency or abuse line, the community or network, and the clients.
func Roles() []string { return []string{"provider", "community", "clients"} }

// The practices that are judged by what the policy holds, once it holds something of the kind.
const (
	contactsCheck = "incident.contacts"
	channelsCheck = "policy.official-channels"
)

// Holds reports whether the policy itself holds what a practice asks for, so that Policy judges it.
func (r *Rules) Holds(id string) bool {
	return id == contactsCheck && len(r.Contacts) > 0 || id == channelsCheck && len(r.Channels) > 0
}

// Policy judges what the policy itself holds: the contacts for incidents, and the official channels. They count for as many days after
// they were looked through as days says.
func Policy(r *Rules, days func(id string) int, now time.Time) []finding.Result {
	var s sayer
	if r.Holds(contactsCheck) {
		s.check = Check{ID: contactsCheck, Area: "incident", Severity: finding.Medium, Title: "the contacts for incidents are not complete",
			Why: "In an incident there is no time to look for numbers.", Fix: "name them in [[contacts]] of policy.toml, with the day on which they were tried", FixBy: finding.FixAdvice}
		s.contacts(r, days(contactsCheck), now)
	}
	if r.Holds(channelsCheck) {
		s.check = Check{ID: channelsCheck, Area: "channels", Severity: finding.Low, Title: "the official channels were not looked through for long",
			Why: "Channels move, and old names are taken by others.", Fix: "compare them with the provider's page, and set reviewed in [[channels]] of policy.toml", FixBy: finding.FixAdvice}
		s.channels(r, days(channelsCheck), now)
	}
	return s.results
}

func (s *sayer) contacts(r *Rules, days int, now time.Time) {
	var missing, old []string
	for _, role := range Roles() {
		if !slices.ContainsFunc(r.Contacts, func(c Contact) bool { return c.Role == role }) {
			missing = append(missing, role)
		}
	}
	where := finding.Spot{Fact: r.Contacts[0].Where}
	for _, c := range r.Contacts {
		if over(c.Reviewed, days, now) {
			old = append(old, c.Name)
			where.Fact = c.Where
		}
	}
	s.reviewed(where, missing, old, days, fmt.Sprintf("%d contacts, all looked through", len(r.Contacts)))
}

func (s *sayer) channels(r *Rules, days int, now time.Time) {
	var old []string
	where := finding.Spot{Fact: r.Channels[0].Where}
	for _, c := range r.Channels {
		if over(c.Reviewed, days, now) {
			old = append(old, c.Name)
			where.Fact = c.Where
		}
	}
	s.reviewed(where, nil, old, days, fmt.Sprintf("%d channels, all looked through", len(r.Channels)))
}

// reviewed gives the result of a list that has to be complete and looked through.
func (s *sayer) reviewed(where finding.Spot, missing, old []string, days int, good string) {
	switch {
	case len(missing) > 0:
		s.say(finding.Result{State: finding.Fail, Found: "none for: " + strings.Join(missing, ", "), Wanted: "one for each of " + strings.Join(Roles(), ", "), Where: where})
	case len(old) > 0:
		s.say(finding.Result{State: finding.Fail, Title: "they were not looked through for long", Found: strings.Join(old, ", "),
			Wanted: fmt.Sprintf("looked through every %d days", days), Where: where})
	default:
		s.pass(good, where)
	}
}

// over reports whether a day is longer ago than so many days, or still to come.
func over(reviewed time.Time, days int, now time.Time) bool {
	return !now.Before(reviewed.AddDate(0, 0, days+1)) || reviewed.After(now)
}
