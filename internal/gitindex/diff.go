package gitindex

import (
	"bytes"
	"errors"

	"keysweep/internal/git"
	"keysweep/internal/odb"
)

// errUnmerged says that a path is in conflict, whose sides only git's own comparison tells.
var errUnmerged = errors.New("the index has conflicts")

// Change is a path at which the index differs from a tree. A zero mode and id stand for nothing.
type Change struct {
	Path             string
	OldMode, NewMode git.Mode // as git writes them in an index
	OldID, NewID     git.OID
}

// Trees returns the content of a tree, which is not changed afterwards.
type Trees func(git.OID) ([]byte, error)

// maxRead bounds the trees that one comparison enters and the paths that it finds to be gone: a few trees that name each other again
// and again have more of them than anyone could enter.
const maxRead = 1_000_000

// Diff hands over what the index would change in a tree (zero: the empty one), ordered as the index is, a directory that is gone as
// every file of it. Entries that are only intended to be added count as not there. What the index remembers of unchanged
// directories is used: their trees are not read. Errors of read and each are returned as they are.
func (f *File) Diff(tree git.OID, read Trees, each func(Change) error) error {
	d := differ{cursor: f.Cursor(), read: read, each: each, hashSize: f.hashSize}
	d.next()
	if err := d.dir("", tree, f.tree, 0); err != nil {
		return err
	}
	if d.cursor.Err == nil && d.more {
		return errors.New("compare the index: not all entries were reached")
	}
	return d.cursor.Err
}

type differ struct {
	cursor   Cursor
	more     bool // the cursor is at an entry
	read     Trees
	each     func(Change) error
	hashSize int
	effort   int
}

// next goes to the next entry that counts.
func (d *differ) next() {
	for d.more = d.cursor.Next(); d.more && d.cursor.IntentToAdd; {
		d.more = d.cursor.Next()
	}
}

// open starts to read a tree.
func (d *differ) open(tree git.OID, depth int) (ordered, error) {
	if d.effort++; d.effort > maxRead || depth > maxDepth {
		return ordered{}, errors.New("compare the index: there are too many directories")
	}
	if tree.IsZero() {
		return ordered{}, nil
	}
	data, err := d.read(tree)
	return ordered{TreeIter: git.NewTreeIter(data, d.hashSize)}, err
}

// dir compares what is below prefix, which is "" or ends with a slash. The cursor is at the first entry below it, if there is one,
// and goes behind the last one.
func (d *differ) dir(prefix string, tree git.OID, known *Tree, depth int) error {
	if known != nil && known.Entries >= 0 && !tree.IsZero() && tree == odb.RawID(known.ID) {
		return d.skip(prefix, known.Entries)
	}
	old, err := d.open(tree, depth)
	if err != nil {
		return err
	}
	had := old.next()
	for {
		var rest []byte
		here := d.more && below(d.cursor.Path, prefix)
		if here {
			rest = d.cursor.Path[len(prefix):]
		}
		switch order := compare(rest, here, &old, had); {
		case !here && !had:
			return errors.Join(old.Err, d.cursor.Err)
		case order < 0:
			err = d.added(prefix, rest, depth)
		case order > 0:
			err = d.gone(prefix, &old.TreeIter, depth)
			had = old.next()
		default:
			err = d.both(prefix, rest, &old.TreeIter, known, depth)
			had = old.next()
		}
		if err != nil {
			return err
		}
	}
}

// compare orders the first name of rest against a tree's entry; what is not there comes last.
func compare(rest []byte, here bool, old *ordered, had bool) int {
	switch {
	case !here:
		return 1
	case !had:
		return -1
	}
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		rest = rest[:slash+1]
	}
	n := min(len(rest), len(old.Name))
	if c := bytes.Compare(rest[:n], old.Name[:n]); c != 0 {
		return c
	}
	name := old.Name[n:]
	if old.Mode.Kind() == git.ModeTree {
		return bytes.Compare(rest[n:], append(bytes.Clone(name), '/'))
	}
	return bytes.Compare(rest[n:], name)
}

// both compares an entry, or a directory of entries, with that of the same name in the tree.
func (d *differ) both(prefix string, rest []byte, old *git.TreeIter, known *Tree, depth int) error {
	if old.Mode.Kind() == git.ModeTree {
		name := bytes.Clone(old.Name)
		return d.dir(prefix+string(name)+"/", old.OID(), known.child(name), depth+1)
	}
	mode := canonical(old.Mode)
	if d.cursor.Stage == 0 && mode == d.cursor.Mode && bytes.Equal(old.ID, d.cursor.ID) {
		d.next()
		return nil
	}
	return d.entry(Change{Path: prefix + string(rest), OldMode: mode, OldID: old.OID()})
}

// entry hands over the entry at the cursor and goes on.
func (d *differ) entry(c Change) error {
	if d.cursor.Stage > 0 {
		return errUnmerged
	}
	c.NewMode, c.NewID = d.cursor.Mode, odb.RawID(d.cursor.ID)
	d.next()
	return d.each(c)
}

func (d *differ) added(prefix string, rest []byte, depth int) error {
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		return d.dir(prefix+string(rest[:slash+1]), git.OID{}, nil, depth+1)
	}
	return d.entry(Change{Path: prefix + string(rest)})
}

// gone hands over a tree's entry, and all that is below it, as taken away.
func (d *differ) gone(prefix string, old *git.TreeIter, depth int) error {
	if old.Mode.Kind() != git.ModeTree {
		if d.effort++; d.effort > maxRead {
			return errors.New("compare the index: there are too many files")
		}
		return d.each(Change{Path: prefix + string(old.Name), OldMode: canonical(old.Mode), OldID: old.OID()})
	}
	list, err := d.open(old.OID(), depth)
	if err != nil {
		return err
	}
	prefix += string(old.Name) + "/"
	for list.next() {
		if err := d.gone(prefix, &list.TreeIter, depth+1); err != nil {
			return err
		}
	}
	return list.Err
}

// skip passes over a directory whose tree is known to be the same.
func (d *differ) skip(prefix string, entries int) error {
	for range entries {
		if !d.more || !below(d.cursor.Path, prefix) || d.cursor.Stage > 0 {
			return errMemory
		}
		d.next()
	}
	if d.more && below(d.cursor.Path, prefix) {
		return errMemory
	}
	return d.cursor.Err
}

var errMemory = errors.New("compare the index: what it remembers of its trees is wrong")

// below reports whether a path is in a directory, whose name is "" or ends with a slash.
func below(path []byte, dir string) bool {
	return len(path) > len(dir) && string(path[:len(dir)]) == dir
}

// canonical returns the mode that git puts into an index for a mode of a tree; old versions wrote other permissions.
func canonical(m git.Mode) git.Mode {
	switch m.Kind() {
	case git.ModeLink:
		return git.ModeLink
	case git.ModeFile:
		if m&0o100 != 0 {
			return git.ModeFile | 0o755
		}
		return git.ModeFile | 0o644
	}
	return git.ModeSubmodule
}

// ordered goes over a tree and insists on its order.
type ordered struct{ git.TreeIter }

func (o *ordered) next() bool {
	before := o.TreeIter
	if !o.Next() {
		return false
	}
	switch {
	case len(o.Name) == 0 || bytes.IndexByte(o.Name, '/') >= 0:
		o.Err = errors.New("compare the index: a tree has an odd name")
	case before.Name != nil && !before.Before(&o.TreeIter):
		o.Err = errors.New("compare the index: a tree is not in order")
	}
	return o.Err == nil
}
