package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"keysweep/rotation"
)

// storedItem is an item of a ledger, whatever it means.
type storedItem struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// readItems reads all items. The caller clears them.
func readItems(r rotation.Reader) (items []storedItem, err error) {
	names, err := r.List()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := r.Get(name)
		if err != nil {
			clearItems(items)
			return nil, err
		}
		items = append(items, storedItem{name, data})
	}
	return items, nil
}

func clearItems(items []storedItem) {
	for _, i := range items {
		clear(i.Data)
	}
}

// putItems writes items, sorted by their names, into a ledger, reads them back and compares. The ledger may hold others.
func putItems(ctx context.Context, to rotation.Store, items []storedItem) error {
	err := to.Update(ctx, func(txn rotation.Txn) error {
		for _, i := range items {
			if err := txn.Put(i.Name, i.Data); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return to.View(ctx, func(r rotation.Reader) error {
		for _, i := range items {
			back, err := r.Get(i.Name)
			if err == nil && !bytes.Equal(back, i.Data) {
				err = errors.New("it is something else than was written")
			}
			clear(back)
			if err != nil {
				return fmt.Errorf("read item %s back from %s: %w", i.Name, to.Describe(), err)
			}
		}
		return nil
	})
}

// sameNames sees that a ledger holds the items and no others.
func sameNames(r rotation.Reader, items []storedItem) error {
	names, err := r.List()
	if err == nil && !slices.EqualFunc(names, items, func(name string, i storedItem) bool { return name == i.Name }) {
		err = fmt.Errorf("it holds %d items, and %d were written", len(names), len(items))
	}
	return err
}
