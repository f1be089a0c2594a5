package ringstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"keysweep/rotation"
	"keysweep/rotation/anchor"
)

// Store is a ledger in a keyring. It is safe for concurrent use, and other processes may use the keyring too.
type Store struct {
	ring   Ring
	lock   string
	id     identity
	anchor *anchor.Anchor
	notes  []string
	ahead  atomic.Pointer[glimpse] // see Options.Ahead
}

// Exists reports whether there is a ledger in a keyring.
func Exists(ctx context.Context, o Options) (bool, error) {
	data, err := o.Ring.Get(ctx, identityKey)
	clear(data)
	if errors.Is(err, rotation.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Missing says why no new ledger should be made although Exists says that there is none: there are traces of one that is gone.
// The error is rotation.ErrTampered. Create asks it too.
func Missing(ctx context.Context, o Options) error {
	if exists, err := Exists(ctx, o); exists || err != nil {
		return err
	}
	gone := traces(ctx, o)
	if gone != nil { // or another process made it meanwhile: the identity comes before everything that is a trace of it
		if exists, err := Exists(ctx, o); exists || err != nil {
			return err
		}
	}
	return gone
}

// traces says what is left of a ledger whose identity is not there.
func traces(ctx context.Context, o Options) error {
	const back = "put the keyring back from a backup; to begin anew without its records, delete "
	keys, err := o.Ring.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if strings.HasPrefix(key, itemPrefix) {
			return &rotation.TamperError{Item: "identity", Where: o.Ring.Describe(), What: "is gone, and items are there", Do: back + "keysweep's items in it"}
		}
	}
	return anchor.Forgotten(o.Anchor, "keyring", o.Ring.Describe(), back)
}

// Create makes an empty ledger. If there is one it is ErrExists.
func Create(ctx context.Context, o Options) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("make ledger: %w", err)
	}
	s := o.store(newIdentity())
	if err := s.exclusively(ctx, func() error { return s.create(ctx, o) }); err != nil {
		return nil, fmt.Errorf("make ledger: %w", err)
	}
	return s, nil
}

// create writes the items of an empty ledger. Its identity comes last but for the anchor: without it there is no ledger, and a
// crash leaves nothing in the way of another try.
func (s *Store) create(ctx context.Context, o Options) error {
	if exists, err := Exists(ctx, o); exists || err != nil {
		return errors.Join(ErrExists, err)
	}
	if err := Missing(ctx, o); err != nil {
		return err
	}
	state, err := s.save(ctx, head{Schema: 1, Store: s.id.Store, Seq: 1})
	if err != nil {
		return err
	}
	data, err := json.Marshal(s.id)
	if err != nil {
		return err
	}
	defer clear(data)
	if err := s.ring.Set(ctx, identityKey, label("identity"), data); err != nil {
		return err
	}
	back, err := s.ring.Get(ctx, identityKey)
	if err != nil || !bytes.Equal(back, data) {
		return errors.Join(fmt.Errorf("%s does not give back what was written", s.ring.Describe()), err)
	}
	clear(back)
	return s.anchor.Save(state)
}

func (o *Options) store(id identity) *Store {
	s := &Store{ring: o.Ring, lock: o.Lock, id: id}
	s.anchor = anchor.New(anchor.Options{Path: o.Anchor, Store: id.Store, Item: "keyring", Where: o.Ring.Describe(), MAC: id.anchorMAC})
	return s
}

