package audit_test

import (
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// TestIncidents: an open one fails, a drill fails nothing, what is left to do is open, and what is over is nothing.
func TestIncidents(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)
	got := audit.Incidents([]audit.Incident{
		{ID: "INC-2026-001", Title: "laptop stolen", Open: true, Detected: at, Next: "next"},
		{ID: "DRILL-2026-001", Title: "DRILL: x", Drill: true, Open: true, Detected: at},
		{ID: "INC-2026-002", Title: "closed", Detected: at, Actions: []string{"a", "b"}, Next: "tick"},
		{ID: "INC-2026-003", Title: "over", Detected: at},
	})
	want := []finding.Result{
		{Check: "incident.open", Subject: "INC-2026-001", State: finding.Fail, Severity: finding.Critical, Area: audit.IncidentArea, Title: "an incident is open since 2026-03-01 10:30 UTC", Found: "laptop stolen", Fix: "next"},
		{Check: "incident.open", Subject: "DRILL-2026-001", State: finding.Fail, Severity: finding.Info, Area: audit.IncidentArea, Title: "a drill is under way since 2026-03-01 10:30 UTC", Found: "DRILL: x"},
		{Check: "incident.actions", Subject: "INC-2026-002", State: finding.Open, Severity: finding.Medium, Area: "incident", Title: "it left 2 to be done", Found: "a; b", Fix: "tick"},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.Check != w.Check || g.Subject != w.Subject || g.State != w.State || g.Severity != w.Severity || g.Area != w.Area || g.Title != w.Title || g.Found != w.Found || w.Fix != "" && g.Fix != w.Fix || g.Why == "" {
			t.Errorf("%+v\nwant %+v", g, w)
		}
	}
	for _, c := range audit.IncidentChecks() {
		if len(practice.For(c.ID)) == 0 || c.Title == "" || c.Why == "" {
			t.Errorf("%+v cites no line, or says too little", c)
		}
	}
}
