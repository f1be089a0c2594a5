package cli

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/internal/hook"
)

func newHookCheckCommand(env *Env) *cobra.Command {
	var types []string
	c := &cobra.Command{
		Use:   "check",
		Short: "Prove that the hooks stop a secret",
		Long: "Commit and push a secret that nobody uses in a temporary clone with the same hooks, and see whether keysweep refuses it;\n" +
			"then something harmless, which must pass. Your work tree and your remotes are not touched.",
		Example: `  keysweep hook check
  keysweep hook check --type pre-commit`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runHookCheck(c.Context(), env, types) },
	}
	c.Flags().StringSliceVar(&types, "type", nil, "the `HOOK` to check: "+strings.Join(hook.Types(), ", ")+" (repeatable)")
	return c
}

func runHookCheck(ctx context.Context, env *Env, types []string) error {
	names, err := checkTypes(types, nil)
	if err != nil {
		return err
	}
	g, l, err := locateHooks(ctx, env)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = l.DefaultTypes()
	}
	for _, name := range names {
		if l.Bare != (name == "pre-receive") {
			return usagef("keysweep hook check --type "+strings.Join(l.DefaultTypes(), ","), "%s cannot be tried in this repository", name)
		}
	}
	proofs, err := hook.Check(ctx, g, l, names, rand.Reader)
	if err != nil {
		return err
	}
	code := exitOK
	for _, p := range proofs {
		tell(env.Stdout, "%s: %s\n", p.Hook, p.Outcome)
		if p.Reason != "" {
			tell(env.Stdout, "  %s\n", git.Printable(p.Reason))
		}
		if p.Next != "" {
			tell(env.Stdout, "  next: %s\n", p.Next)
		}
		switch p.Outcome {
		case hook.Unprotected:
			code = max(code, exitFindings)
		case hook.Unclear:
			code = exitIncomplete
		}
	}
	if code != exitOK {
		return verdict(code)
	}
	return nil
}
