package remedy

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// overlay is a machine as it would be with some changes.
type overlay struct {
	host.Source
	changes []Change
}

func (o overlay) find(name string) *Change {
	name = path.Clean(name)
	for i := range o.changes {
		if o.changes[i].Path == name {
			return &o.changes[i]
		}
	}
	return nil
}

func (c *Change) info() host.Info {
	return host.Info{Path: c.Path, Real: c.Path, Name: path.Base(c.Path), Mode: c.After.Mode, Size: int64(len(c.After.Data))}
}

// Read is host.Source's.
func (o overlay) Read(name string) (*host.File, error) {
	c := o.find(name)
	switch {
	case c == nil:
		return o.Source.Read(name)
	case c.After == nil:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return &host.File{Info: c.info(), Data: c.After.Data}, nil
}

// Stat is host.Source's.
func (o overlay) Stat(name string) (host.Info, error) {
	c := o.find(name)
	switch {
	case c == nil:
		return o.Source.Stat(name)
	case c.After == nil:
		return host.Info{}, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return c.info(), nil
}

// Lstat is host.Source's.
func (o overlay) Lstat(name string) (host.Info, error) {
	if o.find(name) == nil {
		return o.Source.Lstat(name)
	}
	return o.Stat(name)
}

// List is host.Source's.
func (o overlay) List(dir string) ([]host.Info, error) {
	list, err := o.Source.List(dir)
	here := slices.ContainsFunc(o.changes, func(c Change) bool { return path.Dir(c.Path) == path.Clean(dir) })
	if !here || err != nil && !host.Missing(err) {
		return list, err
	}
	list = slices.DeleteFunc(list, func(i host.Info) bool { return o.find(path.Join(dir, i.Name)) != nil })
	for i := range o.changes {
		if c := &o.changes[i]; c.After != nil && path.Dir(c.Path) == path.Clean(dir) {
			list = append(list, c.info())
		}
	}
	slices.SortFunc(list, func(a, b host.Info) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
