package report

import (
	"fmt"
	"strconv"
	"time"
)

// shownColumns is how many of dueColumns text has.
const shownColumns = 4

// dueColumns are the columns of rotate-due. Those without a title are for JSON and CSV.
func dueColumns() []Column {
	return []Column{
		{Name: "state", Title: "STATE"},
		{Name: "shown", Title: "NAME", Least: 16, Tail: true},
		{Name: "age", Title: "AGE", Least: 12},
		{Name: "due_on", Title: "DUE"},
		{Name: "urgency"}, {Name: "name"}, {Name: "kind"}, {Name: "id"}, {Name: "env"}, {Name: "owner"}, {Name: "service"}, {Name: "provider"},
		{Name: "machine"}, {Name: "fingerprint"}, {Name: "path"}, {Name: "tracked"}, {Name: "found"},
		{Name: "age_days"}, {Name: "age_exact"}, {Name: "created_at"}, {Name: "evidence"}, {Name: "evidence_detail"},
		{Name: "soon_at"}, {Name: "due_at"}, {Name: "overdue_at"}, {Name: "expires_at"},
		{Name: "max_age_seconds"}, {Name: "rule"},
		{Name: "exempt_until"}, {Name: "exempt_reason"}, {Name: "exempt_where"}, {Name: "exempt_ended"},
		{Name: "why"}, {Name: "fix"},
	}
}

// table makes the lists of the formats for programs.
func (d *Due) table() *Table { return d.tableOf(dueColumns(), (*DueItem).row) }

// textTable is table with the columns alone that people see.
func (d *Due) textTable() *Table {
	return d.tableOf(dueColumns()[:shownColumns], func(it *DueItem) Row {
		row := Row{Cells: it.shownCells(), Details: it.details()}
		if it.State == "compromised" { // whatever the day on which it would have been due
			row.Cells[shownColumns-1].Text = "at once"
		}
		return row
	})
}

func (d *Due) tableOf(columns []Column, row func(*DueItem) Row) *Table {
	t := &Table{
		Schema: "keysweep.rotate-due/v1", Tool: d.Tool, GeneratedAt: d.GeneratedAt, AsOf: d.AsOf, Sources: d.Sources,
		Coverage: d.Coverage, Columns: columns, Problems: d.Problems, Notices: d.Notices,
	}
	if t.Sources == nil {
		t.Sources = []Source{}
	}
	listed := d.Listed()
	t.Rows = make([]Row, len(listed))
	for i := range listed {
		t.Rows[i] = row(&listed[i])
	}
	t.Verdict, t.Good = d.Verdict()
	t.Counts = map[string]int{"items": len(d.Items), "due": d.Count(DueNow), "soon": d.Count(DueSoon) - d.Count(DueNow)}
	if len(d.Items) == 0 {
		t.Empty = d.Empty
	}
	return t
}

// shownCells are the cells of the first columns.
func (it *DueItem) shownCells() []Cell {
	return []Cell{{Text: it.State, State: it.Urgency.state(it.State)}, {Text: it.Shown}, {Text: it.ageText()}, {Text: day(it.Due)}}
}

// row makes an item's row for programs, its cells in the order of dueColumns.
func (it *DueItem) row() Row {
	var days, maxAge any = (*int)(nil), (*int64)(nil)
	daysText, maxText := "", ""
	if it.Age >= 0 {
		days, daysText = it.Age, strconv.Itoa(it.Age)
	}
	if it.MaxAge > 0 {
		seconds := int64(it.MaxAge / time.Second)
		maxAge, maxText = seconds, strconv.FormatInt(seconds, 10)
	}
	x := it.Exemption
	if x == nil {
		x = &DueExemption{}
	}
	cells := append(it.shownCells(), []Cell{
		{Text: it.Urgency.String()}, {Text: it.Name}, {Text: it.Kind}, {Text: it.ID}, {Text: it.Env}, {Text: it.Owner}, {Text: it.Service}, {Text: it.Provider},
		{Text: it.Machine}, {Text: it.Fingerprint}, {Text: it.Path}, boolCell(it.Tracked), boolCell(it.Found),
		{Text: daysText, Value: days}, boolCell(it.Exact), {Text: timestamp(it.Created)}, {Text: it.Evidence}, {Text: it.Detail},
		{Text: timestamp(it.Soon)}, {Text: timestamp(it.Due)}, {Text: timestamp(it.Overdue)}, {Text: timestamp(it.Expires)},
		{Text: maxText, Value: maxAge}, {Text: it.Rule},
		{Text: day(x.Until)}, {Text: x.Reason}, {Text: x.Where}, boolCell(x.Ended),
		{Text: it.Why}, {Text: it.Fix},
	}...)
	return Row{Cells: cells}
}

func boolCell(b bool) Cell { return Cell{Text: strconv.FormatBool(b), Value: b} }

// day is the day of a time in UTC; "" for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// ageText is the age as a person reads it: "31 d (made by keysweep)", or, if that is only the least it can be, ">= 412 d (file
// birth time)".
func (it *DueItem) ageText() string {
	switch {
	case it.Age < 0:
		return "unknown"
	case it.Exact:
		return fmt.Sprintf("%d d (%s)", it.Age, it.Evidence)
	}
	return fmt.Sprintf(">= %d d (%s)", it.Age, it.Evidence)
}

// details are the lines below an item's row: what to do, and, for who wants to know more, why.
func (it *DueItem) details() []Detail {
	var list []Detail
	if it.Fix != "" {
		list = append(list, Detail{Text: it.Fix, Whole: true, Always: true})
	}
	list = append(list, Detail{Text: it.Why})
	if !it.Tracked && it.Kind != "ssh-certificate" {
		list = append(list, Detail{Text: "the ledger does not know it"})
	}
	said := it.Kind
	for _, word := range []struct{ name, value string }{{"owner", it.Owner}, {"service", it.Service}, {"provider", it.Provider}, {"on", it.Machine}, {"id", it.ID}} {
		if word.value != "" {
			said += ", " + word.name + " " + word.value
		}
	}
	return append(list, Detail{Text: said})
}

// String returns the urgency as a word.
func (u Urgency) String() string {
	switch u {
	case DueSoon:
		return "soon"
	case DueNow:
		return "due"
	case PastDue:
		return "overdue"
	}
	return "none"
}

// state is how the word is coloured.
func (u Urgency) state(word string) State {
	switch {
	case u == PastDue:
		return Bad
	case u > NotDue:
		return Notable
	case word == "ok":
		return Good
	}
	return Dull
}
