package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"keysweep/internal/odb"
)

// CatFile reads objects. It reads the object database by itself; what it cannot read there, git is asked for, whose word is
// final: a missing object may be one that is fetched on demand, and a damaged one is described as git does.
//
// Git is asked through long-lived `git cat-file` processes: one for contents, one for kinds and sizes, started when
// first needed. Requests are written while answers are read, so that git is never idle. A corrupt object kills git; that
// object is then reported as corrupt and git is started again for the others. It is safe for concurrent use; calls take turns.
type CatFile struct {
	ctx             context.Context
	repo            *Repo
	mu              sync.Mutex
	db              *odb.DB // nil: not open
	asks            bool    // the database cannot be opened, so everything is asked of git
	contents, sizes *batch
	restarts        int
	present         map[OID]bool // what is there, once it is known that asking for the rest would end git; nil: not known
}

// Object is an object, or why it could not be read.
type Object struct {
	OID  OID
	Kind string // "blob", "tree", "commit" or "tag"
	Size int64  // bytes
	Data []byte // the content, which is the receiver's from here on; nil if the object is larger than the limit
	// Body streams the content of an object that is larger than the limit. It ends when the receiver returns.
	Body io.Reader
	Err  error // ErrMissing, a *CorruptError, or an *ObstacleError: it is not here, and git cannot be asked
}

// maxRestarts bounds the time that is spent on a repository full of corrupt objects: a start takes 2 ms.
const maxRestarts = 10_000

// CatFile returns a reader of objects. Its processes end with Close, or when ctx is done.
func (r *Repo) CatFile(ctx context.Context) *CatFile { return &CatFile{ctx: ctx, repo: r} }

// Read hands the objects with these ids to receive, in this order; contents of up to limit bytes in memory. It stops at the first
// error of receive and returns it. Another error means that git itself does not work. receive must not use c.
func (c *CatFile) Read(ids []OID, limit int64, receive func(Object) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.each(ids, func(id OID) (Object, bool) {
		kind, data, err := c.db.Read(id, nil)
		if endless(err) {
			return Object{OID: id, Err: err}, true
		}
		o := Object{OID: id, Kind: kind.String(), Size: int64(len(data)), Data: data}
		if o.Size > limit {
			o.Data, o.Body = nil, bytes.NewReader(data)
		}
		return o, err == nil
	}, func(ids []OID) error { return c.exchange(&c.contents, "--batch", ids, limit, receive) }, receive)
}

