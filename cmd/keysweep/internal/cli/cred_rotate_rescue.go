package cli

import (
	"context"
	"errors"
	"fmt"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/rotation"
	"keysweep/rotation/provider"
	"keysweep/rotation/rescue"
)

// rescuePlace is where new values wait that the ledger could not take: beside the ledger, and independent of where that is.
func rescuePlace(env *Env) (*rescue.Place, error) {
	dir, err := stateFile(env, "rescue")
	return &rescue.Place{Dir: dir}, err
}

// rescues returns the rescue files that hold something, or cannot be read. Empty ones belong to rotations that are under way.
func rescues(env *Env) ([]rescue.Found, error) {
	place, err := rescuePlace(env)
	if err != nil {
		return nil, err
	}
	all, err := rescue.List(place.Dir)
	var holding []rescue.Found
	for _, f := range all {
		if f.Sealed || f.Err != nil {
			holding = append(holding, f)
		}
	}
	return holding, err
}

// noteRescues says which new values wait outside the ledger, but for one of a rotation that can be taken in: "" for none.
func noteRescues(ctx context.Context, env *Env, ledger *rotation.Ledger, but string) {
	found, err := rescues(env)
	if err != nil {
		tell(env.Stderr, "note: new values may wait outside the ledger: %v\n", err)
	}
	for _, f := range found {
		if but == "" || f.Label.Request != but || f.Err != nil {
			tell(env.Stderr, "note: %s\n", rescueWords(ctx, ledger, &f))
		}
	}
}

// rescueWords says what a rescue file means. ledger is nil if it is not open.
func rescueWords(ctx context.Context, ledger *rotation.Ledger, f *rescue.Found) string {
	path, ref := git.Printable(f.Path), git.Printable(f.Label.Ref)
	if f.Err != nil {
		if errors.Is(f.Err, rescue.ErrDamaged) {
			return "a new value may have been lost: " + git.Printable(f.Err.Error()) + "; see how its rotation stands with keysweep cred rotate ENV/NAME --status, and remove the file when nothing is missing"
		}
		return "a new value may wait outside the ledger: " + git.Printable(f.Err.Error())
	}
	if ledger != nil {
		if ok, err := provider.Openable(ctx, ledger, f.Label); err == nil && !ok {
			return fmt.Sprintf("a new value of %s is in %s, and this ledger cannot open it: it was taken in before, or sealed for another ledger, or another state of this one. "+
				"If the value in use does not work, bring that ledger back, or make a new value at the provider; then remove the file", ref, path)
		}
	}
	next := "take it in: keysweep cred rotate " + ref
	if ledger == nil { // for one that was taken in before, that would have the provider asked for another one
		next = "to see how it stands: keysweep cred rotate " + ref + " --status"
	}
	return fmt.Sprintf("a new value of %s waits outside the ledger, in %s; %s", ref, path, next)
}

// rescueNotices is noteRescues for reports, which may be made without the ledger.
func rescueNotices(ctx context.Context, env *Env) (notices []finding.Notice) {
	found, err := rescues(env)
	if err != nil {
		return []finding.Notice{{Kind: "rescue", Text: "new values may wait outside the ledger: " + err.Error()}}
	}
	for _, f := range found {
		notices = append(notices, finding.Notice{Kind: "rescue", Text: rescueWords(ctx, nil, &f)})
	}
	return notices
}

// strandedBy refuses what would make a rescue file of a record worthless.
func strandedBy(ctx context.Context, env *Env, ledger *rotation.Ledger, r *rotation.Record) error {
	found, err := rescues(env)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Label.Record != r.ID || !f.Sealed {
			continue
		}
		if ok, err := provider.Openable(ctx, ledger, f.Label); ok || err != nil {
			return usagef("take it in first: keysweep cred rotate "+r.Ref(), "a new value of %s, which its provider accepts, waits outside the ledger, in %s: without its record nobody could open that",
				r.Ref(), git.Printable(f.Path))
		}
	}
	return nil
}
