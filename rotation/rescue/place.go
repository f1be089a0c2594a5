package rescue

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/internal/atomicfile"
)

// Place is a directory with rescue files. It is for one goroutine, and the caller sees to it that no other process is about the
// same record; List may be called by anybody.
type Place struct {
	Dir string

	held *os.File // the one that is ready, open since before the provider was asked
}

// Path is the file of a label.
func (p *Place) Path(l Label) string { return filepath.Join(p.Dir, l.name()) }

// Ready makes the file of a label, if it is not there yet, with room for MaxSealed bytes, and holds it open. Empty ones of other
// rotations of the record are taken away. What a damaged one
// held is gone. One that something was put into is fs.ErrExist.
func (p *Place) Ready(l Label) error {
	p.Release()
	sealed, err := p.Load(l)
	switch {
	case errors.Is(err, ErrDamaged):
		if err := p.Remove(l); err != nil {
			return err
		}
		err = p.create(l)
	case errors.Is(err, fs.ErrNotExist):
		err = p.create(l)
	case err == nil && sealed != nil:
		err = fmt.Errorf("%s: %w", p.Path(l), fs.ErrExist)
	}
	if err != nil {
		return err
	}
	p.held, err = os.OpenFile(p.Path(l), os.O_RDWR, 0)
	return err
}

// create writes the file: with all its blocks, and synced, so that none is missing later.
func (p *Place) create(l Label) error {
	data, err := l.empty()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	p.clean(l)
	if err := atomicfile.Create(p.Path(l), data, 0o600); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(p.Dir))
}

// clean takes away what killed processes have left for other rotations of the record, and nothing was ever put into. What cannot be
// removed is in nobody's way.
func (p *Place) clean(l Label) {
	for _, path := range atomicfile.Litter(p.Dir, func(name string) bool { return strings.HasPrefix(name, l.Record+"-") }) {
		_ = os.Remove(path)
	}
	found, err := List(p.Dir)
	if err != nil {
		return
	}
	for _, f := range found {
		if f.Label.Record == l.Record && f.Err == nil && !f.Sealed {
			_ = os.Remove(f.Path)
		}
	}
}

// Seal puts what Seal returned into the file that Ready made, and syncs it. An error says that it may not be there, or not for
// long.
func (p *Place) Seal(l Label, sealed []byte) error {
	if p.held == nil {
		return errors.New("the rescue file was not made ready")
	}
	err := Put(p.held, sealed)
	if err == nil {
		err = p.there(l)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", p.Path(l), err)
	}
	return nil
}

// Held is the file that Ready made, for another process to Put something into it; nil before. It stays the Place's to close.
func (p *Place) Held() *os.File { return p.held }

// Put puts what Seal returned into a file of Held, and syncs it.
func Put(f *os.File, sealed []byte) error {
	data, err := body(sealed)
	if err == nil {
		_, err = f.WriteAt(data, headSize)
	}
	if err == nil {
		err = f.Sync()
	}
	return err
}

// there sees that the file which is held open is still the one that the next process will find.
func (p *Place) there(l Label) error {
	ours, err := p.held.Stat()
	if err != nil {
		return err
	}
	found, err := os.Lstat(p.Path(l))
	if err == nil && !os.SameFile(ours, found) {
		err = errors.New("another file has taken its place")
	}
	return err
}

// Load returns what was put into the file of a label, nil if nothing was. An error is fs.ErrNotExist if there is no such file, and
// ErrDamaged if nobody can read it.
func (p *Place) Load(l Label) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	got, sealed, err := read(p.Path(l))
	if err == nil && (got.Record != l.Record || got.Request != l.Request) {
		return nil, fmt.Errorf("%s: %w: it has the name of another one", p.Path(l), ErrDamaged)
	}
	return sealed, err
}

// Remove takes the file of a label away. That there is none is no error.
func (p *Place) Remove(l Label) error {
	p.Release()
	err := os.Remove(p.Path(l))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return atomicfile.SyncDir(p.Dir)
}

// Release closes the file that is held open, and leaves it there.
func (p *Place) Release() {
	if p.held != nil {
		_ = p.held.Close()
		p.held = nil
	}
}

// read reads a file, and waits for nobody who could be at the other end of it.
func read(path string) (Label, []byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Label{}, nil, err
	}
	if !info.Mode().IsRegular() {
		return Label{}, nil, fmt.Errorf("%s: %w: it is no regular file", path, ErrDamaged)
	}
	f, err := os.Open(path)
	if err != nil {
		return Label{}, nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, Size+1))
	if err != nil {
		return Label{}, nil, err
	}
	l, sealed, err := parse(data)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return l, sealed, err
}

// Found is a file of a Place.
type Found struct {
	Path   string
	Label  Label // Record and Request alone, by the file's name, if it cannot be read; empty if that says nothing either
	Sealed bool  // something was put there
	Err    error // ErrDamaged, or why it cannot be read
}

// named is what the name of a file says of its Label.
func named(name string) (l Label) {
	l.Record, l.Request, _ = strings.Cut(strings.TrimSuffix(name, suffix), "-")
	if l.check() != nil {
		return Label{}
	}
	return l
}

// maxFound is the most files that List looks at: there is one for each rotation that is under way.
const maxFound = 1000

// List returns the files of a directory in the order of their names; none if there is no such directory.
func List(dir string) ([]Found, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasSuffix(e.Name(), suffix) || strings.HasPrefix(e.Name(), ".")
	})
	if len(entries) > maxFound {
		return nil, fmt.Errorf("%s: there are %d rescue files, more than %d", dir, len(entries), maxFound)
	}
	var found []Found
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		l, sealed, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken in just now
		}
		if err == nil && l.name() != e.Name() {
			err = fmt.Errorf("%s: %w: it has the name of another one", path, ErrDamaged)
		}
		if err != nil {
			l = named(e.Name())
		}
		found = append(found, Found{Path: path, Label: l, Sealed: sealed != nil, Err: err})
	}
	return found, nil
}
