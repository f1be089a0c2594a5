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
}

// gitIndexDiff compares the index with HEAD and, in the middle of a merge, with the heads that are merged.
type gitIndexDiff struct {
	repo *git.Repo
	sink secretscan.Sink

	any      bool // something differs from HEAD
	unmerged bool
}

// run returns the entries with content that differ from every parent, ordered by path.
func (d *gitIndexDiff) run(ctx context.Context) ([]gitStagedChange, error) {
	parents, err := d.parents(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := d.against(ctx, parents[0], nil)
	if err != nil && ctx.Err() == nil && parents[0] != gitEmptyTree(d.repo) {
		d.problem(parents[0], err)
		changes, err = d.against(ctx, gitEmptyTree(d.repo), nil)
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
	out := make([]gitStagedChange, 0, len(changes))
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[path]; !c.id.IsZero() {
			out = append(out, *c)
		}
	}
	if d.unmerged {
		return d.conflicts(ctx, changes, out)
	}
	return out, nil
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
	merging, err := gitSmallFile(filepath.Join(d.repo.GitDir(), "MERGE_HEAD"))
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(merging) {
		parent, err := git.ParseOID(line)
		if err != nil {
			return nil, fmt.Errorf("read MERGE_HEAD: %w", err)
		}
		parents = append(parents, parent.String())
	}
	return parents, nil
}

// against compares the index with a parent. Only paths of among are looked at, if it is not nil; what is known of them is kept.
func (d *gitIndexDiff) against(ctx context.Context, parent string, among map[string]*gitStagedChange) (map[string]*gitStagedChange, error) {
	changes := map[string]*gitStagedChange{}
	each := func(c gitChange) error {
		change := &gitStagedChange{path: c.path}
		if among != nil {
			known, ok := among[c.path]
			if !ok {
				return nil
			}
			*change = *known
			change.olds = slices.Clone(known.olds)
		}
		switch {
		case c.status == 'U':
			d.unmerged = true
		case c.newMode.IsBlob():
			change.id = c.newID
		case c.newMode.Kind() == git.ModeSubmodule && among == nil:
			d.sink.Skip(gitSubmodules, c.path)
		}
		if c.oldMode.IsBlob() && !c.oldID.IsZero() {
			change.olds = append(change.olds, gitVersion{c.oldPath, c.oldID})
		}
		changes[c.path] = change
		return ctx.Err()
	}
	// Exact renames are free; others are looked for among at most 1,000 files, which is git's own limit and takes under a second.
	err := d.repo.Stream(ctx, nil, func(out io.Reader) error { return parseGitRaw(out, each) },
		"diff-index", "--cached", "--raw", "-z", "-M", "-l1000", "--no-abbrev", "--ignore-submodules=none",
		"--ita-invisible-in-index", parent, "--")
	return changes, err
}

// conflicts adds both sides of every conflict to out. The common ancestor's version is not among them: nothing can commit it.
func (d *gitIndexDiff) conflicts(ctx context.Context, changes map[string]*gitStagedChange, out []gitStagedChange) ([]gitStagedChange, error) {
	each := func(field string) error {
		var mode, id string
		var stage int
		head, path, ok := strings.Cut(field, "\t")
		if n, err := fmt.Sscanf(head, "%s %s %d", &mode, &id, &stage); !ok || n != 3 {
			return fmt.Errorf("read git ls-files: unexpected entry %.80q: %w", field, err)
		}
		m, err := git.ParseMode(mode)
		if err != nil {
			return fmt.Errorf("read git ls-files: %w", err)
		}
		change := changes[path]
		if change == nil || stage == 1 || !m.IsBlob() {
			return nil
		}
		oid, err := git.ParseOID(id)
		if err != nil {
			return fmt.Errorf("read git ls-files: %w", err)
		}
		out = append(out, gitStagedChange{path: path, id: oid, olds: change.olds})
		return nil
	}
	err := d.repo.Stream(ctx, nil, func(in io.Reader) error { return gitFields(in, each) }, "ls-files", "--unmerged", "-z", "--full-name")
	return out, err
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
	defer file.Close() //nolint:errcheck // only read
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(file, most))
	return string(data), err
}
