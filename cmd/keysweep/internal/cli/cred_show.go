package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/policy"
	"keysweep/rotation"
)

// credShowOptions are what cred show was told.
type credShowOptions struct {
	reveal bool
	ledger ledgerOptions
}

func newCredShowCommand(env *Env) *cobra.Command {
	o := &credShowOptions{}
	c := &cobra.Command{
		Use:   "show ENV/NAME",
		Short: "Show what is known of a credential; its value only to a person who asks twice",
		Long: "Show what the ledger knows of a credential. --reveal shows its value too: on a terminal only, after a question. It is written\n" +
			"to the terminal itself, never to standard output, a file or a pager, and nothing is recorded of it: reading changes nothing\n" +
			"in the ledger. Programs get values from keysweep run.",
		Example: `  keysweep cred show prod/GITLAB_TOKEN
  keysweep cred show prod/GITLAB_TOKEN --reveal
  keysweep run --env prod --only GITLAB_TOKEN -- COMMAND     what scripts want`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCredShow(c.Context(), env, o, args[0]) },
	}
	c.Flags().BoolVar(&o.reveal, "reveal", false, "show the value, on this terminal, after a question")
	o.ledger.addPassphraseFlags(c.Flags())
	return c
}

func runCredShow(ctx context.Context, env *Env, o *credShowOptions, ref string) error {
	if o.reveal && !env.StdoutTerminal {
		return usagef("for a program: keysweep run --env ENV --only NAME -- COMMAND", "--reveal shows a value to a person on a terminal, and standard output is none")
	}
	ledger, r, records, err := lookUpCred(ctx, env, &o.ledger, ref)
	if err != nil {
		return err
	}
	noteRescues(ctx, env, ledger, "")
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	item := policy.Due(policy.DueSubject{Record: &r}, settings.rules.Rotation, env.Now())
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		describeCred(w, &r, item, strings.Join(sameValue(policy.Shared(records))[r.ID], ", "))
		return nil
	})
	if err != nil || !o.reveal {
		return err
	}
	return reveal(ctx, env, ledger, &r)
}

// describeCred writes all facts of a record.
func describeCred(w io.Writer, r *rotation.Record, item policy.DueItem, shared string) {
	_, _ = fmt.Fprintln(w, r.Ref()) // into a buffer
	for _, f := range [][2]string{
		{"status", string(r.Status)}, {"purpose", r.Purpose}, {"provider", r.Provider}, {"account", r.Account}, {"owner", r.Owner},
		{"service", r.Service}, {"page", r.URL}, {"age", ageWords(item)}, {"due", dueWords(item)}, {"expires", instant(r.Expires)},
		{"rotated", instant(r.RotatedAt)}, {"shared", after("the same value as ", shared)}, {"id", r.ID},
	} {
		sayFact(w, f[0], f[1])
	}
	for _, e := range r.Evidence {
		sayFact(w, "evidence", instant(e.At)+"  "+e.Source+after("  ", e.Detail))
	}
	for _, e := range r.History {
		sayFact(w, "history", instant(e.At)+"  "+e.What)
	}
	sayFact(w, "next", item.Fix)
}

// reveal shows the value on the terminal, once a person has said that it may be seen.
func reveal(ctx context.Context, env *Env, ledger *rotation.Ledger, r *rotation.Record) error {
	value, err := ledger.Secret(ctx, r.ID)
	if errors.Is(err, rotation.ErrNotFound) {
		return fmt.Errorf("%s has no value: it is %s", r.Ref(), r.Status)
	}
	if err != nil {
		return err
	}
	defer clear(value)
	question := fmt.Sprintf("Show the value of %s (%s) on this screen?", r.Ref(), characters(value))
	return onTerminal(env, "run it on a terminal", func(t *terminal.Terminal) error {
		if err := agreed(ctx, t, question, "not shown"); err != nil {
			return err
		}
		shown := value
		if harmless := git.Printable(string(value)); harmless != string(value) {
			shown = []byte(harmless + "\n(some of it does not print, and is shown as ?)")
		}
		line := append(append(make([]byte, 0, len(shown)+1), shown...), '\n')
		defer clear(line)
		return t.PrintBytes(line)
	})
}

// onTerminal runs a dialogue with the person at the terminal. instead is the hint where there is none.
func onTerminal(env *Env, instead string, talk func(*terminal.Terminal) error) error {
	t, err := env.Terminal()
	if err != nil {
		return usagef(instead, "cannot ask whether that is meant: %w", err)
	}
	defer func() { _ = t.Close() }()
	return talk(t)
}

// agreed asks a question; the answer no is an error that says what was not done.
func agreed(ctx context.Context, t *terminal.Terminal, question, otherwise string) error {
	yes, err := t.Confirm(ctx, question)
	if err == nil && !yes {
		return usagef("", "%s", otherwise)
	}
	return err
}
