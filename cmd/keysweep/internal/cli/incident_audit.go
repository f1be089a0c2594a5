package cli

import (
	"keysweep/finding"
	"keysweep/incident"
	"keysweep/policy/audit"
)

// addIncidents has an audit say of incidents that are open, above everything else, and of what closed ones left to be done.
func addIncidents(env *Env, a *finding.Audit) error {
	l, err := readIncidents(env)
	if err != nil {
		return err
	}
	var facts []audit.Incident
	for _, i := range l.incidents {
		f := audit.Incident{ID: i.ID, Title: titleOf(i), Drill: i.Drill, Open: i.Closed.IsZero(), Detected: i.Detected, Next: "keysweep incident show " + i.ID}
		for _, n := range i.OpenActions() {
			f.Actions, f.Next = append(f.Actions, inOneLine(i.Actions[n-1].Text)), "keysweep incident action "+i.ID
		}
		facts = append(facts, f)
	}
	results := audit.Incidents(facts)
	if len(results) > 0 {
		a.Areas = append(a.Areas, finding.Area{ID: audit.IncidentArea, Title: "Open incidents"})
	}
	a.Results = append(a.Results, results...)
	a.Problems, a.Notices = append(a.Problems, l.problems...), append(a.Notices, l.notices...)
	return nil
}

// incidents says which incidents are open, and what closed ones left to be done.
func (s *status) incidents() error {
	const area = "incident"
	l, err := readIncidents(s.env)
	if err != nil {
		return err
	}
	for _, i := range l.incidents {
		left, since := len(i.OpenActions()), s.ago(i.Detected)
		switch {
		case i.Closed.IsZero() && i.Drill:
			s.note(area, "keysweep incident show "+i.ID, "%s is under way, begun %s", i.ID, since)
		case i.Closed.IsZero():
			s.bad(area, "keysweep incident show "+i.ID, "%s is open, detected %s: %s", i.ID, since, i.Title)
		case left > 0:
			s.bad(area, "keysweep incident action "+i.ID, "%s left %s to do", i.ID, counted(left, "thing", "things"))
		}
	}
	if len(l.problems) > 0 {
		s.bad(area, "keysweep incident list", "could not look at all of them")
	}
	s.problems, s.notices = append(s.problems, l.problems...), append(s.notices, l.notices...)
	return nil
}

// incidents returns the incidents for a command's first argument; open ones alone if only they are taken.
func (c completer) incidents(args []string, open bool) (ids []string) {
	if len(args) > 0 {
		return nil
	}
	l, err := readIncidents(c.env)
	if err != nil {
		return nil
	}
	for _, i := range l.incidents {
		if !open || i.Closed.IsZero() {
			ids = append(ids, captioned(i.ID, i.Title))
		}
	}
	return ids
}

// incidentStep completes an incident, a step and its state.
func (c completer) incidentStep(args []string) (words []string) {
	switch len(args) {
	case 0:
		return c.incidents(args, true)
	case 1:
		for _, st := range incident.Steps() {
			words = append(words, captioned(st.Short(), st.Title))
		}
	case 2:
		for _, state := range incident.States() {
			words = append(words, string(state))
		}
	}
	return words
}
