package filestore

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"keysweep/rotation"
)

// GetMany reads items on all processors: most of the time goes into the X25519 of each. It fails when the context of View ends.
func (r *reader) GetMany(names []string, use func(i int, data []byte) error) error {
	return getMany(r.ctx, r.Get, names, use)
}

// GetMany reads items as the update has left them so far.
func (t *txn) GetMany(names []string, use func(i int, data []byte) error) error {
	return getMany(context.Background(), t.Get, names, use)
}

var (
	_ rotation.ManyReader = (*reader)(nil)
	_ rotation.ManyReader = (*txn)(nil)
)

// getMany calls get, which only reads, from several goroutines.
func getMany(ctx context.Context, get func(string) ([]byte, error), names []string, use func(i int, data []byte) error) error {
	var (
		all   sync.WaitGroup
		next  atomic.Int64
		first atomic.Pointer[error]
	)
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		all.Go(func() {
			for first.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(names) {
					return
				}
				data, err := get(names[i])
				if err == nil {
					err = use(i, data)
				}
				if err != nil {
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("read the ledger: %w", context.Cause(ctx))
	}
	return nil
}
