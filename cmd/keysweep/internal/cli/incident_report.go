package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/internal/git"
	"keysweep/policy/audit"
	"keysweep/report"
	"keysweep/rotation"
)

// incidentReportOptions are the flags of incident report.
type incidentReportOptions struct {
	output tableOptions
	id, to string
}

func newIncidentReportCommand(env *Env) *cobra.Command {
	o := &incidentReportOptions{}
	c := &cobra.Command{
		Use:   "report INC",
		Short: "Write what happened for the provider, for clients or for the public: times, what is affected, what was seen and done",
		Long: "Without --to it is for us: everything. The provider is told what is affected, which addresses were blocked, the evidence, and the notes that it\n" +
			"may hear of (keysweep incident note --tell); clients what kinds of things are affected, by name only hosts; the public no names. Notes of steps\n" +
			"are for us alone. Whom to send it to is taken from [[contacts]] and [[channels]] of the policy, and said on standard error.",
		Example: `  keysweep incident report INC-2026-001 --to provider
  keysweep incident report INC-2026-001 --to client --format markdown -o clients.md
  keysweep incident report INC-2026-001 --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentReport(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "`WHO` it is for: "+strings.Join(audienceNames(), ", ")+" (default: ourselves)")
	o.output.addFlagsFor(f, incidentReportFormats())
	for _, name := range []string{"quiet", "verbose"} {
		_ = f.MarkHidden(name) // it has no parts to leave out
	}
	return c
}

func incidentReportFormats() []string { return append(report.DocumentFormats(), "json") }

func runIncidentReport(ctx context.Context, env *Env, o *incidentReportOptions) error {
	if err := o.output.validateFor(incidentReportFormats()); err != nil {
		return err
	}
	to, err := audience("--to", o.to)
	if err != nil {
		return err
	}
	settings, err := readAuditPolicy(env)
	if err != nil {
		return err
	}
	_, i, err := readIncident(env, o.id)
	if err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	r := incidentReport{s, to, settings.audit.rules}
	err = o.output.render(env, func(w io.Writer, options report.Options) error {
		if o.output.format == "json" {
			return report.WriteTable(w, "json", r.table(), options)
		}
		return report.WriteDocument(w, o.output.format, r.document())
	})
	if err != nil {
		return err
	}
	if err := r.sayWhom(); err != nil {
		return err
	}
	return s.sayProblems()
}

// incidentReport is an incident as somebody is told of it.
type incidentReport struct {
	*incidentSight
	to    incident.Audience
	rules *audit.Rules
}

// whom are those to send it to.
func (r *incidentReport) whom() (list []string) {
	role := map[incident.Audience]string{incident.Provider: "provider", incident.Client: "clients", incident.Public: "community"}[r.to]
	for _, c := range r.rules.Contacts {
		if r.to == incident.Internal || c.Role == role {
			list = append(list, c.Role+": "+c.Name+", "+c.Reach)
		}
	}
	if r.to == incident.Provider || r.to == incident.Public || r.to == incident.Internal {
		for _, c := range r.rules.Channels {
			list = append(list, "channel: "+c.Name+", "+c.URL)
		}
	}
	return list
}

// sayWhom says whom to send it to.
func (r *incidentReport) sayWhom() error {
	list := r.whom()
	for n := range list {
		list[n] = "send it to: " + list[n]
	}
	if len(list) == 0 && r.to != incident.Internal {
		list = []string{"note: the policy names nobody to send it to: [[contacts]] in policy.toml; see that it is an official channel: keysweep domain check URL"}
	}
	step := map[incident.Audience]string{incident.Provider: "incident.report", incident.Client: "incident.notify"}[r.to]
	if st := r.Step(step); st != nil && st.State == incident.Open && r.Closed.IsZero() {
		list = append(list, "when it is sent: keysweep incident step "+r.ID+" "+st.Short()+" done")
	}
	for _, line := range list {
		if _, err := fmt.Fprintln(r.env.Stderr, git.Printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// entry is a line of the report, for people and for programs.
type entry struct {
	At   string `json:"at"`   // "" if it has no time
	Kind string `json:"kind"` // "time", "affected", "observed", "done", "evidence", "blocked", "action"
	Name string `json:"name"`
	Text string `json:"text"`

	box report.Box
}

// entries are all that is told, by kind.
func (r *incidentReport) entries() (list []entry) {
	for _, t := range r.times() {
		switch {
		case t[0] == "report" || t[0] == "cause" && r.to == incident.Public:
		case r.to == incident.Internal:
			list = append(list, entry{Kind: "time", Name: t[0], Text: t[1]})
		case t[0] == "cause":
			list = append(list, entry{Kind: "time", Name: t[0], Text: r.Cause})
		default:
			list = append(list, entry{Kind: "time", Name: t[0], Text: r.withoutNames(t[0], t[1])})
		}
	}
	list = append(list, r.affectedEntries()...)
	for _, e := range r.Notes {
		if r.to.Hears(e.Tell) {
			at := e.At
			if !e.When.IsZero() {
				at = e.When
			}
			list = append(list, entry{At: instant(at), Kind: "observed", Name: clock(at), Text: e.Text})
		}
	}
	list = append(list, r.done()...)
	if r.to == incident.Internal || r.to == incident.Provider {
		for _, e := range r.Blocks {
			list = append(list, entry{At: instant(e.At), Kind: "blocked", Name: clock(e.At), Text: strings.Join(e.Addresses, " ")})
		}
		for _, e := range r.Evidence {
			f := *e.File
			if r.to != incident.Internal { // where it lies is for us alone
				f.Path = filepath.Base(f.Path)
			}
			list = append(list, entry{At: instant(e.At), Kind: "evidence", Name: clock(e.At), Text: fileWords(&f)})
		}
	}
	if r.to != incident.Provider {
		for _, a := range r.Actions {
			text := a.Text
			if r.to == incident.Internal {
				text = actionWords(&a)
			}
			box := report.EmptyBox
			if a.State == incident.Done {
				box = report.TickedBox
			}
			if a.State != incident.NA || r.to == incident.Internal {
				list = append(list, entry{At: instant(a.At), Kind: "action", Text: text, box: box})
			}
		}
	}
	return list
}

// withoutNames leaves out of a time who wrote it down.
func (r *incidentReport) withoutNames(name, text string) string {
	switch name {
	case "detected":
		return clock(r.Detected)
	case "closed":
		return clock(r.Closed) + ", after " + lasting(r.Closed.Sub(r.Detected))
	}
	return text
}

// affectedEntries say what is affected, in as many words as are for whom it is told.
func (r *incidentReport) affectedEntries() (list []entry) {
	counts := map[string]int{}
	for n, a := range r.affected() {
		how := r.howTold(&a)
		var record *rotation.Record
		if n < len(r.standings) {
			record = r.standings[n].Record
		}
		switch {
		case r.to == incident.Internal || r.to == incident.Provider:
			list = append(list, entry{Kind: "affected", Name: a.Kind + " " + a.Name, Text: strings.TrimPrefix(strings.Join([]string{identity(a, record), how}, "; "), "; ")})
		case r.to == incident.Client && a.Kind == incident.Host:
			list = append(list, entry{Kind: "affected", Name: a.Kind + " " + a.Name, Text: how})
		default:
			if !slices.Contains([]string{incident.Key, incident.Credential, incident.Host}, a.Kind) {
				a.Kind = "other thing"
			}
			counts[a.Kind]++
		}
	}
	for _, kind := range []string{incident.Key, incident.Credential, incident.Host, "other thing"} {
		if n := counts[kind]; n > 0 {
			list = append(list, entry{Kind: "affected", Text: counted(n, kind, kind+"s")})
		}
	}
	return list
}

// howTold says how something affected stands. Who said so, and what the ledger says of it, is for us alone.
func (r *incidentReport) howTold(a *jsonAffected) string {
	how := a.State
	switch {
	case r.to == incident.Internal:
	case a.Kind == incident.Host:
		how = map[bool]string{true: "built anew, or found to be sound", false: "not trusted until it is built anew"}[a.Settled]
	case !a.Settled:
		how = "not revoked yet"
	case a.State != "replaced":
		how = "revoked"
	}
	if at, err := time.Parse(time.RFC3339, a.At); err == nil {
		how += ", " + clock(at)
	}
	return how
}

// identity is how a provider knows something: by its fingerprint, or by the account that it is of.
func identity(a jsonAffected, r *rotation.Record) string {
	switch {
	case a.Fingerprint != "" && a.Fingerprint != a.Name:
		return a.Fingerprint
	case r != nil && r.Provider+r.Account != "":
		return strings.TrimSpace(r.Provider + " " + r.Account)
	}
	return ""
}

// done are the steps that were taken. How exactly is for us alone.
func (r *incidentReport) done() (list []entry) {
	for _, st := range r.Steps {
		switch {
		case r.to == incident.Internal:
			e := entry{At: instant(st.At), Kind: "done", Name: string(st.Phase), Text: incidentStepWords(&st), box: report.EmptyBox}
			if st.State != incident.Open {
				e.box = report.TickedBox
			}
			list = append(list, e)
		case st.State == incident.Done && st.ID != incident.LearnStep:
			list = append(list, entry{At: instant(st.At), Kind: "done", Name: clock(st.At), Text: st.Title})
		}
	}
	return list
}

// document is the report for people.
func (r *incidentReport) document() *report.Document {
	d := &report.Document{Title: r.ID + ": " + titleOf(r.Incident), About: []string{r.state() + " as of " + clock(r.env.Now()) + ". All times are UTC."}}
	if r.Drill {
		d.Mark = drillWords
	}
	if r.to == incident.Public {
		d.Title = titleOf(r.Incident)
	}
	entries := r.entries()
	for _, s := range []struct{ kind, title, empty string }{
		{"time", "Times", ""}, {"affected", "Affected", "nothing is known to be affected"}, {"observed", "Observed", "nothing is written down"}, {"done", "Done", "nothing yet"},
		{"blocked", "Addresses whose blocking was asked for", ""}, {"evidence", "Evidence", ""}, {"action", "So that it does not come again", ""},
	} {
		section := report.DocumentSection{Title: s.title, Empty: s.empty}
		for _, e := range entries {
			if e.Kind == s.kind {
				section.Lines = append(section.Lines, report.DocumentLine{Head: e.Name, Text: e.Text, Box: e.box})
			}
		}
		d.Sections = append(d.Sections, section)
	}
	return d
}

// table is the report for programs.
func (r *incidentReport) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.incident-report/v1", Tool: finding.Tool{Name: "keysweep", Version: r.env.Version, Commit: r.env.Commit},
		GeneratedAt: r.env.Now(), Problems: r.problems(),
	}
	var row inspectRow
	id := r.ID
	if r.to == incident.Public {
		id = ""
	}
	row.add("id", id, id)
	row.add("title", titleOf(r.Incident), nil)
	row.add("drill", yesNo(r.Drill), r.Drill)
	row.add("to", string(r.to), nil)
	row.add("state", r.state(), nil)
	row.add("send_to", "", append([]string{}, r.whom()...))
	row.add("entries", "", append([]entry{}, r.entries()...))
	t.Columns, t.Rows = row.columns, []report.Row{row.Row}
	return t
}
