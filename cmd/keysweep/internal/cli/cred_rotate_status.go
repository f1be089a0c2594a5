package cli

import (
	"bytes"
	"fmt"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/plugin"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/rotation/provider"
	"keysweep/rotation/rescue"
)

// rotationState is how the rotation of one credential stands.
type rotationState struct {
	record   rotation.Record
	journal  provider.Journal
	underWay bool
	asking   bool           // the provider is being asked just now
	waiting  []rescue.Found // new values of it, outside the ledger
}

// sayRotation is --status: exit code 1 if there is something to go on with.
func sayRotation(env *Env, format string, s *rotationState) error {
	found, err := rescues(env)
	if err != nil {
		return err
	}
	if s.asking, err = asking(env, &s.record); err != nil {
		return err
	}
	s.waiting = slices.DeleteFunc(found, func(f rescue.Found) bool { return f.Label.Record != s.record.ID })
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		if format == "text" {
			s.text(w)
			return nil
		}
		return report.WriteTable(w, format, s.table(env), report.Options{})
	})
	if err == nil && (s.underWay || len(s.waiting) > 0) {
		err = verdict(exitFindings)
	}
	return err
}

func (s *rotationState) next() string {
	if !s.underWay {
		return ""
	}
	return "keysweep cred rotate " + s.record.Ref()
}

// rescue is the file with the new value of the rotation that is under way; "" if there is none.
func (s *rotationState) rescue() string {
	for _, f := range s.waiting {
		if f.Label.Request == s.journal.RequestID && f.Err == nil {
			return f.Path
		}
	}
	return ""
}

// words says what the step means.
func (s *rotationState) words() string {
	if !s.underWay {
		return "no rotation is under way"
	}
	if path := s.rescue(); path != "" && s.journal.Step == provider.Creating {
		return "there is a new value, which the ledger could not take: it waits, sealed, in " + git.Printable(path) + "; going on takes it in"
	}
	if s.asking && s.journal.Step == provider.Creating {
		return "the provider is being asked for a new value just now"
	}
	return stepWords(&s.journal)
}

func (s *rotationState) text(w *bytes.Buffer) {
	r, j := &s.record, &s.journal
	if !s.underWay {
		fmt.Fprintf(w, "%s: no rotation is under way\n", r.Ref())
		return
	}
	how := "with the plugin " + j.Plugin
	if j.Manual {
		how = "by hand"
	}
	fmt.Fprintf(w, "%s: its rotation was begun on %s, %s\n", r.Ref(), instant(j.StartedAt), how)
	fmt.Fprintln(w, s.words())
	if j.Trouble != "" {
		fmt.Fprintf(w, "the last run did not get on: %s\n", git.Printable(j.Trouble))
	}
	fmt.Fprintf(w, "to go on: %s\n", s.next())
}

// table is the state for programs.
func (s *rotationState) table(env *Env) *report.Table {
	j := &s.journal
	t := &report.Table{Schema: "keysweep.cred-rotation/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit}, GeneratedAt: env.Now(),
		Coverage: finding.Coverage{Source: "ledger"}}
	row := report.Row{}
	add := func(name string, cell report.Cell) {
		t.Columns, row.Cells = append(t.Columns, report.Column{Name: name}), append(row.Cells, cell)
	}
	text := func(name, value string) { add(name, report.Cell{Text: value}) }
	yes := func(name string, is bool) { add(name, report.Cell{Text: fmt.Sprint(is), Value: is}) }
	text("id", s.record.ID)
	text("env", s.record.Env)
	text("name", s.record.Name)
	yes("under_way", s.underWay)
	text("step", string(j.Step))
	yes("stuck", j.Trouble != "" || s.rescue() != "" && j.Step == provider.Creating)
	text("trouble", j.Trouble)
	text("says", s.words())
	yes("by_hand", j.Manual)
	text("plugin", j.Plugin)
	text("phases", string(j.Phases))
	add("attempts", report.Cell{Text: fmt.Sprint(j.Attempt), Value: j.Attempt})
	text("started_at", instant(j.StartedAt))
	text("tried_at", instant(j.TriedAt))
	text("in_use_since", instant(j.SwappedAt))
	text("revoke_after", instant(j.RevokeAfter()))
	text("rescue", s.rescue())
	text("next", s.next())
	t.Rows = []report.Row{row}
	for _, f := range s.waiting {
		switch {
		case f.Err != nil:
			t.Notices = append(t.Notices, finding.Notice{Kind: "rescue", Where: f.Path, Text: "a new value may have been lost: " + f.Err.Error()})
		case f.Label.Request != j.RequestID:
			t.Notices = append(t.Notices, finding.Notice{Kind: "rescue", Where: f.Path, Text: "a new value of another rotation"})
		}
	}
	return t
}

// stepWords says what a step means for who uses the credential.
func stepWords(j *provider.Journal) string {
	switch {
	case j.Step == provider.Creating && j.Attempt > 0 && j.Phases == plugin.Single && !j.Manual:
		return "the provider was asked for a new value, and no answer came; the old one is in use here, and the provider may have ended it"
	case j.Step == provider.Creating && j.Attempt > 0:
		return "the provider was asked for a new value, and no answer came; the old one is in use"
	case j.Step == provider.Creating:
		return "there is no new value yet; the old one is in use"
	case j.Step == provider.Created:
		return "the new value is in the ledger, not tested or not in use yet; the old one is in use"
	case j.Step == provider.Swapped && j.RevokeAfter().After(j.SwappedAt):
		return "the new value is in use; the old one is to be revoked after " + instant(j.RevokeAfter())
	case j.Step == provider.Swapped:
		return "the new value is in use; the old one is not revoked yet"
	case j.Step == provider.Returning:
		return "the provider no longer accepts the new value; the old one is being put back into use"
	}
	return "the new value is in use, and the old one is revoked; whether it is refused is to be seen"
}
