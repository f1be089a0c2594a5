package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/policy"
)

// promptPatience is what a shell's prompt may wait for another keysweep. It reads the snapshot within a few milliseconds.
const promptPatience = 200 * time.Millisecond

func newPromptCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "prompt",
		Short: "A few words on due keys, for the prompt of a shell",
		Long: "Prints \"keys: 2 due\" if keys or credentials are due, \"keys: ?\" if that cannot be known, and nothing otherwise. It reads\n" +
			"the snapshot of the ledger alone, asks nothing, never waits, and its exit code is 0. What is due: keysweep rotate-due.",
		Example: `  PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }keysweep prompt"   bash, in ~/.bashrc
  setopt PROMPT_SUBST; RPROMPT='$(keysweep prompt)'                      zsh, in ~/.zshrc
  function fish_right_prompt; keysweep prompt; end                       fish`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if text := promptText(c.Context(), env); text != "" {
				_, err := fmt.Fprintln(env.Stdout, text)
				return err
			}
			return nil
		},
	}
}

// promptText is what the prompt shows; "" if nothing is due, and if there is no snapshot, as where keysweep keeps nothing.
func promptText(ctx context.Context, env *Env) string {
	const unknown = "keys: ?"
	if !exists(snapshotPath(env)) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, promptPatience)
	defer cancel()
	silent := *env
	silent.Stderr = io.Discard
	s, err := readSnapshot(ctx, &silent, snapshotPath(env))
	if err != nil {
		return unknown
	}
	settings, err := readPolicy(&silent)
	now := env.Now()
	if err != nil || now.Before(s.Latest) { // the clock went back
		return unknown
	}
	var known, due int
	for i := range s.Records {
		item := policy.Due(policy.DueSubject{Record: &s.Records[i], Machine: s.Machine}, settings.rules.Rotation, now)
		switch {
		case item.State == policy.StateCompromised:
			known++
		case item.Urgency >= policy.DueNow:
			due++
		}
	}
	return promptWords(known, due)
}

func promptWords(compromised, due int) string {
	var words []string
	if compromised > 0 {
		words = append(words, fmt.Sprintf("%d compromised", compromised))
	}
	if due > 0 {
		words = append(words, fmt.Sprintf("%d due", due))
	}
	if len(words) == 0 {
		return ""
	}
	return "keys: " + strings.Join(words, ", ")
}
