package attest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Store is a file of attestations. Its methods are safe for concurrent use, by several processes too.
type Store struct {
	Dir  string      // the directory that nothing is read or written outside of, whatever links are in it: a repository's root
	Name string      // the file, relative to Dir, with slashes: ".keysweep/attestations.jsonl"
	Lock string      // the file that is locked while something is appended; it stays
	Mode fs.FileMode // of the file where it is made: 0600, or 0644 in a repository
}

// maxFile bounds the file, in bytes: some forty thousand attestations.
const maxFile = 16 << 20

// lockWait is how long to wait for somebody else who appends. It takes milliseconds.
const lockWait = 10 * time.Second

// Path returns the path of the file.
func (s Store) Path() string { return filepath.Join(s.Dir, filepath.FromSlash(s.Name)) }

// Read reads all attestations. A file that is not there holds none. If it was tampered with, the records before the first wrong line
// come with a *ChainError.
func (s Store) Read() (*Log, error) {
	root, err := os.OpenRoot(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &Log{ended: true}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read attestations: %w", err)
	}
	defer func() { _ = root.Close() }()
	f, err := s.open(root, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return &Log{ended: true}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read attestations: %w", err)
	}
	defer func() { _ = f.Close() }()
	return s.read(f)
}

// open opens the file, if it is one: a FIFO would block.
func (s Store) open(root *os.Root, flag int) (*os.File, error) {
	info, err := root.Stat(s.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", s.Path())
	}
	return root.OpenFile(s.Name, flag, s.Mode)
}

func (s Store) read(f *os.File) (*Log, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read attestations: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("read attestations: %s is larger than %d MB", s.Path(), maxFile>>20)
	}
	return Parse(s.Path(), data)
}

// Append adds an attestation, and returns it as it was written. A last line that was torn, as by a kill, is taken away first. Nothing
// is added to a chain that is broken.
func (s Store) Append(ctx context.Context, r Record) (Record, error) {
	r.Schema, r.Date = schema, r.Date.UTC().Truncate(time.Second)
	if err := r.valid(); err != nil {
		return r, fmt.Errorf("attest %s: %w", r.ID, err)
	}
	for _, dir := range []string{s.Dir, filepath.Dir(s.Lock)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return r, fmt.Errorf("attest %s: %w", r.ID, err)
		}
	}
	lock := flock.New(s.Lock)
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if _, err := lock.TryLockContext(wait, 10*time.Millisecond); err != nil {
		return r, fmt.Errorf("attest %s: somebody else writes attestations: lock %s: %w", r.ID, s.Lock, err)
	}
	defer func() { _ = lock.Close() }()
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return r, fmt.Errorf("attest %s: %w", r.ID, err)
	}
	defer func() { _ = root.Close() }()
	if err := s.append(root, &r); err != nil {
		return r, fmt.Errorf("attest %s: %w", r.ID, err)
	}
	return r, nil
}

func (s Store) append(root *os.Root, r *Record) (err error) {
	dir := path.Dir(s.Name)
	if err := root.MkdirAll(dir, s.Mode|s.Mode>>2&0o111); err != nil { // who may read the file may enter the directory
		return err
	}
	_, err = root.Stat(s.Name)
	made := errors.Is(err, fs.ErrNotExist)
	f, err := s.open(root, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	l, err := s.read(f)
	if err != nil {
		return err
	}
	if err := write(f, l, r); err != nil {
		return err
	}
	if made {
		syncDir(root, dir)
	}
	return nil
}

// write puts a record behind the last whole line. What is written is one piece, which a kill can only leave out or tear.
func write(f *os.File, l *Log, r *Record) error {
	r.Prev = l.last
	var line bytes.Buffer
	if !l.ended {
		line.WriteByte('\n')
	}
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return err
	}
	if l.size+int64(line.Len()) > maxFile {
		return fmt.Errorf("%s would be larger than %d MB: keep it elsewhere, and begin a new one", f.Name(), maxFile>>20)
	}
	if l.Torn > 0 {
		if err := f.Truncate(l.size); err != nil {
			return err
		}
	}
	if _, err := f.WriteAt(line.Bytes(), l.size); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes a new file's name last. Where directories cannot be synced, it is the system's business.
func syncDir(root *os.Root, dir string) {
	if d, err := root.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
