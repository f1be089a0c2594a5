package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/attest"
	"keysweep/incident"
	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/report"
)

// incidentCloseOptions are the flags of incident close.
type incidentCloseOptions struct {
	who     whoOptions
	id      string
	cause   string
	actions []string
	output  string
	plan    string
}

func newIncidentCloseCommand(env *Env) *cobra.Command {
	o := &incidentCloseOptions{}
	c := &cobra.Command{
		Use:   "close INC",
		Short: "Close an incident once all is revoked and done, with its cause and what will be changed",
		Long: "Refuses, with exit code 1 and a list, while a key or credential is not revoked or a step is open. Writes a post-mortem, and attests the practices\n" +
			"whose steps were taken; what was not applicable is attested as nothing. A drill attests that there is a plan and that it was rehearsed, too.\n" +
			"What is to be changed stays visible in keysweep status and keysweep audit until keysweep incident action says that it is done.",
		Example: `  keysweep incident close INC-2026-001 --cause "the laptop's disk was not encrypted" --action "encrypt the disks of all laptops"
  keysweep incident close DRILL-2026-001 --cause drill --action "print the contacts" --plan https://wiki.example.org/incidents`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentClose(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.cause, "cause", "", "how it could come to it (required)")
	f.StringArrayVar(&o.actions, "action", nil, "what will be changed, so that it does not come again (required, repeatable)")
	f.StringVarP(&o.output, "output", "o", "", "write the post-mortem to the new `FILE` (default: beside the incident's log)")
	f.StringVar(&o.plan, "plan", "", "of a drill: where the plan is written, and `WHO` answers for it; it is part of what is attested")
	o.who.addFlags(f)
	return c
}

func runIncidentClose(ctx context.Context, env *Env, o *incidentCloseOptions) error {
	book, i, err := openIncident(env, o.id)
	if err != nil {
		return err
	}
	e, err := o.event(ctx, env, i)
	if err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	if err := s.sayProblems(); err != nil { // what cannot be looked at is not revoked
		return err
	}
	if refused, err := s.refuse(); err != nil {
		return err
	} else if refused {
		return verdict(exitFindings)
	}
	for _, st := range s.standings {
		e.Outcomes = append(e.Outcomes, incident.Outcome{Name: st.Name, How: st.How, At: st.At})
	}
	if e.Report, err = o.place(env, book, i); err != nil {
		return err
	}
	// The log comes last: whoever is killed before runs the command again, and everything is done once.
	if err := s.postMortem(e); err != nil {
		return err
	}
	attested, err := s.attest(ctx, e, o.plan)
	if err != nil {
		return err
	}
	if i, err = book.AppendTo(ctx, i, e); err != nil {
		return incidentError(env, book, o.id, err)
	}
	return sayClosed(env, i, attested)
}

// event makes the event that closes the incident.
func (o *incidentCloseOptions) event(ctx context.Context, env *Env, i *incident.Incident) (incident.Event, error) {
	e, err := o.who.event(ctx, env, incident.Closed)
	if err != nil {
		return e, err
	}
	for n := range o.actions {
		o.actions[n] = strings.TrimSpace(o.actions[n])
	}
	switch {
	case strings.TrimSpace(o.cause) == "":
		return e, usagef(`for example: --cause "the laptop's disk was not encrypted"`, "--cause is needed: without it nobody learns from it")
	case len(o.actions) == 0 || slices.Contains(o.actions, ""):
		return e, usagef(`for example: --action "encrypt the disks of all laptops"`, "--action is needed: what will be changed, so that it does not come again")
	case o.plan != "" && !i.Drill:
		return e, usagef("", "--plan is for drills: that a plan exists is attested by rehearsing it")
	}
	if e.Text, err = noteText(o.cause, i.ID); err != nil {
		return e, err
	}
	e.Actions = o.actions
	return e, noSecret(ctx, "cause, or an action", slices.Concat([]string{e.Text, o.plan}, e.Actions)...)
}

// refuse says what is still open, if anything is.
func (s *incidentSight) refuse() (bool, error) {
	var open []string
	for _, st := range s.standings {
		if !st.Settled {
			open = append(open, fmt.Sprintf("%s %s: %s", st.Kind, st.Name, st.How))
		}
	}
	for _, st := range s.OpenSteps() {
		open = append(open, fmt.Sprintf("step %s: %s", st.Short(), st.Title))
	}
	if len(open) == 0 {
		return false, nil
	}
	return true, writeAll(s.env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s is not closed: %s\n", s.ID, counted(len(open), "thing is open", "things are open"))
		for _, text := range open {
			fmt.Fprintf(w, "  [ ] %s\n", git.Printable(text))
		}
		for _, n := range s.next() {
			fmt.Fprintf(w, "next: %s\n", git.Printable(n.String()))
		}
		return nil
	})
}

