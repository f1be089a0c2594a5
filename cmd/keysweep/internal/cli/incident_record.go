package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/incident"
	"keysweep/internal/git"
)

// incidentRecordOptions are the flags of the commands that add to an incident's log.
type incidentRecordOptions struct {
	who  whoOptions
	tell string
	note string
}

// addTimeFlag adds when it was done.
func (o *incidentRecordOptions) addTimeFlag(f *pflag.FlagSet) {
	f.StringVar(&o.who.at, "at", "", "`TIME` at which it was done, if that was before now: 2026-03-01T10:00:00Z, \"90m ago\"")
}

func newIncidentNoteCommand(env *Env) *cobra.Command {
	o := &incidentRecordOptions{}
	c := &cobra.Command{
		Use:   "note INC TEXT|-",
		Short: "Note what was seen or done, with the time",
		Long: "Notes are for us alone, unless --tell says who may hear of it: the report for the provider has notes for the provider, clients and the\n" +
			"public; that for clients those for clients and the public. What looks like a secret is refused. - reads standard input.",
		Example: `  keysweep incident note INC-2026-001 "logins from 203.0.113.7 since 09:40" --tell provider
  journalctl -u ssh --since 09:00 | grep Accepted | keysweep incident note INC-2026-001 -`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return runIncidentNote(c.Context(), env, o, args[0], args[1])
		},
	}
	o.who.addFlags(c.Flags())
	o.addTimeFlag(c.Flags())
	c.Flags().StringVar(&o.tell, "tell", "", "`WHO` may be told: "+strings.Join(audienceNames(), ", ")+" (default: nobody)")
	return c
}

func audienceNames() (names []string) {
	for _, a := range incident.Audiences() {
		names = append(names, string(a))
	}
	return names
}

// audience reads the name of an audience.
func audience(flag, name string) (incident.Audience, error) {
	if name != "" && !slices.Contains(audienceNames(), name) {
		return "", usagef("one of: "+strings.Join(audienceNames(), ", "), "%s: %q is nobody there is a report for", flag, name)
	}
	return incident.Audience(name), nil
}

func runIncidentNote(ctx context.Context, env *Env, o *incidentRecordOptions, id, text string) error {
	book, i, err := openIncident(env, id)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Noted)
	if err != nil {
		return err
	}
	if e.Tell, err = audience("--tell", o.tell); err != nil {
		return err
	}
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(env.Stdin, incident.MaxText+1))
		if err != nil {
			return fmt.Errorf("read note: %w", err)
		}
		text = string(data)
	}
	if e.Text, err = noteText(text, i.ID); err != nil {
		return err
	}
	if err := noSecret(ctx, "note", e.Text); err != nil {
		return err
	}
	if _, err := book.Append(ctx, i.ID, e); err != nil {
		return incidentError(env, book, id, err)
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: noted%s\n", i.ID, tellWords(e.Tell))
	return err
}

// noteText refuses what is no note.
func noteText(text, id string) (string, error) {
	text = strings.TrimRight(strings.ToValidUTF8(text, "?"), "\r\n\t ")
	switch {
	case text == "":
		return "", usagef("", "there is nothing to note")
	case len(text) > incident.MaxText:
		return "", usagef("keep it in a file, and name that: keysweep incident evidence "+id+" FILE", "the note is longer than %d KB", incident.MaxText>>10)
	}
	return text, nil
}

func newIncidentEvidenceCommand(env *Env) *cobra.Command {
	o := &incidentRecordOptions{}
	c := &cobra.Command{
		Use:   "evidence INC FILE...",
		Short: "Name files as evidence: their SHA-256 and size are written down, their content is not",
		Example: `  keysweep incident evidence INC-2026-001 auth.log
  keysweep incident evidence INC-2026-001 web1.bundle disk.img`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return runIncidentEvidence(c.Context(), env, o, args[0], args[1:])
		},
	}
	o.who.addFlags(c.Flags())
	return c
}

