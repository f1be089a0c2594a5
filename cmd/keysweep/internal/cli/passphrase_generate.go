package cli

import (
	"bytes"
	"context"
	"fmt"

	"keysweep/internal/terminal"
	"keysweep/keys/passphrase"
)

// proofTries is how often a word may be entered wrongly before the passphrase is shown again.
const proofTries = 3

// generated makes a passphrase, shows it once on the terminal, and asks for two of its words, so that it is known to be kept.
func (o *passphraseOptions) generated(ctx context.Context, env *Env) (pass []byte, err error) {
	t, err := env.Terminal()
	if err != nil {
		return nil, o.noSource(err)
	}
	defer func() { _ = t.Close() }()
	pass, spans, err := passphrase.Generate(passphrase.GeneratedWords)
	if err != nil {
		return nil, err
	}
	if err := o.show(ctx, t, pass, spans); err != nil {
		clear(pass)
		return nil, err
	}
	return pass, nil
}

func (o *passphraseOptions) show(ctx context.Context, t *terminal.Terminal, pass []byte, spans [][2]int) error {
	intro := "This is " + o.what + ". It is shown only now: write it down, or put it into your password manager.\n\n    "
	shown := append(append([]byte(intro), pass...), "\n\n"...)
	err := t.PrintBytes(shown)
	clear(shown)
	if err != nil {
		return err
	}
	words, err := passphrase.Pick(2, len(spans))
	if err != nil {
		return err
	}
	for _, w := range words {
		if err := proveWord(ctx, t, w+1, pass[spans[w][0]:spans[w][1]]); err != nil {
			return err
		}
	}
	return t.Print("Good. Clear the screen (and its scrollback) when you have kept it.\n")
}

// proveWord asks for a word until it is right.
func proveWord(ctx context.Context, t *terminal.Terminal, number int, want []byte) error {
	for range proofTries {
		got, err := t.ReadVisible(ctx, fmt.Sprintf("To be sure that you have it, enter word %d: ", number))
		same := bytes.Equal(bytes.ToLower(bytes.TrimSpace(got)), want)
		clear(got)
		if err != nil {
			return err
		}
		if same {
			return nil
		}
		if err := t.Print(fmt.Sprintf("That is not word %d.\n", number)); err != nil {
			return err
		}
	}
	return usagef("run it again when you can write it down", "word %d was wrong %d times, and nothing was made", number, proofTries)
}
