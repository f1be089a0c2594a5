package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/report"
)

// statusOptions are the flags of status.
type statusOptions struct{ output tableOptions }

func newStatusCommand(env *Env) *cobra.Command {
	o := &statusOptions{}
	c := &cobra.Command{
		Use:   "status",
		Short: "Say on one screen how things stand, and the next command for each",
		Long: "Looks at what is due, the keys of this account, their backups, the ledger, this repository's hooks and its last scans and the\n" +
			"daily job. It asks for no passphrase and no keyring: what is due comes from the signed snapshot of the ledger.",
		Example: "  keysweep status\n  keysweep status --format json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), env, o) },
	}
	o.output.addFlags(c.Flags())
	return c
}

// statusLine is how one matter stands.
type statusLine struct {
	area  string
	state report.State
	text  string
	next  string // the next command; "" if nothing is to be done
}

// status is a status on its way.
type status struct {
	ctx      context.Context
	env      *Env
	lines    []statusLine
	problems []finding.Problem
	notices  []finding.Notice
}

func (s *status) good(area, format string, args ...any) {
	s.lines = append(s.lines, statusLine{area, report.Good, fmt.Sprintf(format, args...), ""})
}

// note adds a line about something that is neither good nor bad.
func (s *status) note(area, next, format string, args ...any) {
	s.lines = append(s.lines, statusLine{area, report.Dull, fmt.Sprintf(format, args...), next})
}

func (s *status) bad(area, next, format string, args ...any) {
	s.lines = append(s.lines, statusLine{area, report.Bad, fmt.Sprintf(format, args...), next})
}

// problem adds a line about what could not be looked at.
func (s *status) problem(area string, err error) {
	s.lines = append(s.lines, statusLine{area, report.Bad, "could not look", ""})
	s.problems = append(s.problems, finding.Problem{Where: area, Err: err.Error(), Hint: hintOf(err)})
}

func runStatus(ctx context.Context, env *Env, o *statusOptions) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	s := &status{ctx: ctx, env: env}
	for _, look := range []func() error{s.incidents, s.due, s.keys, s.ledger, s.rescues, s.repository, s.schedule} {
		if err := look(); err != nil {
			return err
		}
	}
	t := s.table()
	if err := o.output.write(env, t); err != nil {
		return err
	}
	switch {
	case len(t.Problems) > 0:
		return verdict(exitIncomplete)
	case !t.Good:
		return verdict(exitFindings)
	}
	return nil
}

func (s *status) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.status/v1", Tool: finding.Tool{Name: "keysweep", Version: s.env.Version, Commit: s.env.Commit},
		GeneratedAt: s.env.Now(), Problems: s.problems, Notices: s.notices,
		Columns: []report.Column{{Name: "area", Title: "AREA"}, {Name: "level"}, {Name: "state", Title: "STATE", Least: 30}, {Name: "next"}},
	}
	bad := 0
	levels := map[report.State]string{report.Good: "ok", report.Dull: "note", report.Bad: "bad"}
	for _, l := range s.lines {
		if l.state == report.Bad {
			bad++
		}
		row := report.Row{Cells: []report.Cell{{Text: l.area}, {Text: levels[l.state]}, {Text: l.text, State: l.state}, {Text: l.next}}}
		if l.next != "" { // below, as in rotate-due: a command that is cut to the terminal's width is none
			row.Details = []report.Detail{{Text: l.next, Whole: true, Always: true}}
		}
		t.Rows = append(t.Rows, row)
	}
	switch {
	case len(s.problems) > 0:
		t.Verdict = "not everything could be looked at"
	case bad == 0:
		t.Verdict, t.Good = "nothing to do", true
	case bad == 1:
		t.Verdict = "1 thing to do"
	default:
		t.Verdict = fmt.Sprintf("%d things to do", bad)
	}
	return t
}

// schedule says whether the daily job is there, and runs.
func (s *status) schedule() error {
	found, err := installedSchedules(s.ctx, s.env)
	if err != nil {
		s.problem("daily job", err)
		return nil
	}
	if len(found) == 0 {
		s.note("daily job", "keysweep schedule install", "not installed")
		return nil
	}
	told, err := readTold(s.env)
	const late = 3 * 24 * time.Hour
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.note("daily job", "", "installed; it has not run yet")
	case err != nil:
		s.problem("daily job", err)
	case s.env.Now().Sub(told.LastRun) > late:
		s.bad("daily job", "keysweep schedule show", "installed, and it last ran %s", s.ago(told.LastRun))
	default:
		s.good("daily job", "ran %s", s.ago(told.LastRun))
	}
	return nil
}

// ago says how long ago something was.
func (s *status) ago(at time.Time) string { return ago(s.env.Now().Sub(at)) }

// names joins a few names, and says how many more there are.
func names(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(slices.Clone(list[:most]), ", ") + fmt.Sprintf(" and %d more", len(list)-most)
}
