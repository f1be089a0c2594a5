package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// ledgerShowOptions are what a user asks ledger show for.
type ledgerShowOptions struct {
	ledger ledgerOptions
	output tableOptions
}

func newLedgerShowCommand(env *Env) *cobra.Command {
	o := &ledgerShowOptions{}
	c := &cobra.Command{
		Use:   "show",
		Short: "Say where the ledger is, since when and why, and what is in it",
		Long:  "Says where the ledger is, since when and why, what it holds, and how old its snapshot is. The same as keysweep ledger alone.",
		Example: `  keysweep ledger show
  keysweep ledger show --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerShow(c.Context(), env, o) },
	}
	o.addFlags(c)
	return c
}

func (o *ledgerShowOptions) addFlags(c *cobra.Command) {
	o.output.addFlags(c.Flags())
	o.ledger.addPassphraseFlags(c.Flags())
}

// ledgerFacts is what ledger show tells.
type ledgerFacts struct {
	home     *chosenHome
	place    string
	anchor   string
	found    *rotation.Verification // nil if it could not be opened
	snapshot *snapshot.Snapshot     // nil if there is none that can be read
	unlocked *unlockedLedger        // nil if it is not, or cannot be
	problems []finding.Problem
	notes    []string
}

func runLedgerShow(ctx context.Context, env *Env, o *ledgerShowOptions) error {
	if err := errors.Join(o.output.validate(), o.ledger.pass.validate()); err != nil {
		return err
	}
	home, err := knownHome(env)
	if err != nil {
		return err
	}
	if home == nil {
		return errNoLedger()
	}
	o.ledger.onlyLook = true
	f := ledgerFacts{home: home}
	if err := f.look(ctx, env, &o.ledger); err != nil {
		return err
	}
	t := f.table(env)
	if o.output.format == "text" {
		f.lines(env, t)
	} else {
		f.row(env, t)
	}
	if err := o.output.write(env, t); err != nil {
		return err
	}
	if len(f.problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// look finds out what there is to know. That the ledger cannot be opened is a problem, and the rest is said all the same.
func (f *ledgerFacts) look(ctx context.Context, env *Env, o *ledgerOptions) error {
	ledger, err := o.existing(ctx, env)
	if err == nil && ledger == nil {
		return errNoLedger()
	}
	if errors.Is(err, context.Canceled) || isUsage(err) {
		return err
	}
	if err == nil {
		f.home, f.place = o.home, o.store.Describe()
		var found rotation.Verification
		found, err = ledger.Verify(ctx)
		f.found = &found
		if n := len(found.Problems); err == nil && n > 0 {
			f.notes = append(f.notes, fmt.Sprintf("%d things are not as they should be: keysweep ledger verify", n))
		}
	}
	if err != nil {
		f.problems = append(f.problems, finding.Problem{Where: "ledger", Err: err.Error(), Hint: hintOf(err)})
	}
	f.unlocked = unlockedOf(env, f.home)
	f.anchor, err = anchorOf(env, f.home.Home)
	if err != nil {
		return err
	}
	s, err := snapshot.Read(snapshotPath(env))
	switch {
	case err == nil:
		f.snapshot = &s
	case !errors.Is(err, fs.ErrNotExist):
		f.problems = append(f.problems, finding.Problem{Where: "snapshot", Err: err.Error(), Hint: hintOf(err)})
	}
	for _, dir := range leftAside(env) {
		f.notes = append(f.notes, "an old copy, kept when the ledger was moved, lies in "+dir)
	}
	if f.home.Moving != nil {
		f.notes = append(f.notes, "a move to "+f.home.Moving.Home+" was not finished: keysweep ledger move "+f.home.Moving.Home)
	}
	if f.home.Leaving != nil {
		f.notes = append(f.notes, "the old ledger in "+f.home.Leaving.Home+" was not taken away yet: keysweep ledger move "+f.home.Home)
	}
	return nil
}

// anchorOf is where the newest state of a ledger is remembered.
func anchorOf(env *Env, home string) (string, error) {
	if home == homeFiles {
		where, err := ledgerPlace(env)
		return where.Anchor, err
	}
	return ringAnchor(env, home)
}

// there names a file, and says if it is not there.
func there(path string) string {
	if _, err := os.Lstat(path); err != nil {
		return path + " (none yet)"
	}
	return path
}

func (f *ledgerFacts) holds() string {
	if f.found == nil {
		return "not known: it could not be opened"
	}
	v := f.found
	live := 0
	for _, r := range v.Records {
		if r.Status.Live() {
			live++
		}
	}
	return fmt.Sprintf("%s (%d in use), %s, %s", counted(len(v.Records), "record", "records"), live,
		counted(len(v.Tombstones), "tombstone", "tombstones"), counted(v.Secrets, "secret", "secrets"))
}

func (f *ledgerFacts) snapshotText(env *Env) string {
	if f.snapshot == nil {
		return there(snapshotPath(env))
	}
	return fmt.Sprintf("%s, of %s (%s)", snapshotPath(env), f.snapshot.GeneratedAt.Format(time.RFC3339), ago(env.Now().Sub(f.snapshot.GeneratedAt)))
}

// table is a report without rows.
func (f *ledgerFacts) table(env *Env) *report.Table {
	t := &report.Table{Schema: "keysweep.ledger/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit},
		GeneratedAt: env.Now(), Problems: f.problems, Good: true, Coverage: finding.Coverage{Source: "ledger", Root: f.place}}
	for _, note := range f.notes {
		t.Notices = append(t.Notices, finding.Notice{Kind: "ledger", Where: "ledger", Text: note})
	}
	return t
}

// lines puts the facts below each other, for people.
func (f *ledgerFacts) lines(env *Env, t *report.Table) {
	t.Columns = []report.Column{{Name: "what", Title: "LEDGER"}, {Name: "is"}}
	t.Columns[1].Title = f.home.Home
	for _, line := range [][2]string{
		{"where", f.place},
		{"since", f.home.Since.Format(time.DateOnly) + " (" + f.home.Why + ")"},
		{"id", f.home.Ledger},
		{"holds", f.holds()},
		{"unlocked", f.unlockedText(env)},
		{"anchor", there(f.anchor)},
		{"snapshot", f.snapshotText(env)},
	} {
		if line[1] != "" {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: line[0]}, {Text: line[1]}}})
		}
	}
}

// row puts the facts beside each other, for programs.
func (f *ledgerFacts) row(env *Env, t *report.Table) {
	at := ""
	if f.snapshot != nil {
		at = f.snapshot.GeneratedAt.UTC().Format(time.RFC3339)
	}
	until := ""
	if f.unlocked != nil {
		until = f.unlocked.Until.UTC().Format(time.RFC3339)
	}
	var counts [4]report.Cell
	for i := range counts {
		counts[i].Value = (*int)(nil) // not known
	}
	if v := f.found; v != nil {
		for i, n := range []int{len(v.Records), len(v.Tombstones), v.Secrets, len(v.Problems)} {
			counts[i] = report.Cell{Text: strconv.Itoa(n), Value: n}
		}
	}
	row := report.Row{}
	for _, cell := range []struct {
		name string
		cell report.Cell
	}{
		{"home", report.Cell{Text: f.home.Home}},
		{"where", report.Cell{Text: f.place}},
		{"since", report.Cell{Text: f.home.Since.UTC().Format(time.RFC3339)}},
		{"why", report.Cell{Text: f.home.Why}},
		{"id", report.Cell{Text: f.home.Ledger}},
		{"records", counts[0]},
		{"tombstones", counts[1]},
		{"secrets", counts[2]},
		{"problems", counts[3]},
		{"anchor", report.Cell{Text: f.anchor}},
		{"snapshot", report.Cell{Text: snapshotPath(env)}},
		{"snapshot_at", report.Cell{Text: at}},
		{"unlocked_until", report.Cell{Text: until}},
	} {
		t.Columns = append(t.Columns, report.Column{Name: cell.name})
		row.Cells = append(row.Cells, cell.cell)
	}
	t.Rows = []report.Row{row}
}
