package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"keysweep/attest"
	"keysweep/internal/git"
	"keysweep/policy/practice"
)

// attestOptions are the flags of attest.
type attestOptions struct {
	id            string
	scope         string
	evidence      string
	until         string
	by            string
	notDone       bool
	notApplicable bool
}

func newAttestCommand(env *Env) *cobra.Command {
	o := &attestOptions{}
	c := &cobra.Command{
		Use:   "attest ID",
		Short: "Record that a practice is followed which only a person can judge",
		Long: "Writes down who says what of a practice, when and with which evidence. Each line of the file holds the hash of the one before, so that\n" +
			"a later change is noticed. An attestation counts for as long as the practice says (keysweep practices -v), or less with --until;\n" +
			"one of a script until the script is edited.\n\n" +
			"Attestations of accounts and machines are kept in keysweep's state directory, those of a repository and of scripts in it in\n" +
			"its .keysweep/attestations.jsonl, to be committed. No secret belongs in evidence: what looks like one is refused.",
		Example: `  keysweep attest account.mfa --evidence "AWS root and 3 users: security keys; GitHub: TOTP"
  keysweep attest account.mfa --scope account:aws --evidence https://wiki.example.org/mfa
  keysweep attest script.reviewed --scope script:deploy/setup.sh --evidence review.md
  keysweep attest wallet.multisig --not-applicable --evidence "there is no wallet"
  keysweep attest list                      what is attested, and for how long
  keysweep attest show account.mfa          its history`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("keysweep practices --open lists what is open", "it takes the id of a practice")
			}
			o.id = args[0]
			return runAttest(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.scope, "scope", "", "what it is about: `SCOPE` is account[:NAME], host:NAME, repository or script:PATH (default: what the practice is about)")
	f.StringVar(&o.evidence, "evidence", "", "what shows it: a `TEXT`, a URL, or the path of a file, whose SHA-256 is kept; text:... and file:... say which")
	f.StringVar(&o.until, "until", "", "last day on which it counts, `DATE` as 2026-12-31, if that is before the practice's own time is over")
	f.StringVar(&o.by, "by", "", "`WHO` attests it (default: the login name)")
	f.BoolVar(&o.notDone, "not-done", false, "record that it is not followed")
	f.BoolVar(&o.notApplicable, "not-applicable", false, "record that there is nothing here that it is about")
	c.AddCommand(newAttestListCommand(env), newAttestShowCommand(env))
	return c
}

func runAttest(ctx context.Context, env *Env, o *attestOptions) error {
	p, err := findPractice(o.id)
	if err != nil {
		return err
	}
	every, err := attestEvery(env)
	if err != nil {
		return err
	}
	if every(p) == 0 {
		return usagef("keysweep audit "+auditOf(p.Checks), "%s is judged by checks alone: nobody can attest it", p.ID)
	}
	kept, err := openAttestations(ctx, env)
	if err != nil {
		return err
	}
	a := attesting{env: env, opts: o, practice: p, kept: kept}
	r, store, err := a.record()
	if err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return usagef("see: keysweep attest --help", "attest %s: %w", r.ID, err)
	}
	if err := noSecretIn(ctx, &r); err != nil {
		return err
	}
	if r, err = store.Append(ctx, r); err != nil {
		return err
	}
	s := attest.Judge(&r, every(p), attest.Subject{SHA256: r.Subject}, env.Now())
	_, err = fmt.Fprintf(env.Stdout, "%s, %s: %s\n", r.ID, git.Printable(r.Scope), git.Printable(standingWords(s, env.Now())))
	if err == nil {
		_, err = fmt.Fprintf(env.Stderr, "written to %s%s\n", git.Printable(shownPath(env, store.Path())), map[bool]string{true: "; commit it"}[store == kept.inside])
	}
	return err
}

// findPractice returns the practice of an id.
func findPractice(id string) (practice.Practice, error) {
	p, known := practice.Find(id)
	if known {
		return p, nil
	}
	if near := nearest(id, practiceIDs()); near != "" {
		return p, usagef("did you mean "+near+"? see: keysweep practices", "there is no practice %q", id)
	}
	return p, usagef("see: keysweep practices", "there is no practice %q", id)
}

