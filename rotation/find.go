package rotation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// ErrAmbiguous says that more than one record answers to a name. The error is an *AmbiguousError.
var ErrAmbiguous = errors.New("more than one record fits")

// AmbiguousError is ErrAmbiguous with the records that fit.
type AmbiguousError struct {
	Ref        string
	Candidates []Record
}

// Error lists the candidates, in one line.
func (e *AmbiguousError) Error() string {
	each := make([]string, len(e.Candidates))
	for i, r := range e.Candidates {
		each[i] = fmt.Sprintf("%s (%s, id %s)", r.Ref(), r.Status, r.ID)
		if r.Fingerprint != "" {
			each[i] = fmt.Sprintf("%s (%s, %s, id %s)", r.Ref(), r.Fingerprint, r.Status, r.ID)
		}
	}
	return fmt.Sprintf("%q: %v: %s", e.Ref, ErrAmbiguous, strings.Join(each, "; "))
}

// Unwrap is for errors.Is.
func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// Hint says what to do.
func (e *AmbiguousError) Hint() string {
	if e.Candidates[0].Env != e.Candidates[1].Env && e.Candidates[0].Kind == KindAPI {
		return "name its environment too: " + e.Candidates[0].Ref()
	}
	return "name it by its id or fingerprint"
}

// minPrefix is the fewest hex digits of an id that stand for all of it.
const minPrefix = 8

// Ref returns what Find finds the record by: its name, behind its environment where the kind is KindAPI: "prod/GITLAB_TOKEN".
func (r *Record) Ref() string {
	if r.Kind == KindAPI && r.Env != "" {
		return r.Env + "/" + r.Name
	}
	return r.Name
}

// Find returns the record that ref means: its name, that behind its environment and a slash, its id or the first 8 digits or more of that, its fingerprint, or the
// absolute path of its file on this machine. Live records come before those that are retired or revoked. Nothing found is
// ErrNotFound, several are an *AmbiguousError.
func (l *Ledger) Find(ctx context.Context, ref string) (Record, error) {
	records, err := l.Records(ctx)
	if err != nil {
		return Record{}, err
	}
	return FindIn(records, ref, l.machine)
}

// FindIn is Ledger.Find among records that were read before. machine is the name of this host.
func FindIn(records []Record, ref, machine string) (Record, error) {
	var live, dead []Record
	for _, r := range records {
		switch {
		case !r.answers(ref, machine):
		case r.Status.Live():
			live = append(live, r)
		default:
			dead = append(dead, r)
		}
	}
	found := live
	if len(live) == 0 {
		found = dead
	}
	switch len(found) {
	case 0:
		return Record{}, fmt.Errorf("%q: %w", ref, ErrNotFound)
	case 1:
		return found[0], nil
	}
	slices.SortFunc(found, func(a, b Record) int { return a.FirstSeen.Compare(b.FirstSeen) })
	return Record{}, &AmbiguousError{ref, found}
}

func (r *Record) answers(ref, machine string) bool {
	switch {
	case ref == "":
		return false
	case ref == r.Name || ref == r.Ref() || ref == r.ID || ref == r.Fingerprint:
		return true
	case len(ref) >= minPrefix && strings.HasPrefix(r.ID, ref):
		return true
	case filepath.IsAbs(ref) && r.Path != "":
		return filepath.Clean(ref) == filepath.Clean(r.Path) && (r.Machine == "" || r.Machine == machine)
	}
	return false
}
