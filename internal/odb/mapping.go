package odb

import (
	"errors"
	"fmt"
	"os"
)

// mapping is a file's content as memory.
type mapping struct {
	path  string
	data  []byte
	unmap func() error // nil: the memory is our own
}

func (m *mapping) close() error {
	if m.unmap == nil {
		return nil
	}
	unmap := m.unmap
	m.data, m.unmap = nil, nil
	return unmap()
}

// mapFile maps a regular file for reading. An empty one is an error: no file of a database is.
func mapFile(path string) (m mapping, err error) {
	info, err := os.Stat(path) // before it is opened: opening a named pipe would wait for a writer
	if err != nil {
		return m, err
	}
	if !info.Mode().IsRegular() {
		return m, fmt.Errorf("%s: it is not a regular file", path)
	}
	if info.Size() == 0 {
		return m, fmt.Errorf("%s: the file is empty", path)
	}
	if int64(int(info.Size())) != info.Size() {
		return m, fmt.Errorf("%s: %w", path, errors.New("the file is too large for this machine's address space"))
	}
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer func() { _ = f.Close() }()
	m = mapping{path: path}
	if m.data, m.unmap, err = mapMemory(f, int(info.Size())); err != nil {
		return m, fmt.Errorf("map %s into memory: %w", path, err)
	}
	return m, nil
}

// Packs of more than smallPacks bytes together are given back now and then while they are read, so that the memory that is in
// use does not grow with them: whenever a goroutine has read relaxAfter bytes. That costs up to 5 % of the time of a walk, which
// is why small ones stay.
const (
	smallPacks = 48 << 20
	relaxAfter = 16 << 20
)
