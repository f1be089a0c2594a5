package remedy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"keysweep/host"
	"keysweep/internal/atomicfile"
)

// modeFix takes permissions away that others have. What they were is noted before, for no file says it afterwards.
type modeFix struct {
	id, does string
	take     fs.FileMode // what goes
	parent   bool        // of the directory that a file lies in
	anybody  bool        // root does it for files of others, too
}

func modeFixes() []Fix {
	var list []Fix
	for _, f := range []modeFix{
		{id: "key-readable", does: "has private keys be read by their owner alone", take: 0o077},
		{id: "key-directory-writable", does: "has directories of private keys be written by their owner alone", take: 0o022, parent: true},
		{id: "client.data-permissions", does: "closes the places of data of clients to other users", take: 0o007, anybody: true},
	} {
		list = append(list, Fix{ID: f.id, Does: f.does, Here: !f.anybody, plan: f.plan, revert: f.revert})
	}
	return list
}

// noted is what a mode was, and what it was made.
type noted struct {
	Before fs.FileMode `json:"before"`
	After  fs.FileMode `json:"after"`
}

func (f modeFix) notes(s *Situation) string { return filepath.Join(s.State, "modes", f.id+".json") }

// remembered returns what is noted, by path.
func (f modeFix) remembered(s *Situation) (map[string]noted, error) {
	all := map[string]noted{}
	if s.State == "" {
		return all, nil
	}
	data, err := os.ReadFile(f.notes(s))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("what the modes were is not known: %s: %w", f.notes(s), err)
	}
	return all, nil
}

// remember notes what modes were. It replaces what is noted of the same paths.
func (f modeFix) remember(s *Situation, all map[string]noted) error {
	if s.State == "" {
		return errors.New("there is no directory to note in what the modes were")
	}
	if len(all) == 0 {
		if err := os.Remove(f.notes(s)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.notes(s)), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(f.notes(s), data, 0o600)
}

func (f modeFix) plan(ctx context.Context, s *Situation) (*Plan, error) {
	wrong, err := s.judge(ctx, s.Open(), f.id)
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	for _, w := range wrong {
		path := w.Path
		if f.anybody {
			path = w.Subject // closing the way in closes all that lies there
		}
		if f.parent {
			path = filepath.Dir(path)
		}
		if !filepath.IsAbs(path) {
			continue // of a key that is in no file
		}
		c, refused := f.change(path)
		if refused != "" {
			p.Refused = append(p.Refused, refused)
		} else if !slices.ContainsFunc(p.Changes, func(o Change) bool { return o.Path == c.Path }) {
			p.Changes = append(p.Changes, c)
		}
	}
	p.before = func(context.Context) error {
		all, err := f.remembered(s)
		if err != nil {
			return err
		}
		for _, c := range p.Changes {
			all[c.Path] = noted{c.Before.Mode.Perm(), c.After.Mode.Perm()}
		}
		return f.remember(s, all)
	}
	return p, nil
}

// change is what becomes of the mode of a file or directory, or why it is left.
func (f modeFix) change(path string) (c Change, refused string) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return c, err.Error()
	case info.Mode()&fs.ModeSymlink != 0:
		return c, path + " is a symbolic link: set the mode of what it leads to by hand"
	case !info.Mode().IsRegular() && !info.IsDir():
		return c, path + " is neither a file nor a directory"
	}
	if owner := host.InfoOf(path, info, "").UID; owner != os.Geteuid() && !(f.anybody && os.Geteuid() == 0) {
		return c, fmt.Sprintf("%s belongs to user %d: he is to set its mode", path, owner)
	}
	if !info.IsDir() && links(info) > 1 {
		return c, path + " has another name somewhere else, whose mode would change, too: set it by hand"
	}
	mode := info.Mode()
	kept := mode & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky | fs.ModeDir)
	return Change{Path: path, Before: &State{Mode: kept}, After: &State{Mode: kept &^ f.take}, modes: true}, ""
}

// revert gives back what is noted, where nobody changed it meanwhile.
func (f modeFix) revert(_ context.Context, s *Situation) (*Plan, error) {
	all, err := f.remembered(s)
	if err != nil || len(all) == 0 {
		return &Plan{}, err
	}
	p := &Plan{}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		was := all[path]
		now, refused := modeFix{anybody: f.anybody}.change(path)
		switch {
		case refused != "" && gone(path):
			p.Notes = append(p.Notes, path+" is not there any more")
		case refused != "":
			p.Refused = append(p.Refused, refused)
		case now.Before.Mode.Perm() == was.Before.Perm():
		case now.Before.Mode.Perm() != was.After.Perm():
			p.Notes = append(p.Notes, fmt.Sprintf("%s has mode %04o by now, which somebody else gave it: it is left so", path, now.Before.Mode.Perm()))
		default:
			now.After.Mode = now.Before.Mode&^fs.ModePerm | was.Before.Perm()
			p.Changes = append(p.Changes, now)
		}
	}
	p.load = func(context.Context) error { return nil }
	p.held = func(context.Context) error { return f.remember(s, nil) }
	return p, nil
}

func gone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// sameMode wants the mode and kind that the plan knew.
func (c Change) sameMode(info fs.FileInfo) error {
	if info.Mode().Perm() != c.Before.Mode.Perm() || info.IsDir() != c.Before.Mode.IsDir() || info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s was changed meanwhile: plan again", c.Path)
	}
	return nil
}

// chmod sets the mode of the very file that was looked at: not of one that came in its place.
func (c Change) chmod() error {
	before, err := os.Lstat(c.Path)
	if err != nil {
		return err
	}
	if err := c.sameMode(before); err != nil {
		return err
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if now, err := f.Stat(); err != nil || !os.SameFile(before, now) {
		return errors.Join(fmt.Errorf("%s was changed meanwhile: plan again", c.Path), err)
	}
	return f.Chmod(c.After.Mode &^ fs.ModeDir)
}