// attesting is an attestation on its way.
type attesting struct {
	env      *Env
	opts     *attestOptions
	practice practice.Practice
	kept     *attestations
}

// record makes the attestation, and says where it belongs.
func (a *attesting) record() (r attest.Record, store *attest.Store, err error) {
	o := a.opts
	r = attest.Record{ID: a.practice.ID, Status: attest.Done, By: cmp.Or(o.by, a.env.LoginName()), Date: a.env.Now(), Until: o.until}
	switch {
	case o.notDone && o.notApplicable:
		return r, nil, usagef("", "--not-done and --not-applicable cannot be combined")
	case o.notDone:
		r.Status = attest.NotDone
	case o.notApplicable:
		r.Status = attest.NotApplicable
	}
	if r.By == "" {
		return r, nil, usagef("--by NAME", "the login name is not known")
	}
	if o.until != "" {
		if err := a.checkUntil(); err != nil {
			return r, nil, err
		}
	}
	if store, err = a.setScope(&r); err != nil {
		return r, nil, err
	}
	if store == nil || store == a.kept.account && writableHome(a.env, "XDG_STATE_HOME") == "" {
		return r, nil, usagef("set HOME or XDG_STATE_HOME", "there is no home directory to keep attestations in")
	}
	r.Evidence, err = a.evidence(store)
	return r, store, err
}

func (a *attesting) checkUntil() error {
	until, err := time.Parse(time.DateOnly, a.opts.until)
	if err != nil {
		return usagef("for example: --until 2026-12-31", "--until: %q is no date", a.opts.until)
	}
	if until.Before(a.env.Now().UTC().Truncate(24 * time.Hour)) {
		return usagef("", "--until: %s is over", a.opts.until)
	}
	return nil
}

// setScope sets what the attestation is about, and returns where attestations of that are kept.
func (a *attesting) setScope(r *attest.Record) (*attest.Store, error) {
	r.Scope = a.opts.scope
	if r.Scope == "" {
		switch a.practice.Scope {
		case practice.Script:
			return nil, usagef("--scope script:PATH", "%s is about a script: say which", a.practice.ID)
		case practice.Host:
			r.Scope = "host:" + a.env.Hostname
		default:
			r.Scope = string(a.practice.Scope)
		}
	}
	kind, name := attest.ScopeKind(r.Scope)
	want := map[practice.Scope]string{practice.Account: "account or account:NAME", practice.Host: "host:NAME", practice.Repository: "repository", practice.Script: "script:PATH"}
	switch {
	case kind != string(a.practice.Scope):
		return nil, usagef("--scope "+want[a.practice.Scope], "--scope: %s is about %s, not about %q", a.practice.ID, want[a.practice.Scope], r.Scope)
	case strings.Contains(r.Scope, ":") && strings.TrimSpace(name) == "", kind == "host" && name == "":
		return nil, usagef("--scope "+want[a.practice.Scope], "--scope: nothing stands behind the colon of %q", kind+":")
	case kind == "script":
		return a.script(r, name)
	case kind == "repository" && a.kept.inside == nil:
		return nil, usagef("change to a repository", "%s is about a repository, and here is none", a.practice.ID)
	case kind == "repository":
		return a.kept.inside, nil
	}
	return a.kept.account, nil
}

// script binds the attestation to a script as it is now.
func (a *attesting) script(r *attest.Record, name string) (*attest.Store, error) {
	if !utf8.ValidString(name) {
		return nil, usagef("rename it", "--scope: the path %q is no text in UTF-8, and cannot be written down", name)
	}
	path, store := absolute(a.env, name), a.kept.account
	if in := a.kept.inside; in != nil {
		if rel, err := filepath.Rel(in.Dir, path); err == nil && filepath.IsLocal(rel) {
			path, store = filepath.ToSlash(rel), in
		}
	}
	if store == nil {
		return nil, nil
	}
	r.Scope = "script:" + path
	sum, err := hashScript(store, path)
	if err != nil && r.Status == attest.Done {
		return nil, usagef("see that it is there, and that it is a file; of one that is gone: --not-applicable", "--scope: script %s: %w", name, err)
	}
	r.Subject = sum
	return store, nil
}
