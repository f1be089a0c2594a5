package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/internal/git"
	"keysweep/report"
)

// incidentSight is an incident with how everything affected stands today.
type incidentSight struct {
	*incident.Incident
	env       *Env
	ledger    incidentLedger
	standings []incident.Standing
}

// sightOf looks at what an incident is about. Of a closed one nothing is looked at: it ended as it says.
func sightOf(ctx context.Context, env *Env, i *incident.Incident) (*incidentSight, error) {
	s := &incidentSight{Incident: i, env: env}
	if !i.Closed.IsZero() {
		return s, nil
	}
	l, err := ledgerForIncident(ctx, env, i)
	if err != nil {
		return nil, err
	}
	return s.with(l), nil
}

// with takes what the ledger knows.
func (s *incidentSight) with(l incidentLedger) *incidentSight {
	if s.Closed.IsZero() {
		s.ledger, s.standings = l, s.Standings(l.records, l.unread())
	}
	return s
}

// unread reports whether there is a ledger that could not be read.
func (l *incidentLedger) unread() bool { return len(l.problems) > 0 && l.records == nil }

// problems are what could not be looked at: that the ledger does not open matters where something of it is affected.
func (s *incidentSight) problems() []finding.Problem {
	if slices.ContainsFunc(s.Affected, func(a incident.Affected) bool { return a.Record != "" || a.Fingerprint != "" }) {
		return s.ledger.problems
	}
	return nil
}

// unsettled are the things affected that somebody may still use, hosts left out: a step is about them.
func (s *incidentSight) unsettled() (list []incident.Standing) {
	for _, st := range s.standings {
		if !st.Settled && st.Kind != incident.Host {
			list = append(list, st)
		}
	}
	return list
}

// revoked is when the last secret was revoked; false if one is not, or there is none.
func (s *incidentSight) revoked() (at time.Time, all bool) {
	if s.Closed.IsZero() {
		return s.Revoked(s.standings)
	}
	for _, o := range s.Outcomes {
		if !s.isHost(o.Name) {
			at, all = later(at, o.At), true
		}
	}
	return later(at, s.Detected), all
}

func (s *incidentSight) isHost(name string) bool {
	return slices.ContainsFunc(s.Affected, func(a incident.Affected) bool { return a.Kind == incident.Host && a.Name == name })
}

// nextCommand is a command, and what it is for.
type nextCommand struct{ command, what string }

// String puts both on one line.
func (n nextCommand) String() string { return fmt.Sprintf("%-52s %s", n.command, inOneLine(n.what)) }

// next are the next commands, most urgent first.
func (s *incidentSight) next() (list []nextCommand) {
	say := func(command, what string) { list = append(list, nextCommand{"keysweep incident " + command, what}) }
	if !s.Closed.IsZero() {
		for _, n := range s.OpenActions() {
			say(fmt.Sprintf("action %s %d done", s.ID, n), s.Actions[n-1].Text)
		}
		return list
	}
	if !slices.ContainsFunc(s.Events, func(e incident.Event) bool { return e.Kind == incident.Stepped }) && len(s.Affected) > 0 {
		say("scope "+s.ID, "what is within reach")
	}
	if len(s.Affected) == 0 {
		say("add "+s.ID+" --key|--cred|--host|--other NAME", "nothing is named yet that is affected")
	}
	waiting := s.unsettled()
	if len(waiting) > 0 {
		say("revoke "+s.ID, "the commands, most urgent first")
	}
	open := s.OpenSteps()
	for _, st := range open {
		if st.ID != incident.RevokeStep || len(waiting) == 0 {
			say("step "+s.ID+" "+st.Short()+" done", st.Title)
			break
		}
	}
	if len(open) == 0 && len(waiting) == 0 {
		say("close "+s.ID+` --cause "..." --action "..."`, "what was the cause, and what will be changed")
	}
	return list
}

// phase is the first phase in which something is open.
func (s *incidentSight) phase() incident.Phase {
	if open := s.OpenSteps(); s.Closed.IsZero() && len(open) > 0 {
		return open[0].Phase
	}
	return incident.Learn
}

// state is a word for how the incident stands.
func (s *incidentSight) state() string {
	if s.Closed.IsZero() {
		return "open"
	}
	return "closed"
}

// incidentShowOptions are the flags of incident show and incident list.
type incidentShowOptions struct {
	output tableOptions
	id     string
	open   bool
}

