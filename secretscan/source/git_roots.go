package source

import (
	"context"
	"fmt"
	"slices"

	"keysweep/internal/git"
)

// RootCommits returns the smallest id among the commits without parents that HEAD descends from, or, on an unborn branch, that any
// ref descends from; "" if there is no commit. It is the same in every full clone that has the same branch checked out. In a
// shallow repository it cannot be told: the id is empty and shallow is true.
//
// All commits are visited, which takes git 0.1 s for 20,000 and 1 s for a million with a commit graph file; call it only when a
// fingerprint is needed.
func RootCommits(ctx context.Context, repo *git.Repo) (id string, shallow bool, err error) {
	if repo.Shallow() {
		return "", true, nil
	}
	from := "HEAD"
	if out, err := repo.Output(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil || len(out) == 0 {
		from = "--all"
	}
	feed := &gitFeed{ctx: ctx, repo: repo}
	roots, err := gitIDLines(feed, nil, "rev-list", "--max-parents=0", from)
	if err != nil {
		return "", false, fmt.Errorf("find the root commit: %w", err)
	}
	if len(roots) == 0 {
		return "", false, nil
	}
	return slices.MinFunc(roots, git.OID.Compare).String(), false, nil
}

// Root is RootCommits for a run of this source. After a scan of a whole history it costs nothing: the commits are known.
func (s *HistorySource) Root(ctx context.Context) (id string, shallow bool, err error) {
	roots := s.roots(ctx)
	if len(roots) == 0 {
		return RootCommits(ctx, s.repo)
	}
	return slices.MinFunc(roots, git.OID.Compare).String(), false, nil
}

// roots returns the commits that RootCommits chooses from; none: git has to be asked.
func (s *HistorySource) roots(ctx context.Context) (roots []git.OID) {
	if len(s.opts.Revs) > 0 || s.repo.Shallow() || s.log == nil && s.swept == nil {
		return nil
	}
	commits := s.commits()
	head, err := gitResolve(ctx, s.repo, "HEAD")
	if err != nil { // an unborn branch: all refs count, and what only HEADs of work trees or stashes hold does not
		if s.hidden {
			return nil
		}
		return gitRoots(commits, nil)
	}
	at := slices.IndexFunc(commits, func(c gitCommit) bool { return c.id == head })
	if at < 0 {
		return nil
	}
	wanted := make([]bool, len(commits))
	wanted[at] = true
	return gitRoots(commits, wanted)
}

// gitRoots returns the commits without parents that those of wanted descend from; nil wants all. Parents come before children. It
// returns none if one of them could not be read.
func gitRoots(commits []gitCommit, wanted []bool) (roots []git.OID) {
	for i := len(commits) - 1; i >= 0; i-- {
		if wanted != nil && !wanted[i] {
			continue
		}
		parents := commits[i].parents
		if commits[i].tree.IsZero() || slices.Contains(parents, -1) {
			return nil
		}
		if len(parents) == 0 {
			roots = append(roots, commits[i].id)
		}
		for _, p := range parents {
			if wanted != nil {
				wanted[p] = true
			}
		}
	}
	return roots
}
