package incident

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/internal/chain"
)

// Book holds the incidents of an account: a directory with a file for each. Its methods are safe for concurrent use, by several processes
// too.
type Book struct{ Dir string }

// ErrUnknown says that there is no incident of an id.
var ErrUnknown = errors.New("there is no such incident")

// ErrChanged says that somebody else wrote to an incident meanwhile.
var ErrChanged = errors.New("somebody else wrote to it meanwhile, and nothing was changed")

const ending = ".jsonl"

// file is where an incident is kept. All of them have one lock, so that no id is given twice.
func (b Book) file(id string) chain.File {
	return chain.File{Dir: b.Dir, Name: id + ending, Lock: filepath.Join(b.Dir, ".lock"), Mode: 0o600}
}

// Path returns the path of an incident's log.
func (b Book) Path(id string) string { return b.file(id).Path() }

// IDs lists the incidents, oldest first. A book that is not there holds none. Files of other names are not looked at.
func (b Book) IDs() (ids []string, err error) {
	entries, err := os.ReadDir(b.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ending); ok && IsID(id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(sortable(a), sortable(b)) })
	return ids, nil
}

// sortable orders ids by year and number, also where one has more digits.
func sortable(id string) string {
	kind, rest, _ := strings.Cut(id, "-")
	year, n, _ := strings.Cut(rest, "-")
	return fmt.Sprintf("%s-%6s-%s", year, n, kind)
}

// Read reads an incident. torn is the number of bytes of a last line that was never finished. A log that is damaged is a *chain.Error,
// one that holds nothing ErrUnknown.
func (b Book) Read(id string) (i *Incident, torn int, err error) {
	if !IsID(id) {
		return nil, 0, fmt.Errorf("%.80q: %w", id, ErrUnknown)
	}
	l, err := chain.Read(kind(), b.file(id))
	if err != nil {
		return nil, 0, err
	}
	i, err = of(id, l.Records)
	return i, l.Torn, err
}

// Start writes down an incident, and returns its id. What a kill left of one that was never begun is taken for it.
func (b Book) Start(ctx context.Context, e Event) (id string, err error) {
	e.Kind = Started
	e.stamp()
	if err := e.valid(); err != nil {
		return "", fmt.Errorf("start an incident: %w", err)
	}
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return "", fmt.Errorf("start an incident: %w", err)
	}
	err = chain.Locked(ctx, "incidents", b.file("").Lock, func() error {
		taken, err := b.begun()
		if err != nil {
			return err
		}
		id = newID(e.Drill, e.At.Year(), taken)
		_, err = chain.AppendLocked(kind(), b.file(id), func(*chain.Log[Event]) (Event, error) { return e, nil })
		return err
	})
	if err != nil {
		return "", fmt.Errorf("start an incident: %w", err)
	}
	return id, nil
}

// begun lists the ids that hold something, be it damaged.
func (b Book) begun() (taken []string, err error) {
	ids, err := b.IDs()
	for _, id := range ids {
		if l, err := chain.Read(kind(), b.file(id)); err != nil || len(l.Records) > 0 {
			taken = append(taken, id)
		}
	}
	return taken, err
}

// Append adds an event to an incident, and returns what it has come to. A closed one takes action items only.
func (b Book) Append(ctx context.Context, id string, e Event) (*Incident, error) {
	return b.append(ctx, id, e, nil)
}

// AppendTo is Append for an event that is true only as long as nothing else happened to the incident since it was read.
func (b Book) AppendTo(ctx context.Context, i *Incident, e Event) (*Incident, error) {
	return b.append(ctx, i.ID, e, func(l *chain.Log[Event]) error {
		if len(l.Records) != len(i.Events) {
			return ErrChanged
		}
		return nil
	})
}

func (b Book) append(ctx context.Context, id string, e Event, check func(*chain.Log[Event]) error) (i *Incident, err error) {
	if !IsID(id) {
		return nil, fmt.Errorf("%.80q: %w", id, ErrUnknown)
	}
	if _, err := os.Stat(b.Path(id)); errors.Is(err, fs.ErrNotExist) { // Append would make it
		return nil, fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	e.stamp()
	_, err = chain.Append(ctx, kind(), b.file(id), func(l *chain.Log[Event]) (Event, error) {
		if check != nil {
			if err := check(l); err != nil {
				return e, err
			}
		}
		if len(l.Records) == 0 {
			return e, ErrUnknown
		}
		i, err = of(id, append(slices.Clip(l.Records), e))
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("write to %s: %w", id, err)
	}
	return i, nil
}
