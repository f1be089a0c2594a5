package rotation

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// State is what a ledger knows of itself. It is written with every change, before what is changed: whoever finds the same Seq
// finds the same ledger.
type State struct {
	Schema int       `json:"schema"`
	ID     string    `json:"id"`     // random, made with the first change; tells this ledger from others, also after a move
	Seq    uint64    `json:"seq"`    // changes so far, of whatever in it; it never goes back
	Latest time.Time `json:"latest"` // the latest time at which anything was changed: a clock that is behind it went back

	more unknown
}

// stateItem is the item that holds the State. A ledger that was not changed since there are states has none.
const stateItem = "ledger"

// readState returns the state; one of no ID and Seq 0 if there is none yet.
func readState(get func(string) ([]byte, error)) (s State, err error) {
	data, err := get(stateItem)
	if errors.Is(err, ErrNotFound) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	if err := s.read(data); err != nil || s.ID == "" {
		return State{}, fmt.Errorf("read ledger: item %s holds no state: %w", stateItem, ErrTampered)
	}
	return s, nil
}

// next is the state after one more change.
func (v State) next(now time.Time) State {
	if v.ID == "" {
		id := make([]byte, idSize)
		_, _ = rand.Read(id) // never fails, see its documentation
		v.ID = hex.EncodeToString(id)
	}
	v.Schema = max(v.Schema, SchemaVersion)
	v.Seq++
	if now = whole(now); now.After(v.Latest) {
		v.Latest = now
	}
	return v
}

// State returns what the ledger knows of itself. A ledger that was never changed has no ID and Seq 0.
func (l *Ledger) State(ctx context.Context) (State, error) {
	s, err := readState(func(item string) ([]byte, error) { return l.store.Get(ctx, item) })
	if err != nil {
		return State{}, fmt.Errorf("read the ledger: %w", err)
	}
	return s, nil
}