func runIncidentEvidence(ctx context.Context, env *Env, o *incidentRecordOptions, id string, files []string) error {
	book, i, err := openIncident(env, id)
	if err != nil {
		return err
	}
	if err := noSecret(ctx, "path", files...); err != nil {
		return err
	}
	for _, file := range files {
		if !utf8.ValidString(file) { // the log is text
			return usagef("make a copy with another name: cp -p FILE COPY", "evidence: the name of %q is not UTF-8", file)
		}
		e, err := o.who.event(ctx, env, incident.Kept)
		if err != nil {
			return err
		}
		path, err := filepath.EvalSymlinks(absolute(env, file))
		if err != nil {
			return usagef("see that it is there", "evidence: %w", err)
		}
		if info, err := os.Stat(path); err != nil {
			return usagef("see that it is there", "evidence: %w", err)
		} else if !info.Mode().IsRegular() {
			return usagef("name a file; of a directory make an archive first: tar -czf FILE DIR", "evidence: %s is no file", file)
		}
		sum, size, err := digestFile(filepath.Dir(path), filepath.Base(path))
		if err != nil {
			return fmt.Errorf("read evidence: %w", err)
		}
		e.File = &incident.File{Path: path, SHA256: sum, Size: size}
		if _, err := book.Append(ctx, i.ID, e); err != nil {
			return incidentError(env, book, id, err)
		}
		if _, err := fmt.Fprintf(env.Stdout, "%s: %s\n", i.ID, git.Printable(fileWords(e.File))); err != nil {
			return err
		}
	}
	return nil
}

func newIncidentStepCommand(env *Env) *cobra.Command {
	o := &incidentRecordOptions{}
	c := &cobra.Command{
		Use:   "step INC STEP done|na|open",
		Short: "Record that a step was taken, or that there is nothing that it is about",
		Long:  "The steps are the practices for incidents; keysweep incident show lists them. open takes back what was said before.",
		Example: `  keysweep incident step INC-2026-001 isolate done --note "web1: all but our addresses are dropped"
  keysweep incident step INC-2026-001 password done --at "20m ago"
  keysweep incident step INC-2026-001 terminate na --note "there are no instances"`,
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return runIncidentStep(c.Context(), env, o, args[0], args[1], args[2])
		},
	}
	o.who.addFlags(c.Flags())
	o.addTimeFlag(c.Flags())
	c.Flags().StringVar(&o.note, "note", "", "how, or why there is nothing to do (required with na)")
	return c
}

func runIncidentStep(ctx context.Context, env *Env, o *incidentRecordOptions, id, name, state string) error {
	book, i, err := openIncident(env, id)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Stepped)
	if err != nil {
		return err
	}
	st, err := findStep(name)
	if err != nil {
		return err
	}
	e.Step, e.State = st.ID, incident.State(state)
	switch {
	case !slices.Contains(incident.States(), e.State):
		return usagef("one of: done, na, open", "%q is no state of a step", state)
	case st.ID == incident.LearnStep:
		return usagef("keysweep incident close "+i.ID+` --cause "..." --action "..."`, "%s is done by closing the incident", st.ID)
	case e.State == incident.NA && strings.TrimSpace(o.note) == "":
		return usagef(`for example: --note "there are no instances"`, "--note is needed: why is there nothing to do?")
	case !e.When.IsZero() && e.When.Before(i.Detected):
		return usagef("", "--at: that was before it was detected, at %s", clock(i.Detected))
	}
	if o.note != "" {
		if e.Text, err = noteText(o.note, i.ID); err != nil {
			return err
		}
		if err := noSecret(ctx, "note", e.Text); err != nil {
			return err
		}
	}
	if i, err = book.Append(ctx, i.ID, e); err != nil {
		return incidentError(env, book, id, err)
	}
	if _, err := fmt.Fprintf(env.Stdout, "%s: %s is %s\n", i.ID, st.Short(), stateWords(e.State)); err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	for _, n := range s.next() {
		if _, err := fmt.Fprintf(env.Stderr, "next: %s\n", git.Printable(n.String())); err != nil {
			return err
		}
	}
	return nil
}

