package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/policy/practice"
	"keysweep/report"
)

// practicesOptions are the flags of practices.
type practicesOptions struct {
	output tableOptions
	area   string
	open   bool
	strict bool
}

func newPracticesCommand(env *Env) *cobra.Command {
	o := &practicesOptions{}
	c := &cobra.Command{
		Use:   "practices",
		Short: "List every practice of key and credential hygiene, and how each stands today",
		Long: "Every practice names the lines of the guides that it comes from, what judges it, and how it stands: by the last audits, and by what\n" +
			"people attested. It audits nothing itself. What nobody looked at, or attested, is open and never counts as done.\n" +
			"As Markdown or HTML it is a checklist to print, read and tick off.\n\n" +
			"The exit code is 0 whatever is open; with --strict it is 1 if anything is.",
		Example: `  keysweep practices                                   all of them, by area
  keysweep practices --open                            what is left to do, with the next command
  keysweep practices --area sshd -v                    one area, with lines and evidence
  keysweep practices --format html -o practices.html   the checklist
  keysweep practices --format json                     for programs`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runPractices(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringVar(&o.area, "area", "", "only this `AREA`: "+strings.Join(areaIDs(), ", "))
	f.BoolVar(&o.open, "open", false, "only what is not done")
	f.BoolVar(&o.strict, "strict", false, "exit with 1 if anything is not done")
	o.output.addFlagsFor(f, practiceFormats())
	return c
}

func practiceFormats() []string {
	return slices.Concat(report.TableFormats(), report.ChecklistFormats())
}

func areaIDs() (list []string) {
	for _, a := range practice.Areas() {
		list = append(list, a.ID)
	}
	return list
}

func (o *practicesOptions) validate() error {
	if o.area != "" && !slices.Contains(areaIDs(), o.area) {
		hint := "one of: " + strings.Join(areaIDs(), ", ")
		if near := nearest(o.area, areaIDs()); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return usagef(hint, "--area: there is no area %q", o.area)
	}
	return o.output.validateFor(practiceFormats())
}

func runPractices(ctx context.Context, env *Env, o *practicesOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	sight, err := lookAtPractices(ctx, env)
	if err != nil {
		return err
	}
	list := slices.DeleteFunc(sight.states(), func(s practiceState) bool { return o.area != "" && s.Area != o.area })
	done := 0
	for i := range list {
		if list[i].done() {
			done++
		}
	}
	open := len(list) - done
	summary := fmt.Sprintf("%d of %s done; %d open", done, counted(len(list), "practice", "practices"), open)
	if o.open {
		list = slices.DeleteFunc(list, func(s practiceState) bool { return s.done() })
	}
	err = o.output.render(env, func(w io.Writer, options report.Options) error {
		if slices.Contains(report.ChecklistFormats(), o.output.format) {
			return report.WriteChecklist(w, o.output.format, sight.checklist(list, summary))
		}
		return report.WriteTable(w, o.output.format, sight.table(list, summary, open == 0), options)
	})
	switch {
	case err != nil:
		return err
	case len(sight.problems) > 0:
		return verdict(exitIncomplete)
	case o.strict && open > 0:
		return verdict(exitFindings)
	}
	return nil
}

// table is the list for terminals and programs.
func (s *practiceSight) table(list []practiceState, summary string, good bool) *report.Table {
	t := &report.Table{
		Schema: "keysweep.practices/v1", Tool: finding.Tool{Name: "keysweep", Version: s.env.Version, Commit: s.env.Commit, Ruleset: practice.Hash()},
		GeneratedAt: s.env.Now(), Sources: s.sources, Problems: s.problems, Notices: s.kept.notices, Empty: "there is nothing open", Verdict: summary, Good: good,
		Columns: []report.Column{
			{Name: "area", Title: "AREA"}, {Name: "id", Title: "PRACTICE"}, {Name: "title", Title: "WHAT", Least: 24}, {Name: "checked", Title: "CHECKED"},
			{Name: "attested", Title: "ATTESTED"}, {Name: "done"}, {Name: "severity"}, {Name: "kind"}, {Name: "lines"}, {Name: "checks"}, {Name: "commands"},
			{Name: "every_days"}, {Name: "until"}, {Name: "by"}, {Name: "attestations"}, {Name: "says"}, {Name: "next"},
		},
	}
	if s.sources == nil {
		t.Sources = []report.Source{}
	}
	for i := range list {
		t.Rows = append(t.Rows, s.row(&list[i]))
	}
	return t
}

func (s *practiceSight) row(st *practiceState) report.Row {
	checked, attested := string(st.checked), string(st.standing.State)
	var until, by string
	if r := st.standing.Record; r != nil {
		until, by = st.standing.Until.Format(time.DateOnly), r.By
	}
	details := []report.Detail{{Text: fmt.Sprintf("%s; severity %s; lines %s", st.Title, st.Severity, practiceLines(st.Lines))}}
	for _, text := range st.words(s.env.Now()) {
		details = append(details, report.Detail{Text: text})
	}
	if st.next != "" {
		details = append(details, report.Detail{Text: st.next, Whole: true})
	}
	list := func(v []string) report.Cell {
		return report.Cell{Text: strings.Join(v, " "), Value: append([]string{}, v...)}
	}
	return report.Row{Details: details, Cells: []report.Cell{
		{Text: st.Area}, {Text: st.ID}, {Text: st.Title}, {Text: dash(checked), Value: checked, State: checkedColor(st.checked)},
		{Text: dash(attested), Value: attested, State: standingColor(st.standing.State)}, {Text: yesNo(st.done()), Value: st.done()},
		{Text: st.Severity.String()}, {Text: string(st.Kind)}, list(strings.Fields(practiceLines(st.Lines))), list(st.Checks), list(st.Commands),
		{Text: fmt.Sprint(s.every(st.Practice)), Value: s.every(st.Practice)}, {Text: until}, {Text: by},
		{Text: fmt.Sprint(len(st.standings)), Value: standingsJSON(st.standings)}, list(st.says), {Text: st.next},
	}}
}

// jsonStanding is how a practice stands in one scope, for programs.
type jsonStanding struct {
	Scope    string          `json:"scope"`
	State    string          `json:"state"`
	By       string          `json:"by"`
	Date     string          `json:"date"`
	Until    string          `json:"until"`
	Evidence attest.Evidence `json:"evidence"`
}

func standingsJSON(list []attest.Standing) []jsonStanding {
	out := []jsonStanding{}
	for _, s := range list {
		out = append(out, jsonStanding{s.Scope, string(s.State), s.Record.By, s.Record.Date.Format(time.RFC3339), s.Until.Format(time.DateOnly), s.Record.Evidence})
	}
	return out
}

// mostSaid is how many results are told of one practice: audits tell all.
const mostSaid = 4

// words say in sentences how a practice stands.
func (st *practiceState) words(now time.Time) (list []string) {
	switch {
	case len(st.says) > 0:
		says, more := st.says, ""
		if n := len(says) - mostSaid; n > 0 {
			says, more = says[:mostSaid], fmt.Sprintf("; and %d more", n)
		}
		list = append(list, fmt.Sprintf("checks: %s: %s%s", st.checked, strings.Join(says, "; "), more))
	case st.checked != "":
		list = append(list, "checks: "+string(st.checked))
	}
	for _, s := range st.standings {
		words := s.Scope + ": " + standingWords(s, now)
		if e := s.Record.Evidence; e.Text != "" {
			words += "; evidence: " + e.Text
		}
		list = append(list, words)
	}
	if len(st.standings) == 0 && st.standing.State != "" {
		list = append(list, standingWords(st.standing, now))
	}
	if st.standing.State.Open() || st.standing.State == attest.Due {
		list = append(list, "asked for: "+st.Evidence)
	}
	return list
}

// checklist is the list for paper and wikis.
func (s *practiceSight) checklist(list []practiceState, summary string) *report.Checklist {
	now := s.env.Now()
	c := &report.Checklist{
		Title: "Practices of key and credential hygiene",
		About: []string{fmt.Sprintf("%s, as of %s. Practices version %d.", summary, now.UTC().Format("2006-01-02 15:04 MST"), practice.Version)},
		Lists: s.lists, Problems: s.problems, Notices: s.kept.notices,
	}
	for _, from := range s.sources {
		c.About = append(c.About, fmt.Sprintf("Checks of %s: %s.", from.Where, from.At.UTC().Format("2006-01-02 15:04 MST")))
	}
	for _, area := range practice.Areas() {
		g := report.ChecklistGroup{Title: area.Title}
		for i := range list {
			if st := &list[i]; st.Area == area.ID {
				g.Items = append(g.Items, report.ChecklistItem{Done: st.done(), Title: st.Title, ID: st.ID, Lines: practiceLines(st.Lines),
					State: strings.Join(st.words(now), "; "), Next: st.next})
			}
		}
		if len(g.Items) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	return c
}

func practiceLines(lines []practice.Line) string {
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i] = l.String()
	}
	return strings.Join(words, " ")
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func checkedColor(s finding.State) report.State {
	switch s {
	case finding.Pass:
		return report.Good
	case finding.Fail:
		return report.Bad
	case finding.Undetermined, notChecked:
		return report.Notable
	}
	return report.Dull
}

func standingColor(s attest.State) report.State {
	switch s {
	case attest.Attested:
		return report.Good
	case attest.Refuted:
		return report.Bad
	case attest.Due, attest.Stale, attest.Never:
		return report.Notable
	}
	return report.Dull
}
