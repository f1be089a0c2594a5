package report

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"keysweep/finding"
)

var dueNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hostile is a name that would end a line, a field or a label of every format.
const hostile = "a|b\"c\\d\n::error::e;f,g\x1b[31m\u202e{x=1}[y] é"

func dueReport() *Due {
	at := func(days int) time.Time { return dueNow.AddDate(0, 0, days) }
	item := func(state string, u Urgency, id, name string, due int) DueItem {
		return DueItem{State: state, Urgency: u, Kind: "api-key", ID: id, Name: name, Shown: name, Env: "prod", Tracked: true,
			Created: at(due - 90), Due: at(due), Soon: at(due - 14), Overdue: at(due + 14), Age: 90 - due, Evidence: "made by keysweep",
			Exact: true, MaxAge: 90 * 24 * time.Hour, Rule: "default", Why: "why " + name, Fix: "keysweep cred rotate " + name}
	}
	d := &Due{Tool: finding.Tool{Name: "keysweep", Version: "1"}, GeneratedAt: dueNow, AsOf: dueNow, Items: []DueItem{
		item("compromised", PastDue, "01", "prod/LEAKED", 10),
		item("overdue", PastDue, "02", hostile, -100),
		item("due", DueNow, "03", "prod/OLD", -1),
		item("soon", DueSoon, "04", "prod/SOON", 10),
		item("exempt", NotDue, "05", "prod/LEFT", -5),
		item("ok", NotDue, "06", "prod/NEW", 80),
	}}
	cert := DueItem{State: "soon", Urgency: DueSoon, Kind: "ssh-certificate", Name: "/home/ann/.ssh/id-cert.pub", Path: "/home/ann/.ssh/id-cert.pub",
		Fingerprint: "SHA256:x", Due: at(3), Soon: at(-1), Expires: at(3), Age: -1, Why: "ends", Fix: "have it signed again"}
	d.Items = slices.Insert(d.Items, 4, cert, cert) // the same labels twice
	d.Problems = []finding.Problem{{Where: "agent|x", Op: "read", Err: "no\nanswer", Hint: "start it"}}
	d.Notices = []finding.Notice{{Kind: "note", Text: "something"}, {Kind: "ledger", Text: "what was read"}}
	return d
}

func renderDue(t *testing.T, format string, d *Due) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDue(&b, format, d, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNagios(t *testing.T) {
	d := dueReport()
	lines := strings.Split(renderDue(t, "nagios", d), "\n")
	text, data, ok := strings.Cut(lines[0], " | ")
	if !ok || !strings.HasPrefix(text, "KEYSWEEP CRITICAL - 3 of 8 are due") {
		t.Errorf("%q", lines[0])
	}
	for _, figure := range strings.Fields(data) {
		if !regexp.MustCompile(`^[a-z]+=\d+s?(;\d*){0,4}$`).MatchString(figure) {
			t.Errorf("performance data %q", figure)
		}
	}
	for i, line := range lines[1:] {
		if strings.ContainsAny(line, "|\x1b") || strings.HasPrefix(line, "::") {
			t.Errorf("line %d: %q", i+2, line)
		}
	}
	states := map[int]func(*Due){
		NagiosCritical: func(*Due) {},
		NagiosUnknown:  func(d *Due) { d.Items = d.Items[3:] },
		NagiosWarning:  func(d *Due) { d.Items, d.Problems = d.Items[3:], nil },
		NagiosOK:       func(d *Due) { d.Items, d.Problems = d.Items[6:], nil },
	}
	if got := NagiosState(&Due{}); got != NagiosUnknown {
		t.Errorf("nothing to judge: state %d", got)
	}
	words := []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}
	for state, change := range states {
		d := dueReport()
		change(d)
		if got := NagiosState(d); got != state || !strings.HasPrefix(renderDue(t, "nagios", d), "KEYSWEEP "+words[state]+" - ") {
			t.Errorf("state %d, want %d:\n%s", got, state, renderDue(t, "nagios", d))
		}
	}
	if got := NagiosFailure("no|ledger\nhint: x"); got != "KEYSWEEP UNKNOWN - no/ledger\n" {
		t.Errorf("%q", got)
	}
}

