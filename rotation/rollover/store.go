package rollover

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"keysweep/internal/atomicfile"
)

const (
	journalMode fs.FileMode = 0o600
	journalDir  fs.FileMode = 0o700
	// maxJournal bounds what is read: 10,000 hosts with a line of trouble each take half of it.
	maxJournal = 8 << 20
)

// ErrBusy says that another process works on the same rotation.
var ErrBusy = errors.New("another keysweep is rotating this key: wait for it to end")

// File is where a Journal is kept, one for each key that is being rotated. As long as it is open no other process can open it.
type File struct {
	path string
	lock *flock.Flock
}

// path returns the file of a key's journal.
func path(dir, record string) string { return filepath.Join(dir, filepath.Base(record)+".json") }

// Open locks the journal of a key, given by its record's ID, in a directory, which is made if it is not there; the journal
// itself need not be there. The error is ErrBusy if another process has it. The caller closes it.
func Open(dir, record string) (*File, error) {
	if err := os.MkdirAll(dir, journalDir); err != nil {
		return nil, fmt.Errorf("directory for journals: %w", err)
	}
	f := &File{path: path(dir, record)}
	f.lock = flock.New(f.path+".lock", flock.SetPermissions(journalMode))
	locked, err := f.lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock the journal: %w", err)
	case !locked:
		return nil, ErrBusy
	}
	return f, nil
}

// Close lets other processes have it. The empty lock file stays: taking it away would let two processes hold two locks.
func (f *File) Close() error { return f.lock.Unlock() }

// Path names the file.
func (f *File) Path() string { return f.path }

// Load reads the journal; none is fs.ErrNotExist.
func (f *File) Load() (Journal, error) { return load(f.path) }

// Read reads the journal of a key without locking it: it may be of any moment, and is whole; none is fs.ErrNotExist.
func Read(dir, record string) (Journal, error) { return load(path(dir, record)) }

func load(path string) (Journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return Journal{}, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxJournal+1))
	if err == nil && len(data) > maxJournal {
		err = fmt.Errorf("%w: it is larger than %d bytes", ErrJournal, maxJournal)
	}
	if err != nil {
		return Journal{}, fmt.Errorf("read the journal %s: %w", path, err)
	}
	j, err := parseJournal(data)
	if err != nil {
		return Journal{}, fmt.Errorf("%s: %w", path, err)
	}
	return j, nil
}

// Save puts a journal in the place of the one that is there, durably.
func (f *File) Save(j Journal) error {
	if err := j.check(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	data, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := tidy(f.path); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return atomicfile.Write(f.path, append(data, '\n'), journalMode)
}

// Remove takes the journal away, when the rotation is over.
func (f *File) Remove() error {
	if err := tidy(f.path); err != nil {
		return fmt.Errorf("remove the journal: %w", err)
	}
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the journal: %w", err)
	}
	return atomicfile.SyncDir(filepath.Dir(f.path))
}
