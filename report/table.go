package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"keysweep/finding"
)

// Table is a report that is a table: one row a thing, the same columns for all. It is for lists that are not findings: keys,
// what is due, practices.
type Table struct {
	Schema      string // "keysweep.key-list/v1"
	Tool        finding.Tool
	GeneratedAt time.Time
	Coverage    finding.Coverage
	Columns     []Column
	Rows        []Row
	Problems    []finding.Problem // where it could not look: any one makes the exit code 3
	Notices     []finding.Notice  // what a person should know besides
	Empty       string            // what text says instead of a table without rows
	AsOf        time.Time         // the time at which everything was judged, where that is not when it was made; zero: not said
	Sources     []Source          // where the rows come from; nil: not said
	Phase       string            // how far what the table is about has come, for programs; "": not said
	Counts      map[string]int    // of rows and what was left out of them, for programs; nil: not said
	Verdict     string            // the last line of text
	Good        bool              // the verdict is good news
}

// Source is where the rows of a Table come from.
type Source struct {
	Kind    string    // "ledger", "snapshot", "inventory"
	Where   string    // a path, or a description
	Machine string    // "" if it is not of one
	At      time.Time // when it was made
}

// Column is a column of a Table.
type Column struct {
	Name  string // the field in JSON and the heading in CSV: "fingerprint"
	Title string // the heading in text; "" for a column that only JSON and CSV have
	Right bool   // numbers: aligned to the right
	Least int    // the least width that text narrows it to; 0: it is never narrowed
	Tail  bool   // a path: where it is too long, its end is what matters
}

// Row is a row of a Table.
type Row struct {
	Cells   []Cell   // one a column
	Details []Detail // lines below the row: if Verbose, and those that always are
}

// Detail is a line below a row.
type Detail struct {
	Text   string
	Whole  bool // it is to be copied, a command for instance: it is never broken into two lines
	Always bool // it is there even if text is not verbose, unless it is quiet
}

// Cell is a value of a Row.
type Cell struct {
	Text  string // for people, and for CSV
	Value any    // for JSON; nil stands for Text
	State State
}

// State says how a cell is coloured on a terminal.
type State uint8

// The states.
const (
	Plain State = iota
	Good
	Dull    // of no weight: "none", "not recorded"
	Notable // look at it
	Bad
)

// TableFormats returns the names that WriteTable takes, text first.
func TableFormats() []string { return []string{"text", "json", "csv"} }

// WriteTable writes t to w in the named format. It fails if the format is unknown, before anything is written, or if w does.
// Text from outside, control characters and formulas of spreadsheets included, is made harmless as each format needs it.
func WriteTable(w io.Writer, format string, t *Table, o Options) error {
	b := bufio.NewWriter(w)
	var err error
	switch format {
	case "text":
		err = writeTableText(b, t, o)
	case "json":
		err = writeTableJSON(b, t)
	case "csv":
		err = writeTableCSV(b, t)
	default:
		return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(TableFormats(), ", "))
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("write table as %s: %w", format, err)
	}
	return nil
}
