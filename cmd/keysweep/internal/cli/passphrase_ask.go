package cli

import (
	"context"
	"errors"
	"fmt"

	"keysweep/internal/openssh"
	"keysweep/keys/passphrase"
)

// refuse says what is wrong with a new passphrase, and what helps.
func (o *passphraseOptions) refuse(pass []byte, q freshQuestion) error {
	err := passphrase.Check(pass, q.Known)
	if err == nil {
		return nil
	}
	hint := q.Instead
	var weak *passphrase.Weakness
	if errors.As(err, &weak) {
		hint = weak.Help
	}
	return usagef(hint, "%s will not do: %w", o.what, err)
}

// askpassAsker asks through the program that SSH_ASKPASS names; what is wrong with an answer is said on standard error.
func askpassAsker(env *Env) *asker {
	return &asker{
		ask: func(ctx context.Context, prompt string) ([]byte, error) {
			return openssh.Askpass(ctx, env.Getenv("SSH_ASKPASS"), prompt+": ", env.Environ, env.Stderr)
		},
		say: func(text string) error {
			_, err := fmt.Fprint(env.Stderr, text)
			return err
		},
		close: func() {},
	}
}
