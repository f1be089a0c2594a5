package ringstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// Ring is a keyring: small items by name. Client of internal/keyring is one. If it has more, it is used: GetAll of bulkRing, Hold of
// holdRing, View of viewRing.
type Ring interface {
	// Get returns the data of an item, or rotation.ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Set sets an item of 2,560 bytes at most, wholly or not at all. The label is what other programs show of it.
	Set(ctx context.Context, key, label string, data []byte) error
	// Remove takes an item away. If there is none, that is no error.
	Remove(ctx context.Context, key string) error
	// Keys returns the names of all items, in no order.
	Keys(ctx context.Context) ([]string, error)
	// Describe says in a few words what this is: "secret-service at unix:path=/run/user/1000/bus".
	Describe() string
}

// bulkRing is a Ring that reads many items faster than one by one. Those that are not there are left out.
type bulkRing interface {
	GetAll(ctx context.Context, keys []string) (map[string][]byte, error)
}

// holdRing is a Ring whose work is done by another process, which goes on for a moment when this one is killed: it locks a file
// too.
type holdRing interface {
	Hold(ctx context.Context, path string, shared bool) (release func() error, err error)
}

// viewRing is a holdRing that reads items at a time at which nobody holds the file for writing, in one exchange with its process.
type viewRing interface {
	View(ctx context.Context, path string, keys []string) (map[string][]byte, error)
}

// Options say where a ledger is.
type Options struct {
	Ring Ring
	Lock string // path of the file that processes lock; absolute. Its directory is made
	// Anchor is the path of the file that remembers the newest state of the ring on this machine; absolute. "" keeps none: then
	// nothing tells that all of the ring was put back to an older state between two runs.
	Anchor string
	// Ahead are names of items that Open reads together with what it needs itself. The first Glance, of those at most, returns what
	// they were at that time.
	Ahead []string
}

var (
	// ErrNone says that there is no ledger in the keyring.
	ErrNone = errors.New("there is no ledger in the keyring yet")
	// ErrExists says that there is a ledger in the keyring already.
	ErrExists = errors.New("there is a ledger in the keyring already")
)

func (o *Options) check() error {
	if !filepath.IsAbs(o.Lock) || o.Anchor != "" && !filepath.IsAbs(o.Anchor) {
		return fmt.Errorf("%q and %q must be absolute paths", o.Lock, o.Anchor)
	}
	return nil
}