func newIncidentShowCommand(env *Env) *cobra.Command {
	o := &incidentShowOptions{}
	c := &cobra.Command{
		Use:   "show INC",
		Short: "Show an incident: its phases, what is done and by whom, how long it took, what comes next",
		Example: `  keysweep incident show INC-2026-001
  keysweep incident show INC-2026-001 --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentShow(c.Context(), env, o)
		},
	}
	o.output.addFlags(c.Flags())
	c.Flags().Lookup("verbose").Usage = "every event of its log, too"
	c.Flags().Lookup("quiet").Usage = "what is affected, the steps and what comes next, no more"
	return c
}

func runIncidentShow(ctx context.Context, env *Env, o *incidentShowOptions) error {
	if err := o.output.validate(); err != nil {
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
	problems := s.problems()
	err = o.output.render(env, func(w io.Writer, options report.Options) error {
		if o.output.format != "text" {
			return report.WriteTable(w, o.output.format, incidentTable(env, []*incidentSight{s}, problems, nil), options)
		}
		var b bytes.Buffer
		s.write(&b, options)
		_, err := w.Write(b.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// write shows the incident to people.
func (s *incidentSight) write(b *bytes.Buffer, o report.Options) {
	line := func(format string, args ...any) { b.WriteString(git.Printable(fmt.Sprintf(format, args...)) + "\n") }
	if s.Drill {
		line("%s\n", drillWords)
	}
	line("%s  %s  %s", s.ID, s.state(), titleOf(s.Incident))
	if !o.Quiet {
		for _, t := range s.times() {
			line("  %-10s %s", t[0], t[1])
		}
	}
	s.writeAffected(line)
	for _, phase := range incident.Phases() {
		line("\n%s", phase)
		if phase == incident.Detect {
			line("  [x] %-16s %s, by %s", "detected", clock(s.Detected), s.By)
		}
		for _, st := range s.Steps {
			if st.Phase == phase {
				line("  %s %-16s %s", stepBox(st.State), st.Short(), incidentStepWords(&st))
			}
		}
	}
	if !o.Quiet {
		s.writeKept(line, o.Verbose)
	}
	if next := s.next(); len(next) > 0 {
		line("\nnext:")
		for _, n := range next {
			line("  %s", n)
		}
	}
	for _, p := range s.problems() {
		line("\ncould not look: %s: %s", p.Where, p.Err)
		if p.Hint != "" {
			line("  hint: %s", p.Hint)
		}
	}
	if s.Drill {
		line("\n%s", drillWords)
	}
}

// times are when it was detected, contained, revoked and closed, and how long each took.
func (s *incidentSight) times() (rows [][2]string) {
	add := func(name, text string) { rows = append(rows, [2]string{name, text}) }
	running := s.env.Now().Sub(s.Detected)
	add("detected", fmt.Sprintf("%s, written down %s by %s", clock(s.Detected), clock(s.Started), s.By))
	if at := s.Contained(); at.IsZero() {
		add("contained", "not yet: "+lasting(running)+" so far")
	} else {
		add("contained", fmt.Sprintf("%s, after %s", clock(at), lasting(at.Sub(s.Detected))))
	}
	at, all := s.revoked()
	secrets, open := 0, len(s.unsettled())
	for _, st := range s.standings {
		if st.Kind != incident.Host {
			secrets++
		}
	}
	switch {
	case all:
		add("revoked", fmt.Sprintf("%s, after %s", clock(at), lasting(at.Sub(s.Detected))))
	case secrets > 0:
		add("revoked", fmt.Sprintf("not yet: %d of %d, %s so far", secrets-open, secrets, lasting(running)))
	}
	if !s.Closed.IsZero() {
		add("closed", fmt.Sprintf("%s by %s, after %s", clock(s.Closed), s.ClosedBy, lasting(s.Closed.Sub(s.Detected))))
		add("cause", inOneLine(s.Cause))
		if s.Report != "" {
			add("report", s.Report)
		}
	}
	return rows
}

func (s *incidentSight) writeAffected(line func(string, ...any)) {
	line("\naffected")
	if len(s.Affected) == 0 {
		line("  nothing is named yet")
	}
	for _, a := range s.affectedWords() {
		line("  %s %-10s %s  %s", a[0], a[1], a[2], a[3])
	}
}

// affectedWords says of everything affected whether it is settled, its kind, its name, and how it stands.
func (s *incidentSight) affectedWords() (rows [][4]string) {
	if !s.Closed.IsZero() {
		for n, o := range s.Outcomes {
			kind := ""
			if n < len(s.Affected) {
				kind = s.Affected[n].Kind
			}
			rows = append(rows, [4]string{"[x]", kind, o.Name, outcomeWords(o)})
		}
		return rows
	}
	for _, st := range s.standings {
		box, name, how := "[ ]", st.Name, st.How
		if st.Settled {
			box, how = "[x]", outcomeWords(incident.Outcome{How: st.How, At: st.At})
		}
		if st.Fingerprint != "" && st.Fingerprint != st.Name {
			name += " " + st.Fingerprint
		}
		rows = append(rows, [4]string{box, st.Kind, name, how})
	}
	return rows
}

func outcomeWords(o incident.Outcome) string {
	if o.At.IsZero() {
		return o.How
	}
	return o.How + ", " + clock(o.At)
}

func stepBox(state incident.State) string {
	return map[incident.State]string{incident.Open: "[ ]", incident.Done: "[x]", incident.NA: "[-]"}[state]
}

// incidentStepWords says what a step is, and who took it.
func incidentStepWords(st *incident.StepState) string {
	text := st.Title
	if st.State != incident.Open {
		text += fmt.Sprintf("; %s %s, by %s", map[incident.State]string{incident.Done: "done", incident.NA: "nothing to do"}[st.State], clock(st.At), st.By)
	}
	if st.Note != "" {
		text += ": " + inOneLine(st.Note)
	}
	return text
}

func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// writeKept shows notes, evidence, addresses and action items.
func (s *incidentSight) writeKept(line func(string, ...any), verbose bool) {
	head := func(n int, title string) {
		if n > 0 {
			line("\n%s", title)
		}
	}
	head(len(s.Notes), "notes")
	for _, e := range s.Notes {
		for n, part := range strings.Split(strings.TrimRight(e.Text, "\n"), "\n") {
			if n == 0 {
				line("  %s %s%s: %s", clock(e.At), e.By, tellWords(e.Tell), part)
			} else {
				line("    %s", part)
			}
		}
	}
	head(len(s.Evidence), "evidence")
	for _, e := range s.Evidence {
		line("  %s %s: %s", clock(e.At), e.By, fileWords(e.File))
	}
	head(len(s.Blocks), "addresses whose blocking was asked for")
	for _, e := range s.Blocks {
		line("  %s %s: %s", clock(e.At), e.By, strings.Join(e.Addresses, " "))
	}
	head(len(s.Actions), "action items")
	for n, a := range s.Actions {
		line("  %s %d. %s", stepBox(a.State), n+1, actionWords(&a))
	}
	if verbose {
		line("\nlog")
		for _, e := range s.Events {
			line("  %s %s %s", clock(e.At), e.By, eventWords(&e))
		}
	}
}

func tellWords(a incident.Audience) string {
	if a == incident.Internal {
		return ""
	}
	return " (to be told to: " + string(a) + ")"
}

func fileWords(f *incident.File) string {
	return fmt.Sprintf("%s, %s, SHA-256 %s", f.Path, counted(int(f.Size), "byte", "bytes"), f.SHA256)
}

func actionWords(a *incident.Action) string {
	text := inOneLine(a.Text)
	if a.State != incident.Open {
		text += fmt.Sprintf("; %s %s by %s", map[incident.State]string{incident.Done: "done", incident.NA: "dropped"}[a.State], clock(a.At), a.By)
	}
	if a.Note != "" {
		text += ": " + inOneLine(a.Note)
	}
	return text
}

// eventWords says what an event was, on one line.
func eventWords(e *incident.Event) string {
	switch e.Kind {
	case incident.Started:
		return "began it: " + e.Title + affectedNames(e.Affected)
	case incident.Added:
		return "found affected, too" + affectedNames(e.Affected)
	case incident.Noted:
		return "noted: " + inOneLine(e.Text)
	case incident.Kept:
		return "named as evidence: " + fileWords(e.File)
	case incident.Stepped:
		text := strings.TrimPrefix(e.Step, "incident.") + ": " + string(e.State)
		if !e.When.IsZero() {
			text += ", at " + clock(e.When)
		}
		return strings.TrimSuffix(text+": "+inOneLine(e.Text), ": ")
	case incident.Blocking:
		return "asked how to block " + strings.Join(e.Addresses, " ")
	case incident.Closed:
		return "closed it: " + inOneLine(e.Text)
	case incident.Ticked:
		return strings.TrimSuffix(fmt.Sprintf("action item %d: %s: %s", e.Action, e.State, inOneLine(e.Text)), ": ")
	}
	return string(e.Kind)
}

func affectedNames(list []incident.Affected) string {
	if len(list) == 0 {
		return ""
	}
	words := make([]string, len(list))
	for n, a := range list {
		words[n] = a.Kind + " " + a.Name
	}
	return " (" + strings.Join(words, ", ") + ")"
}
