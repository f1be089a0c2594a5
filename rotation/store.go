package rotation

import (
	"context"
	"errors"
	"fmt"
)

// Store is a small set of items under opaque names, kept where nobody else can read them. Implementations are proven by
// package storetest.
//
// A name is 1 to 64 characters of a-z, 0-9 and "-", the data 1 byte to MaxItem. All methods may be called concurrently, by
// several goroutines and several processes.
type Store interface {
	// Get returns the data of an item, or ErrNotFound.
	Get(ctx context.Context, name string) ([]byte, error)
	// List returns the names of all items, sorted.
	List(ctx context.Context) ([]string, error)
	// View runs look while no process can change the store: all that it reads is of one time. Reading many items so is much
	// cheaper than a Get for each.
	View(ctx context.Context, look func(Reader) error) error
	// Update runs change while no other process can change the store, and then makes all its changes take effect, each
	// item wholly or not at all, in the order they were made. If change fails, nothing is changed. A killed process leaves a
	// beginning of the changes, never part of one item.
	Update(ctx context.Context, change func(Txn) error) error
	// Describe says in a few words where the items are: "encrypted files in /home/ann/.local/share/keysweep/ledger".
	Describe() string
}

// Reader is the view of a Store within View. Not for use after look has returned.
type Reader interface {
	Get(name string) ([]byte, error)
	List() ([]string, error)
}

// ManyReader is what a Reader is besides if it reads many items faster than one by one.
type ManyReader interface {
	// GetMany calls use for each of the names with its place among them and its data, in any order and from several goroutines at once.
	// The first error ends it and is returned; an item that is not there is ErrNotFound.
	GetMany(names []string, use func(i int, data []byte) error) error
}

// getMany reads many items, as fast as the store can.
func getMany(r Reader, names []string, use func(i int, data []byte) error) error {
	if many, ok := r.(ManyReader); ok {
		return many.GetMany(names, use)
	}
	for i, name := range names {
		data, err := r.Get(name)
		if err != nil {
			return err
		}
		if err := use(i, data); err != nil {
			return err
		}
	}
	return nil
}

// Txn is the view of a Store within Update. It sees its own changes. Not for use after change has returned.
type Txn interface {
	Reader
	Put(name string, data []byte) error
	Delete(name string) error // of an absent item too: no error
}

// MaxItem is the most that an item may hold, in bytes. Windows' credential manager takes 2,560, of which a store needs up to 112
// for the item's name, its place in the order of changes, and a checksum.
const MaxItem = 2560 - 112

var (
	// ErrNotFound says that there is no item of that name.
	ErrNotFound = errors.New("not in the ledger")
	// ErrTampered says that items were changed, swapped, taken away or put back to an older state outside keysweep.
	ErrTampered = errors.New("the ledger was changed outside keysweep")
	// ErrLocked says that the store could not be opened with the passphrase that was given.
	ErrLocked = errors.New("wrong passphrase for the ledger")
)

// NameError says that an item name is not of the form that Store describes.
type NameError struct{ Name string }

// Error shows the name.
func (e *NameError) Error() string {
	return fmt.Sprintf("%.80q is no name for an item of the ledger", e.Name)
}

// SizeError says that an item is empty or larger than MaxItem.
type SizeError struct {
	Name string
	Size int // bytes
}

// Error shows name and size.
func (e *SizeError) Error() string {
	return fmt.Sprintf("item %s of the ledger: %d bytes, not 1 to %d", e.Name, e.Size, MaxItem)
}

// CheckItemName refuses a name that is not of the form that Store describes, as a *NameError.
func CheckItemName(name string) error {
	bad := len(name) < 1 || len(name) > 64
	for _, c := range []byte(name) {
		bad = bad || (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-'
	}
	if bad {
		return &NameError{Name: name}
	}
	return nil
}

// CheckItem is CheckItemName, and refuses data of a wrong size as a *SizeError.
func CheckItem(name string, data []byte) error {
	if err := CheckItemName(name); err != nil {
		return err
	}
	if len(data) == 0 || len(data) > MaxItem {
		return &SizeError{Name: name, Size: len(data)}
	}
	return nil
}
