package cli

import (
	"fmt"
	"slices"
	"strings"

	"keysweep/policy"
	"keysweep/report"
	"keysweep/rotation"
)

// columns are the columns of cred list. Those without a title are for JSON and CSV, and so are those in which nothing stands.
func (l *credList) columns() []report.Column {
	title := func(text string, of func(*listedCred) string) string {
		if slices.ContainsFunc(l.creds, func(c listedCred) bool { return of(&c) != "" }) {
			return text
		}
		return ""
	}
	kind := ""
	if l.opts.kind == kindAll {
		kind = "KIND"
	}
	return []report.Column{
		{Name: "ref", Title: "CREDENTIAL", Least: 16},
		{Name: "kind", Title: kind},
		{Name: "name"}, {Name: "env"},
		{Name: "provider", Title: title("PROVIDER", func(c *listedCred) string { return c.Provider })},
		{Name: "owner", Title: title("OWNER", func(c *listedCred) string { return c.Owner })},
		{Name: "service", Title: title("SERVICE", func(c *listedCred) string { return c.Service })},
		{Name: "age", Title: "AGE", Least: 12},
		{Name: "age_days"}, {Name: "age_exact"}, {Name: "created_at"}, {Name: "evidence"},
		{Name: "due_on", Title: "DUE"}, {Name: "due_at"},
		{Name: "state", Title: "STATE"},
		{Name: "shared_with", Title: title("SAME VALUE AS", func(c *listedCred) string { return strings.Join(c.others, "") }), Least: 12},
		{Name: "status"}, {Name: "purpose"}, {Name: "account"}, {Name: "url"}, {Name: "expires_at"}, {Name: "rotated_at"}, {Name: "first_seen_at"},
		{Name: "id"}, {Name: "why"}, {Name: "fix"},
	}
}

// row makes a credential's row, its cells in the order of columns.
func (l *credList) row(c *listedCred) report.Row {
	days, exact := report.Cell{Text: fmt.Sprint(c.due.Age), Value: c.due.Age}, report.Cell{Text: "no", Value: c.due.Exact}
	if c.due.Age < 0 {
		days = report.Cell{Value: (*int)(nil)}
	}
	if c.due.Exact {
		exact.Text = "yes"
	}
	shared := append([]string{}, c.others...)
	cells := []report.Cell{
		{Text: c.Ref()}, {Text: string(c.Kind)}, {Text: c.Name}, {Text: c.Env},
		{Text: c.Provider}, {Text: c.Owner}, {Text: c.Service},
		{Text: shortAge(c.due)}, days, exact, {Text: instant(c.due.Created)}, {Text: c.due.Evidence.Source},
		{Text: dayOf(c.due)}, {Text: instant(c.due.Due)},
		dueCell(c.due),
		{Text: strings.Join(shared, ", "), Value: shared, State: report.Bad},
		{Text: string(c.Status)}, {Text: c.Purpose}, {Text: c.Account}, {Text: c.URL},
		{Text: instant(c.Expires)}, {Text: instant(c.RotatedAt)}, {Text: instant(c.FirstSeen)},
		{Text: c.ID}, {Text: c.due.Why}, {Text: c.due.Fix},
	}
	return report.Row{Cells: cells, Details: l.details(c)}
}

// shortAge is the age in a few words.
func shortAge(item policy.DueItem) string {
	switch {
	case item.Age < 0:
		return "unknown"
	case item.Exact:
		return fmt.Sprintf("%d d, %s", item.Age, item.Evidence.Source)
	}
	return fmt.Sprintf(">= %d d, %s", item.Age, item.Evidence.Source)
}

func dayOf(item policy.DueItem) string {
	switch {
	case item.State == policy.StateCompromised:
		return "at once"
	case item.Due.IsZero():
		return "-"
	}
	return item.Due.Format("2006-01-02")
}

// dueCell is how it stands, coloured by how much that presses.
func dueCell(item policy.DueItem) report.Cell {
	color := map[policy.Urgency]report.State{policy.DueSoon: report.Notable, policy.DueNow: report.Bad, policy.PastDue: report.Bad}[item.Urgency]
	switch item.State {
	case policy.StateOK:
		color = report.Good
	case policy.StateRetired:
		color = report.Dull
	}
	return report.Cell{Text: string(item.State), State: color}
}

// details are the lines below a row with -v.
func (l *credList) details(c *listedCred) (lines []report.Detail) {
	add := func(name, text string) {
		if text != "" {
			lines = append(lines, report.Detail{Text: name + text})
		}
	}
	add("for: ", c.Purpose)
	add("account: ", c.Account)
	add("", c.due.Why)
	if c.Status != rotation.Active {
		add("status: ", string(c.Status))
	}
	add("replaced at: ", c.URL)
	if c.due.Fix != "" {
		lines = append(lines, report.Detail{Text: "do: " + c.due.Fix, Whole: true})
	}
	return lines
}
