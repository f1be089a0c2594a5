package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/rotation"
)

func newCredCompromisedCommand(env *Env) *cobra.Command {
	var reason string
	var o ledgerOptions
	c := &cobra.Command{
		Use:   "compromised ENV/NAME",
		Short: "Record that somebody else may have a credential, and say what to do now",
		Long: "Mark a credential as known to others: it is critical and due at once until it is replaced, and its value can never come back into\n" +
			"the ledger. Others that have the same value are marked with it. What has to be done is printed in order.",
		Example: `  keysweep cred compromised prod/GITLAB_TOKEN --reason "pushed to a public repository"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runCredCompromised(c.Context(), env, &o, args[0], reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "what happened; it stays in the ledger (required)")
	o.addPassphraseFlags(c.Flags())
	return c
}

func runCredCompromised(ctx context.Context, env *Env, o *ledgerOptions, ref, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return usagef(`for example: --reason "pushed to a public repository"`, "--reason is needed: it says later why the value must not come back")
	}
	ledger, r, _, err := lookUpCred(ctx, env, o, ref)
	if err != nil {
		return err
	}
	var same []rotation.Record
	err = ledger.Do(ctx, func(tx *rotation.Tx) error {
		same, err = compromise(tx, &r, reason)
		return err
	})
	if err != nil {
		return fmt.Errorf("record that %s is compromised: %w", r.Ref(), err)
	}
	return sayCredCompromised(env, &r, same)
}

// compromise buries a credential's value and marks all that have it. It returns the others. What is out of use stays so.
func compromise(tx *rotation.Tx, r *rotation.Record, reason string) (same []rotation.Record, err error) {
	if r.Mark != "" {
		if err := tx.Bury(rotation.MarkPrint(r.Mark), "compromised: "+reason); err != nil {
			return nil, err
		}
	}
	records, err := tx.Records()
	if err != nil {
		return nil, err
	}
	for _, other := range records {
		itself := other.ID == r.ID
		if !itself && (r.Mark == "" || other.Mark != r.Mark || !other.Status.Live()) {
			continue
		}
		if !itself {
			same = append(same, other)
		}
		if other.Status == rotation.Compromised {
			continue
		}
		_, err := tx.Change(other.ID, clipped("compromised: "+reason, maxReason), func(c *rotation.Record) error {
			if c.Status.Live() {
				c.Status = rotation.Compromised
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return same, nil
}

// sayCredCompromised says what to do, in the order in which it matters.
func sayCredCompromised(env *Env, r *rotation.Record, same []rotation.Record) error {
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s is compromised.\n", r.Ref())
		for i := range same {
			fmt.Fprintf(w, "%s is, too: it has the same value.\n", same[i].Ref())
		}
		if !r.Status.Live() && len(same) == 0 {
			fmt.Fprintf(w, "It is %s already. Make sure that its provider does not accept it any more: %s\n", r.Status, revokePlace(r))
			return nil
		}
		fmt.Fprintln(w, "What is compromised is due at once, until it is replaced. Now, in this order:")
		writeTodos(w, credTodos(r, same))
		return nil
	})
}

// credTodos is what to do about a credential that others may have, in the order in which it matters. same are those that have its value.
func credTodos(r *rotation.Record, same []rotation.Record) []todo {
	replace := todo{what: "Replace it:"}
	for _, each := range append([]rotation.Record{*r}, same...) {
		if each.Status.Live() {
			replace.lines = append(replace.lines, "keysweep cred rotate "+each.Ref())
		}
	}
	return []todo{
		{what: "Revoke it: " + revokePlace(r)},
		replace,
		{what: "Find where else it stands, in every repository that may have it: keysweep scan --history"},
		{what: "Look at the logs of its provider for what was done with it, and was not done by you."},
	}
}
