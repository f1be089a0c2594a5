package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"keysweep/rotation"
)

// credValueOptions say where a credential's value comes from. It is never an argument: command lines are kept in the shell's
// history and seen by every process of the machine.
type credValueOptions struct {
	fd        int // -1 if not given
	file      string
	stdin     bool // "-" was given
	multiline bool
	force     bool
	exposed   string // --value, which is refused
}

func (o *credValueOptions) addFlags(f *pflag.FlagSet) {
	f.IntVar(&o.fd, "value-fd", -1, "read the value from file descriptor `N`")
	f.Lookup("value-fd").DefValue = "0" // the help is not to show a default of -1
	f.StringVar(&o.file, "value-file", "", "read the value from `FILE`, which nobody else may read")
	f.BoolVar(&o.multiline, "multiline", false, "the value may have several lines, as a private key has")
	f.BoolVar(&o.force, "force", false, "keep the value although it looks like a placeholder or a reference")
	f.StringVar(&o.exposed, "value", "", "")
	f.Lookup("value").Hidden = true
}

func (o *credValueOptions) validate() error {
	sources := 0
	for _, set := range []bool{o.fd >= 0, o.file != "", o.stdin} {
		if set {
			sources++
		}
	}
	switch {
	case o.exposed != "":
		return errExposed()
	case sources > 1:
		return usagef("give one of them", "the value has more than one source")
	case o.fd == 1 || o.fd == 2:
		return usagef("for example: --value-fd 3 3< <(pass show NAME)", "--value-fd %d is output, not input", o.fd)
	}
	return nil
}

// errExposed refuses a value on the command line. It does not repeat it.
func errExposed() error {
	return usagef("replace it at its provider; then give the new one when keysweep asks, by a pipe, or with --value-file",
		"a value is never an argument: what you typed was in the process list, for everybody to see, and is in the history of your shell now. Nothing was kept")
}

// fromInput reports whether the value is to come from standard input: that was asked for, or it is no terminal.
func (o *credValueOptions) fromInput(env *Env) bool {
	if o.stdin || o.fd == 0 || o.file == "-" || o.file == "/dev/stdin" {
		return true
	}
	f, file := env.Stdin.(*os.File)
	return o.fd < 0 && o.file == "" && env.Stdin != nil && !(file && isTerminal(f))
}

// read gets a credential's value, and refuses what cannot be one. The caller clears it.
func (o *credValueOptions) read(ctx context.Context, env *Env, ref string) ([]byte, error) {
	value, err := o.get(ctx, env, ref)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, usagef(hintOf(err), "the value of %s: %w", ref, err)
	}
	if err := o.check(env, ref, value); err != nil {
		clear(value)
		return nil, err
	}
	return value, nil
}

func (o *credValueOptions) get(ctx context.Context, env *Env, ref string) (value []byte, err error) {
	from := "standard input"
	switch {
	case o.fromInput(env):
		value, err = readDescriptor(ctx, env, 0, rotation.MaxSecret)
	case o.fd >= 0:
		from = fmt.Sprintf("file descriptor %d", o.fd)
		value, err = readDescriptor(ctx, env, o.fd, rotation.MaxSecret)
	case o.file != "":
		from = o.file
		value, err = readPrivateFile(ctx, env, o.file, rotation.MaxSecret)
	default:
		return askValue(ctx, env, ref)
	}
	if err != nil {
		return nil, err
	}
	value, dropped, err := withoutLineEnd(value, rotation.MaxSecret)
	if err != nil {
		return nil, err
	}
	said := fmt.Sprintf("note: read %s from %s", characters(value), from)
	if dropped {
		said += "; the line end behind them is not part of the value"
	}
	_, err = fmt.Fprintln(env.Stderr, said)
	return value, err
}

// askValue asks on the terminal, once: what is pasted is not mistyped.
func askValue(ctx context.Context, env *Env, ref string) ([]byte, error) {
	t, err := env.Terminal()
	if err != nil {
		return nil, usagef("give it by a pipe, with --value-fd N or --value-file FILE", "cannot ask for it: %w", err)
	}
	defer func() { _ = t.Close() }()
	value, err := t.ReadPassphrase(ctx, "Value of "+ref+" (it is not shown): ")
	if err != nil {
		return nil, err
	}
	return value, t.Print(fmt.Sprintf("(%s)\n", characters(value)))
}

// characters says how long a value is, which is all that is ever said of it.
func characters(value []byte) string {
	if !utf8.Valid(value) {
		return counted(len(value), "byte", "bytes")
	}
	return counted(utf8.RuneCount(value), "character", "characters")
}
