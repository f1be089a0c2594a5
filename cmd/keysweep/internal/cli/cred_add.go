package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/internal/git"
	"keysweep/rotation"
)

// credFacts are the flags that say what a credential is, besides its value.
type credFacts struct {
	env, provider, purpose, owner, service string
	created, expires                       string
}

// addFlags adds the flags of commands that make a record.
func (o *credFacts) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.env, "env", "e", "", "`ENV` that it is for: prod, staging, dev (required)")
	f.StringVar(&o.purpose, "purpose", "", "what needs it (required; asked for on a terminal)")
	o.addMoreFlags(f)
}

// addMoreFlags adds the flags of what may be left open.
func (o *credFacts) addMoreFlags(f *pflag.FlagSet) {
	f.StringVar(&o.provider, "provider", "", "who issued it: gitlab, aws, ... (default: what its form tells)")
	f.StringVar(&o.owner, "owner", "", "person or team")
	f.StringVar(&o.service, "service", "", "what uses it: shop, backup")
	f.StringVar(&o.created, "created", "", "when it was made, if you know: `DATE` as 2026-05-17")
	f.StringVar(&o.expires, "expires", "", "when its provider ends it: `DATE` as 2027-05-17, from 00:00 UTC on, or never")
}

// record makes a record of what the flags say.
func (o *credFacts) record(name string, now time.Time) (r rotation.Record, err error) {
	r = rotation.Record{Kind: rotation.KindAPI, Name: name, Env: o.env, Provider: o.provider, Purpose: o.purpose, Owner: o.owner, Service: o.service}
	created, err := parseCreated(o.created, now)
	if err != nil {
		return r, err
	}
	r.AddEvidence(rotation.Evidence{Source: fromOwner, At: created})
	r.Expires, err = parseEnd(o.expires)
	return r, err
}

// never is the value of --expires that takes a date away.
const never = "never"

// parseEnd reads the value of --expires; "" and never are the zero time. A date is the first moment of that day, as providers mean it
// (https://docs.gitlab.com/user/profile/personal_access_tokens/: a token expires at midnight UTC on its date).
func parseEnd(text string) (time.Time, error) {
	if text == "" || text == never {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil && !at.Before(earliestKey()) {
			return at.UTC(), nil
		}
	}
	return time.Time{}, usagef("write it as 2027-05-17", "--expires: %q is no date", text)
}

// askPurpose sees that there is a purpose: who cannot name one needs no key.
func (o *credFacts) askPurpose(ctx context.Context, env *Env, what string) error {
	if o.purpose = strings.TrimSpace(o.purpose); o.purpose != "" {
		return nil
	}
	t, err := env.Terminal()
	if err != nil {
		return usagef(`for example: --purpose "CI pushes images"`, "--purpose is needed: a credential that nothing needs should not be there")
	}
	defer func() { _ = t.Close() }()
	answer, err := t.ReadLine(ctx, "What needs "+what+"? ")
	if err != nil {
		return err
	}
	if o.purpose = strings.TrimSpace(answer); o.purpose == "" {
		return usagef("if nothing needs it, revoke it at its provider instead", "no purpose: a credential that nothing needs should not be there")
	}
	return nil
}

// credAddOptions are what cred add was told.
type credAddOptions struct {
	credFacts
	account, url string
	value        credValueOptions
	ledger       ledgerOptions
}

