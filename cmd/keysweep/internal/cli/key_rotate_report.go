package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys/deploy"
	"keysweep/report"
	"keysweep/rotation/rollover"
)

// tell says what happens, as it happens. It is talk: the table at the end is what counts.
func (g *rotating) tell(e rollover.Event) {
	j := &g.r.Journal
	text := ""
	switch {
	case e.Err != nil:
		if target, err := openssh.ParseTarget(e.Target); err == nil {
			_ = g.trouble.say(target, g.advise(e.Err))
		}
		return
	case e.Phase == rollover.Generated:
		text = fmt.Sprintf("made a new key %s in %s", j.New.Fingerprint, j.NewFile())
	case e.Phase == rollover.Promoted:
		text = fmt.Sprintf("%s is the new key now; the old one is %s", j.File, j.OldFile())
	default:
		text = e.Target + ": " + map[rollover.Step]string{
			rollover.Waiting: "the new key is taken off again", rollover.Verified: "the new key is installed, and logs in",
			rollover.Refused: "the old key is removed, and the server refuses it",
		}[e.Step]
	}
	_, _ = fmt.Fprintln(g.env.Stderr, git.Printable(text))
}

// advise adds to the trouble of a host what can be done about it here.
func (g *rotating) advise(err error) error {
	again := "keysweep key rotate " + shellWord(g.r.Journal.Name)
	switch {
	case errors.Is(err, deploy.ErrNoAnswer) && g.keys.via == nil:
		return usagef("name another key that gets a shell there: "+again+" --via KEY", "%w", err)
	case isAway(err):
		return usagef(alsoHint(err, "run it again when the host is back: "+again), "%w", err)
	case g.r.Journal.Phase != rollover.Promoted && !g.o.abort:
		return usagef(alsoHint(err, "leave the host on the old key for now: "+again+" --skip HOST"), "%w", err)
	}
	return err
}

// hostWords say how a host stands.
func hostWords(j *rollover.Journal, h rollover.Host) (text string, state report.State) {
	switch h.Step {
	case rollover.Refused:
		return "rotated", report.Good
	case rollover.Gone:
		return "gone", report.Dull
	case rollover.Removed:
		return "old key removed, and still accepted", report.Notable
	case rollover.Verified:
		if j.Phase == rollover.Promoted {
			return "new key logs in, old key not yet removed", report.Notable
		}
		return "new key logs in", report.Plain
	case rollover.Begun:
		return "old key; the new one may be there", report.Notable
	}
	return "old key", report.Notable
}

// table lists the hosts.
func (g *rotating) table(verdict string, good bool) *report.Table {
	j := &g.journal
	t := &report.Table{
		Schema: "keysweep.key-rotate/v1", Tool: finding.Tool{Name: "keysweep", Version: g.env.Version, Commit: g.env.Commit},
		GeneratedAt: g.env.Now(), Coverage: finding.Coverage{Source: "rotation of " + j.Name},
		Columns: []report.Column{
			{Name: "target", Title: "account"}, {Name: "step"}, {Name: "state", Title: "state"}, {Name: "since", Title: "since"},
			{Name: "expires"}, {Name: "trouble", Title: "trouble", Least: 20},
		},
		Counts: map[string]int{"hosts": len(j.Hosts), "rotated": j.Count(rollover.Refused), "gone": j.Count(rollover.Gone), "new_key_logs_in": j.Count(rollover.Verified, rollover.Removed, rollover.Refused)},
		Phase:  g.phase(good),
		Empty:  "no hosts", Verdict: verdict, Good: good,
	}
	for _, h := range j.Hosts {
		words, state := hostWords(j, h)
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{
			{Text: h.Target}, {Text: string(h.Step)}, {Text: words, State: state}, timeCell(h.At), timeCell(h.Expires), {Text: h.Trouble},
		}})
	}
	return t
}

// phase is how far the rotation is, for programs.
func (g *rotating) phase(over bool) string {
	switch {
	case g.journal.Phase == "":
		return "none"
	case over && g.o.abort:
		return "aborted"
	case over:
		return "finished"
	}
	return string(g.journal.Phase)
}

