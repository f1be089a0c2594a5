package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitSubmodules is why the entries of submodules are left out: all that a tree holds of one is a commit's id.
const gitSubmodules = "submodule pointers"

// gitStagedChange is a blob that is staged at a path, and what the parents of the commit to come have there.
type gitStagedChange struct {
	path string
	id   git.OID // zero: a deletion, a submodule, or an entry that is unmerged
	olds []gitVersion
	// moved: it may come from a file of another name with similar content, which is not among olds. Git tells, if it has to be known.
	moved bool
}

// gitIndexDiff compares the index with HEAD and, in the middle of a merge, with the heads that are merged.
type gitIndexDiff struct {
	repo *git.Repo
	sink secretscan.Sink
	ask  bool // git does it all, and nothing is left open

	any      bool // something differs from HEAD
	unmerged bool
}

// run returns the entries with content that differ from every parent, ordered by path.
func (d *gitIndexDiff) run(ctx context.Context) ([]gitStagedChange, error) {
	if !d.ask {
		if changes, ok := d.quick(ctx); ok {
			return gitStagedList(changes), nil
		}
	}
	parents, err := d.parents(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := d.against(ctx, parents[0], nil)
	if err != nil && ctx.Err() == nil {
		broken := err
		if changes, err = d.against(ctx, gitEmptyTree(d.repo), nil); err == nil {
			d.problem(parents[0], broken)
		} else if ctx.Err() == nil {
			err = &gitIndexError{d.repo.IndexFile(), err}
		}
	}
	if err != nil {
		return nil, err
	}
	d.any = len(changes) > 0
	for _, parent := range parents[1:] {
		both, err := d.against(ctx, parent, changes)
		if ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			d.problem(parent, err)
			continue
		}
		changes = both
	}
	if d.unmerged {
		return d.conflicts(ctx, changes, gitStagedList(changes))
	}
	return gitStagedList(changes), nil
}

// gitIndexError says that the index cannot be read.
type gitIndexError struct {
	file string
	err  error
}

// Error says what git says.
func (e *gitIndexError) Error() string { return e.err.Error() }

// Unwrap returns git's error.
func (e *gitIndexError) Unwrap() error { return e.err }

// Hint says how to get an index again.
func (e *gitIndexError) Hint() string {
	return fmt.Sprintf("the index %s cannot be read; make it anew from HEAD, which changes no file: move it away, run git reset, and stage again what is to be committed", e.file)
}

// gitStagedList returns the changes with content, ordered by path.
func gitStagedList(changes map[string]*gitStagedChange) []gitStagedChange {
	out := make([]gitStagedChange, 0, len(changes))
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[path]; !c.id.IsZero() {
			out = append(out, *c)
		}
	}
	return out
}

func (d *gitIndexDiff) problem(parent string, err error) {
	p := gitProblem(d.repo, "compare the index with a parent", parent, err)
	p.Hint = "everything in the index was scanned instead; see what is damaged with: git fsck --full"
	d.sink.Problem(p)
}

// parents returns HEAD's commit, or the empty tree on an unborn branch, and the heads that are being merged.
func (d *gitIndexDiff) parents(ctx context.Context) ([]string, error) {
	head, err := d.repo.Output(ctx, "rev-parse", "--verify", "--quiet", "HEAD")
	if ctx.Err() != nil {
		return nil, err
	}
	parents := []string{strings.TrimSpace(string(head))}
	if parents[0] == "" {
		parents[0] = gitEmptyTree(d.repo)
	}
	merged, err := d.merged()
	for _, parent := range merged {
		parents = append(parents, parent.String())
	}
	return parents, err
}

