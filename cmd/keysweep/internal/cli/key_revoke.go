package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/deploy"
	"keysweep/rotation"
)

// revokeOptions are what key revoke was told.
type revokeOptions struct {
	krl    string
	force  bool
	host   hostOptions
	ledger ledgerOptions
}

func newKeyRevokeCommand(env *Env) *cobra.Command {
	var o revokeOptions
	c := &cobra.Command{
		Use:   "revoke KEY [USER@HOST[:PORT]...]",
		Short: "Remove a key from every host that has it, and prove that it is refused",
		Long: "Remove a public key from authorized_keys of the named accounts, or of all that the ledger knows, and try to log in with it:\n" +
			"it must be refused. Lines are found by the key itself, never by their comments. The last key that can log in to an account\n" +
			"is not removed. Hosts that cannot be reached stay in the ledger as having the key. When none is left the key counts as\n" +
			"revoked, and can never come back into the ledger. KEY is a key file, a name of the ledger, or a fingerprint: the private half\n" +
			"is not needed.",
		Example: `  keysweep key revoke laptop                     from everywhere the ledger knows
  keysweep key revoke ~/.ssh/id_old.pub ann@web1 ann@web2 --via ~/.ssh/id_new
  keysweep key revoke SHA256:uNiV...             on accounts that you name: its file is gone
  keysweep key revoke laptop --krl /etc/ssh/revoked_keys`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runRevoke(c.Context(), env, &o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.krl, "krl", "", "also put the key on the revocation list in `FILE` (made if it is not there; sshd_config: RevokedKeys)")
	f.BoolVar(&o.force, "force", false, "remove the last key that can log in, too")
	o.host.addFlags(f)
	o.ledger.addFlags(f)
	return c
}

func runRevoke(ctx context.Context, env *Env, o *revokeOptions, args []string) error {
	if err := o.host.validate(); err != nil {
		return err
	}
	s, ledger, targets, err := subjectAndTargets(ctx, env, &o.ledger, args)
	if err != nil {
		return err
	}
	if s.record != nil && len(targets) == 0 {
		for _, in := range s.record.Installed {
			if t, err := openssh.ParseTarget(in.Target); err == nil && in.Removed.IsZero() && !slices.Contains(targets, t) {
				targets = append(targets, t)
			}
		}
	}
	if s.record != nil && s.record.Status == rotation.Revoked && len(targets) == 0 && o.krl == "" {
		_, err := fmt.Fprintf(env.Stdout, "%s is revoked already.\n", git.Printable(s.record.Name))
		return err
	}
	if len(targets) == 0 && o.krl == "" {
		return usagef("name the accounts that may have it: keysweep key revoke "+shellWord(args[0])+" ann@web1 ...; or put it on a revocation list with --krl FILE",
			"nobody knows which hosts have %s", args[0])
	}
	r := revocation{env: env, o: o, subject: s, ledger: ledger, targets: targets, trouble: trouble{env: env}}
	return r.run(ctx)
}

// revocation is a key on its way out.
type revocation struct {
	env     *Env
	o       *revokeOptions
	subject *subject
	ledger  *rotation.Ledger
	targets []openssh.Target
	via     *openssh.Key
	trouble trouble
	gone    []string // targets that refuse the key now
}

// removed is what became of one host.
type removed struct {
	deploy.Removed
	public *keys.Public // that was found there by its fingerprint
	err    error
}

func (r *revocation) run(ctx context.Context) (err error) {
	if r.via, err = r.o.host.viaKey(ctx, r.env); err != nil {
		return err
	}
	var public *keys.Public // the subject itself stays as it is while others read it
	err = eachHost(ctx, &r.o.host, r.targets, r.remove, func(i int, done removed) error {
		public = cmp.Or(public, done.public)
		return r.say(r.targets[i], done)
	})
	r.subject.public = cmp.Or(r.subject.public, public)
	if err == nil && r.o.krl != "" {
		err = r.writeKRL(ctx)
	}
	if recordErr := r.recordOutcome(context.WithoutCancel(ctx)); recordErr != nil {
		return errors.Join(err, recordErr)
	}
	if err != nil {
		return err
	}
	return r.trouble.verdict()
}

// remove takes the key away from one host.
func (r *revocation) remove(ctx context.Context, target openssh.Target) (done removed) {
	s := *r.subject
	h := &remote{tools: r.o.host.tools(r.env), target: target, via: r.via}
	if s.public == nil {
		if s.public, done.err = findThere(ctx, h, s.fingerprint); done.err != nil || s.public == nil {
			return done
		}
		done.public = s.public
	}
	key, cleanUp, err := s.publicFile()
	if err != nil {
		done.err = err
		return done
	}
	defer cleanUp()
	h.key = key
	done.Removed, done.err = deploy.Remove(ctx, h, deploy.Removal{Public: *s.public, Force: r.o.force, Now: r.env.Now()})
	return done
}

// findThere looks for a key of which only the fingerprint is known; nil if the account does not have it.
func findThere(ctx context.Context, h deploy.Host, fingerprint string) (*keys.Public, error) {
	data, err := deploy.Read(ctx, h)
	if err != nil {
		return nil, err
	}
	for _, l := range authorized.Parse(data) {
		if l.Kind == authorized.Entry && !l.Public.IsCertificate() && l.Public.SHA256() == fingerprint {
			return &l.Public, nil
		}
	}
	return nil, nil
}

// say prints what became of one host.
func (r *revocation) say(target openssh.Target, done removed) error {
	if errors.Is(done.err, deploy.ErrLastKey) {
		done.err = usagef("install another key first: keysweep key deploy OTHERKEY "+shellWord(target.String())+"; or remove it all the same with --force", "%w", done.err)
	}
	if done.err != nil {
		return r.trouble.say(target, done.err)
	}
	r.gone = append(r.gone, target.String())
	text := "was not installed"
	if done.Lines > 0 {
		text = "removed"
	}
	if done.Refused {
		text += ", and the server refuses it"
	} else {
		text += "; its file is not here, so the server could not be asked whether it refuses it"
	}
	if done.Lines > 0 {
		text += fmt.Sprintf(" (%s left there)", counted(done.Left, "other key", "other keys"))
	}
	_, err := fmt.Fprintf(r.env.Stdout, "%s: %s\n", git.Printable(target.String()), text)
	return err
}

// krlMode lets sshd's unprivileged half read the list: it holds nothing secret.
const krlMode fs.FileMode = 0o644

// writeKRL puts the key on the revocation list.
func (r *revocation) writeKRL(ctx context.Context) error {
	if r.subject.public == nil {
		return usagef("name its .pub file", "--krl: only the fingerprint of %s is known", r.subject.ref)
	}
	path := absolute(r.env, r.o.krl)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--krl: %w", err)
	}
	mode := krlMode
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	tools, line := r.o.host.tools(r.env), r.subject.public.Line("")
	if len(old) > 0 {
		if on, err := tools.RevokedIn(ctx, old, line); err != nil {
			return usagef("name a list that ssh-keygen -k made, or a file that is not there yet", "--krl %s: %w", r.o.krl, err)
		} else if on {
			_, err := fmt.Fprintf(r.env.Stdout, "%s: lists the key already\n", git.Printable(r.o.krl))
			return err
		}
	} else {
		old = nil
	}
	list, err := tools.RevokeIn(ctx, old, [][]byte{line})
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, list, mode); err != nil {
		return fmt.Errorf("--krl: %w", err)
	}
	_, err = fmt.Fprintf(r.env.Stdout, "%s: lists the key now; servers read it with: RevokedKeys FILE (sshd_config)\n", git.Printable(r.o.krl))
	return err
}

