// Package tree holds the files of a machine in memory, with links that lead within it, and with what is not known of them: what was
// collected on another machine, or what a test says. Start at Tree.
package tree

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"

	"keysweep/host"
)

// Node is a file, a directory, a link or something else in a tree.
type Node struct {
	host.Info // Path and Name are set by Add; Real, of a link: where it leads to in the end, "" if Link is to be followed
	Data      []byte
	// Err says why the content of a file, or the entries of a directory, are not known; nil if they are.
	Err error
	// Gone says why nothing is known of it: fs.ErrNotExist if there is no such file. The rest of the node then means nothing.
	Gone error
	// Partial says of a directory that it may have entries that are not in the tree.
	Partial bool
}

// Tree holds nodes by their paths. The zero value is not usable; see New. It may be read concurrently when nothing is added any more.
type Tree struct {
	nodes   map[string]*Node
	entries map[string]map[string]bool // of a directory: names that have a node
	partial bool
}

// New returns a tree that holds a root directory. With partial, directories that are there only because something in them is have
// further entries that are not known; otherwise they have none.
func New(partial bool) *Tree {
	t := &Tree{nodes: map[string]*Node{}, entries: map[string]map[string]bool{}, partial: partial}
	t.nodes["/"] = t.directory("/")
	return t
}

func (t *Tree) directory(name string) *Node {
	return &Node{Info: host.Info{Path: name, Name: path.Base(name), Mode: fs.ModeDir | 0o755}, Partial: t.partial}
}

// Add puts a node at a path, in the place of what is there, and returns it as the tree holds it.
func (t *Tree) Add(name string, n Node) *Node {
	name = path.Join("/", name)
	n.Path, n.Name = name, path.Base(name)
	t.nodes[name] = &n
	if n.Gone != nil { // which says nothing of the directories on the way
		return &n
	}
	for name != "/" {
		dir, base := path.Dir(name), path.Base(name)
		if t.entries[dir] == nil {
			t.entries[dir] = map[string]bool{}
		}
		t.entries[dir][base] = true
		if up := t.nodes[dir]; up == nil || up.Gone != nil {
			t.nodes[dir] = t.directory(dir)
		}
		name = dir
	}
	return &n
}

// Node returns what was added at a path, nil if nothing was.
func (t *Tree) Node(name string) *Node { return t.nodes[path.Join("/", name)] }

// Paths returns the paths of all nodes in their order.
func (t *Tree) Paths() []string { return slices.Sorted(maps.Keys(t.nodes)) }

// Len is how many nodes there are, with the directories on the way to others.
func (t *Tree) Len() int { return len(t.nodes) }

// look finds the node of a path without links.
func (t *Tree) look(name string) (*Node, error) {
	if n := t.nodes[name]; n != nil {
		return n, n.Gone
	}
	parent := t.nodes[path.Dir(name)]
	switch {
	case parent == nil:
		return nil, host.ErrNotCollected
	case parent.Gone != nil:
		return nil, parent.Gone
	case !parent.Mode.IsDir():
		return nil, fs.ErrNotExist
	case parent.Err != nil:
		return nil, parent.Err
	case parent.Partial:
		return nil, host.ErrNotCollected
	}
	return nil, fs.ErrNotExist
}

// find follows links; keep leaves the last part of the path as it is.
func (t *Tree) find(op, name string, keep bool) (*Node, error) {
	for up := name; path.Clean(up) == up && up != "/" && up != "."; up = path.Dir(up) { // directories on the way to it need not be known
		if n := t.nodes[up]; n != nil && n.Gone != nil {
			return nil, wrap(op, name, n.Gone)
		}
	}
	real, err := host.Follow(name, keep, func(name string) (string, error) {
		n, err := t.look(name)
		if err != nil || n.Mode&fs.ModeSymlink == 0 {
			return "", err
		}
		return cmp.Or(n.Real, n.Link), nil
	})
	if err == nil {
		var n *Node
		if n, err = t.look(real); err == nil {
			return n, nil
		}
	}
	return nil, wrap(op, name, err)
}

func wrap(op, name string, err error) error {
	if _, done := err.(*fs.PathError); done {
		return err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Read is host.Source's.
func (t *Tree) Read(name string) (*host.File, error) {
	n, err := t.find("read", name, false)
	switch {
	case err != nil:
		return nil, err
	case !n.Mode.IsRegular():
		return nil, wrap("read", name, host.ErrIrregular)
	case n.Err != nil:
		return nil, wrap("read", name, n.Err)
	}
	return &host.File{Info: led(n, name), Data: slices.Clone(n.Data)}, nil
}

// Stat is host.Source's.
func (t *Tree) Stat(name string) (host.Info, error) {
	n, err := t.find("stat", name, false)
	if err != nil {
		return host.Info{}, err
	}
	return led(n, name), nil
}

// led is what is known of a node that a path leads to.
func led(n *Node, name string) host.Info {
	info := n.Info
	info.Path, info.Real, info.Name = name, n.Path, path.Base(name)
	return info
}

// Lstat is host.Source's.
func (t *Tree) Lstat(name string) (host.Info, error) {
	n, err := t.find("lstat", name, true)
	if err != nil {
		return host.Info{}, err
	}
	info := n.Info
	info.Path, info.Real, info.Name = name, "", path.Base(name)
	return info, nil
}

// List is host.Source's.
func (t *Tree) List(dir string) ([]host.Info, error) {
	n, err := t.find("list", dir, false)
	switch {
	case err != nil:
		return nil, err
	case !n.Mode.IsDir():
		return nil, wrap("list", dir, host.ErrNoDirectory)
	case n.Err != nil:
		return nil, wrap("list", dir, n.Err)
	case n.Partial:
		return nil, wrap("list", dir, host.ErrNotCollected)
	}
	list := []host.Info{}
	for _, name := range slices.Sorted(maps.Keys(t.entries[n.Path])) {
		if e := t.nodes[path.Join(n.Path, name)]; e.Gone == nil {
			info := e.Info
			info.Path, info.Real = path.Join(dir, name), ""
			list = append(list, info)
		}
	}
	return list, nil
}
