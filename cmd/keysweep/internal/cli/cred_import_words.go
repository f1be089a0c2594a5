package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/rotation"
	"keysweep/rotation/dotenv"
)

// describe lists what is to be moved, and what looks secret and stays. Names of other variables are not shown: in a file that is
// damaged they can be pieces of a secret.
func (e *envFile) describe(w io.Writer, environment string) {
	for _, v := range e.chosen() {
		why := v.secret
		if why == "" {
			why = "as you said"
		}
		_, _ = fmt.Fprintf(w, "  %s:%d  %s  ->  %s  (%s, %s)\n", git.Printable(e.name), v.line, v.name,
			dotenv.Reference{Env: environment, Name: v.name}, characters(v.value), why) // into a buffer
	}
	e.sayLeft(w)
}

// sayLeft lists what looks secret and stays in the file.
func (e *envFile) sayLeft(w io.Writer) {
	for i := range e.vars {
		if v := &e.vars[i]; v.secret != "" && !v.move && v.stays != "it is a reference already" && v.stays != "its value is empty" {
			why := v.stays
			if why == "" {
				why = "it was not chosen"
			}
			_, _ = fmt.Fprintf(w, "  %s:%d  stays: %s\n", git.Printable(e.name), v.line, why)
		}
	}
	for _, o := range e.file.Odd {
		_, _ = fmt.Fprintf(w, "  %s:%d  stays: %s\n", git.Printable(e.name), o.Line, o.What)
	}
	for _, o := range e.left {
		_, _ = fmt.Fprintf(w, "  %s:%d  stays: %s outside of a variable's value: take it out by hand\n", git.Printable(e.name), o.line, o.title)
	}
}

// sayPlan says what would be done.
func (e *envFile) sayPlan(env *Env, o *credImportOptions) error {
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		n := len(e.chosen())
		switch {
		case n == 0:
			fmt.Fprintf(w, "nothing to move: %s\n", e.nothing())
		default:
			fmt.Fprintf(w, "would move %s into the ledger:\n", counted(n, "value", "values"))
		}
		e.describe(w, o.env)
		return nil
	})
}

// nothing says why there is nothing to move.
func (e *envFile) nothing() string {
	references := 0
	for i := range e.vars {
		if _, found, _ := dotenv.ParseReference(string(e.vars[i].value)); found {
			references++
		}
	}
	if references > 0 {
		return fmt.Sprintf("%s has %s already, and nothing else that looks secret", git.Printable(e.name), counted(references, "reference", "references"))
	}
	return git.Printable(e.name) + " has nothing that looks secret; to say yourself what is: --only A,B"
}

// agree shows what is to be done and asks, unless the flags say enough.
func (e *envFile) agree(ctx context.Context, env *Env, o *credImportOptions) error {
	if o.decided() {
		return nil
	}
	return onTerminal(env, "say which are secret: --yes (those that look so; see --dry-run), --only A,B, --except A,B or --all", func(t *terminal.Terminal) error {
		var list bytes.Buffer
		n := len(e.chosen())
		fmt.Fprintf(&list, "%s:\n", counted(n, "value to move into the ledger", "values to move into the ledger"))
		e.describe(&list, o.env)
		if err := t.Print(list.String()); err != nil {
			return err
		}
		return agreed(ctx, t, "Move them?", "nothing was changed")
	})
}

// sayImported says what was moved, what is left, and which values others may have seen.
func (e *envFile) sayImported(ctx context.Context, env *Env, kept []rotation.Record) error {
	rest, err := scanText(ctx, ".env", bytes.Clone(e.data))
	if err != nil {
		return err
	}
	clean := len(rest)+len(e.left)+len(e.file.Odd) == 0 && !slices.ContainsFunc(e.vars, func(v envVar) bool { return v.secret != "" && !v.move && len(v.value) > 0 })
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "moved %s of %s into the ledger:\n", counted(len(kept), "value", "values"), git.Printable(e.name))
		for i := range kept {
			fmt.Fprintf(w, "  %s\n", kept[i].Ref())
		}
		e.sayLeft(w)
		if clean {
			fmt.Fprintln(w, "the file has references now, and may be committed")
		}
		fmt.Fprintf(w, "use it: keysweep run --env-file %s -- COMMAND\n", shellWord(e.name))
		return nil
	})
	if err != nil {
		return err
	}
	return writeAll(env.Stderr, func(w *bytes.Buffer) error {
		if !clean {
			fmt.Fprintf(w, "warning: do not commit %s yet: something in it still looks secret, or cannot be read\n", git.Printable(e.name))
		}
		if otherNames(e.info) {
			fmt.Fprintf(w, "warning: %s has another name (a hard link), which still leads to the old file with the values\n", git.Printable(e.name))
		}
		e.sayGit(ctx, env, w, kept)
		return nil
	})
}
