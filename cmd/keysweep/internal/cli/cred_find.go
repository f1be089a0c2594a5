package cli

import (
	"context"
	"errors"
	"strings"

	"keysweep/rotation"
	"keysweep/rotation/dotenv"
)

// openCreds opens the ledger of a command that needs a credential to be there.
func openCreds(ctx context.Context, env *Env, o *ledgerOptions) (*rotation.Ledger, error) {
	ledger, err := o.existing(ctx, env)
	if ledger == nil && err == nil {
		return nil, usagef("take a credential into it: keysweep cred add NAME --env ENV, or: keysweep cred import .env", "there is no ledger yet")
	}
	return ledger, err
}

// findCred finds what a person calls a credential: ENV/NAME, NAME alone where one environment has it, an id, or a reference of
// a .env file.
func findCred(records []rotation.Record, ref string) (rotation.Record, error) {
	ref = strings.TrimPrefix(ref, dotenv.Scheme)
	var creds, keys []rotation.Record
	var names []string
	for _, r := range records {
		if r.Kind == rotation.KindAPI {
			creds, names = append(creds, r), append(names, r.Ref())
		} else {
			keys = append(keys, r)
		}
	}
	r, err := rotation.FindIn(creds, ref, "")
	if errors.Is(err, rotation.ErrAmbiguous) {
		return r, asUsage(err)
	}
	if !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	hint := "see: keysweep cred list"
	if key, keyErr := rotation.FindIn(keys, ref, ""); keyErr == nil {
		hint = key.Name + " is an SSH key; see: keysweep key --help"
	} else if near := nearest(ref, names); near != "" {
		hint = "did you mean " + near + "? see: keysweep cred list"
	}
	return r, usagef(hint, "%w", err)
}

// lookUpCred opens the ledger and finds a credential in it.
func lookUpCred(ctx context.Context, env *Env, o *ledgerOptions, ref string) (*rotation.Ledger, rotation.Record, []rotation.Record, error) {
	ledger, err := openCreds(ctx, env, o)
	if err != nil {
		return nil, rotation.Record{}, nil, err
	}
	records, err := ledger.Records(ctx)
	if err != nil {
		return nil, rotation.Record{}, nil, err
	}
	r, err := findCred(records, ref)
	return ledger, r, records, err
}
