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