// each hands over what read can read, and has git asked for the rest.
func (c *CatFile) each(ids []OID, read func(OID) (Object, bool), ask func([]OID) error, receive func(Object) error) error {
	if !c.open() {
		return ask(ids)
	}
	for i, id := range ids {
		if c.ctx.Err() != nil {
			return &Error{Command: "cat-file", Err: context.Cause(c.ctx)}
		}
		o, ok := read(id)
		if !ok {
			o = Object{OID: id, Err: c.repo.obstacle()}
		}
		err := o.Err
		if ok || err != nil {
			err = receive(o)
		} else {
			err = ask(ids[i : i+1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endless reports whether git must not be asked: it follows deltas that are each other's bases until the memory is full.
func endless(err error) bool { return errors.Is(err, odb.ErrLoop) }

// open opens the database when it is first needed.
func (c *CatFile) open() bool {
	if c.db == nil && !c.asks {
		var err error
		c.db, err = c.repo.Objects()
		c.asks = err != nil
	}
	return !c.asks
}

// Stat is Read without contents.
func (c *CatFile) Stat(ids []OID, receive func(Object) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.each(ids, func(id OID) (Object, bool) {
		kind, size, err := c.db.Stat(id)
		if endless(err) {
			return Object{OID: id, Err: err}, true
		}
		return Object{OID: id, Kind: kind.String(), Size: size}, err == nil
	}, func(ids []OID) error { return c.exchange(&c.sizes, "--batch-check", ids, -1, receive) }, receive)
}

// Get reads one object whole.
func (c *CatFile) Get(id OID) (object Object, err error) {
	const noLimit = 1 << 62
	err = c.Read([]OID{id}, noLimit, func(o Object) error { object = o; return nil })
	return object, err
}

// Close ends the processes and closes the database.
func (c *CatFile) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db != nil {
		_ = c.db.Close() // only read
		c.db = nil
	}
	for _, b := range []**batch{&c.contents, &c.sizes} {
		if *b != nil {
			(*b).kill()
			*b = nil
		}
	}
	return nil
}

func (c *CatFile) exchange(b **batch, mode string, ids []OID, limit int64, receive func(Object) error) error {
	for len(ids) > 0 {
		n := c.answerable(ids)
		if n == 0 {
			if err := receive(Object{OID: ids[0], Err: ErrMissing}); err != nil {
				return err
			}
			ids = ids[1:]
			continue
		}
		done, said, err := c.run(b, mode, ids[:n], limit, receive)
		ids = ids[done:]
		if err == nil {
			continue
		}
		if err := c.survive(ids[0], said, err, receive); err != nil {
			return err
		}
		if c.present == nil || c.present[ids[0]] { // else it is asked for again, and answered without git
			ids = ids[1:]
		}
	}
	return nil
}

// bulk is from how many requests on they get a process of their own, which may buffer its answers: a third faster.
const bulk = 1000

// run asks one process, and starts it if need be. A process that fails is ended, and what it said returned.
func (c *CatFile) run(b **batch, mode string, ids []OID, limit int64, receive func(Object) error) (done int, said string, err error) {
	var own *batch
	if len(ids) >= bulk {
		b = &own
	}
	if *b == nil {
		if *b, err = c.repo.startBatch(c.ctx, mode, b == &own); err != nil {
			return 0, "", err
		}
	}
	done, err = (*b).ask(ids, limit, receive)
	if err != nil || b == &own {
		said = (*b).kill()
		*b = nil
	}
	return done, said, err
}

// answerable returns how many of the ids, from the first on, git can be asked for.
func (c *CatFile) answerable(ids []OID) int {
	if c.present == nil {
		return len(ids)
	}
	for i, id := range ids {
		if !c.present[id] {
			return i
		}
	}
	return len(ids)
}

// survive handles the end of a process at an object. It returns the errors after which there is no going on.
func (c *CatFile) survive(id OID, said string, err error, receive func(Object) error) error {
	var broken *brokenError
	switch {
	case c.ctx.Err() != nil:
		return &Error{Command: "cat-file", Err: context.Cause(c.ctx)}
	case !errors.As(err, &broken):
		return err
	}
	if c.restarts++; c.restarts > maxRestarts {
		return fmt.Errorf("git cat-file: more than %d corrupt objects", maxRestarts)
	}
	if err := failure("cat-file", said, broken.err); !isGeneral(err) {
		return err
	}
	if c.present == nil && strings.Contains(said, "promisor remote") {
		if err := c.list(); err != nil || !c.present[id] {
			return err
		}
	}
	if broken.delivered {
		return nil
	}
	return receive(Object{OID: id, Err: corrupt(id, said)})
}

// list finds out which objects are there. In a partial clone git ends at every object that is not, and a restart for each of
// many thousands would take minutes.
func (c *CatFile) list() error {
	present := map[OID]bool{}
	err := c.repo.Stream(c.ctx, nil, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			id, err := ParseOID(lines.Text())
			if err != nil {
				return err
			}
			present[id] = true
		}
		return lines.Err()
	}, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
	if err != nil {
		return fmt.Errorf("list objects: %w", err)
	}
	c.present = present
	return nil
}

// isGeneral tells a command's own failure from git's refusal to work in the repository at all.
func isGeneral(err error) bool {
	var own *Error
	return errors.As(err, &own)
}
