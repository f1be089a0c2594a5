package chain

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

// File is where a chain is kept.
type File struct {
	Dir  string      // the directory that nothing is read or written outside of, whatever links are in it: a repository's root
	Name string      // the file, relative to Dir, with slashes: ".keysweep/attestations.jsonl"
	Lock string      // the file that is locked while something is appended; it stays
	Mode fs.FileMode // of the file where it is made: 0600, or 0644 in a repository
}

// maxFile bounds the file, in bytes: some forty thousand lines.
const maxFile = 16 << 20

// lockWait is how long to wait for somebody else who appends. It takes milliseconds.
const lockWait = 10 * time.Second

// Path returns the path of the file.
func (f File) Path() string { return filepath.Join(f.Dir, filepath.FromSlash(f.Name)) }

// Read reads all lines. A file that is not there holds none. If it was tampered with, the records before the first wrong line come with
// an *Error.
func Read[R any](k Kind[R], f File) (*Log[R], error) {
	none := &Log[R]{ended: true}
	root, err := os.OpenRoot(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.Many, err)
	}
	defer func() { _ = root.Close() }()
	file, err := f.open(root, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.Many, err)
	}
	defer func() { _ = file.Close() }()
	return read(k, f, file)
}

// open opens the file, if it is one: a FIFO would block.
func (f File) open(root *os.Root, flag int) (*os.File, error) {
	info, err := root.Stat(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", f.Path())
	}
	return root.OpenFile(f.Name, flag, f.Mode)
}

func read[R any](k Kind[R], f File, file *os.File) (*Log[R], error) {
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.Many, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("read %s: %s is larger than %d MB", k.Many, f.Path(), maxFile>>20)
	}
	return Parse(k, f.Path(), data)
}

// Append adds the record that next makes of what is there already, and returns it as it was written. Nobody else appends meanwhile. A last line
// that was torn, as by a kill, is taken away first. Nothing is added to a chain that is broken, nor if next fails.
func Append[R any](ctx context.Context, k Kind[R], f File, next func(*Log[R]) (R, error)) (r R, err error) {
	err = Locked(ctx, k.Many, f.Lock, func() error {
		r, err = AppendLocked(k, f, next)
		return err
	})
	return r, err
}

// Locked does something while it holds a lock that File.Lock names. what are the things that it is about, in words: "attestations".
func Locked(ctx context.Context, what, name string, do func() error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	lock := flock.New(name)
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	switch _, err := lock.TryLockContext(wait, 10*time.Millisecond); {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return fmt.Errorf("somebody else writes %s for %s already: %s is locked; run it again once that is done", what, lockWait, name)
	case err != nil: // it is somebody else's, or the disk is full or cannot be written to
		return fmt.Errorf("lock %s: %w", name, err)
	}
	defer func() { _ = lock.Close() }()
	return do()
}

// AppendLocked is Append for who holds the lock already.
func AppendLocked[R any](k Kind[R], f File, next func(*Log[R]) (R, error)) (r R, err error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return r, err
	}
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return r, err
	}
	defer func() { _ = root.Close() }()
	dir := path.Dir(f.Name)
	if err := root.MkdirAll(dir, f.Mode|f.Mode>>2&0o111); err != nil { // who may read the file may enter the directory
		return r, err
	}
	_, err = root.Stat(f.Name)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := f.open(root, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	l, err := read(k, f, file)
	if err != nil {
		return r, err
	}
	if r, err = next(l); err != nil {
		return r, err
	}
	if err := write(k, file, l, &r); err != nil {
		return r, err
	}
	if made {
		syncDir(root, dir)
	}
	return r, nil
}

// write puts a record behind the last whole line. What is written is one piece, which a kill can only leave out or tear.
func write[R any](k Kind[R], file *os.File, l *Log[R], r *R) error {
	if err := k.Valid(r); err != nil {
		return err
	}
	*k.Prev(r) = l.last
	var line bytes.Buffer
	if !l.ended {
		line.WriteByte('\n')
	}
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return err
	}
	if l.Size+int64(line.Len()) > maxFile {
		return fmt.Errorf("%s would be larger than %d MB: keep it elsewhere, and begin a new one", file.Name(), maxFile>>20)
	}
	if l.Torn > 0 {
		if err := file.Truncate(l.Size); err != nil {
			return err
		}
	}
	if _, err := file.WriteAt(line.Bytes(), l.Size); err != nil {
		return err
	}
	return file.Sync()
}

// syncDir makes a new file's name last. Where directories cannot be synced, it is the system's business.
func syncDir(root *os.Root, dir string) {
	if d, err := root.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
