package ringstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keysweep/rotation"
)

// memory is a Ring in a file, so that other processes have it too. It counts the calls, and fails when it is told to.
type memory struct {
	path  string
	calls map[string]int
	fail  func(op, key string) error
}

func newMemory(path string) *memory { return &memory{path: path, calls: map[string]int{}} }

func (m *memory) items() (map[string][]byte, error) {
	items := map[string][]byte{}
	data, err := os.ReadFile(m.path)
	if errors.Is(err, os.ErrNotExist) {
		return items, nil
	}
	if err != nil {
		return nil, err
	}
	return items, json.Unmarshal(data, &items)
}

func (m *memory) change(do func(map[string][]byte)) error {
	items, err := m.items()
	if err != nil {
		return err
	}
	do(items)
	data, err := json.Marshal(items)
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(m.path+".new", m.path) // a killed process leaves it whole; a power cut is not tested
}

func (m *memory) call(ctx context.Context, op, key string) error {
	m.calls[op]++
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.fail != nil {
		return m.fail(op, key)
	}
	return nil
}

func (m *memory) Get(ctx context.Context, key string) ([]byte, error) {
	if err := m.call(ctx, "get", key); err != nil {
		return nil, err
	}
	items, err := m.items()
	if err != nil {
		return nil, err
	}
	data, ok := items[key]
	if !ok {
		return nil, fmt.Errorf("item %s: %w", key, rotation.ErrNotFound)
	}
	return data, nil
}

func (m *memory) Set(ctx context.Context, key, _ string, data []byte) error {
	if err := m.call(ctx, "set", key); err != nil {
		return err
	}
	if len(data) > maxRing {
		return fmt.Errorf("item %s: %d bytes are too many", key, len(data))
	}
	return m.change(func(items map[string][]byte) { items[key] = data })
}

func (m *memory) Remove(ctx context.Context, key string) error {
	if err := m.call(ctx, "remove", key); err != nil {
		return err
	}
	return m.change(func(items map[string][]byte) { delete(items, key) })
}

func (m *memory) Keys(ctx context.Context) ([]string, error) {
	if err := m.call(ctx, "keys", ""); err != nil {
		return nil, err
	}
	items, err := m.items()
	return slices.Collect(maps.Keys(items)), err
}

func (m *memory) Describe() string { return "a ring in " + m.path }

func optionsAt(place string, ring Ring) Options {
	return Options{Ring: ring, Lock: filepath.Join(place, "lock"), Anchor: filepath.Join(place, "state", "anchor.json")}
}

// create makes an empty ledger in memory.
func create(t *testing.T) (place string, ring *memory, s *Store) {
	t.Helper()
	place = t.TempDir()
	ring = newMemory(filepath.Join(place, "ring.json"))
	s, err := Create(t.Context(), optionsAt(place, ring))
	if err != nil {
		t.Fatal(err)
	}
	return place, ring, s
}