func newCredAddCommand(env *Env) *cobra.Command {
	o := &credAddOptions{}
	c := &cobra.Command{
		Use:   "add NAME --env ENV --purpose TEXT [-]",
		Short: "Keep an API key, a token or a password in the ledger",
		Long: "Keep a credential in the ledger, under the name of the environment variable that is to have it: keysweep run sets it for the\n" +
			"program that needs it. Each environment has its own. The value is asked for without being shown, or read from standard input\n" +
			"(if that is no terminal, or with -), a file descriptor or a file; one line end behind it is dropped. It is never an argument.",
		Example: `  keysweep cred add GITLAB_TOKEN --env prod --purpose "CI pushes images"        asks for the value
  pass show shop/stripe | keysweep cred add STRIPE_KEY --env dev --purpose "payments in tests"
  keysweep cred add DEPLOY_KEY --env prod --purpose "deploys" --value-file key.pem --multiline
  keysweep cred add AWS_SECRET_ACCESS_KEY --env prod --provider aws --account AKIA... --created 2026-05-17 --purpose "backups to S3"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCredAdd(c.Context(), env, o, args) },
	}
	f := c.Flags()
	o.addFlags(f)
	f.StringVar(&o.account, "account", "", "what its provider calls it, if that is no secret: `ID` of an access key, number of a token")
	f.StringVar(&o.url, "url", "", "`URL` of the page where it is replaced (default: the provider's, if it is known)")
	o.value.addFlags(f)
	o.ledger.addPassphraseFlags(f)
	return c
}

// arguments takes the name, and "-". Whatever else is there may be the value: it is refused, and not repeated.
func (o *credAddOptions) arguments(args []string) (name string, err error) {
	name = args[0]
	for _, more := range args[1:] {
		if more != "-" {
			return "", errExposed()
		}
		o.value.stdin = true
	}
	if strings.Contains(name, "=") {
		return "", errExposed()
	}
	if env, rest, found := strings.Cut(name, "/"); found && (o.env == "" || o.env == env) {
		o.env, name = env, rest
	}
	if rotation.CheckVariable(name) != nil {
		return "", usagef("letters, digits and _, for example GITLAB_TOKEN; the value is never an argument", "what you gave as NAME is no name for an environment variable")
	}
	if reserved(name) {
		return "", usagef("choose another name, and have the program read that", "%s has a meaning for shells, interpreters or keysweep itself: a credential cannot have that name", name)
	}
	if o.env == "" {
		return "", usagef("for example: --env prod; each environment has credentials of its own", "--env is needed: there is no default")
	}
	return name, rotation.CheckEnv(o.env)
}

// plan refuses all that can be refused before anything is asked, and makes the record.
func (o *credAddOptions) plan(ctx context.Context, env *Env, args []string) (r rotation.Record, err error) {
	name, err := o.arguments(args)
	if err != nil {
		return r, asUsage(err)
	}
	if err := o.value.validate(); err != nil {
		return r, err
	}
	fd := o.ledger.pass.fd
	switch {
	case o.value.fromInput(env) && fd == 0:
		return r, usagef("for example: --ledger-passphrase-file FILE", "the value and the ledger's passphrase cannot both come from standard input")
	case o.value.fd >= 0 && o.value.fd == fd:
		return r, usagef("for example: --value-fd 3 --ledger-passphrase-fd 4 3< FILE 4< FILE", "the value and the ledger's passphrase cannot both come from file descriptor %d", fd)
	}
	if known, err := recognise(ctx, "X", []byte(name)); err == nil && known.provider != "" {
		return r, errExposed()
	}
	if err := o.askPurpose(ctx, env, o.env+"/"+name); err != nil {
		return r, err
	}
	r, err = o.record(name, env.Now())
	r.Account, r.URL = o.account, o.url
	return r, err
}

func runCredAdd(ctx context.Context, env *Env, o *credAddOptions, args []string) error {
	r, err := o.plan(ctx, env, args)
	if err != nil {
		return err
	}
	ledger, err := o.ledger.open(ctx, env)
	if err != nil {
		return err
	}
	if err := nameFree(ctx, ledger, &r); err != nil {
		return err
	}
	value, err := o.value.read(ctx, env, r.Ref())
	if err != nil {
		return err
	}
	defer clear(value)
	known, err := recognise(ctx, r.Name, value)
	if err != nil {
		return err
	}
	described(&r, known)
	return keepNew(ctx, env, ledger, r, value, known)
}

// asUsage makes wrong usage of an error about what was typed.
func asUsage(err error) error {
	if isUsage(err) {
		return err
	}
	return usagef(hintOf(err), "%w", err)
}

// nameFree refuses a name that is taken, before anything is asked. One whose value was lost, as a process was killed, is free.
func nameFree(ctx context.Context, ledger *rotation.Ledger, r *rotation.Record) error {
	records, err := ledger.Records(ctx)
	if err != nil {
		return err
	}
	for _, other := range records {
		if other.Kind != r.Kind || !other.Status.Live() || other.Ref() != r.Ref() {
			continue
		}
		has, err := ledger.Secret(ctx, other.ID)
		clear(has)
		if err == nil {
			err = asUsage(&rotation.DuplicateError{Existing: other, Field: "name"})
		} else if errors.Is(err, rotation.ErrNotFound) {
			err = nil
		}
		return err
	}
	return nil
}

// described fills in what the value's form tells, where the user said nothing.
func described(r *rotation.Record, known issuer) {
	if r.Provider == "" {
		r.Provider = known.provider
	}
	if r.URL == "" && r.Provider == known.provider {
		r.URL = known.url
	}
	if r.URL == "" {
		r.URL = providerPage(r.Provider)
	}
}

// keepNew puts record and value into the ledger together, and says what is to be known of them.
func keepNew(ctx context.Context, env *Env, ledger *rotation.Ledger, r rotation.Record, value []byte, known issuer) error {
	var records []rotation.Record
	err := ledger.Do(ctx, func(tx *rotation.Tx) (err error) {
		ref := r.Ref()
		if r, _, err = keepCred(tx, r, value); err == nil {
			records, err = tx.Records()
		}
		return namedBuried(err, ref)
	})
	if err != nil {
		return notKept(env, err)
	}
	if err := sayKept(env, r, value, known); err != nil {
		return err
	}
	return saySharedBy(env, records, r.ID)
}

// namedBuried names the credential in an error that says that its value must not be used again.
func namedBuried(err error, ref string) error {
	var buried *rotation.BuriedError
	if errors.As(err, &buried) {
		return &rotation.BuriedError{Tombstone: buried.Tombstone, Name: ref}
	}
	return err
}

// notKept sorts the reasons for which the ledger did not take something: what was typed, a value that is out of use, or trouble.
func notKept(env *Env, err error) error {
	var buried *rotation.BuriedError
	var field *rotation.FieldError
	var dup *rotation.DuplicateError
	var large *rotation.TooLargeError
	var other *otherValueError
	switch {
	case errors.As(err, &buried):
		if _, err := fmt.Fprintf(env.Stderr, "keysweep: %s\nhint: get a new one from its provider, and give that\n", git.Printable(buried.Error())); err != nil {
			return err
		}
		return verdict(exitFindings)
	case errors.As(err, &field), errors.As(err, &dup), errors.As(err, &large), errors.As(err, &other):
		return asUsage(err)
	}
	return fmt.Errorf("keep in the ledger: %w", err)
}
