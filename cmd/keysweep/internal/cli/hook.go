package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/hook"
)

func newHookCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "hook",
		Short: "Stop secrets at commit and push",
		Long: "Put keysweep into git's hooks, next to the hooks that are there, prove that it stops a secret, and take it out again.\n" +
			"What to do when a hook refuses, and how to let something through on record: docs/hooks.md.",
		Example: `  keysweep hook install             this repository: before every commit and push
  keysweep hook install --global    all of your repositories
  keysweep hook check               prove that a secret is stopped
  keysweep hook uninstall           put everything back`,
	}
	c.AddCommand(newHookInstallCommand(env), newHookUninstallCommand(env), newHookCheckCommand(env), newHookRunCommand(env))
	return c
}

// locateHooks finds the hooks of the repository around the working directory.
func locateHooks(ctx context.Context, env *Env) (hook.Git, hook.Layout, error) {
	g := hook.Git{Environ: env.Environ}
	if _, err := placeOf(ctx, env, env.Dir, false); err != nil { // says it better than git does
		return g, hook.Layout{}, err
	}
	l, err := hook.Locate(ctx, g, env.Dir)
	return g, l, err
}

// checkTypes turns what --type was given into names of hooks; none given is what suits the repository.
func checkTypes(given, defaults []string) ([]string, error) {
	if len(given) == 0 {
		return defaults, nil
	}
	var names []string
	for _, t := range given {
		if !slices.Contains(hook.Types(), t) {
			return nil, usagef("one of: "+strings.Join(hook.Types(), ", "), "--type: there is no hook %q of keysweep's", t)
		}
		if !slices.Contains(names, t) {
			names = append(names, t)
		}
	}
	return names, nil
}

// usageIfHooksPath makes an error about a core.hooksPath that is set a usage error: nothing was done, and a flag settles it.
func usageIfHooksPath(err error) error {
	var taken *hook.HooksPathError
	if errors.As(err, &taken) {
		return usagef(taken.Hint(), "%w", err)
	}
	return err
}

// tell prints what a person should know. What matters is in the exit code as well, so a terminal that is gone is no error.
func tell(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
