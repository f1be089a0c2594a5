package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"keysweep/incident"
	"keysweep/internal/git"
	"keysweep/rotation"
)

// incidentRevokeOptions are the flags of incident revoke and incident rotate.
type incidentRevokeOptions struct {
	id           string
	host         string
	replaceFirst bool
}

func newIncidentRevokeCommand(env *Env) *cobra.Command {
	o := &incidentRevokeOptions{}
	c := &cobra.Command{
		Use:   "revoke INC",
		Short: "Print what depends on what is affected, and the commands that revoke it, most urgent first",
		Long: "Runs none of them: they are those of keysweep key and keysweep cred, which prove what they did, and pages of providers. What the ledger knows to\n" +
			"be revoked is ticked off when the command is run again. Revoking comes first, since what is public is used within minutes; where\n" +
			"something would stand still, and nobody else is likely to have it yet, --replace-first puts the replacement before it.",
		Example: `  keysweep incident revoke INC-2026-001
  keysweep incident revoke INC-2026-001 --replace-first
  keysweep incident revoke INC-2026-001 --host web1      only what is to be done on one host`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentRevoke(c.Context(), env, o)
		},
	}
	c.Flags().BoolVar(&o.replaceFirst, "replace-first", false, "replace each before it is revoked")
	c.Flags().StringVar(&o.host, "host", "", "only the commands that take keys off this `HOST`")
	return c
}

func newIncidentRotateCommand(env *Env) *cobra.Command {
	o := &incidentRevokeOptions{}
	c := &cobra.Command{
		Use:   "rotate INC",
		Short: "List what else is to be replaced: what shares an environment, a host, a directory or a secret with what is affected",
		Long:  "Replaces nothing itself: it prints the commands, and ticks off what was replaced since the incident was detected.",
		Example: `  keysweep incident rotate INC-2026-001
  keysweep key rotate deploy                the first of its commands`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentRotate(c.Context(), env, o)
		},
	}
	return c
}

func runIncidentRevoke(ctx context.Context, env *Env, o *incidentRevokeOptions) error {
	_, i, err := openIncident(env, o.id)
	if err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	if len(i.Affected) == 0 {
		return usagef("keysweep incident add "+i.ID+" --key|--cred|--host|--other NAME", "%s names nothing that is affected", i.ID)
	}
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		s.head(w)
		if o.host != "" {
			s.revokeOn(w, o.host)
			return nil
		}
		s.dependencies(w)
		for n := range s.standings {
			s.revokeOne(w, &s.standings[n], o.replaceFirst)
		}
		s.revokeEnd(w)
		return nil
	})
	if err != nil {
		return err
	}
	return s.sayProblems()
}

// head names the incident, and says so if it is a drill.
func (s *incidentSight) head(w *bytes.Buffer) {
	fmt.Fprintf(w, "%s: %s\n", s.ID, git.Printable(titleOf(s.Incident)))
	if s.Drill {
		fmt.Fprintf(w, "%s: run none of these commands, say what you would do\n", drillWords)
	}
}

