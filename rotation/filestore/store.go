package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
	"keysweep/rotation/anchor"
	"keysweep/rotation/internal/smallfile"
)

// Options say where a ledger is.
type Options struct {
	Dir string // of the files; absolute
	// Anchor is the path of the file that remembers the newest state of Dir on this machine. It must lie elsewhere. "" keeps
	// none: then nothing tells that all of Dir was put back to an older state between two runs.
	Anchor string
	// WorkFactor is the binary logarithm of scrypt's cost for passphrases that are set, 1 to 20; 0 is DefaultWorkFactor. Opening
	// goes by what the file says.
	WorkFactor int
}

// Store is a ledger in encrypted files, unlocked. It is safe for concurrent use, and other processes may use the directory too.
type Store struct {
	dir        string
	workFactor int
	id         identity
	keys       keyring
	anchor     *anchor.Anchor
	last       atomic.Pointer[opened] // the head that was read last; nil before that
	notes      []string
}

// Exists reports whether there is a ledger in a directory.
func Exists(dir string) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, &smallfile.Error{Path: filepath.Join(dir, identityFile), Err: smallfile.Bare(err)}
	}
	return true, nil
}

// Missing says why no new ledger should be made although Exists says that there is none: there are traces of one that is gone.
// The error is rotation.ErrTampered. Create asks it too; a command asks it before it asks for a passphrase.
func Missing(o Options) error {
	if exists, err := Exists(o.Dir); exists || err != nil {
		return err
	}
	gone := traces(o)
	if gone != nil { // or another process made it meanwhile: the identity comes before everything that is a trace of it
		if exists, err := Exists(o.Dir); exists || err != nil {
			return err
		}
	}
	return gone
}

// traces says what is left of a ledger whose identity is not there.
func traces(o Options) error {
	const back = "put the directory back from a backup; to begin anew without its records, delete "
	files, err := ageFiles(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(files) > 0 {
		return &rotation.TamperError{Item: "identity", Where: filepath.Join(o.Dir, identityFile), What: "is gone, and items are there", Do: back + o.Dir}
	}
	return anchor.Forgotten(o.Anchor, "directory", o.Dir, back)
}

// Create makes an empty ledger that the passphrase opens, and the directory for it. If there is one it is ErrExists.
func Create(ctx context.Context, o Options, secret []byte) (*Store, error) {
	if len(secret) == 0 {
		return nil, errors.New("make ledger: the passphrase is empty")
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("make ledger: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make ledger: %w", &smallfile.Error{Path: o.Dir, Err: smallfile.Bare(err)})
	}
	id, err := newIdentity()
	if err != nil {
		return nil, err
	}
	s, err := o.unlocked(id)
	if err != nil {
		return nil, err
	}
	file, err := id.wrap(secret, s.workFactor)
	if err != nil {
		return nil, fmt.Errorf("make ledger: %w", err)
	}
	if err := s.exclusively(ctx, func() error { return s.create(o, file) }); err != nil {
		return nil, fmt.Errorf("make ledger: %w", err)
	}
	return s, nil
}

// create writes the files of an empty ledger. Its identity comes last but for the anchor: without it there is no ledger, and a
// crash leaves nothing in the way of another try.
func (s *Store) create(o Options, identity []byte) error {
	if exists, err := Exists(o.Dir); exists || err != nil {
		return errors.Join(ErrExists, err)
	}
	if err := Missing(o); err != nil {
		return err
	}
	sum, err := s.save(head{Schema: 1, Store: s.id.Store, Seq: 1})
	if err != nil {
		return err
	}
	if err := atomicfile.Create(s.path(identityFile), identity, 0o600); err != nil {
		return &smallfile.Error{Path: s.path(identityFile), Err: err}
	}
	return s.anchor.Save(anchor.State{Seq: 1, Sum: sum})
}

// Open opens a ledger. None is ErrNone, the wrong passphrase rotation.ErrLocked. What a killed process left undone is put
// right.
func Open(ctx context.Context, o Options, secret []byte) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	id, err := readIdentity(filepath.Join(o.Dir, identityFile), secret)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return o.enter(ctx, id, (*Store).repair)
}

