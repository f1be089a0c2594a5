package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/internal/git"
	"keysweep/plugin"
	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// end says how far the rotation has come.
func (o *credRotateOptions) end(ctx context.Context, env *Env, result provider.Result, err error) error {
	var unkept *provider.UnkeptError
	if errors.As(err, &unkept) {
		defer clear(unkept.Value)
		return errors.Join(err, lastResort(ctx, env, unkept))
	}
	if err != nil {
		return reported(env, asUsageOf(err))
	}
	r := &result.Record
	if !result.Done {
		_, err := fmt.Fprintf(env.Stdout, "%s is replaced; the old value is valid until %s\nthen revoke it: keysweep cred rotate %s\n",
			r.Ref(), instant(result.Until), r.Ref())
		return err
	}
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s is replaced, and the old value is revoked\n", r.Ref())
		if !r.Expires.IsZero() {
			fmt.Fprintf(w, "the provider ends the new one on %s\n", r.Expires.Format(time.DateOnly))
		}
		if r.Status == rotation.Compromised {
			fmt.Fprintf(w, "the new one was recorded as compromised meanwhile; replace it, too: keysweep cred rotate %s\n", r.Ref())
		}
		return nil
	})
	if err == nil && r.Status == rotation.Compromised {
		err = verdict(exitFindings)
	}
	return err
}

// reported makes exit code 1 of what was found out and is no failure to find out: who is refused, and what is still to be done.
func reported(env *Env, err error) error {
	var still *provider.StillValidError
	var refused *provider.RefusedError
	var unrevoked *provider.UnrevokedError
	var gone *provider.GoneError
	if !errors.As(err, &still) && !errors.As(err, &refused) && !errors.As(err, &unrevoked) && !errors.As(err, &gone) {
		return err
	}
	if exitCode(env.Stderr, err) == exitInterrupted {
		return err
	}
	return verdict(exitFindings)
}

// asUsageOf makes exit code 2 of what another command line would do.
func asUsageOf(err error) error {
	var same *provider.SameError
	var late *provider.LateError
	var nothing *provider.NothingError
	var other *provider.OtherPluginError
	var buried *rotation.BuriedError
	switch {
	case errors.As(err, &buried):
		return usagef("make a new one at the provider", "this value was taken out of use on %s and must not be used again: %s",
			buried.Tombstone.At.Format(time.DateOnly), buried.Tombstone.Reason)
	case errors.As(err, &same), errors.As(err, &late), errors.As(err, &nothing), errors.As(err, &other):
		return usagef(hintOf(err), "%w", err)
	}
	return err
}

// lastResort shows a new value that the ledger could not take, on the terminal alone, to a person who asks for it: it is the only
// copy.
func lastResort(ctx context.Context, env *Env, e *provider.UnkeptError) error {
	t, err := env.Terminal()
	if err != nil {
		return nil // nobody is there; what went wrong is said
	}
	defer func() { _ = t.Close() }()
	yes, err := t.Confirm(ctx, "The ledger cannot take the new value of "+e.Record.Ref()+", and there is no other copy. Show it on this terminal?")
	if err != nil || !yes {
		return err
	}
	return t.Print(string(e.Value) + "\n")
}

// warnShared says which other credentials have the value that is about to be ended.
func warnShared(env *Env, r *rotation.Record, records []rotation.Record) error {
	var others []string
	for i := range records {
		if o := &records[i]; o.ID != r.ID && r.Mark != "" && o.Mark == r.Mark && o.Status.Live() {
			others = append(others, o.Ref())
		}
	}
	if len(others) == 0 {
		return nil
	}
	slices.Sort(others)
	_, err := fmt.Fprintf(env.Stderr, "warning: the old value of %s is that of %s, too: what uses it there needs a new one as well\n", r.Ref(), strings.Join(others, ", "))
	return err
}

// planRotation is --dry-run.
func planRotation(ctx context.Context, env *Env, f *provider.Flow, r rotation.Record, j *provider.Journal, underWay bool) error {
	var lines []string
	if underWay {
		lines = append(lines, "a rotation is under way: "+stepWords(j))
	}
	if f.Runner == nil {
		lines = append(lines, "you make a new value at "+revokePlace(&r)+" and enter it", "it is put into use", "you revoke the old one there")
	} else {
		reply, err := f.Runner.Run(ctx, &plugin.Request{Protocol: plugin.Version, Step: plugin.StepDescribe})
		if err != nil {
			return err
		}
		if d := reply.Description; d != nil {
			lines = append(lines, planWith(f, d)...)
		}
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s would be replaced:\n", r.Ref())
		for _, line := range lines {
			fmt.Fprintln(w, "  "+git.Printable(line))
		}
		fmt.Fprintln(w, "nothing was done (--dry-run)")
		return nil
	})
}

func planWith(f *provider.Flow, d *plugin.Description) (lines []string) {
	can := func(step string) bool { return slices.Contains(d.Steps, step) }
	lines = append(lines, "plugin "+f.Plugin+": "+d.About)
	if f.Manual || !can(plugin.StepCreate) {
		lines = append(lines, "you enter the new value")
	} else {
		lines = append(lines, "the provider makes a new value")
	}
	if d.Phases == plugin.Single && !f.Manual {
		lines = append(lines, "with that, the old one ends at once: who has a copy of it needs the new one")
	}
	if can(plugin.StepTest) {
		lines = append(lines, "the new value is tested and put into use")
	}
	if f.Deploy != nil {
		lines = append(lines, "it is handed on by another plugin")
	}
	if can(plugin.StepRevoke) {
		when := "at once"
		if f.Grace != nil && *f.Grace > 0 {
			when = "by another run, after " + f.Grace.String()
		}
		lines = append(lines, "the old value is revoked "+when+", and tried until it is refused")
	}
	return lines
}
