package cli

import (
	"context"
	"fmt"
)

// freshQuestion is about a passphrase that does not exist yet.
type freshQuestion struct {
	// Prompt is the question without a colon: "New passphrase for ~/.ssh/id_ed25519".
	Prompt string
	// Known are words that an attacker would try first: user, host, service, the key's comment.
	Known []string
	// Instead says what else can be done, as the hint to a passphrase that is refused or empty; "" for nothing.
	Instead string
}

// freshTries is how often a person may try to find a good passphrase before the command gives up.
const freshTries = 5

// fresh gets a new passphrase that is good enough: asked for twice, read from where the flags say, or generated and shown. The
// caller clears it.
func (o *passphraseOptions) fresh(ctx context.Context, env *Env, q freshQuestion) ([]byte, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	switch {
	case o.generate:
		return o.generated(ctx, env)
	case o.given():
		pass, err := o.fromFlag(ctx, env)
		if err == nil {
			if err = o.refuse(pass, q); err != nil {
				clear(pass)
				return nil, err
			}
		}
		return pass, err
	}
	a, err := o.asker(env)
	if err != nil {
		return nil, err
	}
	defer a.close()
	for range freshTries {
		pass, again, err := o.twice(ctx, a, q)
		if err != nil || again == "" {
			return pass, err
		}
		if err := a.say(again + "\n"); err != nil {
			return nil, err
		}
	}
	return nil, usagef("let it be made for you: --generate-passphrase", "%s: no good one in %d tries", o.what, freshTries)
}

// twice asks, checks and asks again. If the answer will not do, again says why.
func (o *passphraseOptions) twice(ctx context.Context, a *asker, q freshQuestion) (pass []byte, again string, err error) {
	pass, err = a.ask(ctx, q.Prompt)
	if err != nil {
		return nil, "", o.describe(err)
	}
	if err := o.refuse(pass, q); err != nil {
		clear(pass)
		return nil, fmt.Sprintf("%v\nhint: %s", err, hintOf(err)), nil
	}
	second, err := a.ask(ctx, "The same again")
	defer clear(second)
	if err != nil {
		clear(pass)
		return nil, "", o.describe(err)
	}
	if string(second) != string(pass) { // the compiler compares without a copy
		clear(pass)
		return nil, "These were not the same.", nil
	}
	return pass, "", nil
}
