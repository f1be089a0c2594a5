package odb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options says where a database is and how much of it may be held in memory.
type Options struct {
	Dirs     []string // object directories, the repository's own first; their info/alternates are followed
	HashSize int      // 20 or 32 bytes; 0 means 20
	Most     int64    // larger contents are not held in memory but TooLargeError; 0 means 64 MiB, and it is at most 1 GiB
}

const (
	usualMost   = 64 << 20
	highestMost = 1 << 30 // so that positions fit the 32 bits of a Copy with room to spare
)

// DB is an open object database. It is safe for concurrent use.
type DB struct {
	size    int // of ids
	most    uint64
	held    int        // see usualHeld
	heavy   uint64     // see usualHeavy
	fold    int        // see usualFold
	mu      sync.Mutex // held to change stores and damage
	stores  atomic.Pointer[[]*store]
	damage  []error
	once    sync.Once
	ids     census
	readers sync.Pool
	bases   cache
	lost    hopeless
}

// store is one object directory. It does not change: a rescan makes a new one that shares the packs.
type store struct {
	dir     string
	packs   []*pack
	multi   *multiIndex // nil if there is none that can be used
	scanned time.Time   // the time of change of the directory with the packs when they were listed; zero if there is none
}

// Open opens the database: it maps the index of every pack. The directories must exist; what else is wrong with them is told
// by Damage.
func Open(o Options) (*DB, error) {
	db := &DB{size: o.HashSize, most: usualMost, held: usualHeld, heavy: usualHeavy, fold: usualFold}
	if o.HashSize == 0 {
		db.size = 20
	}
	if db.size != 20 && db.size != 32 {
		return nil, fmt.Errorf("open object database: ids of %d bytes are unknown", o.HashSize)
	}
	if o.Most > 0 {
		db.most = uint64(min(o.Most, highestMost))
	}
	db.readers.New = func() any { return &reader{db: db} }
	dirs, err := db.directories(o.Dirs)
	if err != nil {
		return nil, fmt.Errorf("open object database: %w", err)
	}
	stores := make([]*store, len(dirs))
	for i, dir := range dirs {
		stores[i] = db.scan(&store{dir: dir})
	}
	db.stores.Store(&stores)
	return db, nil
}

// Close ends the use of the database and of all memory that it mapped. Nobody may be using it.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	for _, s := range *db.stores.Swap(&[]*store{}) {
		if s.multi != nil {
			errs = append(errs, s.multi.close())
		}
		for _, p := range s.packs {
			errs = append(errs, p.close())
		}
	}
	return errors.Join(errs...)
}

// Damage tells which files of the database cannot be used at all, and why: indexes of packs, and alternates that are not
// there. Objects that are only in these are missing.
func (db *DB) Damage() []error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return slices.Clone(db.damage)
}

// scan lists the packs of a directory. Those known before are kept, even if their files are gone.
func (db *DB) scan(known *store) *store {
	s := &store{dir: known.dir, packs: slices.Clone(known.packs)}
	dir := filepath.Join(s.dir, "pack")
	info, err := os.Stat(dir)
	if err != nil {
		return s
	}
	s.scanned = info.ModTime()
	names, err := listNames(dir)
	if err != nil {
		db.damage = append(db.damage, fmt.Errorf("list packs: %w", err))
	}
	for _, name := range names {
		stem, ok := strings.CutSuffix(name, ".idx")
		if _, found := slices.BinarySearch(names, stem+".pack"); !ok || !found {
			continue
		}
		path := filepath.Join(dir, stem+".pack")
		if slices.ContainsFunc(known.packs, func(p *pack) bool { return p.path == path }) {
			continue
		}
		x, err := openIndex(filepath.Join(dir, name), db.size)
		if err != nil {
			db.damage = append(db.damage, fmt.Errorf("read pack index: %w", err))
			continue
		}
		s.packs = append(s.packs, &pack{index: x, path: path})
	}
	s.multi = known.multi
	if s.multi == nil && slices.Contains(names, "multi-pack-index") {
		s.multi, _ = openMulti(filepath.Join(dir, "multi-pack-index"), db.size, s.packs) // it is only a short cut
	}
	return s
}

// rescan looks for packs that have come since they were last listed, and reports whether there are any.
func (db *DB) rescan() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	stores := slices.Clone(*db.stores.Load())
	more := false
	for i, s := range stores {
		info, err := os.Stat(filepath.Join(s.dir, "pack"))
		if err != nil || info.ModTime().Equal(s.scanned) {
			continue
		}
		stores[i] = db.scan(s)
		more = more || len(stores[i].packs) > len(s.packs)
	}
	db.stores.Store(&stores)
	if more {
		db.lost.forget()
	}
	return more
}

// listNames returns the sorted names in a directory.
func listNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.Close() }()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}
