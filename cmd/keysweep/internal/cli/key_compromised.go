package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/rotation"
)

// maxReason is the most that is kept of a reason, in bytes: a record has little room.
const maxReason = 200

func newKeyCompromisedCommand(env *Env) *cobra.Command {
	var reason string
	var o ledgerOptions
	c := &cobra.Command{
		Use:   "compromised NAME|FILE",
		Short: "Record that somebody else may have a key, and say what to do now",
		Long: "Mark a key as known to others: it is critical and due at once until it is revoked, and it can never come back into the\n" +
			"ledger. What has to be done, and where, is printed in order. A key that the ledger does not have is recorded first;\n" +
			"FILE may be its public half.",
		Example: `  keysweep key compromised github --reason "laptop stolen on the train"
  keysweep key compromised ~/.ssh/id_rsa.pub --reason "found in a public repository"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runCompromised(c.Context(), env, &o, args[0], reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "what happened; it stays in the ledger (required)")
	o.addFlags(c.Flags())
	return c
}

func runCompromised(ctx context.Context, env *Env, o *ledgerOptions, ref, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case o.none:
		return usagef("without the ledger, do by hand what it would tell: revoke the key on every host, make another", "key compromised records, and --no-ledger forbids that")
	case reason == "":
		return usagef(`for example: --reason "laptop stolen"`, "--reason is needed: it says later why the key must not come back")
	}
	ledger, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	r, err := recordOrAdopt(ctx, env, ledger, ref)
	if err != nil {
		return err
	}
	// The tombstone comes first: whatever happens next, the key cannot come back.
	if r.Fingerprint != "" {
		if err := ledger.Bury(ctx, r.Fingerprint, "compromised: "+reason); err != nil {
			return err
		}
	}
	if r, err = markCompromised(ctx, ledger, r, reason); err != nil {
		return err
	}
	return sayCompromised(env, r)
}

// recordOrAdopt finds a record, or makes one of a file that the ledger does not know.
func recordOrAdopt(ctx context.Context, env *Env, ledger *rotation.Ledger, ref string) (rotation.Record, error) {
	r, err := findRecord(ctx, env, ledger, ref)
	if !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	k, lookErr := lookAt(ctx, env, absolute(env, ref))
	if lookErr != nil || k.Public == nil {
		return r, err
	}
	if r, err := ledger.Find(ctx, k.Fingerprint()); !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	if grave, err := ledger.Buried(ctx, k.Fingerprint()); err == nil {
		return r, refuseBuried(env, &rotation.BuriedError{Tombstone: grave, Name: ref})
	} else if !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	r = newRecord(&k, env.Now())
	r.AddEvidence(ageOf(&k, time.Time{}, env.Now())...)
	r.History = []rotation.Event{{What: "adopted, as compromised"}}
	return ledger.Add(ctx, r)
}

// markCompromised changes the record, unless it says so already. What is retired or revoked stays that: nothing accepts it.
func markCompromised(ctx context.Context, ledger *rotation.Ledger, r rotation.Record, reason string) (rotation.Record, error) {
	event := clipped("compromised: "+reason, maxReason)
	if slices.ContainsFunc(r.History, func(e rotation.Event) bool { return e.What == event }) && (r.Status == rotation.Compromised || !r.Status.Live()) {
		return r, nil
	}
	return ledger.Change(ctx, r.ID, event, func(r *rotation.Record) error {
		if r.Status.Live() {
			r.Status = rotation.Compromised
		}
		return nil
	})
}

// sayCompromised says what to do, in the order in which it matters.
func sayCompromised(env *Env, r rotation.Record) error {
	name := git.Printable(r.Name)
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s (%s) is compromised.\n", name, r.Fingerprint)
		if !r.Status.Live() && len(r.ActiveInstallations(env.Now())) == 0 {
			fmt.Fprintf(w, "It is %s already: as far as the ledger knows, nothing accepts it any more.\n", r.Status)
			return nil
		}
		fmt.Fprintln(w, "It is due at once, until it is revoked. Now, in this order:")
		writeTodos(w, keyTodos(env, r))
		return nil
	})
}

// todo is something to be done about what is compromised, and the commands for it.
type todo struct {
	what  string
	lines []string // commands, and what stands for one
}

// writeTodos writes a list of what is to be done, numbered.
func writeTodos(w *bytes.Buffer, list []todo) {
	for n, t := range list {
		fmt.Fprintf(w, "%d. %s\n", n+1, t.what)
		for _, line := range t.lines {
			fmt.Fprintf(w, "     %s\n", line)
		}
	}
}

// keyTodos is what to do about a key that others may have, in the order in which it matters.
func keyTodos(env *Env, r rotation.Record) []todo {
	off := todo{what: "Take it away everywhere (if it is your only way in, make and deploy another one first):"}
	active := r.ActiveInstallations(env.Now())
	for _, in := range active {
		off.lines = append(off.lines, fmt.Sprintf("keysweep key revoke %s %s", shellWord(r.Name), shellWord(in.Target)))
	}
	for _, host := range r.Hosts {
		if !slices.ContainsFunc(active, func(in rotation.Installation) bool { return hostOf(in.Target) == hostOf(host) }) {
			off.lines = append(off.lines, fmt.Sprintf("on %s, for which it is meant", git.Printable(host)))
		}
	}
	if len(active) == 0 {
		off.lines = append(off.lines, "the ledger knows of no host that has it: look at every authorized_keys, and at the accounts of code forges and clouds")
	}
	return []todo{
		off,
		{what: "Make agents forget it: ssh-add -d " + shellWord(pubOf(r.Path))},
		{what: "Make another one: keysweep key generate" + serviceFlags(r)},
		{what: fmt.Sprintf("Look at the logs of those hosts for logins with %s that were not yours.", r.Fingerprint)},
		{what: "When no host has it any more: keysweep key retire " + shellWord(r.Name)},
	}
}

// serviceFlags are the flags that give a new key the purpose of an old one.
func serviceFlags(r rotation.Record) string {
	text := ""
	for _, f := range [][2]string{{"service", r.Service}, {"env", r.Env}, {"owner", r.Owner}} {
		if f[1] != "" {
			text += " --" + f[0] + " " + shellWord(f[1])
		}
	}
	return text
}

func pubOf(path string) string {
	if path == "" {
		return "FILE.pub"
	}
	return strings.TrimSuffix(path, ".pub") + ".pub"
}

// hostOf returns the host of "user@host:port".
func hostOf(target string) string {
	if i := strings.LastIndexByte(target, '@'); i >= 0 {
		target = target[i+1:]
	}
	if i := strings.LastIndexByte(target, ':'); i >= 0 && strings.Count(target, ":") == 1 {
		target = target[:i]
	}
	return target
}

// shellWord quotes a word for a shell, where it needs that.
func shellWord(word string) string {
	word = git.Printable(word)
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("@%+=:,./_-~", c)
	}
	if word != "" && !strings.ContainsFunc(word, func(c rune) bool { return !plain(c) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
