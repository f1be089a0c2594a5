package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/internal/chain"
	"keysweep/report"
)

func newIncidentListCommand(env *Env) *cobra.Command {
	o := &incidentShowOptions{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the incidents of this account, and what comes next in each",
		Long:  "A log that is damaged, or cannot be read, is named, and the exit code is then 3.",
		Example: `  keysweep incident list
  keysweep incident list --open            those that are not closed, or have action items that are not done
  keysweep incident list --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIncidentList(c.Context(), env, o) },
	}
	c.Flags().BoolVar(&o.open, "open", false, "only those that are not closed, or have action items that are not done")
	o.output.addFlags(c.Flags())
	return c
}

func runIncidentList(ctx context.Context, env *Env, o *incidentShowOptions) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	list, err := readIncidents(env)
	if err != nil {
		return err
	}
	sights, problems, err := list.look(ctx, env)
	if err != nil {
		return err
	}
	if o.open {
		sights = slices.DeleteFunc(sights, func(s *incidentSight) bool { return !s.Closed.IsZero() && len(s.OpenActions()) == 0 })
	}
	problems = append(list.problems, problems...)
	if err := o.output.write(env, incidentTable(env, sights, problems, list.notices)); err != nil {
		return err
	}
	if len(problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// incidentList are the incidents of this account, as far as they can be read.
type incidentList struct {
	incidents []*incident.Incident
	problems  []finding.Problem
	notices   []finding.Notice
}

// readIncidents reads all of them. What is wrong with one keeps no other from being read.
func readIncidents(env *Env) (l incidentList, err error) {
	if homeOf(env, "XDG_STATE_HOME") == "" {
		return l, nil
	}
	book, err := incidentBook(env)
	if err != nil {
		return l, err
	}
	ids, err := book.IDs()
	if err != nil {
		l.problems = append(l.problems, finding.Problem{Where: shownPath(env, book.Dir), Op: "read incidents", Err: err.Error()})
	}
	for _, id := range ids {
		i, torn, err := book.Read(id)
		where := shownPath(env, book.Path(id))
		var damaged *chain.Error
		switch {
		case err == nil:
			l.incidents = append(l.incidents, i)
		case errors.Is(err, incident.ErrUnknown): // a start was killed before anything was written
			l.notices = append(l.notices, finding.Notice{Kind: "torn", Where: where, Text: "it was never begun, and the next start takes it"})
			continue
		case errors.As(err, &damaged):
			l.problems = append(l.problems, finding.Problem{Where: fmt.Sprintf("%s:%d", where, damaged.Line), Op: "read " + id, Err: damaged.Why, Hint: damaged.Hint()})
		default:
			l.problems = append(l.problems, finding.Problem{Where: where, Op: "read " + id, Err: err.Error()})
		}
		if torn > 0 {
			l.notices = append(l.notices, finding.Notice{Kind: "torn", Where: where, Text: tornIncident})
		}
	}
	return l, nil
}

// look looks at what they are about. The ledger is read once, and only if one of them is open.
func (l *incidentList) look(ctx context.Context, env *Env) (sights []*incidentSight, problems []finding.Problem, err error) {
	var real *incidentLedger
	for _, i := range l.incidents {
		s := &incidentSight{Incident: i, env: env}
		switch {
		case !i.Closed.IsZero():
		case i.Drill || real == nil:
			known, err := ledgerForIncident(ctx, env, i)
			if err != nil {
				return nil, nil, err
			}
			if s.with(known); !i.Drill {
				real = &known
			}
		default:
			s.with(*real)
		}
		if len(problems) == 0 {
			problems = s.problems()
		}
		sights = append(sights, s)
	}
	return sights, problems, nil
}

// incidentTable is a table of incidents. For programs each is whole.
func incidentTable(env *Env, sights []*incidentSight, problems []finding.Problem, notices []finding.Notice) *report.Table {
	t := &report.Table{
		Schema: "keysweep.incidents/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit},
		GeneratedAt: env.Now(), Problems: problems, Notices: notices,
	}
	open, left := 0, 0
	for _, s := range sights {
		row := s.row()
		t.Columns, t.Rows = row.columns, append(t.Rows, row.Row)
		if s.Closed.IsZero() && !s.Drill {
			open++
		}
		left += len(s.OpenActions())
	}
	if t.Columns == nil {
		t.Columns = (&incidentSight{Incident: &incident.Incident{}, env: env}).row().columns
	}
	for n := range t.Columns {
		c := &t.Columns[n]
		c.Title = map[string]string{"id": "INCIDENT", "state": "STATE", "phase": "PHASE", "detected_at": "DETECTED", "title": "WHAT"}[c.Name]
		if c.Name == "title" {
			c.Least = 16
		}
	}
	switch {
	case len(sights) == 0 && len(problems) == 0:
		t.Empty = "there is no incident"
	default:
		t.Verdict = fmt.Sprintf("%s open", counted(open, "incident", "incidents"))
		if left > 0 {
			t.Verdict += ", " + counted(left, "action item", "action items") + " to do"
		}
		t.Good = open+left+len(problems) == 0
		if len(problems) > 0 {
			t.Verdict += "; not all could be looked at"
		}
	}
	return t
}

// The types below are the fields of incidents in JSON: docs/schema/keysweep.incidents.v1.schema.json describes them.

type jsonAffected struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
	Settled     bool   `json:"settled"`
	State       string `json:"state"`
	At          string `json:"at"`
}

type jsonStep struct {
	ID    string `json:"id"`
	Phase string `json:"phase"`
	Title string `json:"title"`
	State string `json:"state"`
	At    string `json:"at"`
	By    string `json:"by"`
	Note  string `json:"note"`
}

type jsonEvent struct {
	Kind      string   `json:"kind"`
	At        string   `json:"at"`
	By        string   `json:"by"`
	Text      string   `json:"text"`
	Tell      string   `json:"tell"`
	Path      string   `json:"path"`
	SHA256    string   `json:"sha256"`
	Size      int64    `json:"size"`
	Addresses []string `json:"addresses"`
}

type jsonAction struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
	State  string `json:"state"`
	At     string `json:"at"`
	By     string `json:"by"`
	Note   string `json:"note"`
}

// row is the incident as a row of a table.
func (s *incidentSight) row() inspectRow {
	var r inspectRow
	text := func(name, value string) { r.add(name, value, value) }
	moment := func(name string, at time.Time) { r.add(name, clock(at), instant(at)) }
	text("id", s.ID)
	r.add("state", s.state(), s.state())
	text("phase", string(s.phase()))
	moment("detected_at", s.Detected)
	r.add("title", titleOf(s.Incident), s.Title)
	r.add("drill", yesNo(s.Drill), s.Drill)
	moment("started_at", s.Started)
	text("by", s.By)
	contained := s.Contained()
	revoked, _ := s.revoked()
	moment("contained_at", contained)
	seconds(&r, "seconds_to_contain", contained, s.Detected)
	moment("revoked_at", revoked)
	seconds(&r, "seconds_to_revoke", revoked, s.Detected)
	list := func(name string, c report.Cell) { r.add(name, c.Text, c.Value) }
	list("affected", listCell(s.affected(), func(a jsonAffected) jsonAffected { return a }, func(a jsonAffected) string { return a.Kind + " " + a.Name }))
	list("steps", listCell(s.Steps, jsonStepOf, func(st incident.StepState) string { return st.Short() + " " + string(st.State) }))
	for _, kept := range []struct {
		name string
		list []incident.Event
	}{{"notes", s.Notes}, {"evidence", s.Evidence}, {"blocked", s.Blocks}, {"events", s.Events}} {
		list(kept.name, listCell(kept.list, jsonEventOf, func(e incident.Event) string { return eventWords(&e) }))
	}
	var actions []jsonAction
	for n, a := range s.Actions {
		actions = append(actions, jsonAction{n + 1, a.Text, string(a.State), instant(a.At), a.By, a.Note})
	}
	list("actions", listCell(actions, func(a jsonAction) jsonAction { return a }, func(a jsonAction) string { return a.Text }))
	moment("closed_at", s.Closed)
	text("closed_by", s.ClosedBy)
	text("cause", s.Cause)
	text("report", s.Report)
	next := []string{}
	for _, n := range s.next() {
		next = append(next, n.command)
		r.Details = append(r.Details, report.Detail{Text: n.command, Whole: true, Always: true})
	}
	list("next", report.Cell{Text: strings.Join(next, "; "), Value: next})
	if s.state() == "open" && s.ID != "" {
		r.Cells[1].State = report.Bad
	}
	return r
}

// seconds adds how long something took; null while it is not over.
func seconds(r *inspectRow, name string, end, start time.Time) {
	if end.IsZero() {
		r.add(name, "", null{})
		return
	}
	n := int64(end.Sub(start) / time.Second)
	r.add(name, fmt.Sprint(n), n)
}

// affected says of everything affected how it stands.
func (s *incidentSight) affected() (list []jsonAffected) {
	for n, a := range s.Affected {
		j := jsonAffected{Kind: a.Kind, Name: a.Name, Fingerprint: a.Fingerprint}
		switch {
		case !s.Closed.IsZero() && n < len(s.Outcomes):
			j.Settled, j.State, j.At = true, s.Outcomes[n].How, instant(s.Outcomes[n].At)
		case n < len(s.standings):
			j.Settled, j.State, j.At = s.standings[n].Settled, s.standings[n].How, instant(s.standings[n].At)
		}
		list = append(list, j)
	}
	return list
}

func jsonStepOf(st incident.StepState) jsonStep {
	return jsonStep{st.ID, string(st.Phase), st.Title, string(st.State), instant(st.At), st.By, st.Note}
}

func jsonEventOf(e incident.Event) jsonEvent {
	j := jsonEvent{Kind: string(e.Kind), At: instant(e.At), By: e.By, Text: e.Text, Tell: string(e.Tell), Addresses: append([]string{}, e.Addresses...)}
	if e.Kind != incident.Noted && e.Kind != incident.Closed {
		j.Text = eventWords(&e)
	}
	if e.File != nil {
		j.Path, j.SHA256, j.Size = e.File.Path, e.File.SHA256, e.File.Size
	}
	return j
}
