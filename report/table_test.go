package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"keysweep/finding"
)

// oneTable is a table of two rows with everything that a table can have.
func oneTable() *Table {
	return &Table{
		Schema: "keysweep.key-list/v1", Tool: finding.Tool{Name: "keysweep", Version: "1.2.3"},
		GeneratedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Columns:     []Column{{Name: "key", Title: "KEY", Least: 8, Tail: true}, {Name: "days", Title: "DAYS", Right: true}, {Name: "id"}, {Name: "state", Title: "STATE", Least: 6}},
		Rows: []Row{
			{Cells: []Cell{{Text: "~/.ssh/id_ed25519"}, {Text: "7", Value: 7}, {Text: "a"}, {Text: "ok", State: Good}}, Details: []Detail{{Text: "a detail"}}},
			{Cells: []Cell{{Text: "~/.ssh/id_rsa"}, {Text: "412", Value: 412}, {Text: "b", Value: []string{}}, {Text: "high: too short", State: Bad}}},
		},
		Problems: []finding.Problem{{Where: "~/.ssh/locked", Op: "read", Err: "permission denied", Hint: "sudo keysweep key list"}},
		Notices:  []finding.Notice{{Kind: "ledger", Text: "there is no ledger yet"}},
		Verdict:  "2 keys: 1 high",
	}
}

