// Package folder says who can reach what lies in a directory of a machine, and how old it is: for places that a policy names.
//
// Start at Look, which reads no file, or at LookInside, which looks for private keys in them. Links are not followed.
package folder

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"keysweep/host"
)

// Facts are what is known of a directory, or of a file.
type Facts struct {
	Path    string
	Info    host.Info
	Closed  string // a directory on the way that others than owner and group cannot pass; "" if they can come to Path
	Entries int    // files and directories below, the links among them
	Exposed []host.Info
	Open    int // how many others can read or change; Exposed holds the first of them
	Oldest  []host.Info
	Cut     bool  // there are more entries, or deeper ones, than were looked at
	Err     error // what of it could not be looked at; host.Missing(Err): it is not there
	Keys    *Keys // nil if no file was read
}

// Limits of what is looked at, and how many examples are kept.
const (
	maxEntries = 200_000
	maxDepth   = 32
	examples   = 5
)

// Look looks at a directory and all below it.
func Look(s host.Source, dir string) *Facts {
	f := &Facts{Path: path.Clean(dir)}
	if f.Info, f.Err = s.Stat(f.Path); f.Err != nil {
		f.Err = fmt.Errorf("look at %s: %w", f.Path, f.Err)
		return f
	}
	for up := path.Dir(f.Path); ; up = path.Dir(up) {
		info, err := s.Stat(up)
		if err != nil {
			f.Err = fmt.Errorf("look at %s: %w", up, err)
			return f
		}
		if info.Mode.Perm()&0o001 == 0 {
			f.Closed = up
		}
		if up == "/" || up == "." {
			break
		}
	}
	w := walk{f, s}
	w.entry(f.Path, f.Info, f.Closed == "", 0)
	return f
}

type walk struct {
	*Facts
	source host.Source
}

// entry looks at one entry. reached says that others can come to it.
func (w *walk) entry(name string, info host.Info, reached bool, depth int) {
	info.Path = name
	perm := info.Mode.Perm()
	if reached && info.Mode&fs.ModeSymlink == 0 && perm&0o006 != 0 {
		if w.Open++; len(w.Exposed) < examples {
			w.Exposed = append(w.Exposed, info)
		}
	}
	if info.Mode.IsRegular() {
		w.age(info)
	}
	if !info.Mode.IsDir() {
		return
	}
	if depth >= maxDepth {
		w.Cut = true
		return
	}
	list, err := w.source.List(name)
	if err != nil && !host.Missing(err) { // what is gone meanwhile is no harm
		if w.Err == nil { // one says enough, and there may be very many
			w.Err = fmt.Errorf("list %s: %w", name, err)
		}
		return
	}
	for _, e := range list {
		if w.Entries >= maxEntries {
			w.Cut = true
			return
		}
		w.Entries++
		w.entry(path.Join(name, e.Name), e, reached && perm&0o001 != 0, depth+1)
	}
}

// age keeps the oldest files.
func (w *walk) age(info host.Info) {
	at, _ := slices.BinarySearchFunc(w.Oldest, info, func(a, b host.Info) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Path, b.Path))
	})
	if at < examples {
		w.Oldest = slices.Insert(w.Oldest, at, info)[:min(len(w.Oldest)+1, examples)]
	}
}

// Older returns those of the oldest files that did not change since a time.
func (f *Facts) Older(than time.Time) (list []host.Info) {
	for _, i := range f.Oldest {
		if i.Time.Before(than) {
			list = append(list, i)
		}
	}
	return list
}
