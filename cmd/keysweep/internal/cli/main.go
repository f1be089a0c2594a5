// Package cli is keysweep's command line: one file a command, and the only place that knows of flags, the environment, the
// terminal and the clock. Start at Main; a command is an options struct, a function that adds its flags, and a run function
// that never sees cobra.
package cli

import (
	"context"
	"slices"
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
	addCommands(root, env)
	dress(root)
	return root
}

// addCommands adds to the root what the arguments need. To make all commands takes longer than the rest of a start, and shells, hooks
// and run start keysweep often.
func addCommands(root *cobra.Command, env *Env) {
	root.CompletionOptions.DisableDefaultCmd = true
	if one := asked(env.Args); one != nil {
		root.AddCommand(one.make(env))
		return
	}
	if overview(env.Args) {
		for _, c := range commands() {
			root.AddCommand(c.mention())
		}
		root.AddCommand(command{name: "completion", short: completionShort}.mention())
	} else { // help about a command, completion, and mistakes need all
		for _, c := range commands() {
			root.AddCommand(c.make(env))
		}
		root.CompletionOptions.DisableDefaultCmd = false
		addCompletion(root, env)
	}
	root.SetHelpCommand(newHelpCommand(root))
	root.InitDefaultHelpCmd()
}

// command is a command below the root, which is made when it is needed.
type command struct {
	name, short string // as make has them
	make        func(*Env) *cobra.Command
}

// mention makes something that stands for the command in the help of the one above.
func (c command) mention() *cobra.Command {
	return &cobra.Command{Use: c.name, Short: c.short, Run: func(*cobra.Command, []string) {}} // cobra does not show what cannot be run
}

func commands() []command {
	return []command{
		{"scan", "Find hard-coded API keys, passwords and private keys", newScanCommand},
		{"rules", "List, show and check the scanner's rules", newRulesCommand},
		{"baseline", "Keep the list of known secrets that scans need not report", newBaselineCommand},
		{"hook", "Stop secrets at commit and push", newHookCommand},
		{"eval", "Measure the scanner on labelled lines", newEvalCommand},
		{"explain", "Explain a rule, a check, a practice, or a finding of a report", newExplainCommand},
		{"key", "Make SSH keys, know them, deploy them, back them up, retire them", newKeyCommand},
		{"cred", "Keep API keys and other credentials in the ledger, know their age, replace them", newCredCommand},
		{"run", "Run a program with credentials in its environment", newRunCommand},
		{"rotate-due", "Say which keys, certificates and credentials are due for replacement, and when the others will be", newRotateDueCommand},
		{"schedule", "Have what is due looked for every day, and be told once it is", newScheduleCommand},
		{"audit", "Check the practices of key and credential hygiene on a machine, in a repository, for keys and startup scripts", newAuditCommand},
		{"fix", "Put right what an audit found: the diff first, and back again", newFixCommand},
		{"incident", "Help in an incident: what is affected, what to revoke first, what was done when, and whom to tell", newIncidentCommand},
		{"ledger", "See where the ledger is, prove it, move it, take it along", newLedgerCommand},
		{"practices", "List every practice of key and credential hygiene, and how each stands today", newPracticesCommand},
		{"attest", "Record that a practice is followed which only a person can judge", newAttestCommand},
		{"policy", "Make a policy file, show the policy in force, say what is wrong with one", newPolicyCommand},
		{"domain", "Tell official domains from those that only look like one", newDomainCommand},
		{"status", "Say on one screen how things stand, and the next command for each", newStatusCommand},
		{"prompt", "A few words on due keys, for the prompt of a shell", newPromptCommand},
		{"version", "Print the version, the build and the rules it came with", newVersionCommand},
	}
}

// asked returns the command that the first argument names; nil if that names none.
func asked(args []string) *command {
	for _, c := range commands() {
		if len(args) > 0 && args[0] == c.name {
			return &c
		}
	}
	return nil
}

// overview reports whether the arguments ask for the help of the program itself.
func overview(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"--help", "-h", "help"}, args[0])
}
