package git

import (
	"context"
	"fmt"
	"io/fs"
)

// Snapshot is the top directory of a commit. It is safe for concurrent use.
type Snapshot struct {
	repo  *Repo
	files map[string]OID // regular ones
}

// Snapshot reads the top directory of a commit. Git is started only where an object cannot be read without.
func (r *Repo) Snapshot(ctx context.Context, commit OID) (*Snapshot, error) {
	objects := r.CatFile(ctx)
	defer objects.Close() // only read
	data, err := objects.whole(commit, "commit")
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", commit, err)
	}
	links, err := ParseCommitLinks(data)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", commit, err)
	}
	if data, err = objects.whole(links.Tree, "tree"); err != nil {
		return nil, fmt.Errorf("read the tree of commit %s: %w", commit, err)
	}
	s := &Snapshot{r, map[string]OID{}}
	entries := NewTreeIter(data, OIDSize(r.format))
	for entries.Next() {
		if entries.Mode.Kind() == ModeFile {
			s.files[string(entries.Name)] = entries.OID()
		}
	}
	if entries.Err != nil {
		return nil, fmt.Errorf("read the tree of commit %s: %w", commit, entries.Err)
	}
	return s, nil
}

// ReadFile returns the content of a regular file, as it is stored. name has no slash. It fails with fs.ErrNotExist where there is
// no such file.
func (s *Snapshot) ReadFile(ctx context.Context, name string) ([]byte, error) {
	id, ok := s.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	objects := s.repo.CatFile(ctx)
	defer objects.Close() // only read
	data, err := objects.whole(id, "blob")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Printable(name), err)
	}
	return data, nil
}

// whole reads an object of a certain kind.
func (c *CatFile) whole(id OID, kind string) ([]byte, error) {
	o, err := c.Get(id)
	switch {
	case err != nil:
		return nil, err
	case o.Err != nil:
		return nil, o.Err
	case o.Kind != kind:
		return nil, fmt.Errorf("%s is a %s where a %s should be", id, o.Kind, kind)
	}
	return o.Data, nil
}
