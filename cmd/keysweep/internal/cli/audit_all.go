package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/policy/practice"
)

// auditAllOptions are the flags of audit all.
type auditAllOptions struct {
	auditOptions
	ledger    ledgerOptions
	noHistory bool
}

func newAuditAllCommand(env *Env) *cobra.Command {
	o := &auditAllOptions{}
	c := &cobra.Command{
		Use:   "all",
		Short: "Check this machine, the keys of this account, the repository around the working directory, and what is to be attested",
		Example: `  keysweep audit all
  keysweep audit all --strict --format markdown -o audit.md`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAuditAll(c.Context(), env, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.noHistory, "no-history", false, "do not scan the repository's history")
	o.addFlags(f)
	o.ledger.addFlags(f)
	return c
}

func runAuditAll(ctx context.Context, env *Env, o *auditAllOptions) error {
	if err := o.validate(env); err != nil {
		return err
	}
	source, _, err := (&machineOptions{}).open(ctx, env)
	if err != nil {
		return err
	}
	all, err := auditHost(ctx, env, source)
	if err != nil {
		return err
	}
	targets := []string{all.Target}
	add := func(a *finding.Audit) {
		if a.Target != "" {
			targets = append(targets, a.Target)
		}
		all.Results, all.Problems, all.Notices = append(all.Results, a.Results...), append(all.Problems, a.Problems...), append(all.Notices, a.Notices...)
	}
	keys, err := auditKeys(ctx, env, &keyListOptions{ledger: o.ledger})
	if err != nil {
		return err
	}
	add(keys)
	repo, err := o.repository(ctx, env)
	if err != nil {
		return err
	}
	add(repo)
	if err := addAttested(ctx, env, all, practice.Account, practice.Script); err != nil {
		return err
	}
	all.Problems = distinctProblems(all.Problems)
	all.Target = strings.Join(targets, ", ")
	of := "all"
	if o.noHistory {
		of += " --no-history"
	}
	return o.finish(ctx, env, all, of)
}

// distinctProblems takes out what several parts of an audit could not look at alike.
func distinctProblems(list []finding.Problem) (kept []finding.Problem) {
	for _, p := range list {
		if !slices.Contains(kept, p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// repository judges the repository around the working directory. Where there is none, that is all there is to say; one that cannot be opened is a
// failure to look.
func (o *auditAllOptions) repository(ctx context.Context, env *Env) (*finding.Audit, error) {
	_, err := placeOf(ctx, env, env.Dir, false)
	switch {
	case err == nil:
		return (&auditRepoOptions{noHistory: o.noHistory}).audit(ctx, env)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isUsage(err):
		return &finding.Audit{Notices: []finding.Notice{{Kind: "skipped", Text: env.Dir + " is in no git repository"}}}, nil
	}
	text, hint, _ := strings.Cut(err.Error(), hintMark)
	return &finding.Audit{Problems: []finding.Problem{{Where: env.Dir, Op: "open the repository", Err: text, Hint: cmp.Or(hint, hintOf(err))}}}, nil
}
