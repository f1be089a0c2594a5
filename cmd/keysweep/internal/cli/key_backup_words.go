package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"keysweep/internal/terminal"
	"keysweep/keys/backup"
	"keysweep/keys/passphrase"
	"keysweep/keys/words"
)

// wordsToProve is how many of the words a person is asked for, to show that they are on paper.
const wordsToProve = 3

// showWords shows the words on the terminal, and nowhere else.
func (o *keyBackupOptions) showWords(ctx context.Context, env *Env, b *backedUp) error {
	if err := wordsFit(b); err != nil {
		return err
	}
	t, err := env.Terminal()
	if err != nil {
		return usagef("run it on a terminal; for paper there is --form sheet --payload words", "words are shown on a terminal only: %w", err)
	}
	defer func() { _ = t.Close() }()
	words, err := o.wordsOf(ctx, env, b)
	if err != nil {
		return err
	}
	defer clear(words)
	if err := present(t, b, words); err != nil {
		return err
	}
	if err := proveWords(ctx, t, words); err != nil {
		return err
	}
	if err := t.Print("Good. Clear the screen (and its scrollback) now.\n"); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(env.Stdout, "Backup %s of %s is on your paper (24 words)\n  key:    %s\n  next:   prove that it works: keysweep key backup verify %s\n",
		backup.WordsID(b.want), b.name, b.want, b.argument()); err != nil {
		return err
	}
	return o.record(ctx, env, b, backup.WordsID(b.want), "paper")
}

// present shows the words, with what is to be known of them.
func present(t *terminal.Terminal, b *backedUp, words []byte) error {
	numbered := backup.Numbered(words)
	defer clear(numbered)
	intro := fmt.Sprintf("\nThese 24 words are the private key %s. No passphrase protects them: whoever reads them has the key.\n"+
		"The comment and the passphrase of the key file are not in them. Write them down by hand, with their numbers and\n"+
		"the fingerprint (a wrong list of words passes their checksum once in 256 times; it never has the right fingerprint).\n\n", b.name)
	shown := make([]byte, 0, len(intro)+len(numbered)+len(b.want)+8) // long enough: growing would leave copies behind
	shown = append(append(shown, intro...), numbered...)
	shown = append(append(append(shown, "\n  "...), b.want...), "\n\n"...)
	defer clear(shown)
	return t.PrintBytes(shown)
}

func proveWords(ctx context.Context, t *terminal.Terminal, words []byte) error {
	all := bytes.Fields(words)
	picked, err := passphrase.Pick(wordsToProve, len(all))
	if err != nil {
		return err
	}
	for _, i := range picked {
		if err := proveWord(ctx, t, i+1, all[i]); err != nil {
			return err
		}
	}
	return nil
}

// enterWords asks for the words of a key, one after the other; several may be entered at once. A word that is not in the list is
// asked for again. The caller clears the result.
func enterWords(ctx context.Context, env *Env) ([]byte, error) {
	t, err := env.Terminal()
	if err != nil {
		return nil, usagef("name the file with the backup, or - for standard input", "there is no backup to read, and no terminal to enter words on: %w", err)
	}
	defer func() { _ = t.Close() }()
	if err := t.Print("Enter the 24 words, one or several at a time; the first four letters of each are enough.\n"); err != nil {
		return nil, err
	}
	typed := make([]byte, 0, backup.WordCount*(maxWordLength+1)) // long enough: growing would leave copies behind
	for count := 0; count < backup.WordCount; {
		line, err := t.ReadVisible(ctx, fmt.Sprintf("Word %d: ", count+1))
		if err != nil {
			clear(typed)
			return nil, err
		}
		var good int
		typed, good, err = takeWords(typed, line, count)
		count += good
		if err != nil {
			err = t.Print(err.Error() + "\n")
		}
		clear(line)
		if err != nil {
			clear(typed)
			return nil, err
		}
	}
	return typed, nil
}

// maxWordLength is the longest word that can be in the list.
const maxWordLength = 8

// takeWords adds the words of a line up to the first that is not in the list.
func takeWords(typed, line []byte, before int) (more []byte, good int, err error) {
	for _, word := range bytes.Fields(line) {
		word = bytes.TrimLeft(bytes.Trim(word, ".,;:)"), "0123456789.):")
		if len(word) == 0 || before+good == backup.WordCount {
			continue
		}
		if err := backup.CheckWord(word, before+good+1); err != nil {
			return typed, good, fmt.Errorf("%w%s", err, near(word))
		}
		typed = append(append(typed, word...), ' ')
		good++
	}
	return typed, good, nil
}

// near names words that may have been meant. Only the terminal that the words are typed at may show them.
func near(word []byte) string {
	const most = 3
	list := words.Nearest(word, most)
	if len(list) == 0 {
		return ""
	}
	return "; near it: " + strings.Join(list, ", ")
}
