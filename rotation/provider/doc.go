// Package provider replaces API credentials at the providers that issued them, with plugins or by the hand of a person, so that
// the value that works is in the ledger at every moment. Start at Flow.
//
// A rotation goes through these steps, and is continued where it stood whenever Flow.Run is called, by whatever it was ended:
//
//	creating  the plugin is asked for a new credential           the ledger: ID = old
//	created   it is there; provider-side deploy, test            ID = old, ID/pending = new
//	swapped   the new one is in use; consumers get it; grace     ID = new, ID/previous = old
//	revoked   the old one is ended; that is proven               ID = new, ID/previous = old
//	(none)    the old one has a tombstone                        ID = new
//
// Before the provider is asked, a rescue file is made ready beside the ledger (Flow.Rescue, package rescue), and its key is put into
// the ledger with the journal. The answer is sealed and written there first, then into the ledger, and then the file is destroyed;
// every run begins with a look whether there is one.
//
// The state of a rotation is an item of the ledger, ID/rotation, beside the secrets that it is about: it moves with them, and is
// changed in the same transaction. A store makes the changes of a transaction in their order and may be killed in between
// (rotation.Store); the order here is chosen so that every beginning of it can be continued.
package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// Names of the ledger's secrets during a rotation, after the record's ID.
const (
	pendingSuffix  = "/pending"  // the new credential until it is in use
	previousSuffix = "/previous" // the old credential from then on, until it is proven to be refused
	journalSuffix  = "/rotation" // the Journal
	wasSuffix      = "/was"      // what the record said of the old credential, from then on
	metaSuffix     = "/meta"     // what the plugin wants to know of the credential in use, between rotations too
)

// Step says how far a rotation is.
type Step string

// The steps of a rotation.
const (
	Creating Step = "creating"
	Created  Step = "created"
	Swapped  Step = "swapped"
	Revoked  Step = "revoked"
	// Returning is after Swapped, instead of Revoked: the old credential is put into use again.
	Returning Step = "returning"
)

// Side is what a Journal knows of one of the two credentials. None of it is secret.
type Side struct {
	Account string            `json:"account,omitempty"`
	Meta    map[string]string `json:"meta,omitempty"`
	Mark    string            `json:"mark,omitempty"`
	Created time.Time         `json:"created,omitzero"`
	Expires time.Time         `json:"expires,omitzero"`
	// ValidUntil is set for the old one if the provider itself ends it then.
	ValidUntil time.Time `json:"valid_until,omitzero"`
}

// Journal is the state of a rotation. It holds no secret.
type Journal struct {
	Schema    int           `json:"schema"` // 1
	Plugin    string        `json:"plugin,omitempty"`
	Manual    bool          `json:"manual,omitempty"` // a person gets the new value
	RequestID string        `json:"request_id"`
	Step      Step          `json:"step"`
	Attempt   int           `json:"attempt,omitempty"` // tries to create
	TriedAt   time.Time     `json:"tried_at,omitzero"` // the last of them
	StartedAt time.Time     `json:"started_at"`
	Phases    plugin.Phases `json:"phases,omitempty"`
	Old       Side          `json:"old"`
	New       Side          `json:"new"`
	Deployed  bool          `json:"deployed,omitempty"` // at the provider
	Tested    bool          `json:"tested,omitempty"`
	Handed    bool          `json:"handed,omitempty"` // to those who use it
	Grace     time.Duration `json:"grace,omitempty"`  // nanoseconds
	SwappedAt time.Time     `json:"swapped_at,omitzero"`
	Trouble   string        `json:"trouble,omitempty"` // of the last run, if it did not get on
}

// journalSchema is the number in Journal.Schema.
const journalSchema = 1

// RevokeAfter is when the old credential may be revoked; zero before it is replaced.
func (j *Journal) RevokeAfter() time.Time {
	if j.SwappedAt.IsZero() {
		return time.Time{}
	}
	return j.SwappedAt.Add(j.Grace)
}

// Load returns the state of the rotation of a record; false if there is none under way.
func Load(ctx context.Context, ledger *rotation.Ledger, id string) (Journal, bool, error) {
	data, err := ledger.Secret(ctx, id+journalSuffix)
	return readJournal(data, err)
}

func readJournal(data []byte, err error) (j Journal, found bool, _ error) {
	if errors.Is(err, rotation.ErrNotFound) {
		return j, false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err == nil && j.Schema > journalSchema {
		err = fmt.Errorf("it was written by a newer version (schema %d)", j.Schema)
	}
	if err != nil {
		return j, false, fmt.Errorf("read the state of the rotation: %w", err)
	}
	return j, true, nil
}

// maxTrouble is the most that is kept of an error, in bytes: the journal must fit into an item of the ledger.
const maxTrouble = 300

// write puts the journal into a transaction.
func (j *Journal) write(tx *rotation.Tx, id string) error {
	j.Schema = journalSchema
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return tx.SetSecret(id+journalSuffix, data)
}

// Forget takes everything out of the ledger that a rotation of the record has left there beside the credential in use: for
// records that are removed. The caller has seen to it that none of it is needed.
func Forget(tx *rotation.Tx, id string) error {
	var errs []error
	for _, suffix := range []string{pendingSuffix, previousSuffix, wasSuffix, metaSuffix, rescueSuffix, journalSuffix} {
		errs = append(errs, tx.RemoveSecret(id+suffix))
	}
	return errors.Join(errs...)
}
