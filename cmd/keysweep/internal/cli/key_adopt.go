package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// adoptOptions are what key adopt was told.
type adoptOptions struct {
	created                   string
	name, service, env, owner string
	hosts                     []string
	ledger                    ledgerOptions
}

func newKeyAdoptCommand(env *Env) *cobra.Command {
	var o adoptOptions
	c := &cobra.Command{
		Use:   "adopt FILE",
		Short: "Take an existing key into the ledger, with the evidence of its age",
		Long: "Record a private key that is already there. Its passphrase is not needed. The ledger keeps what shows how old the key is:\n" +
			"birth and change time of its files, the first commit of the .pub, a certificate's start, a date in the comment, and what\n" +
			"you say. The oldest counts. A key that was retired or compromised is refused.",
		Example: `  keysweep key adopt ~/.ssh/id_ed25519
  keysweep key adopt ~/.ssh/id_rsa --created 2023-05-17 --service github --owner ann
  keysweep key adopt deploy_key --name deploy --env prod --host web1 --host web2`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runAdopt(c.Context(), env, &o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.created, "created", "", "when the key was made, if you know: `DATE` as 2023-05-17")
	f.StringVar(&o.name, "name", "", "what to call it (default: the file's name)")
	f.StringVar(&o.service, "service", "", "what it is for: github, backup")
	f.StringVar(&o.env, "env", "", "prod, staging, ...")
	f.StringVar(&o.owner, "owner", "", "person or team")
	f.StringArrayVar(&o.hosts, "host", nil, "`HOST` that it is meant for (repeatable)")
	o.ledger.addFlags(f)
	return c
}

func runAdopt(ctx context.Context, env *Env, o *adoptOptions, file string) error {
	if o.ledger.none {
		return usagef("see what is known of a key with: keysweep key inspect "+file, "key adopt does nothing but record, and --no-ledger forbids that")
	}
	stated, err := parseCreated(o.created, env.Now())
	if err != nil {
		return err
	}
	k, err := lookAtPrivate(ctx, env, file)
	if err != nil {
		return err
	}
	ledger, err := o.ledger.open(ctx, env)
	if err != nil {
		return err
	}
	grave, err := ledger.Buried(ctx, k.Fingerprint())
	if err == nil {
		return refuseBuried(env, &rotation.BuriedError{Tombstone: grave, Name: file})
	}
	if !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	evidence := ageOf(&k, stated, env.Now())
	old, err := ledger.Find(ctx, k.Fingerprint())
	if err == nil {
		return o.adoptAgain(ctx, env, ledger, old, &k, evidence)
	}
	if !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	return o.adoptNew(ctx, env, ledger, &k, evidence)
}

// refuseBuried says on standard error that a key must not come back. That is something to report, not a failure.
func refuseBuried(env *Env, buried *rotation.BuriedError) error {
	if _, err := fmt.Fprintf(env.Stderr, "keysweep: %s\nhint: %s\n", git.Printable(buried.Error()), buried.Hint()); err != nil {
		return err
	}
	return verdict(exitFindings)
}

func (o *adoptOptions) adoptNew(ctx context.Context, env *Env, ledger *rotation.Ledger, k *inventory.Key, evidence []rotation.Evidence) error {
	r := newRecord(k, env.Now())
	o.describe(&r)
	if err := rotation.CheckName(r.Name); err != nil {
		return usagef("call it something else with --name", "%w", err)
	}
	r.AddEvidence(evidence...)
	r.History = []rotation.Event{{What: "adopted"}}
	r, err := ledger.Add(ctx, r)
	var dup *rotation.DuplicateError
	if errors.As(err, &dup) && dup.Field == "name" {
		return usagef("give it another with --name", "%w", err)
	}
	if err != nil {
		return err
	}
	return sayAdopted(env, "adopted "+r.Name, r, evidence)
}

// adoptAgain adds what is new to a record that is there.
func (o *adoptOptions) adoptAgain(ctx context.Context, env *Env, ledger *rotation.Ledger, old rotation.Record, k *inventory.Key, evidence []rotation.Evidence) error {
	if o.name != "" {
		if err := rotation.CheckName(o.name); err != nil {
			return usagef("call it something else with --name", "%w", err)
		}
	}
	fresh := old
	fresh.Evidence = append([]rotation.Evidence(nil), old.Evidence...)
	added := fresh.AddEvidence(evidence...)
	found := newRecord(k, env.Now())
	other := (found.Unprotected == nil) != (old.Unprotected == nil)
	moved, err := movedFrom(ctx, env, &old, found.Path)
	if err != nil {
		return err
	}
	if !o.wouldChange(&old) && len(added) == 0 && !other && !moved {
		return sayAdopted(env, "already recorded as "+old.Name+"; nothing new", old, evidence)
	}
	r, err := ledger.Change(ctx, old.ID, "looked at again", func(r *rotation.Record) error {
		o.describe(r)
		r.AddEvidence(evidence...)
		if other {
			r.Unprotected = found.Unprotected
		}
		if moved {
			r.Path, r.Machine = found.Path, env.Hostname
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sayAdopted(env, fmt.Sprintf("already recorded as %s; %s", old.Name, newThings(len(added))), r, evidence)
}

// movedFrom reports whether the file that was named takes the place of the recorded one: where that was on this machine, the key is
// not there any more. Of a key that is in both places the record keeps the first, and the user is told.
func movedFrom(ctx context.Context, env *Env, old *rotation.Record, path string) (bool, error) {
	switch {
	case old.Path == "":
		return true, nil
	case old.Path == path && (old.Machine == "" || old.Machine == env.Hostname):
		return false, nil
	case old.Machine != "" && old.Machine != env.Hostname:
		_, err := fmt.Fprintf(env.Stderr, "note: the ledger has this key on %s, in %s; that it is here too is not recorded\n", git.Printable(old.Machine), git.Printable(old.Path))
		return false, err
	}
	if k, err := lookAt(ctx, env, old.Path); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, keys.ErrNoKey) {
		return false, nil // it cannot be looked at, and may well be there
	} else if err != nil || k.Public != nil && k.Fingerprint() != old.Fingerprint {
		return true, nil
	}
	_, err := fmt.Fprintf(env.Stderr, "note: %s is a copy: the ledger has this key in %s, and key retire removes only that file\n", git.Printable(path), git.Printable(old.Path))
	return false, err
}

func newThings(evidence int) string {
	if evidence == 0 {
		return "the record is brought up to date"
	}
	return fmt.Sprintf("%s of its age added", counted(evidence, "new piece of evidence", "new pieces of evidence"))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// describe puts into a record what the flags say.
func (o *adoptOptions) describe(r *rotation.Record) {
	for _, f := range []struct {
		to    *string
		value string
	}{{&r.Name, o.name}, {&r.Service, o.service}, {&r.Env, o.env}, {&r.Owner, o.owner}} {
		if f.value != "" {
			*f.to = f.value
		}
	}
	if len(o.hosts) > 0 {
		r.Hosts = o.hosts
	}
}

// wouldChange reports whether the flags say something else than the record.
func (o *adoptOptions) wouldChange(r *rotation.Record) bool {
	differs := func(flag, is string) bool { return flag != "" && flag != is }
	return differs(o.name, r.Name) || differs(o.service, r.Service) || differs(o.env, r.Env) || differs(o.owner, r.Owner) ||
		len(o.hosts) > 0 && strings.Join(o.hosts, "\n") != strings.Join(r.Hosts, "\n")
}

// sayAdopted says what is recorded, and what should be known of it.
func sayAdopted(env *Env, headline string, r rotation.Record, evidence []rotation.Evidence) error {
	err := writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintln(w, git.Printable(headline))
		fmt.Fprintf(w, "  key       %s %s\n", r.Type, r.Fingerprint)
		fmt.Fprintf(w, "  file      %s\n", git.Printable(r.Path))
		if oldest, ok := r.OldestEvidence(); ok {
			fmt.Fprintf(w, "  age       at least %s: %s, %s\n", days(env.Now(), oldest.At), oldest.Source, oldest.At.Format(time.DateOnly))
		} else {
			fmt.Fprintln(w, "  age       unknown")
		}
		for _, e := range r.Evidence {
			fmt.Fprintf(w, "  evidence  %s  %s%s\n", e.At.Format(time.DateOnly), e.Source, git.Printable(after("  ", e.Detail)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if note := contradiction(r, evidence, env.Now()); note != "" {
		if _, err := fmt.Fprintln(env.Stderr, "note: "+note); err != nil {
			return err
		}
	}
	if r.Unprotected != nil {
		_, err = fmt.Fprintf(env.Stderr, "warning: the key has no passphrase (recorded: %s)\nhint: keysweep key passphrase %s\n",
			git.Printable(r.Unprotected.Reason), git.Printable(r.Path))
	}
	return err
}

func after(space, text string) string {
	if text == "" {
		return ""
	}
	return space + text
}

// days says how long ago a time was.
func days(now, at time.Time) string {
	return counted(int(now.Sub(at)/(24*time.Hour)), "day", "days")
}
