package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// ledgerVerifyOptions are what a user asks ledger verify for.
type ledgerVerifyOptions struct {
	ledger ledgerOptions
	output tableOptions
}

func newLedgerVerifyCommand(env *Env) *cobra.Command {
	o := &ledgerVerifyOptions{}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the ledger is as keysweep left it",
		Long: "Reads every item and says, line by line, whether it is what keysweep wrote and whether it goes with the others: the store and\n" +
			"its anchor, records and their chain, tombstones, secrets, and the signed snapshot. Nothing is changed.\n" +
			"What cannot be noticed: ledger, anchor and snapshot all put back together to a state that they once had.",
		Example: `  keysweep ledger verify
  keysweep ledger verify --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerVerify(c.Context(), env, o) },
	}
	o.output.addFlags(c.Flags())
	o.ledger.addPassphraseFlags(c.Flags())
	return c
}

// ledgerProof is what is found out about a ledger.
type ledgerProof struct {
	env      *Env
	table    *report.Table
	problems int
}

func runLedgerVerify(ctx context.Context, env *Env, o *ledgerVerifyOptions) error {
	if err := errors.Join(o.output.validate(), o.ledger.pass.validate()); err != nil {
		return err
	}
	p := &ledgerProof{env: env, table: &report.Table{
		Schema: "keysweep.ledger-verify/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit}, GeneratedAt: env.Now(),
		Columns:  []report.Column{{Name: "check", Title: "CHECK"}, {Name: "result", Title: "RESULT"}, {Name: "what", Title: "WHAT", Least: 40}, {Name: "item"}},
		Coverage: finding.Coverage{Source: "ledger"},
	}}
	o.ledger.onlyLook = true
	ledger, err := o.ledger.existing(ctx, env)
	switch {
	case err == nil && ledger == nil:
		return errNoLedger()
	case err == nil:
		p.table.Coverage.Root = o.ledger.store.Describe()
		err = p.look(ctx, o, ledger)
	}
	switch {
	case errors.Is(err, rotation.ErrTampered):
		p.wrong("store", "", err.Error())
	case errors.Is(err, context.Canceled) || err != nil && isUsage(err):
		return err
	case err != nil:
		p.table.Problems = append(p.table.Problems, finding.Problem{Where: "ledger", Err: err.Error(), Hint: hintOf(err)})
	}
	return p.end(o, err)
}

// end writes the report and makes the exit code.
func (p *ledgerProof) end(o *ledgerVerifyOptions, err error) error {
	p.table.Good = p.problems == 0 && len(p.table.Problems) == 0
	switch {
	case p.problems > 0:
		p.table.Verdict = counted(p.problems, "thing is", "things are") + " not as keysweep left it"
		if hint := hintOf(err); hint != "" {
			p.table.Notices = append(p.table.Notices, finding.Notice{Kind: "hint", Where: "ledger", Text: hint})
		}
	case p.table.Good:
		p.table.Verdict = "the ledger is as keysweep left it"
	}
	if err := o.output.write(p.env, p.table); err != nil {
		return err
	}
	switch {
	case len(p.table.Problems) > 0:
		return verdict(exitIncomplete)
	case p.problems > 0:
		return verdict(exitFindings)
	}
	return nil
}

func (p *ledgerProof) line(check, result, what, item string, state report.State) {
	p.table.Rows = append(p.table.Rows, report.Row{Cells: []report.Cell{{Text: check}, {Text: result, State: state}, {Text: what}, {Text: item}}})
}

func (p *ledgerProof) right(check, what string) { p.line(check, "ok", what, "", report.Good) }

func (p *ledgerProof) wrong(check, item, what string) {
	p.problems++
	p.line(check, "WRONG", what, item, report.Bad)
}

// look looks at everything.
func (p *ledgerProof) look(ctx context.Context, o *ledgerVerifyOptions, ledger *rotation.Ledger) error {
	v, err := ledger.Verify(ctx)
	if err != nil {
		return err
	}
	bad := map[string][]rotation.Problem{}
	for _, problem := range v.Problems {
		bad[problem.Kind] = append(bad[problem.Kind], problem)
	}
	p.right("home", "ledger-home.json names this ledger, in "+o.ledger.home.Home)
	anchor, err := anchorOf(p.env, o.ledger.home.Home)
	if err != nil {
		return err
	}
	for _, each := range []struct{ kind, what string }{
		{rotation.ProblemStore, "not older than the newest state that this machine has seen (" + anchor + ")"},
		{rotation.ProblemItem, counted(v.Items, "item is", "items are") + " what keysweep wrote"},
		{rotation.ProblemRecord, counted(len(v.Records), "record", "records")},
		{rotation.ProblemChain, "each record names the state before its last change"},
		{rotation.ProblemTombstone, counted(len(v.Tombstones), "tombstone", "tombstones")},
		{rotation.ProblemBuried, "no record in use has a tombstone"},
		{rotation.ProblemSecret, counted(v.Secrets, "secret", "secrets") + ", each of a record that is there"},
		{rotation.ProblemNoSecret, "no API key in use is without its secret"},
	} {
		for _, problem := range bad[each.kind] {
			p.wrong(problem.Kind, problem.Item, problem.What)
		}
		if len(bad[each.kind]) == 0 && len(bad[rotation.ProblemStore]) == 0 {
			p.right(each.kind, each.what)
		}
	}
	if n := len(v.Unknown); n > 0 {
		p.line("item", "unknown", fmt.Sprintf("%s of a kind that this version does not know, as %s", counted(n, "item is", "items are"), v.Unknown[0]), "", report.Notable)
	}
	if len(bad[rotation.ProblemStore])+len(bad[rotation.ProblemItem])+len(bad[rotation.ProblemRecord]) > 0 {
		p.line("snapshot", "unknown", "could not be compared, as not all of the ledger can be read", "", report.Notable)
		return nil
	}
	return p.lookAtSnapshot(ctx, ledger)
}

// lookAtSnapshot compares the snapshot with the ledger.
func (p *ledgerProof) lookAtSnapshot(ctx context.Context, ledger *rotation.Ledger) error {
	path := snapshotPath(p.env)
	keeper := snapshot.Keeper{Path: path, Machine: p.env.Hostname, Ledger: ledger, Now: p.env.Now()}
	s, behind, err := keeper.Check(ctx)
	switch {
	case errors.Is(err, snapshot.ErrUntrusted):
		p.wrong("snapshot", "", err.Error())
	case errors.Is(err, fs.ErrNotExist):
		p.line("snapshot", "none", "there is none yet: "+path, "", report.Dull)
	case err != nil:
		return err
	case behind:
		p.line("snapshot", "older", fmt.Sprintf("signed by this ledger; of change %d, and the ledger has changed since", s.Seq), "", report.Notable)
	default:
		p.right("snapshot", fmt.Sprintf("signed by this ledger, and says the same (change %d): %s", s.Seq, path))
	}
	return nil
}