// sayProblems says what could not be looked at, and makes that the exit code.
func (s *incidentSight) sayProblems() error {
	problems := s.problems()
	for _, p := range problems {
		if _, err := fmt.Fprintf(s.env.Stderr, "could not look: %s: %s\nhint: %s\n", p.Where, git.Printable(p.Err), git.Printable(p.Hint)); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// dependencies says what depends on what is about to be revoked, out of the ledger. It is made in no time, and stands before the first command.
func (s *incidentSight) dependencies(w *bytes.Buffer) {
	fmt.Fprintln(w, "\nwhat depends on it, as far as the ledger knows:")
	links := incident.Reach(s.standings, s.ledger.records, s.env.Now())
	for _, l := range links {
		more := ""
		if l.More != "" {
			more = " (" + l.More + ")"
		}
		fmt.Fprintf(w, "  %s\n", git.Printable(l.Of+" "+l.What+" "+l.Where+more))
	}
	if len(links) == 0 {
		fmt.Fprintln(w, "  nothing is known, which does not mean that there is nothing")
	}
	fmt.Fprintf(w, "  more, also out of the files of this account: keysweep incident scope %s\n", s.ID)
}

// revokeOne says what to do about one thing that is affected.
func (s *incidentSight) revokeOne(w *bytes.Buffer, st *incident.Standing, replaceFirst bool) {
	name := git.Printable(st.Name)
	if st.Settled {
		fmt.Fprintf(w, "\n[x] %s %s: %s\n", st.Kind, name, git.Printable(outcomeWords(incident.Outcome{How: st.How, At: st.At})))
		return
	}
	fmt.Fprintf(w, "\n[ ] %s %s: %s\n", st.Kind, name, git.Printable(st.How))
	writeTodos(w, s.todos(st, replaceFirst))
}

// todos are the commands for one thing that is affected, in their order.
func (s *incidentSight) todos(st *incident.Standing, replaceFirst bool) (list []todo) {
	name := st.Name
	if st.Record != nil {
		name = st.Record.Ref() // as it is called now: a rotation gives the name to the new one
	}
	reason := " --reason " + shellWord(clipped(s.ID+": "+s.Title, maxReason))
	mark := func(command, name string) {
		if st.Record == nil || st.Record.Status != rotation.Compromised {
			list = append(list, todo{"Say so in the ledger, so that it cannot come back:", []string{"keysweep " + command + " compromised " + shellWord(name) + reason}})
		}
	}
	switch {
	case st.Kind == incident.Host:
		return s.hostTodos(st)
	case st.Kind == incident.Other:
		return []todo{{what: "Revoke it with whoever issued it."}, {what: "Replace it, and have the ledger know it: keysweep cred add ENV/NAME"}, s.wordTodo(st)}
	case st.Record == nil && st.Kind == incident.Credential:
		return []todo{{what: "Revoke it with whoever issued it: that needs no ledger."}, {what: "Replace it wherever it is used."}, s.wordTodo(st)}
	case st.Record == nil:
		if st.Path != "" {
			mark("key", st.Path)
		}
		ref := st.Fingerprint
		if ref == "" {
			ref = st.Path
		}
		return append(list, todo{"Take it off every account that may have it:", []string{"keysweep key revoke " + shellWord(ref) + " USER@HOST ..."}},
			todo{what: "Take it out of the accounts of code forges and clouds, and make another one: keysweep key generate"}, s.wordTodo(st))
	case st.Kind == incident.Key && replaceFirst:
		mark("key", name)
		return append(list, todo{"Replace it on all its hosts, and take it off them:", []string{"keysweep key rotate " + shellWord(name)}},
			todo{"See that no host has it any more:", []string{"keysweep key revoke " + shellWord(name)}})
	case st.Kind == incident.Key:
		mark("key", name)
		return append(list, keyTodos(s.env, *st.Record)...)
	}
	if st.Record.Status.Live() {
		mark("cred", name)
	}
	steps := credTodos(st.Record, s.sameValue(st.Record))
	if replaceFirst {
		steps[0], steps[1] = steps[1], steps[0]
	}
	if list = append(list, steps...); !st.Record.Status.Live() {
		list = append(list, s.wordTodo(st))
	}
	return list
}

// wordTodo is for what the ledger cannot know.
func (s *incidentSight) wordTodo(st *incident.Standing) todo {
	if s.ledger.unread() && st.Kind != incident.Other { // somebody's word does not count instead
		return todo{what: "Whether that is so the ledger says, once it can be read: keysweep incident revoke " + s.ID}
	}
	return todo{what: "The ledger cannot see that: when all is revoked, keysweep incident step " + s.ID + " revoke-rotate done --note \"...\""}
}

func (s *incidentSight) hostTodos(st *incident.Standing) []todo {
	list := []todo{
		{what: "Cut it off, or block who is on it: keysweep incident block " + s.ID + " ADDRESS"},
		{what: "Replace whatever lies on it: keysweep incident rotate " + s.ID},
		{what: "Build it anew, from nothing that was on it; then: keysweep incident step " + s.ID + " rebuild done"},
	}
	off := todo{what: "Take the keys of others off it only when it is built anew: until then it says what whoever is on it wants it to say."}
	return append(list, off)
}

// sameValue are the other credentials with the same value.
func (s *incidentSight) sameValue(r *rotation.Record) (same []rotation.Record) {
	for _, other := range s.ledger.records {
		if other.ID != r.ID && r.Mark != "" && other.Mark == r.Mark && other.Status.Live() {
			same = append(same, other)
		}
	}
	return same
}

// revokeOn prints the commands for one host.
func (s *incidentSight) revokeOn(w *bytes.Buffer, host string) {
	found := false
	for n := range s.standings {
		st := &s.standings[n]
		if st.Record == nil || st.Kind != incident.Key {
			continue
		}
		for _, in := range st.Record.ActiveInstallations(s.env.Now()) {
			if incident.SameHost(incident.HostOf(in.Target), host) {
				found = true
				fmt.Fprintf(w, "  keysweep key revoke %s %s\n", shellWord(st.Record.Name), shellWord(in.Target))
			}
		}
	}
	if !found {
		fmt.Fprintf(w, "the ledger knows of no affected key that %s accepts; that does not mean that there is none: look at its authorized_keys\n", git.Printable(host))
	}
}

// revokeEnd says how it stands as a whole.
func (s *incidentSight) revokeEnd(w *bytes.Buffer) {
	if at, all := s.revoked(); all {
		fmt.Fprintf(w, "\nall is revoked, %s after it was detected\n", lasting(at.Sub(s.Detected)))
	}
	if st := s.Step(incident.RevokeStep); st.State == incident.Open {
		fmt.Fprintf(w, "\nwhat shares something with it is to be replaced, too: keysweep incident rotate %s\n", s.ID)
		fmt.Fprintf(w, "when all that is done: keysweep incident step %s revoke-rotate done --note \"...\"\n", s.ID)
	}
}

func runIncidentRotate(ctx context.Context, env *Env, o *incidentRevokeOptions) error {
	_, i, err := openIncident(env, o.id)
	if err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	near := i.Neighbours(s.standings, s.ledger.records)
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		s.head(w)
		if waiting := s.unsettled(); len(waiting) > 0 {
			fmt.Fprintf(w, "\nfirst what is affected itself, %s: keysweep incident revoke %s\n", counted(len(waiting), "thing", "things"), s.ID)
		}
		fmt.Fprintln(w, "\nthen what shares something with it:")
		left := 0
		slices.SortStableFunc(near, func(a, b incident.Near) int { return len(b.Why) - len(a.Why) })
		for _, n := range near {
			box := "[x]"
			if !n.Done {
				box = "[ ]"
				left++
			}
			fmt.Fprintf(w, "%s keysweep %s\n", box, rotateCommand(&n.Record))
			for _, why := range n.Why {
				fmt.Fprintf(w, "      %s\n", git.Printable(why))
			}
		}
		switch {
		case s.ledger.none || s.ledger.unread():
			fmt.Fprintln(w, "nothing is known: there is no ledger that could be read")
		case len(near) == 0:
			fmt.Fprintln(w, "the ledger knows of nothing; what it does not know, only you can say")
		case left == 0:
			fmt.Fprintf(w, "all of it is replaced: keysweep incident step %s revoke-rotate done\n", s.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.sayProblems()
}

// rotateCommand is the command that replaces what a record is about.
func rotateCommand(r *rotation.Record) string {
	if r.Kind == rotation.KindSSH {
		return "key rotate " + shellWord(r.Name)
	}
	return "cred rotate " + shellWord(r.Ref())
}