// recordOutcome puts down where the key is gone, and that it is revoked when it is gone everywhere.
func (r *revocation) recordOutcome(ctx context.Context) error {
	if r.subject.record == nil {
		return nil
	}
	left := r.left()
	over := len(left) == 0 && len(r.gone) == len(r.targets)
	if over { // first the tombstone: whatever happens next, the key cannot come back
		if err := r.ledger.Bury(ctx, r.subject.fingerprint, "revoked"); err != nil {
			return err
		}
	}
	what := "revoked on " + counted(len(r.gone), "host", "hosts")
	if r.trouble.failed > 0 {
		what += fmt.Sprintf(", %d failed", r.trouble.failed)
	}
	record, err := r.ledger.Change(ctx, r.subject.record.ID, what, func(record *rotation.Record) error {
		for i := range record.Installed {
			if in := &record.Installed[i]; in.Removed.IsZero() && slices.Contains(r.gone, in.Target) {
				in.Removed = r.env.Now()
			}
		}
		switch {
		case over:
			record.Status = rotation.Revoked
		case record.Status == rotation.Active && len(r.gone) > 0:
			record.Status = rotation.Retiring
		}
		return nil
	})
	if err != nil {
		return err
	}
	if over {
		_, err = fmt.Fprintf(r.env.Stdout, "%s is revoked.\n", git.Printable(record.Name))
	} else if len(left) > 0 {
		_, err = fmt.Fprintf(r.env.Stderr, "note: as far as the ledger knows, hosts that still have %s: %s\n", git.Printable(record.Name), git.Printable(strings.Join(left, ", ")))
	}
	return err
}

// left returns the hosts that still accept the key, as far as is known.
func (r *revocation) left() (left []string) {
	for _, in := range r.subject.record.ActiveInstallations(r.env.Now()) {
		if !slices.Contains(r.gone, in.Target) {
			left = append(left, in.Target)
		}
	}
	return left
}