func tableAs(t *testing.T, format string, table *Table, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTable(&b, format, table, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableText(t *testing.T) {
	want := `KEY                DAYS  STATE
~/.ssh/id_ed25519     7  ok
~/.ssh/id_rsa       412  high: too short

note: there is no ledger yet [ledger]

could not look at
  ~/.ssh/locked: read: permission denied
    hint: sudo keysweep key list

2 keys: 1 high
`
	if got := tableAs(t, "text", oneTable(), Options{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := tableAs(t, "text", oneTable(), Options{Verbose: true}); !strings.Contains(got, "  ok\n    a detail\n~/.ssh/id_rsa") {
		t.Errorf("verbose:\n%s", got)
	}
	long := oneTable()
	long.Rows[0].Details = []Detail{{Text: strings.Repeat("word ", 30)}, {Text: strings.Repeat("arg ", 30), Whole: true}}
	got := tableAs(t, "text", long, Options{Verbose: true, Width: 60})
	if !strings.Contains(got, strings.Repeat("arg ", 30)) || strings.Contains(got, strings.Repeat("word ", 30)) {
		t.Errorf("prose is broken, commands are not:\n%s", got)
	}
	quiet := tableAs(t, "text", oneTable(), Options{Quiet: true})
	if strings.Contains(quiet, "KEY") || strings.Contains(quiet, "2 keys") || strings.Contains(quiet, "note:") || !strings.HasPrefix(quiet, "~/.ssh/id_ed25519") || !strings.Contains(quiet, "permission denied") {
		t.Errorf("quiet:\n%s", quiet)
	}
	empty := &Table{Schema: "keysweep.key-list/v1", Empty: "no keys found"}
	if got := tableAs(t, "text", empty, Options{}); got != "no keys found\n" {
		t.Errorf("empty: %q", got)
	}
}

// TestTableEnds wants no blank line at the end, whatever comes last.
func TestTableEnds(t *testing.T) {
	for what, change := range map[string]func(*Table){
		"verdict":         func(*Table) {},
		"problems":        func(t *Table) { t.Verdict = "" },
		"notices":         func(t *Table) { t.Verdict, t.Problems = "", nil },
		"rows":            func(t *Table) { t.Verdict, t.Problems, t.Notices = "", nil, nil },
		"rows, verdict":   func(t *Table) { t.Problems, t.Notices = nil, nil },
		"nothing":         func(t *Table) { *t = Table{Empty: "nothing"} },
		"nothing, notice": func(t *Table) { *t = Table{Empty: "nothing", Notices: t.Notices} },
	} {
		for _, quiet := range []bool{false, true} {
			table := oneTable()
			change(table)
			got := tableAs(t, "text", table, Options{Quiet: quiet})
			if strings.HasSuffix(got, "\n\n") || !strings.HasSuffix(got, "\n") || strings.HasPrefix(got, "\n") || strings.Contains(got, "\n\n\n") {
				t.Errorf("%s, quiet %t: %q", what, quiet, got)
			}
		}
	}
}

func TestTableColours(t *testing.T) {
	got := tableAs(t, "text", oneTable(), Options{Color: true})
	for _, want := range []string{"\x1b[1;32mok\x1b[0m\n", "\x1b[1;31mhigh: too short\x1b[0m\n", "\n~/.ssh/id_rsa  ", "\x1b[1;31m2 keys: 1 high\x1b[0m\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%q", want, got)
		}
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	table := oneTable()
	table.Rows[0].Cells[0].Text = "~/目录/" + strings.Repeat("very-long-name/", 20) + "end"
	table.Rows[1].Cells[3].Text = strings.Repeat("wrong ", 30)
	for _, width := range []int{40, 60, 100, 200} {
		text := tableAs(t, "text", table, Options{Width: width})
		rows := strings.Split(text, "\n")[:3]
		for _, row := range rows {
			if w := uniseg.StringWidth(row); w > width {
				t.Errorf("a row of %d columns on a terminal of %d: %q", w, width, row)
			}
		}
		if !strings.Contains(rows[1], "…") || !strings.Contains(rows[1], "end ") {
			t.Errorf("a path must lose its beginning, not its end: %q", rows[1])
		}
	}
	if text := tableAs(t, "text", table, Options{}); strings.Contains(text, "…") {
		t.Errorf("cut without a terminal:\n%s", text)
	}
}

func TestTableHostileText(t *testing.T) {
	table := oneTable()
	hostile := "=cmd()\x1b[2J\u202e\nx\xff"
	table.Rows[0].Cells[0].Text = hostile
	table.Rows[0].Details = []Detail{{Text: hostile}}
	table.Problems[0].Where, table.Notices[0].Text, table.Verdict = hostile, hostile, hostile
	for _, format := range []string{"text", "csv"} {
		text := tableAs(t, format, table, Options{Verbose: true, Width: 300})
		if strings.ContainsAny(text, "\x1b\u202e") || !utf8.ValidString(text) || !strings.Contains(text, `\x1b[2J\u202e\x0ax\xff`) {
			t.Errorf("%s:\n%q", format, text)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(tableAs(t, "csv", table, Options{}))).ReadAll()
	if err != nil || len(rows) != 4 || !strings.HasPrefix(rows[1][1], "'=cmd") || !strings.HasPrefix(rows[3][1], "'=cmd") || rows[3][0] != "problem" {
		t.Errorf("csv %q, %v", rows, err)
	}
}

func TestTableJSON(t *testing.T) {
	var got struct {
		Schema, Kind string
		Items        []map[string]any
		Errors       []map[string]any
	}
	text := tableAs(t, "json", oneTable(), Options{})
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Kind != "key-list" || len(got.Items) != 2 || len(got.Errors) != 1 || got.Items[1]["days"] != 412.0 || got.Items[0]["id"] != "a" {
		t.Errorf("%s", text)
	}
	if i, j := strings.Index(text, `"key"`), strings.Index(text, `"days"`); i > j {
		t.Errorf("the fields are not in the order of the columns:\n%s", text)
	}
	table := oneTable()
	table.Rows[0].Cells[1].Value = func() {}
	if err := WriteTable(&bytes.Buffer{}, "json", table, Options{}); err == nil {
		t.Error("a value that JSON cannot hold is no error")
	}
	if err := WriteTable(&bytes.Buffer{}, "sarif", table, Options{}); err == nil || !strings.Contains(err.Error(), "text, json, csv") {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestKeyListEnvelopeMatchesItsSchema(t *testing.T) {
	schema := compile(t, filepath.Join("..", "docs", "schema", "keysweep.key-list.v1.schema.json"), true)
	table := oneTable()
	table.Columns, table.Rows = nil, nil // what a key's row holds is tested where it is made
	validate(t, schema, []byte(tableAs(t, "json", table, Options{})))
}
