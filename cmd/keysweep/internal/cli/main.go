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
	if code, asked := serveKeeper(ctx, &env); asked {
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
	if one := asked(env); one != nil {
		root.AddCommand(one)
		root.CompletionOptions.DisableDefaultCmd = true
	} else {
		for _, c := range commands() {
			root.AddCommand(c.make(env))
		}
		root.SetHelpCommand(newHelpCommand(root))
		root.InitDefaultHelpCmd()
		addCompletion(root, env)
	}
	dress(root)
	return root
}

// command is a command below the root, which is made when it is needed.
type command struct {
	name string
	make func(*Env) *cobra.Command
}

func commands() []command {
	return []command{
		{"scan", newScanCommand},
		{"rules", newRulesCommand},
		{"baseline", newBaselineCommand},
		{"hook", newHookCommand},
		{"explain", newExplainCommand},
		{"key", newKeyCommand},
		{"cred", newCredCommand},
		{"run", newRunCommand},
		{"rotate-due", newRotateDueCommand},
		{"schedule", newScheduleCommand},
		{"ledger", newLedgerCommand},
		{"status", newStatusCommand},
		{"prompt", newPromptCommand},
		{"version", newVersionCommand},
	}
}

// asked makes the command that the first argument names; nil if that names none, as with help, completion and mistakes, which need all
// of them. To make all takes a millisecond, and shells, hooks and run start keysweep often.
func asked(env *Env) *cobra.Command {
	for _, c := range commands() {
		if len(env.Args) > 0 && env.Args[0] == c.name {
			return c.make(env)
		}
	}
	return nil
}