// enter opens a ledger with its identity; first looks at it and puts right what a killed process left undone.
func (o *Options) enter(ctx context.Context, id identity, first func(*Store, Options) error) (*Store, error) {
	s, err := o.unlocked(id)
	if err != nil {
		return nil, err
	}
	if err := s.exclusively(ctx, func() error { return first(s, *o) }); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	s.lookAtMode()
	return s, nil
}

func (o *Options) check() error {
	if !filepath.IsAbs(o.Dir) || o.Anchor != "" && !filepath.IsAbs(o.Anchor) {
		return fmt.Errorf("%q and %q must be absolute paths", o.Dir, o.Anchor)
	}
	if rel, err := filepath.Rel(o.Dir, o.Anchor); o.Anchor != "" && err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("the anchor %s must not lie in the ledger's directory", o.Anchor)
	}
	if o.WorkFactor < 0 || o.WorkFactor > maxWorkFactor {
		return fmt.Errorf("the work factor %d is not 1 to %d", o.WorkFactor, maxWorkFactor)
	}
	return nil
}

func (o *Options) unlocked(id identity) (*Store, error) {
	key, err := age.ParseX25519Identity(id.X25519)
	if err != nil {
		return nil, &smallfile.Error{Path: filepath.Join(o.Dir, identityFile), Err: errors.New("its content is no identity"), Do: "put it back from a backup"}
	}
	s := &Store{dir: o.Dir, workFactor: o.WorkFactor, id: id, keys: keyring{key, id.MAC}}
	s.anchor = anchor.New(anchor.Options{Path: o.Anchor, Store: id.Store, Item: "directory", Where: o.Dir,
		MAC: func(parts ...[]byte) []byte { return s.keys.sum("anchor", parts...) }})
	if s.workFactor == 0 {
		s.workFactor = DefaultWorkFactor
	}
	return s, nil
}

// repair finishes what a killed process began, clears away its litter, and brings the anchor up to date.
func (s *Store) repair(o Options) error {
	h, kept, err := s.load()
	if err != nil {
		return err
	}
	items, err := s.settled(h)
	if err != nil {
		return err
	}
	if err := s.checkFiles(items); err != nil {
		return err
	}
	sweep(s.dir, func(target string) bool { return filepath.Ext(target) == ageSuffix })
	s.anchor.Sweep()
	if kept == nil && o.Anchor != "" {
		s.notes = append(s.notes, anchor.NewHere)
	}
	if len(h.Intent) > 0 {
		return s.settle(h, items)
	}
	if newest := s.anchor.Newest(); kept == nil || kept.Seq < newest.Seq {
		return s.anchor.Save(newest)
	}
	return nil
}

// lookAtMode notes a directory that others can get into.
func (s *Store) lookAtMode() {
	if info, err := os.Stat(s.dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		s.notes = append(s.notes, fmt.Sprintf("others can get into the ledger's directory: chmod 700 %s", s.dir))
	}
}

// Notes returns what a person should know of how the ledger was found, in whole sentences; usually nothing.
func (s *Store) Notes() []string { return s.notes }

// ID tells the ledger from others: random, and the same for as long as it is there.
func (s *Store) ID() string { return s.id.Store }

// Describe says where the ledger is.
func (s *Store) Describe() string { return "encrypted files in " + s.dir }

func (s *Store) path(name string) string     { return filepath.Join(s.dir, name) }
func (s *Store) itemPath(item string) string { return s.path(s.keys.fileName(item)) }

// patience is how long a process waits before it asks for a lock again.
const patience = 2 * time.Millisecond

// exclusively runs work while nobody else reads or writes. Each call opens the lock file anew, so that goroutines exclude each
// other like processes.
func (s *Store) exclusively(ctx context.Context, work func() error) error {
	return s.locked(ctx, (*flock.Flock).TryLockContext, work)
}

// shared runs work while nobody writes.
func (s *Store) shared(ctx context.Context, work func() error) error {
	return s.locked(ctx, (*flock.Flock).TryRLockContext, work)
}

func (s *Store) locked(ctx context.Context, try func(*flock.Flock, context.Context, time.Duration) (bool, error), work func() error) error {
	lock := flock.New(s.path("lock"))
	if _, err := try(lock, ctx, patience); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for another keysweep to finish with the ledger: %w", context.Cause(ctx))
		}
		return &smallfile.Error{Path: s.path("lock"), Err: smallfile.Bare(err)}
	}
	err := work()
	return errors.Join(err, lock.Unlock())
}