// TestPrometheus reads the file by the grammar of the text exposition format, version 0.0.4.
func TestPrometheus(t *testing.T) {
	label := `[a-z_]+="(?:[^"\\\n]|\\["\\n])*"`
	sample := regexp.MustCompile(`^([a-z_]+)(\{` + label + `(?:,` + label + `)*\})? (-?\d+(?:\.\d+)?)$`)
	comment := regexp.MustCompile(`^# (HELP|TYPE) ([a-z_]+) `)
	typed, series := map[string]bool{}, map[string]string{}
	for line := range strings.Lines(renderDue(t, "prometheus", dueReport())) {
		line = strings.TrimSuffix(line, "\n")
		if c := comment.FindStringSubmatch(line); c != nil {
			if c[1] == "TYPE" && typed[c[2]] {
				t.Errorf("%s has two types", c[2])
			}
			typed[c[2]] = typed[c[2]] || c[1] == "TYPE"
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || !typed[m[1]] {
			t.Errorf("%q", line)
			continue
		}
		if _, twice := series[m[1]+m[2]]; twice {
			t.Errorf("twice: %s", line)
		}
		series[m[1]+m[2]] = m[3]
	}
	for name, want := range map[string]string{"keysweep_credentials": "8", "keysweep_credentials_due": "3", "keysweep_problems": "1", "keysweep_last_run_timestamp_seconds": "1772366400",
		`keysweep_credential_due_timestamp_seconds{id="03",kind="api-key",name="prod/OLD",env="prod",owner="",service="",provider="",machine=""}`: "1772280000",
		`keysweep_credential_state{id="03",kind="api-key",name="prod/OLD",env="prod",owner="",service="",provider="",machine="",state="due"}`:     "1"} {
		if series[name] != want {
			t.Errorf("%s is %q, want %q", name, series[name], want)
		}
	}
}

func TestICS(t *testing.T) {
	text := renderDue(t, "ics", dueReport())
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	if strings.Contains(text, "\r\nMETHOD") && !strings.Contains(text, "\r\nORGANIZER") {
		t.Error("a message between people, from nobody (RFC 5546)")
	}
	starts := func(text string) map[string]string {
		cal, err := ics.ParseCalendar(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, e := range cal.Events() {
			start, err := e.GetAllDayStartAt()
			if err != nil {
				t.Fatal(err)
			}
			out[e.Id()] = start.Format(time.DateOnly)
		}
		return out
	}
	first := starts(text)
	if first["03@keysweep"] != "2026-02-28" || first["05@keysweep"] != "" || first["01@keysweep"] != "2026-03-01" || len(first) != 6 {
		t.Errorf("%v", first)
	}
	later := dueReport()
	later.GeneratedAt = dueNow.AddDate(0, 0, 1)
	later.Items[2].Due = dueNow.AddDate(0, 0, 89)
	second := starts(renderDue(t, "ics", later))
	if second["03@keysweep"] != "2026-05-29" || len(second) != len(first) {
		t.Errorf("after a replacement: %v", second)
	}
}

// TestICSText has a library read text with everything in it that the format has a meaning for, at every place of a folded line.
func TestICSText(t *testing.T) {
	for n := range 80 {
		d := dueReport()
		d.Items = d.Items[2:3]
		d.Items[0].Name = strings.Repeat("n", n) + `, ö; "日本語" \; é,` + strings.Repeat("ü", 40)
		text := renderDue(t, "ics", d)
		for line := range strings.SplitSeq(text, "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Errorf("line of %d bytes: %q", len(line), line)
			}
		}
		cal, err := ics.ParseCalendar(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		got := cal.Events()[0].GetProperty(ics.ComponentPropertySummary).Value
		if want := "Replace " + d.Items[0].Name; ics.FromText(got) != want && got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestNextIsNotDueYet has something compromised, whose own date is still to come.
func TestNextIsNotDueYet(t *testing.T) {
	d := dueReport()
	d.Items = d.Items[:3]
	if next := d.Next(); !next.IsZero() {
		t.Errorf("all are due, and the next one at %v", next)
	}
}

func TestDueGitHub(t *testing.T) {
	text := renderDue(t, "github", dueReport())
	command := regexp.MustCompile(`^::(error|warning|notice) title=[^:,\n]*::[^\n\r\x1b]*\n$`)
	levels := map[string]int{}
	for line := range strings.Lines(text) {
		m := command.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%q", line)
			continue
		}
		levels[m[1]]++
	}
	if levels["error"] != 4 || levels["warning"] != 4 || levels["notice"] != 2 {
		t.Errorf("%v\n%s", levels, text)
	}
}

func TestDueSARIF(t *testing.T) {
	schema := compile(t, filepath.Join("testdata", "sarif-schema-2.1.0.json"), false)
	d := dueReport()
	text := renderDue(t, "sarif", d)
	validate(t, schema, []byte(text))
	if n := strings.Count(text, `"primaryLocationLineHash"`); n != 6 || strings.Contains(text, "prod/NEW") || strings.Contains(text, "prod/LEFT") {
		t.Errorf("%d results:\n%s", n, text)
	}
	d.Items, d.Problems, d.Notices = nil, nil, nil
	validate(t, schema, []byte(renderDue(t, "sarif", d)))
}
