package rotation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Tx is a Ledger within Do. It sees its own changes, and all of them bear the same time. It is for one goroutine, and not for
// use after Do.
type Tx struct {
	ledger  *Ledger
	txn     Txn
	now     time.Time
	before  State   // as it was when Do began; read with the first change
	after   State   // as it will be
	changed bool    // there is a change, and the next state is written
	all     *census // of all records, once it was needed
	touched map[string]Record
	buried  int // tombstones that were not there before
}

// Do makes several changes that belong together: all of them take effect, in their order, or, if work fails, none. Meanwhile
// nobody else can change the ledger. It is one Update of the store, with its promise for processes that are killed. work must use
// only what it is given, not the Ledger itself. Its error is returned as it is.
func (l *Ledger) Do(ctx context.Context, work func(*Tx) error) error {
	tx := &Tx{ledger: l, now: whole(l.now()), touched: map[string]Record{}}
	err := l.store.Update(ctx, func(txn Txn) error {
		tx.txn = txn
		return work(tx)
	})
	if err != nil {
		return err
	}
	if tx.changed {
		l.remember(tx)
	}
	return nil
}

// begin writes the next state before the first change.
func (t *Tx) begin() error {
	if t.changed {
		return nil
	}
	var err error
	if t.before, err = readState(t.txn.Get); err != nil {
		return err
	}
	t.after = t.before.next(t.now)
	data, err := json.Marshal(t.after)
	if err != nil {
		return err
	}
	t.changed = true
	return t.txn.Put(stateItem, data)
}

func (t *Tx) put(item string, data []byte) error {
	if err := t.begin(); err != nil {
		return err
	}
	return t.txn.Put(item, data)
}

func (t *Tx) remove(item string) error {
	if err := t.begin(); err != nil {
		return err
	}
	return t.txn.Delete(item)
}

// Records returns all records as the changes have left them so far. What lists they hold must not be changed.
func (t *Tx) Records() ([]Record, error) {
	all, err := t.census()
	if err != nil {
		return nil, err
	}
	return slices.Clone(all.records), nil
}

func (t *Tx) census() (*census, error) {
	if t.all == nil {
		records, err := recordsIn(t.txn)
		if err != nil {
			return nil, err
		}
		t.all = newCensus(records)
	}
	return t.all, nil
}

// Record returns a record by its ID; none is ErrNotFound.
func (t *Tx) Record(id string) (Record, error) {
	item := recordPrefix + id
	data, err := t.txn.Get(item)
	if err != nil {
		return Record{}, err
	}
	return readRecord(t.txn.Get, item, data)
}

// Add is Ledger.Add.
func (t *Tx) Add(r Record) (Record, error) {
	if err := r.check(nil); err != nil {
		return Record{}, err
	}
	t.ledger.fill(&r, t.now)
	if err := t.allowed(&r, nil); err != nil {
		return Record{}, err
	}
	return r, t.write(&r)
}

// Change is Ledger.Change.
func (t *Tx) Change(id, what string, change func(*Record) error) (Record, error) {
	item := recordPrefix + id
	data, err := t.txn.Get(item)
	if err != nil {
		return Record{}, err
	}
	old, err := readRecord(t.txn.Get, item, data)
	if err != nil {
		return Record{}, err
	}
	r, err := t.next(old, data, what, change)
	if err != nil {
		return Record{}, err
	}
	if err := t.allowed(&r, &old); err != nil {
		return Record{}, err
	}
	return r, t.write(&r)
}

// allowed looks whether the ledger can take a record as it has become. old is nil for one that is added.
func (t *Tx) allowed(r, old *Record) error {
	if err := r.checkRotated(old); err != nil {
		return err
	}
	for _, print := range r.freshPrints(old) {
		grave, err := tombstoneIn(t.txn.Get, print)
		if err == nil {
			return &BuriedError{grave, r.Name}
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if old != nil && !r.needsUnique(old) {
		return nil
	}
	all, err := t.census()
	if err != nil {
		return err
	}
	return errors.Join(r.checkReplaced(all), all.unique(r))
}

// write stores a record that is checked.
func (t *Tx) write(r *Record) error {
	if err := t.begin(); err != nil {
		return err
	}
	if err := r.store(t.txn); err != nil {
		return err
	}
	t.touched[r.ID] = *r
	if t.all != nil {
		t.all.put(*r)
	}
	return nil
}

// Secret is Ledger.Secret.
func (t *Tx) Secret(name string) ([]byte, error) { return secretIn(t.txn.Get, name) }

// SetSecret is Ledger.SetSecret.
func (t *Tx) SetSecret(name string, value []byte) error {
	if err := checkSecret(name, value); err != nil {
		return err
	}
	return t.putSecret(name, value)
}

// RemoveSecret is Ledger.RemoveSecret.
func (t *Tx) RemoveSecret(name string) error {
	_, err := t.txn.Get(secretItem(name))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return t.remove(secretItem(name))
}

// Buried is Ledger.Buried.
func (t *Tx) Buried(print string) (Tombstone, error) { return tombstoneIn(t.txn.Get, print) }

// Bury is Ledger.Bury.
func (t *Tx) Bury(print, reason string) error {
	if print == "" {
		return errors.New("there is no fingerprint")
	}
	old, err := tombstoneIn(t.txn.Get, print)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	reason = clipped(reason, maxReason)
	if known && old.Reason == reason {
		return nil
	}
	grave := Tombstone{Schema: max(old.Schema, SchemaVersion), Fingerprint: print, Reason: reason, At: t.now, more: old.more}
	data, err := json.Marshal(grave)
	if err != nil {
		return fmt.Errorf("write tombstone: %w", err)
	}
	if !known {
		t.buried++
	}
	return t.put(tombstoneItem(print), data)
}
