// Package cli is keysweep's command line: one file a command, and the only place that knows of flags, the environment, the
// terminal and the clock. Start at Main; a command is an options struct, a function that adds its flags, and a run function
// that never sees cobra.
package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs the command line in env and returns the exit code. It is all there is to the program; tests call it too.
func Main(ctx context.Context, env Env) int {
	if code, asked := serveKeyring(ctx, &env); asked {
		return code
	}
	if code, asked := answerAskpass(ctx, &env); asked {
		return code
	}
	root := newRootCommand(&env)
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	command, err := root.ExecuteContextC(ctx)
	code := exitCode(env.Stderr, asNotRun(command, err))
	if err := env.finish(ctx); err != nil {
		code = max(code, exitCode(env.Stderr, err))
	}
	return code
}

func newRootCommand(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "keysweep",
		Short: "Find hard-coded secrets, and keep keys and credentials clean",
		Long: "keysweep finds hard-coded API keys, passwords and private keys in files, staged changes, pushes and all of a\nrepository's history, and stops them before they get there. " +
			"It makes SSH keys, knows those that lie around, puts them\non servers, backs them up, replaces and ends them. It keeps credentials, gives them to programs, and says what is due.",
		Example: `  keysweep scan                         the files of this repository
  keysweep scan --staged                what is about to be committed
  keysweep scan --history               every version of every file there ever was
  keysweep hook install                 stop secrets at every commit and push
  keysweep key list                     the SSH keys of this account, and what is wrong with them
  keysweep key generate                 a new SSH key with a passphrase
  keysweep cred import .env --env dev   secrets out of a file and into the ledger
  keysweep run --env dev -- npm start   a program that gets them
  keysweep rotate-due                   what is due, and the next command for each
  keysweep status                       how things stand, on one screen`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if before, _, number := strings.Cut(err.Error(), ": strconv."); number {
			return usagef(flagHint(c, err), "%s: it must be a whole number", before)
		}
		return usagef(flagHint(c, err), "%w", err)
	})
	root.AddCommand(
		newScanCommand(env),
		newRulesCommand(env),
		newBaselineCommand(env),
		newHookCommand(env),
		newExplainCommand(env),
		newKeyCommand(env),
		newCredCommand(env),
		newRunCommand(env),
		newRotateDueCommand(env),
		newScheduleCommand(env),
		newLedgerCommand(env),
		newStatusCommand(env),
		newPromptCommand(env),
		newVersionCommand(env),
	)
	root.SetHelpCommand(newHelpCommand(root))
	root.InitDefaultHelpCmd()
	addCompletion(root, env)
	dress(root)
	return root
}
