package rotation

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Ledger keeps records, tombstones and secrets in a Store. It is safe for concurrent use, by several processes too, as far as
// its clock is.
type Ledger struct {
	store   Store
	machine string
	now     func() time.Time

	mu  sync.Mutex // guards log
	log []done     // in the order of Seq
}

// Open returns the ledger in a store. machine is the name of this host, which tells whose file a path is; now is the clock.
func Open(store Store, machine string, now func() time.Time) *Ledger {
	return &Ledger{store: store, machine: machine, now: now}
}

// recordPrefix starts the item names of records; the record's ID follows.
const recordPrefix = "record-"

// idSize is the length of a record's ID in bytes; its text is hexadecimal.
const idSize = 16

func (r *Record) item() string { return recordPrefix + r.ID }

// Add records a key that the ledger does not have yet, and returns the record as it is kept. It chooses ID, Seq and Prev;
// Schema, Machine (if there is a Path), Status, FirstSeen and the times of events in History that have none are filled in. If
// History is empty it says "added".
//
// A name that a live record has is a *DuplicateError, and so is a fingerprint that any record has. A fingerprint or a mark with a
// tombstone is a *BuriedError, a field that is not of the form that Record says a *FieldError.
func (l *Ledger) Add(ctx context.Context, r Record) (added Record, err error) {
	err = l.Do(ctx, func(tx *Tx) error {
		added, err = tx.Add(r)
		return err
	})
	if err != nil {
		return Record{}, fmt.Errorf("add to the ledger: %w", err)
	}
	return added, nil
}

func (l *Ledger) fill(r *Record, now time.Time) {
	id := make([]byte, idSize)
	_, _ = rand.Read(id) // never fails, see its documentation
	r.ID, r.Seq, r.Prev, r.parts = hex.EncodeToString(id), 1, "", nil
	r.Schema = max(r.Schema, SchemaVersion)
	if r.Path != "" && r.Machine == "" {
		r.Machine = l.machine
	}
	if r.Status == "" {
		r.Status = Active
	}
	if r.FirstSeen.IsZero() {
		r.FirstSeen = now
	}
	if len(r.History) == 0 {
		r.History = []Event{{What: "added"}}
	}
	r.settle()
	for i := range r.History {
		if r.History[i].At.IsZero() {
			r.History[i].At = now
		}
	}
}

// Change changes one record: it reads it, lets change alter it, and writes it with the next Seq, the hash of what it was, and
// an event of the name what. All of that happens while nobody else can change the ledger. If change fails nothing is changed;
// its error is returned, wrapped. change must not use the ledger, and cannot change ID, FirstSeen, Seq, Prev and Schema.
//
// What Add refuses of new fields is refused here too. A RotatedAt that moves while Mark and Fingerprint stay is an
// *UnchangedError.
func (l *Ledger) Change(ctx context.Context, id, what string, change func(*Record) error) (changed Record, err error) {
	err = l.Do(ctx, func(tx *Tx) error {
		changed, err = tx.Change(id, what, change)
		return err
	})
	if err != nil {
		return Record{}, fmt.Errorf("change the ledger: %w", err)
	}
	return changed, nil
}

// next returns what a record becomes.
func (t *Tx) next(old Record, data []byte, what string, change func(*Record) error) (Record, error) {
	r := old.clone()
	if err := change(&r); err != nil {
		return Record{}, err
	}
	sum := sha256.Sum256(data)
	r.ID, r.FirstSeen, r.Schema = old.ID, old.FirstSeen, max(old.Schema, SchemaVersion)
	r.Seq, r.Prev, r.more, r.parts = old.Seq+1, hex.EncodeToString(sum[:]), old.more, old.parts
	r.History = append(r.History, Event{At: t.now, What: what})
	return r, r.check(&old)
}

// Records returns all records, in the order of their IDs, which means nothing.
func (l *Ledger) Records(ctx context.Context) (records []Record, err error) {
	err = l.store.View(ctx, func(r Reader) error {
		records, err = recordsIn(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return records, nil
}

func recordsIn(r Reader) ([]Record, error) {
	names, err := r.List()
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, recordPrefix) })
	records, rest := make([]Record, len(names)), make([]*spill, len(names))
	err = getMany(r, names, func(i int, data []byte) (err error) {
		records[i], rest[i], err = decodeRecord(names[i], data)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, more := range rest {
		if more == nil {
			continue
		}
		if err := records[i].gather(r.Get, *more); err != nil {
			return nil, err
		}
	}
	return records, nil
}