// Open opens a ledger. None is ErrNone. What a killed process left undone is put right.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, o Options) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	keys, err := keysOf(o.Ahead)
	if err != nil {
		return nil, err
	}
	s, stale := (*Store)(nil), false
	err = o.store(identity{}).glance(ctx, append(keys, identityKey, headKey), func(found map[string][]byte) (err error) {
		s, stale, err = o.opened(found)
		return err
	})
	if len(keys) > 0 && errors.Is(err, rotation.ErrTampered) { // it may be an item that is of no account
		o.Ahead = nil
		return open(ctx, o)
	}
	if err == nil && stale {
		err = s.exclusively(ctx, func() error { return s.repair(ctx, o) })
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// opened returns the ledger that was found. stale: there is something to repair.
func (o *Options) opened(found map[string][]byte) (s *Store, stale bool, err error) {
	data := found[identityKey]
	if data == nil {
		return nil, false, fmt.Errorf("%w: %s", ErrNone, o.Ring.Describe())
	}
	defer clear(data)
	id, err := readIdentity(data)
	if err != nil {
		return nil, false, &rotation.TamperError{Item: "identity", Where: o.Ring.Describe(), What: err.Error(), Do: putBack}
	}
	s = o.store(id)
	h, kept, err := s.headIn(found[headKey])
	if err != nil {
		return nil, false, err
	}
	stale = len(h.Intent) > 0 || o.Anchor != "" && (kept == nil || kept.Seq < h.Seq)
	if items, err := s.items(found, o.Ahead); err == nil && !stale && len(o.Ahead) > 0 {
		s.ahead.Store(&glimpse{o.Ahead, items})
	} else {
		wipe(items)
	}
	return s, stale, nil
}

// repair finishes what a killed process began, and brings the anchor up to date.
func (s *Store) repair(ctx context.Context, o Options) error {
	h, kept, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.anchor.Sweep()
	if kept == nil && o.Anchor != "" {
		s.notes = append(s.notes, anchor.NewHere)
	}
	if len(h.Intent) > 0 {
		return s.settle(ctx, h)
	}
	return s.anchor.Save(s.anchor.Newest())
}

// settle takes away what is torn, and writes a head that intends nothing any more, and the anchor.
func (s *Store) settle(ctx context.Context, h head) error {
	now, err := s.settled(ctx, h)
	if err != nil {
		return err
	}
	for name := range now.torn {
		if err := s.ring.Remove(ctx, itemPrefix+name); err != nil {
			return err
		}
	}
	now.head.Seq++
	return s.finish(ctx, now.head)
}

// finish writes the head after an update, and the anchor.
func (s *Store) finish(ctx context.Context, h head) error {
	state, err := s.save(ctx, h)
	if err != nil {
		return err
	}
	if err := s.anchor.Save(state); err != nil {
		return fmt.Errorf("the ledger is written, but not that this is its newest state: %w", err)
	}
	return nil
}

// load reads the head and sees that it is no older than one that is known. The caller has the lock.
func (s *Store) load(ctx context.Context) (head, *anchor.State, error) {
	box, err := s.ring.Get(ctx, headKey)
	if err != nil && !errors.Is(err, rotation.ErrNotFound) {
		return head{}, nil, err
	}
	return s.headIn(box)
}

// headIn opens the head, nil for none, and sees that it is no older than one that is known.
func (s *Store) headIn(box []byte) (head, *anchor.State, error) {
	if box == nil {
		return head{}, nil, s.tampered("head", "is gone")
	}
	h, err := s.id.unsealHead(box)
	if err != nil {
		return head{}, nil, s.tampered("head", err.Error())
	}
	kept, err := s.anchor.Check(stateOf(h, box))
	if err != nil {
		return head{}, nil, err
	}
	return h, kept, nil
}

// save writes the head.
func (s *Store) save(ctx context.Context, h head) (anchor.State, error) {
	box, err := s.id.sealHead(h)
	if err != nil {
		return anchor.State{}, err
	}
	return stateOf(h, box), s.ring.Set(ctx, headKey, label("head"), box)
}

func stateOf(h head, box []byte) anchor.State {
	sum := sha256.Sum256(box)
	return anchor.State{Seq: h.Seq, Sum: hex.EncodeToString(sum[:])}
}

// ID tells the ledger from others: random, and the same for as long as it is there.
func (s *Store) ID() string { return s.id.Store }

// Notes returns what a person should know of how the ledger was found, in whole sentences; usually nothing.
func (s *Store) Notes() []string { return s.notes }

// Describe says where the ledger is.
func (s *Store) Describe() string { return s.ring.Describe() }

// label is what other programs show of an item.
func label(name string) string { return "keysweep ledger: " + name }

const putBack = "find out what changed it (another program, a synchronised or restored keyring, somebody else), then put the keyring back from its latest backup"

func (s *Store) tampered(item, what string) error {
	return &rotation.TamperError{Item: item, Where: s.ring.Describe(), What: what, Do: putBack}
}

var _ rotation.Store = (*Store)(nil)
