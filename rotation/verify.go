package rotation

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The kinds of problems that Verify finds.
const (
	ProblemStore     = "store"     // the store itself: an item is missing, was added or put back
	ProblemItem      = "item"      // an item is not what keysweep wrote
	ProblemRecord    = "record"    // a record cannot be read
	ProblemChain     = "chain"     // a record's Seq and Prev do not go together
	ProblemTombstone = "tombstone" // a tombstone cannot be read
	ProblemBuried    = "buried"    // a record in use has a tombstone
	ProblemSecret    = "secret"    // a secret item cannot be read, or belongs to no record
	ProblemNoSecret  = "no-secret" // an API key in use has no secret
)

// Problem is something in a ledger that is not as keysweep leaves it.
type Problem struct {
	Kind string // one of the constants
	Item string // name of the item; "" if it is none
	What string // in words, with the names of records
}

// Verification is what Verify found.
type Verification struct {
	State      State
	Items      int
	Records    []Record // those that can be read
	Tombstones []Tombstone
	Secrets    int      // of records
	Own        int      // keys that the ledger keeps for itself
	Unknown    []string // items of kinds that this version does not know
	Problems   []Problem

	secrets map[string]string // what secrets are of, with their items
}

// Verify looks at every item of the ledger by itself, so that one that is damaged does not hide the others, and at whether they go
// together. What is wrong with the ledger is in the result; an error says that it could not be looked at.
func (l *Ledger) Verify(ctx context.Context) (Verification, error) {
	v := Verification{secrets: map[string]string{}}
	err := l.store.View(ctx, func(r Reader) error {
		names, err := r.List()
		if err != nil {
			return err
		}
		v.Items = len(names)
		for _, name := range names {
			if err := v.item(r, name); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, ErrTampered):
		v.problem(ProblemStore, "", err.Error())
		return v, nil
	case err != nil:
		return v, fmt.Errorf("read the ledger: %w", err)
	}
	v.together()
	return v, nil
}

func (v *Verification) problem(kind, item, what string) {
	v.Problems = append(v.Problems, Problem{kind, item, what})
}

// item looks at one item. Its error is that it could not be looked at.
func (v *Verification) item(r Reader, name string) error {
	data, err := r.Get(name)
	if errors.Is(err, ErrTampered) || errors.Is(err, ErrNotFound) {
		v.problem(ProblemItem, name, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	defer clear(data)
	switch {
	case name == stateItem:
		if v.State, err = readState(r.Get); err != nil {
			v.problem(ProblemItem, name, err.Error())
		}
	case strings.HasPrefix(name, recordPrefix):
		v.record(r, name, data)
	case strings.HasPrefix(name, tombstonePrefix):
		grave, err := readTombstone(r.Get, name)
		if err != nil {
			v.problem(ProblemTombstone, name, err.Error())
			return nil
		}
		v.Tombstones = append(v.Tombstones, grave)
	case strings.HasPrefix(name, secretPrefix):
		v.secret(name, data)
	case strings.HasPrefix(name, morePrefix): // read with its record; what a killed process left belongs to none
	default:
		v.Unknown = append(v.Unknown, name)
	}
	return nil
}

func (v *Verification) record(r Reader, name string, data []byte) {
	rec, err := readRecord(r.Get, name, data)
	if err != nil {
		v.problem(ProblemRecord, name, err.Error())
		return
	}
	v.Records = append(v.Records, rec)
	prev, err := hex.DecodeString(rec.Prev)
	switch {
	case rec.Seq < 1:
		v.problem(ProblemChain, name, fmt.Sprintf("%s: its number of changes is %d", rec.Name, rec.Seq))
	case rec.Seq == 1 && rec.Prev != "":
		v.problem(ProblemChain, name, rec.Name+": it was never changed, and names a state before")
	case rec.Seq > 1 && (err != nil || len(prev) != 32):
		v.problem(ProblemChain, name, fmt.Sprintf("%s: after %d changes it does not name the state before", rec.Name, rec.Seq))
	}
}

func (v *Verification) secret(name string, data []byte) {
	of, value, ok := bytes.Cut(data, []byte{'\n'})
	if !ok || len(value) == 0 || secretItem(string(of)) != name {
		v.problem(ProblemSecret, name, "it holds something else than the secret that it is for")
		return
	}
	if strings.HasPrefix(string(of), ownSecrets) {
		v.Own++
		return
	}
	v.Secrets++
	v.secrets[string(of)] = name
}

// together compares what belongs together.
func (v *Verification) together() {
	ids := map[string]bool{}
	graves := map[string]Tombstone{}
	for _, g := range v.Tombstones {
		graves[g.Fingerprint] = g
	}
	for _, r := range v.Records {
		ids[r.ID] = true
		if g, buried := graves[r.Fingerprint]; r.Status == Active && buried && r.Fingerprint != "" {
			v.problem(ProblemBuried, r.item(), fmt.Sprintf("%s is active, and was taken out of use on %s: %s", r.Name, g.At.Format("2006-01-02"), g.Reason))
		}
		if g, buried := graves[MarkPrint(r.Mark)]; r.Status == Active && buried && r.Mark != "" {
			v.problem(ProblemBuried, r.item(), fmt.Sprintf("%s is active, and its value was taken out of use on %s: %s", r.Name, g.At.Format("2006-01-02"), g.Reason))
		}
		if _, kept := v.secrets[r.ID]; r.Kind == KindAPI && r.Status == Active && !kept {
			v.problem(ProblemNoSecret, r.item(), r.Name+" has no secret in the ledger")
		}
	}
	var lost []string
	for of := range v.secrets {
		id, _, _ := strings.Cut(of, "/") // during a rotation: ID/pending, ID/previous
		if looksLikeID(id) && !ids[id] {
			lost = append(lost, of)
		}
	}
	slices.Sort(lost)
	for _, of := range lost {
		v.problem(ProblemSecret, v.secrets[of], "it is the secret of a record that is not there: "+of)
	}
}

// looksLikeID tells the secrets of records from passphrases that are kept under other names.
func looksLikeID(name string) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == idSize
}

// Public reports whether an item holds nothing that must be kept secret: records with their continuations, tombstones and the state. Items of kinds that this
// version does not know are not public.
func Public(item string) bool {
	return item == stateItem || strings.HasPrefix(item, recordPrefix) || strings.HasPrefix(item, morePrefix) || strings.HasPrefix(item, tombstonePrefix)
}

// Empty reports whether the items of those names make an empty ledger: without records, tombstones or secrets of records. A new ledger
// has one item at most for its state and a few keys of its own.
func Empty(items []string) bool {
	own := []string{stateItem, secretItem(markKeyName), secretItem(signingKeyName)}
	return !slices.ContainsFunc(items, func(item string) bool { return !slices.Contains(own, item) })
}