func timeCell(at time.Time) report.Cell {
	if at.IsZero() {
		return report.Cell{}
	}
	at = at.UTC().Truncate(time.Second)
	return report.Cell{Text: at.Format("2006-01-02 15:04"), Value: at}
}

func (g *rotating) write(verdict string, good bool) error {
	return writeAll(g.env.Stdout, func(w *bytes.Buffer) error {
		return report.WriteTable(w, g.o.format, g.table(verdict, good), report.Options{Width: g.env.Width})
	})
}

// sayStatus says how far the rotation is.
func (g *rotating) sayStatus() error {
	if g.fresh && g.o.format == "text" {
		_, err := fmt.Fprintf(g.env.Stdout, "%s is not being rotated.\n", git.Printable(g.old.Name))
		return err
	}
	if g.fresh {
		g.journal.Name = g.old.Name
		return g.write("", true)
	}
	if err := g.write(g.standing(nil), false); err != nil {
		return err
	}
	if err := g.sayHow(); err != nil {
		return err
	}
	return verdict(exitFindings)
}

// sayHow says how to go on with a rotation that is not over.
func (g *rotating) sayHow() error {
	again := "keysweep key rotate " + git.Printable(shellWord(g.journal.Name))
	give := ""
	if g.journal.Phase == rollover.Planned || g.journal.Phase == rollover.Generated {
		give = "; or give it up: " + again + " --abort"
	}
	_, err := fmt.Fprintf(g.env.Stderr, "hint: go on with: %s%s\n", again, give)
	return err
}

// standing says in a sentence how far the rotation is.
func (g *rotating) standing(waits []string) string {
	j := &g.journal
	switch {
	case j.Phase == rollover.Promoted:
		return fmt.Sprintf("%s: the new key has the old one's place; %s not done: the old key stays in %s",
			j.Name, counted(len(j.Behind()), "host", "hosts"), j.OldFile())
	case len(waits) > 0:
		return fmt.Sprintf("%s: the old key keeps its place until these have let the new one in: %s", j.Name, some(waits))
	}
	return fmt.Sprintf("%s: %s; %d of %d hosts have let the new key in", j.Name, j.Phase, j.Count(rollover.Verified), len(j.Hosts))
}

// some lists the first few of many.
func some(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}

// sayResult lists the hosts, says how the rotation stands, and makes the exit code of it.
func (g *rotating) sayResult(res *rollover.Result) error {
	code := exitOK
	if !res.Over {
		code = exitFindings
	}
	for _, err := range res.Failed {
		var still *deploy.StillAcceptedError
		if !errors.As(err, &still) {
			code = exitIncomplete
		}
	}
	text := g.standing(res.Waits)
	switch {
	case res.Over && g.o.abort:
		text = fmt.Sprintf("%s is as it was: the new key is gone from the hosts, and destroyed", g.journal.Name)
	case res.Over:
		text = g.ended()
	}
	if err := g.write(text, res.Over); err != nil {
		return err
	}
	next := g.sayHow
	switch {
	case res.Over && g.o.abort:
		next = func() error { return nil }
	case res.Over:
		next = g.sayNext
	}
	if err := next(); err != nil {
		return err
	}
	if code != exitOK {
		return verdict(code)
	}
	return nil
}

func (g *rotating) ended() string {
	j := &g.journal
	where := "is in its place"
	if n := j.Count(rollover.Refused); n > 0 {
		where = fmt.Sprintf("logs in on %s, and the old one nowhere", counted(n, "host", "hosts"))
	}
	text := fmt.Sprintf("%s is rotated: the new key %s %s", j.Name, j.New.Fingerprint, where)
	if j.Archive == "" {
		return text + "; the old one is destroyed"
	}
	return text + "; the old one is archived in " + j.Archive
}

// sayNext says what a new key has not, and the old one had.
func (g *rotating) sayNext() error {
	verified := 0
	for _, b := range g.old.Backups {
		if b.Form != archiveForm {
			verified++
		}
	}
	if verified > 0 {
		name := shellWord(g.journal.Name)
		_, err := fmt.Fprintf(g.env.Stderr, "note: the old key had %s; the new one has none: keysweep key backup %s -o DIRECTORY, and then: keysweep key backup verify %s FILE\n",
			counted(verified, "backup", "backups"), name, name)
		return err
	}
	return nil
}
