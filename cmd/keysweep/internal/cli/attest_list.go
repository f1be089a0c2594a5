package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/policy/practice"
	"keysweep/report"
)

// attestListOptions are the flags of attest list and attest show.
type attestListOptions struct {
	output tableOptions
	id     string // show: the practice
}

func newAttestListCommand(env *Env) *cobra.Command {
	o := &attestListOptions{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List what is attested, by whom, and for how long it counts",
		Long: "Lists of each practice and scope the attestation that counts: those of this account and its machines, and those of the repository around the\n" +
			"working directory. The whole chain is checked; if it is broken the exit code is 3.",
		Example: "  keysweep attest list\n  keysweep attest list -v                with the evidence\n  keysweep attest list --format csv",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runAttestList(c.Context(), env, o) },
	}
	o.output.addFlags(c.Flags())
	return c
}

func newAttestShowCommand(env *Env) *cobra.Command {
	o := &attestListOptions{}
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Show every attestation of a practice there ever was, oldest first",
		Example: "  keysweep attest show account.mfa\n  keysweep attest show account.mfa --format json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			if _, err := findPractice(o.id); err != nil {
				return err
			}
			return runAttestList(c.Context(), env, o)
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return practiceIDs(), cobra.ShellCompDirectiveNoFileComp
	}
	o.output.addFlags(c.Flags())
	return c
}

func runAttestList(ctx context.Context, env *Env, o *attestListOptions) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	every, err := attestEvery(env)
	if err != nil {
		return err
	}
	kept, err := openAttestations(ctx, env)
	if err != nil {
		return err
	}
	t := &report.Table{
		Schema: "keysweep.attestations/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit, Ruleset: practice.Hash()},
		GeneratedAt: env.Now(), Problems: kept.problems, Notices: kept.notices, Empty: "nothing is attested; keysweep practices --open lists what can be",
		Columns: []report.Column{{Name: "id", Title: "PRACTICE"}, {Name: "scope", Title: "SCOPE", Least: 12, Tail: true}, {Name: "state", Title: "STATE"},
			{Name: "by", Title: "BY", Least: 6}, {Name: "date", Title: "DATE"}, {Name: "until", Title: "UNTIL"}, {Name: "why"}, {Name: "status"}, {Name: "evidence"}, {Name: "current"}},
	}
	if len(kept.problems) > 0 {
		t.Empty = ""
	}
	for i := range kept.records {
		r := &kept.records[i]
		p, known := practice.Find(r.ID)
		last := kept.isLast(i)
		if o.id == "" && !last || o.id != "" && r.ID != o.id {
			continue
		}
		days := 0
		if known {
			days = every(p)
		}
		t.Rows = append(t.Rows, kept.row(r, days, last))
	}
	if err := o.output.write(env, t); err != nil {
		return err
	}
	if len(kept.problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// isLast reports whether the nth attestation is the last of its practice and scope.
func (a *attestations) isLast(n int) bool {
	r := &a.records[n]
	for _, later := range a.records[n+1:] {
		if later.ID == r.ID && later.Scope == r.Scope && later.store == r.store {
			return false
		}
	}
	return true
}

func (a *attestations) row(r *keptRecord, days int, last bool) report.Row {
	now := a.env.Now()
	s := attest.Judge(&r.Record, days, subjectNow(r.store, r.Scope), now)
	state, color := string(s.State), standingColor(s.State)
	if !last {
		state, color = "superseded", report.Dull
	}
	details := []report.Detail{{Text: standingWords(s, now)}}
	if r.Evidence.Text != "" {
		details = append(details, report.Detail{Text: r.Evidence.Kind + ": " + r.Evidence.Text + a.evidenceNow(r)})
	}
	return report.Row{Details: details, Cells: []report.Cell{
		{Text: r.ID}, {Text: r.Scope}, {Text: state, State: color}, {Text: r.By},
		{Text: r.Date.Format(time.DateOnly), Value: r.Date.Format(time.RFC3339)}, {Text: s.Until.Format(time.DateOnly)}, {Text: s.Why},
		{Text: string(r.Status)}, {Text: r.Evidence.Text, Value: r.Evidence}, {Text: yesNo(last), Value: last},
	}}
}

// evidenceNow says whether a file that was named as evidence is still as it was.
func (a *attestations) evidenceNow(r *keptRecord) string {
	if r.Evidence.Kind != "file" {
		return ""
	}
	sum, err := hashScript(r.store, filepath.FromSlash(r.Evidence.Text))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return " (it is gone)"
	case err != nil:
		return " (it cannot be read now)"
	case sum != r.Evidence.SHA256:
		return " (it has changed since)"
	}
	return " (SHA-256 " + sum[:12] + "..., as it was)"
}