// merged returns the heads that are being merged.
func (d *gitIndexDiff) merged() (heads []git.OID, err error) {
	merging, err := gitSmallFile(filepath.Join(d.repo.GitDir(), "MERGE_HEAD"))
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(merging) {
		head, err := git.ParseOID(line)
		if err != nil {
			return nil, fmt.Errorf("read MERGE_HEAD: %w", err)
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// against compares the index with a parent. Only paths of among are looked at, if it is not nil; what is known of them is kept.
func (d *gitIndexDiff) against(ctx context.Context, parent string, among map[string]*gitStagedChange) (map[string]*gitStagedChange, error) {
	var into gitParentDiff
	each := func(c gitChange) error {
		into.add(c)
		return ctx.Err()
	}
	// Exact renames are free; others are looked for among at most 1,000 files, which is git's own limit and takes under a second.
	// That needs old contents, which may be missing: then the exact ones have to do.
	var err error
	for _, renames := range []string{"-M", "-M100%"} {
		into = gitParentDiff{among: among, changes: map[string]*gitStagedChange{}}
		err = d.repo.Stream(ctx, nil, func(out io.Reader) error { return parseGitRaw(out, each) },
			"diff-index", "--cached", "--raw", "-z", renames, "-l1000", "--no-abbrev", "--ignore-submodules=none",
			"--ita-invisible-in-index", parent, "--")
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	d.unmerged = d.unmerged || into.unmerged
	d.skip(into.submodules)
	return into.changes, err
}

func (d *gitIndexDiff) skip(submodules []string) {
	for _, path := range submodules {
		d.sink.Skip(gitSubmodules, path)
	}
}

// gitParentDiff collects what differs from one parent.
type gitParentDiff struct {
	among      map[string]*gitStagedChange // nil: every path counts
	changes    map[string]*gitStagedChange
	submodules []string
	unmerged   bool
}

func (p *gitParentDiff) add(c gitChange) *gitStagedChange {
	change := &gitStagedChange{path: c.path}
	if p.among != nil {
		known, ok := p.among[c.path]
		if !ok {
			return nil
		}
		*change = *known
		change.olds = slices.Clone(known.olds)
	}
	switch {
	case c.status == 'U':
		p.unmerged = true
	case c.newMode.IsBlob():
		change.id = c.newID
	case c.newMode.Kind() == git.ModeSubmodule && p.among == nil:
		p.submodules = append(p.submodules, c.path)
	}
	if c.oldMode.IsBlob() && !c.oldID.IsZero() {
		change.olds = append(change.olds, gitVersion{c.oldPath, c.oldID})
	}
	p.changes[c.path] = change
	return change
}

// conflicts adds both sides of every conflict to out. The common ancestor's version is not among them: nothing can commit it.
func (d *gitIndexDiff) conflicts(ctx context.Context, changes map[string]*gitStagedChange, out []gitStagedChange) ([]gitStagedChange, error) {
	feed := &gitFeed{ctx: ctx, repo: d.repo, sink: d.sink}
	err := feed.index(func(e gitIndexEntry) error {
		if change := changes[e.path]; change != nil && e.stage > 1 && e.mode.IsBlob() {
			out = append(out, gitStagedChange{path: e.path, id: e.id, olds: change.olds})
		}
		return nil
	}, "--unmerged")
	return out, err
}

// gitIndexEntry is an entry of the index.
type gitIndexEntry struct {
	mode  git.Mode
	id    git.OID
	stage int // 0, or in a conflict 1: the common ancestor's, 2: ours, 3: theirs
	path  string
}

// index hands over entries of the index: all with --stage, those in conflict with --unmerged.
func (f *gitFeed) index(each func(gitIndexEntry) error, which string) error {
	read := func(field string) error {
		e, err := parseGitIndexEntry(field)
		if err != nil {
			return fmt.Errorf("read git ls-files: %w", err)
		}
		if err := each(e); err != nil {
			return err
		}
		return f.ctx.Err()
	}
	return f.repo.Stream(f.ctx, nil, func(in io.Reader) error { return gitFields(in, read) }, "ls-files", which, "-z", "--full-name")
}

// parseGitIndexEntry reads "100644 <id> 0<TAB>path".
func parseGitIndexEntry(field string) (e gitIndexEntry, err error) {
	head, path, ok := strings.Cut(field, "\t")
	parts := strings.Split(head, " ")
	if !ok || len(parts) != 3 {
		return e, fmt.Errorf("unexpected entry %.80q", field)
	}
	var failed [3]error
	e.mode, failed[0] = git.ParseMode(parts[0])
	e.id, failed[1] = git.ParseOID(parts[1])
	e.stage, failed[2] = strconv.Atoi(parts[2])
	e.path = path
	return e, errors.Join(failed[:]...)
}

// gitFields hands over the NUL-terminated fields of in.
func gitFields(in io.Reader, each func(string) error) error {
	r := bufio.NewReader(in)
	for {
		field, err := gitField(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(field); err != nil {
			return err
		}
	}
}

// gitEmptyTree returns the id of the tree without entries, which git knows without having it.
func gitEmptyTree(repo *git.Repo) string {
	if repo.ObjectFormat() == "sha256" {
		return "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	}
	return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

// gitSmallFile reads a file of the git directory that may be missing; at most 1 MiB of it.
func gitSmallFile(name string) (string, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil && !info.Mode().IsRegular() { // opening a FIFO would hang
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return "", err
	}
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close() // only read
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(file, most))
	return string(data), err
}