func stateWords(s incident.State) string {
	if s == incident.NA {
		return "not applicable"
	}
	return string(s)
}

// findStep finds a step by its id, with or without what all of them begin with.
func findStep(name string) (incident.Step, error) {
	if st, known := incident.FindStep(name); known {
		return st, nil
	}
	var names []string
	for _, st := range incident.Steps() {
		names = append(names, st.Short())
	}
	hint := "one of: " + strings.Join(names, ", ")
	if near := nearest(strings.TrimPrefix(name, "incident."), names); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return incident.Step{}, usagef(hint, "there is no step %q", name)
}

func newIncidentActionCommand(env *Env) *cobra.Command {
	o := &incidentRecordOptions{}
	c := &cobra.Command{
		Use:   "action INC [N done|dropped]",
		Short: "List what a closed incident left to be done, and tick it off",
		Example: `  keysweep incident action INC-2026-001
  keysweep incident action INC-2026-001 1 done --note "disks of all laptops are encrypted"`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(c *cobra.Command, args []string) error { return runIncidentAction(c.Context(), env, o, args) },
	}
	o.who.addFlags(c.Flags())
	c.Flags().StringVar(&o.note, "note", "", "how, or why not (required with dropped)")
	return c
}

func runIncidentAction(ctx context.Context, env *Env, o *incidentRecordOptions, args []string) error {
	book, i, err := readIncident(env, args[0])
	if err != nil {
		return err
	}
	if len(i.Actions) == 0 {
		return usagef("they come with: keysweep incident close "+i.ID+" --action \"...\"", "%s has no action items", i.ID)
	}
	if len(args) == 1 {
		for n, a := range i.Actions {
			if _, err := fmt.Fprintf(env.Stdout, "%s %d. %s\n", stepBox(a.State), n+1, git.Printable(actionWords(&a))); err != nil {
				return err
			}
		}
		return nil
	}
	e, err := o.ticked(ctx, env, i, args[1:])
	if err != nil {
		return err
	}
	if i, err = book.Append(ctx, i.ID, e); err != nil {
		return incidentError(env, book, args[0], err)
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: action item %d is %s; %s\n", i.ID, e.Action, args[2], leftWords(len(i.OpenActions())))
	return err
}

// ticked makes the event that ends an action item.
func (o *incidentRecordOptions) ticked(ctx context.Context, env *Env, i *incident.Incident, args []string) (incident.Event, error) {
	e, err := o.who.event(ctx, env, incident.Ticked)
	if err != nil {
		return e, err
	}
	n, err := strconv.Atoi(args[0])
	switch {
	case err != nil || n < 1 || n > len(i.Actions):
		return e, usagef("see: keysweep incident action "+i.ID, "there is no action item %q: they are 1 to %d", args[0], len(i.Actions))
	case len(args) < 2 || args[1] != "done" && args[1] != "dropped":
		return e, usagef("for example: keysweep incident action "+i.ID+" "+args[0]+" done", "say what became of action item %d: done or dropped", n)
	case args[1] == "dropped" && strings.TrimSpace(o.note) == "":
		return e, usagef(`for example: --note "it is replaced by ..."`, "--note is needed: why is it dropped?")
	}
	e.Action, e.State = n, map[string]incident.State{"done": incident.Done, "dropped": incident.NA}[args[1]]
	if o.note != "" {
		if e.Text, err = noteText(o.note, i.ID); err != nil {
			return e, err
		}
	}
	return e, noSecret(ctx, "note", e.Text)
}

func leftWords(n int) string {
	if n == 0 {
		return "none is left"
	}
	return counted(n, "is", "are") + " left"
}