// place is where the post-mortem goes. A file that is somebody else's is not written over.
func (o *incidentCloseOptions) place(env *Env, book incident.Book, i *incident.Incident) (string, error) {
	if o.output == "" {
		return filepath.Join(book.Dir, i.ID+"-post-mortem.md"), nil
	}
	path := absolute(env, o.output)
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return "", usagef("make it first: mkdir -p "+filepath.Dir(o.output), "--output %s: there is no directory %s", o.output, filepath.Dir(o.output))
		}
	case err != nil:
		return "", usagef("name a file that is not there yet", "--output: %w", err)
	case !bytes.Contains(data, []byte("# "+i.ID+": ")): // of a close that was killed
		return "", usagef("name a file that is not there yet", "--output %s: it is there already", o.output)
	}
	return path, nil
}

// postMortem writes the report as it will be once the incident is closed.
func (s *incidentSight) postMortem(e incident.Event) error {
	closed, err := s.After(e)
	if err != nil {
		return err
	}
	settings, err := readAuditPolicy(s.env)
	if err != nil {
		return err
	}
	r := incidentReport{&incidentSight{Incident: closed, env: s.env}, incident.Internal, settings.audit.rules}
	d := r.document()
	timeline := report.DocumentSection{Title: "Timeline"}
	for _, e := range closed.Events {
		timeline.Lines = append(timeline.Lines, report.DocumentLine{Head: clock(e.At), Text: e.By + " " + eventWords(&e)})
	}
	d.Sections = append(d.Sections, timeline)
	var b bytes.Buffer
	if err := report.WriteDocument(&b, "markdown", d); err != nil {
		return err
	}
	if err := atomicfile.Write(e.Report, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write post-mortem: %w", err)
	}
	return nil
}

// planPractice is what a drill attests besides its steps.
const planPractice = "incident.plan"

// attest attests the practices whose steps were taken, each once.
func (s *incidentSight) attest(ctx context.Context, e incident.Event, plan string) (done []string, err error) {
	kept, err := openAttestations(ctx, s.env)
	if err != nil {
		return nil, err
	}
	what := "incident " + s.ID
	if s.Drill {
		what = "rehearsed in drill " + s.ID
	}
	add := func(id, by, evidence string) error {
		r := attest.Record{ID: id, Scope: "account", Status: attest.Done, By: by, Date: e.At, Evidence: attest.Evidence{Kind: "text", Text: evidence}}
		if slices.ContainsFunc(kept.records, func(k keptRecord) bool { return k.ID == id && strings.HasPrefix(k.Evidence.Text, what+",") }) {
			return nil // by a close that was killed
		}
		if _, err := kept.account.Append(ctx, r); err != nil {
			return err
		}
		done = append(done, id)
		return nil
	}
	for _, st := range s.Steps {
		if st.State != incident.Done {
			continue
		}
		if err := add(st.ID, st.By, fmt.Sprintf("%s, by %s, %s after the detection", what, st.By, lasting(st.At.Sub(s.Detected)))); err != nil {
			return done, err
		}
	}
	if err := add(incident.LearnStep, e.By, fmt.Sprintf("%s, closed by %s with its cause and %s", what, e.By, counted(len(e.Actions), "action item", "action items"))); err != nil || !s.Drill {
		return done, err
	}
	evidence := fmt.Sprintf("%s, led by %s, closed %s after it began", what, e.By, lasting(e.At.Sub(s.Started)))
	if plan != "" {
		evidence += "; the plan: " + inOneLine(plan)
	}
	return done, add(planPractice, e.By, evidence)
}

func sayClosed(env *Env, i *incident.Incident, attested []string) error {
	_, err := fmt.Fprintf(env.Stdout, "%s is closed, %s after it was detected\npost-mortem: %s\n", i.ID, lasting(i.Closed.Sub(i.Detected)), git.Printable(shownPath(env, i.Report)))
	if err == nil && len(attested) > 0 {
		_, err = fmt.Fprintf(env.Stdout, "attested: %s\n", strings.Join(attested, ", "))
	}
	if err == nil {
		_, err = fmt.Fprintf(env.Stdout, "to do: %s: keysweep incident action %s\n", counted(len(i.OpenActions()), "action item", "action items"), i.ID)
	}
	return err
}
