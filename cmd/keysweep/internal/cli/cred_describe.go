package cli

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/policy"
	"keysweep/rotation"
)

// credDescribeOptions are what cred describe was told.
type credDescribeOptions struct {
	credFacts
	account, url string
	ledger       ledgerOptions
}

func newCredDescribeCommand(env *Env) *cobra.Command {
	o := &credDescribeOptions{}
	c := &cobra.Command{
		Use:   "describe ENV/NAME",
		Short: "Say more of a credential: its owner and purpose, when it was made, when it ends",
		Long: "Change what the ledger knows of a credential besides its value. What no flag names stays. A date of --created is added to the\n" +
			"evidence of its age, of which the oldest counts: it can make a credential older, never younger.",
		Example: `  keysweep cred describe prod/GITLAB_TOKEN --owner ann --created 2026-05-17
  keysweep cred describe prod/GITLAB_TOKEN --expires 2027-05-17`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCredDescribe(c.Context(), env, o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.purpose, "purpose", "", "what needs it")
	o.addMoreFlags(f)
	f.StringVar(&o.account, "account", "", "what its provider calls it, if that is no secret: `ID` of an access key, number of a token")
	f.StringVar(&o.url, "url", "", "`URL` of the page where it is replaced")
	o.ledger.addPassphraseFlags(f)
	return c
}

func runCredDescribe(ctx context.Context, env *Env, o *credDescribeOptions, ref string) error {
	if strings.Join([]string{o.purpose, o.provider, o.owner, o.service, o.account, o.url, o.created, o.expires}, "") == "" {
		return usagef("for example: --owner ann --created 2026-05-17", "nothing is said of it")
	}
	said, err := o.record("", env.Now())
	if err != nil {
		return err
	}
	said.Account, said.URL = o.account, o.url
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	ledger, r, _, err := lookUpCred(ctx, env, &o.ledger, ref)
	if err != nil {
		return err
	}
	r, err = ledger.Change(ctx, r.ID, "described", func(r *rotation.Record) error {
		o.describe(r, &said)
		return nil
	})
	if err != nil {
		return notKept(env, err)
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		describeCred(w, &r, policy.Due(policy.DueSubject{Record: &r}, settings.rules.Rotation, env.Now()), "")
		return nil
	})
}

// describe takes over what the flags say.
func (o *credDescribeOptions) describe(r, said *rotation.Record) {
	for _, f := range []struct {
		to   *string
		from string
	}{{&r.Purpose, said.Purpose}, {&r.Provider, said.Provider}, {&r.Owner, said.Owner}, {&r.Service, said.Service}, {&r.Account, said.Account}, {&r.URL, said.URL}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	if o.expires == never {
		r.Expires = time.Time{}
	} else if !said.Expires.IsZero() {
		r.Expires = said.Expires
	}
	r.AddEvidence(said.Evidence...)
}
