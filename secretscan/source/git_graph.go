package source

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"keysweep/internal/git"
)

// gitWanted says which commits are meant: those that can be reached from include and not from exclude.
type gitWanted struct {
	include, exclude []git.OID
	notRefs          string // "--all", "--remotes=NAME": exclude what these refs reach, too
}

// list returns the commits, in no particular order. Git does it; where git stops, because a commit is missing, they are gathered
// by hand.
func (f *gitFeed) list(w gitWanted) ([]git.OID, error) {
	if len(w.include) == 0 {
		return nil, nil
	}
	args := []string{"rev-list", "--stdin"}
	if w.notRefs != "" {
		args = append(args, "--not", w.notRefs)
	}
	var in strings.Builder
	for _, id := range w.include {
		in.WriteString(id.String() + "\n")
	}
	for _, id := range w.exclude {
		in.WriteString("^" + id.String() + "\n")
	}
	ids, err := gitIDLines(f, strings.NewReader(in.String()), args...)
	if err == nil || f.ctx.Err() != nil {
		return ids, err
	}
	return f.gather(w)
}

// gitIDLines runs a command that prints an id a line.
func gitIDLines(f *gitFeed, in io.Reader, args ...string) (ids []git.OID, err error) {
	err = f.repo.Stream(f.ctx, in, func(out io.Reader) error {
		return gitLines(out, func(line string) error {
			id, err := git.ParseOID(line)
			if err != nil {
				return fmt.Errorf("git %s: %w", args[0], err)
			}
			ids = append(ids, id)
			return nil
		})
	}, args...)
	return ids, err
}

// gather walks the commits without git's help. A commit that cannot be read is kept in the list: whoever reads it next tells of it.
func (f *gitFeed) gather(w gitWanted) ([]git.OID, error) {
	exclude := w.exclude
	if w.notRefs != "" {
		refs, err := f.refs()
		if err != nil {
			return nil, err
		}
		prefix := "refs/"
		if remote, ok := strings.CutPrefix(w.notRefs, "--remotes="); ok {
			prefix = "refs/remotes/" + remote + "/"
		}
		for _, r := range refs {
			if strings.HasPrefix(r.name, prefix) {
				exclude = append(exclude, r.id)
			}
		}
	}
	boundary, err := f.repo.Boundary()
	if err != nil {
		return nil, err
	}
	quiet := *f
	quiet.sink = gitQuietSink{f.sink}
	old, err := quiet.ancestors(exclude, boundary, nil)
	if err != nil {
		return nil, err
	}
	fresh, err := quiet.ancestors(w.include, boundary, old)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Keys(fresh), git.OID.Compare), nil
}

// ancestors returns the parents of every commit that can be reached from the tips and is not in except.
func (f *gitFeed) ancestors(tips []git.OID, boundary map[git.OID]bool, except map[git.OID][]git.OID) (map[git.OID][]git.OID, error) {
	found := map[git.OID][]git.OID{}
	todo := tips
	for len(todo) > 0 {
		var ids []git.OID
		for _, id := range todo {
			_, known := found[id]
			if _, excluded := except[id]; !known && !excluded {
				found[id] = nil
				ids = append(ids, id)
			}
		}
		loaded, err := f.load(ids, boundary, nil, nil)
		if err != nil {
			return nil, err
		}
		todo = nil
		for _, c := range loaded {
			found[c.id] = c.parents
			todo = append(todo, c.parents...)
		}
	}
	return found, nil
}
