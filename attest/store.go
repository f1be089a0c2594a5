package attest

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"keysweep/internal/chain"
)

// Store is a file of attestations. Its methods are safe for concurrent use, by several processes too.
type Store struct {
	Dir  string      // the directory that nothing is read or written outside of, whatever links are in it: a repository's root
	Name string      // the file, relative to Dir, with slashes: ".keysweep/attestations.jsonl"
	Lock string      // the file that is locked while something is appended; it stays
	Mode fs.FileMode // of the file where it is made: 0600, or 0644 in a repository
}

// Path returns the path of the file.
func (s Store) Path() string { return filepath.Join(s.Dir, filepath.FromSlash(s.Name)) }

// Read reads all attestations. A file that is not there holds none. If it was tampered with, the records before the first wrong line
// come with a *ChainError.
func (s Store) Read() (*Log, error) { return chain.Read(kind(), chain.File(s)) }

// Append adds an attestation, and returns it as it was written. A last line that was torn, as by a kill, is taken away first. Nothing
// is added to a chain that is broken.
func (s Store) Append(ctx context.Context, r Record) (Record, error) {
	r.Schema, r.Date = schema, r.Date.UTC().Truncate(time.Second)
	err := r.valid()
	kept := r
	if err == nil {
		kept, err = chain.Append(ctx, kind(), chain.File(s), func(*Log) (Record, error) { return r, nil })
	}
	if err != nil {
		return r, fmt.Errorf("attest %s: %w", r.ID, err)
	}
	return kept, nil
}
