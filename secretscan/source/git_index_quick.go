package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"keysweep/internal/git"
	"keysweep/internal/gitindex"
)

// Starting git a few times takes longer than everything else there is to do for what is staged. So index, HEAD and trees are
// read here as git would, if nothing about them is out of the ordinary; else git does it.

// gitIndexMost bounds an index that is read here, in bytes: some ten million files.
const gitIndexMost = 1 << 30

// quick is run without git. It returns no list that git would contradict: ok is false where only git knows.
func (d *gitIndexDiff) quick(ctx context.Context) (changes map[string]*gitStagedChange, ok bool) {
	head, ok := d.repo.Head()
	if !ok {
		return nil, false
	}
	merged, err := d.merged()
	if err != nil {
		return nil, false
	}
	index, err := gitReadIndex(d.repo)
	if err != nil {
		return nil, false
	}
	trees := gitParentTrees{d.repo.CatFile(ctx)}
	defer trees.cat.Close()
	var submodules []string
	for i, parent := range append([]git.OID{head}, merged...) {
		into := gitParentDiff{among: changes, changes: map[string]*gitStagedChange{}}
		if err := trees.against(index, parent, &into); err != nil || ctx.Err() != nil {
			return nil, false
		}
		if changes = into.changes; i == 0 {
			submodules = into.submodules
			d.any = len(changes) > 0
		}
	}
	d.skip(submodules)
	return changes, true
}

// gitReadIndex reads the index; one that is not there is empty.
func gitReadIndex(repo *git.Repo) (*gitindex.File, error) {
	name, hashSize := repo.IndexFile(), git.OIDSize(repo.ObjectFormat())
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return gitindex.Empty(hashSize), nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > gitIndexMost: // opening a FIFO would hang
		return nil, fmt.Errorf("%s is not a regular file of a size that can be read", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return gitindex.Parse(data, hashSize)
}

// gitParentTrees reads commits and trees.
type gitParentTrees struct{ cat *git.CatFile }

func (t gitParentTrees) read(id git.OID, kind string) ([]byte, error) {
	object, err := t.cat.Get(id)
	switch {
	case err != nil:
		return nil, err
	case object.Err != nil:
		return nil, object.Err
	case object.Kind != kind:
		return nil, fmt.Errorf("%s is a %s where a %s should be", id, object.Kind, kind)
	}
	return object.Data, nil
}

// against compares the index with a commit; the zero id stands for one without files.
func (t gitParentTrees) against(index *gitindex.File, parent git.OID, into *gitParentDiff) error {
	var root git.OID
	if !parent.IsZero() {
		data, err := t.read(parent, "commit")
		if err != nil {
			return err
		}
		commit, err := git.ParseCommit(data)
		if err != nil {
			return err
		}
		root = commit.Tree
	}
	var renames gitExactRenames
	read := func(id git.OID) ([]byte, error) { return t.read(id, "tree") }
	if err := index.Diff(root, read, renames.take); err != nil {
		return err
	}
	return renames.settle(into)
}

// gitExactRenames finds what has only a new name, as git does: a file that is gone and one that is new with the same content.
type gitExactRenames struct {
	changes []gitindex.Change
	gone    map[gitContent]int // how many files of a content are gone
	added   map[gitContent]int
}

// gitContent is what a rename leaves as it is: of a file the content, of anything else the mode too.
type gitContent struct {
	kind git.Mode
	id   git.OID
}

func (r *gitExactRenames) take(c gitindex.Change) error {
	if r.gone == nil {
		r.gone, r.added = map[gitContent]int{}, map[gitContent]int{}
	}
	switch {
	case c.NewMode == 0:
		r.gone[gitContent{c.OldMode.Kind(), c.OldID}]++
	case c.OldMode == 0:
		r.added[gitContent{c.NewMode.Kind(), c.NewID}]++
	}
	r.changes = append(r.changes, c)
	return nil
}

var errGitManyRenames = errors.New("several files could be the one that was renamed")

// settle hands the changes over. Which of several new files has the old one's place is for git to say; if there are enough old
// ones, each new file has one of them, and it does not matter which.
func (r *gitExactRenames) settle(into *gitParentDiff) error {
	const alternatives = 100 // git looks at no more
	for content, n := range r.added {
		if gone := r.gone[content]; gone > 0 && (gone < n || gone > alternatives) {
			return errGitManyRenames
		}
	}
	left := 0 // files that are gone and whose content is gone with them
	for content, n := range r.gone {
		if content.kind == git.ModeFile && n > r.added[content] {
			left += n - r.added[content]
		}
	}
	for _, c := range r.changes {
		fresh := gitContent{c.NewMode.Kind(), c.NewID}
		change := gitChange{path: c.Path, oldPath: c.Path, oldMode: c.OldMode, newMode: c.NewMode, oldID: c.OldID, newID: c.NewID}
		renamed := c.OldMode == 0 && r.gone[fresh] > 0
		if renamed {
			change.oldMode, change.oldID = c.NewMode, c.NewID
		}
		if staged := into.add(change); staged != nil && c.OldMode == 0 && !renamed && fresh.kind == git.ModeFile && left > 0 {
			staged.moved = true
		}
	}
	return nil
}
