package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// credRemoveOptions are what cred remove was told.
type credRemoveOptions struct {
	reason string
	yes    bool
	ledger ledgerOptions
}

func newCredRemoveCommand(env *Env) *cobra.Command {
	o := &credRemoveOptions{}
	c := &cobra.Command{
		Use:   "remove ENV/NAME",
		Short: "Destroy the value of a credential, and take it out of use",
		Long: "Destroy a credential's value in the ledger. Its record stays, as retired, and the same value can never be added again. This does\n" +
			"not revoke it: who has a copy can use it until its provider is told, on the page that is shown.",
		Example: `  keysweep cred remove dev/STRIPE_KEY
  keysweep cred remove prod/OLD_TOKEN --yes --reason "the service is gone"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCredRemove(c.Context(), env, o, args[0]) },
	}
	c.Flags().StringVar(&o.reason, "reason", "", "why; it stays in the ledger")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	o.ledger.addPassphraseFlags(c.Flags())
	return c
}

func runCredRemove(ctx context.Context, env *Env, o *credRemoveOptions, ref string) error {
	o.reason = strings.TrimSpace(o.reason)
	ledger, r, _, err := lookUpCred(ctx, env, &o.ledger, ref)
	if err != nil {
		return err
	}
	if !r.Status.Live() {
		_, err := fmt.Fprintf(env.Stdout, "%s is %s already, and has no value any more\n", r.Ref(), r.Status)
		return err
	}
	if !o.yes {
		err := onTerminal(env, "if you are sure: --yes", func(t *terminal.Terminal) error {
			return agreed(ctx, t, fmt.Sprintf("Destroy the value of %s? It cannot be had back from here.", r.Ref()), "nothing was removed")
		})
		if err != nil {
			return err
		}
	}
	underWay := false
	err = oneRotation(ctx, env, &r, func() error { // what a rotation gets from the provider meanwhile would be in nobody's hands
		if err := strandedBy(ctx, env, ledger, &r); err != nil {
			return err
		}
		return ledger.Do(ctx, func(tx *rotation.Tx) error {
			underWay, err = destroyCred(tx, r.ID, o.reason)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", r.Ref(), err)
	}
	return sayRemoved(env, &r, underWay)
}

// destroyCred buries and destroys all values of a credential, and retires its record. underWay: a rotation had left a second one.
func destroyCred(tx *rotation.Tx, id, reason string) (underWay bool, err error) {
	for _, name := range []string{id, id + "/pending", id + "/previous"} {
		value, err := tx.Secret(name)
		if errors.Is(err, rotation.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		underWay = underWay || name != id
		err = buryValue(tx, value, "removed"+after(": ", reason))
		clear(value)
		if err != nil {
			return false, err
		}
		if err := tx.RemoveSecret(name); err != nil {
			return false, err
		}
	}
	if err := provider.Forget(tx, id); err != nil {
		return false, err
	}
	_, err = tx.Change(id, clipped("removed, and its value destroyed"+after(": ", reason), maxReason), func(r *rotation.Record) error {
		r.Status = rotation.Retired
		return nil
	})
	return underWay, err
}

// buryValue puts a tombstone on a value, unless there is one: that it is known to others says more than that it is out of use.
func buryValue(tx *rotation.Tx, value []byte, reason string) error {
	mark, err := tx.Mark(value)
	if err != nil {
		return err
	}
	if _, err := tx.Buried(rotation.MarkPrint(mark)); !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	return tx.Bury(rotation.MarkPrint(mark), reason)
}

func sayRemoved(env *Env, r *rotation.Record, underWay bool) error {
	err := writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s is removed: its value is destroyed here, and cannot be added again\n", r.Ref())
		return nil
	})
	if err != nil {
		return err
	}
	return writeAll(env.Stderr, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "warning: its provider still accepts it. Revoke it there: %s\n", revokePlace(r))
		if underWay {
			fmt.Fprintln(w, "warning: it was being replaced: the provider may accept two values of it")
		}
		return nil
	})
}

// placeOfCred is the page where a credential is replaced and revoked; "" if none is known.
func placeOfCred(r *rotation.Record) string {
	if r.URL != "" {
		return r.URL
	}
	return providerPage(r.Provider)
}

// revokePlace says where a person revokes a credential, as far as that is known.
func revokePlace(r *rotation.Record) string {
	where := placeOfCred(r)
	switch {
	case where == "" && r.Provider == "":
		where = "whoever issued it (the ledger does not know)"
	case where == "":
		where = r.Provider
	}
	if r.Account != "" {
		where += fmt.Sprintf(" (%s)", r.Account)
	}
	return git.Printable(where)
}
