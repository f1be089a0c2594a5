package audit

import (
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
)

// Incident is what audits have to know of an incident.
type Incident struct {
	ID       string
	Title    string
	Drill    bool
	Open     bool
	Detected time.Time
	Next     string   // the next command
	Actions  []string // action items of a closed one that are not done
}

// IncidentArea is where open incidents stand: above everything else.
const IncidentArea = "open-incidents"

// IncidentChecks lists the checks of incidents.
func IncidentChecks() []Check {
	return []Check{
		{ID: "incident.open", Area: IncidentArea, Severity: finding.Critical, Title: "an incident is open",
			Why: "While somebody else may be in, everything else comes second; a drill that nobody ends proves nothing.", FixBy: finding.FixCommand},
		{ID: "incident.actions", Area: "incident", Severity: finding.Medium, Title: "what an incident left to be done is not done",
			Why: "What let it happen once lets it happen again.", FixBy: finding.FixCommand},
	}
}

// Incidents judges the incidents of this account: an open one fails, a drill as info only. Action items that are not done are open: only a person can
// say that they are.
func Incidents(list []Incident) []finding.Result {
	checks := IncidentChecks()
	var s sayer
	for _, i := range list {
		switch {
		case i.Open:
			s.check = checks[0]
			r := finding.Result{State: finding.Fail, Subject: i.ID, Found: i.Title, Wanted: "closed", Where: finding.Spot{Fact: "incident " + i.ID}, Fix: i.Next,
				Title: "an incident is open since " + i.Detected.UTC().Format("2006-01-02 15:04 UTC")}
			if i.Drill {
				s.check.Severity = finding.Info
				r.Title = "a drill is under way since " + i.Detected.UTC().Format("2006-01-02 15:04 UTC")
			}
			s.say(r)
		case len(i.Actions) > 0:
			s.check = checks[1]
			s.say(finding.Result{State: finding.Open, Subject: i.ID, Found: strings.Join(i.Actions, "; "), Wanted: "done", Where: finding.Spot{Fact: "incident " + i.ID},
				Title: fmt.Sprintf("it left %d to be done", len(i.Actions)), Fix: i.Next})
		}
	}
	return s.results
}
