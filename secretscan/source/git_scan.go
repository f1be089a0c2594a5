package source

import (
	"maps"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
)

// gitExtra is content that no commit leads to.
type gitExtra struct{ trees, blobs []git.OID }

// scan reads the commits and finds out what they introduce. olds: the parents' versions are wanted, too.
func (f *gitFeed) scan(ids []git.OID, extra gitExtra, olds bool) (*gitLog, error) {
	boundary, err := f.repo.Boundary()
	if err != nil {
		return nil, err
	}
	f.cutOff(ids, boundary)
	commits, own, err := f.commits(ids, boundary)
	if err != nil {
		return nil, err
	}
	log := newGitLog(commits)
	differ := newGitDiffer(f, log, olds)
	if err := differ.run(own); err != nil {
		return nil, err
	}
	if len(extra.trees)+len(extra.blobs) > 0 {
		nobody := len(log.commits)
		log.commits = append(log.commits, gitCommit{})
		for _, tree := range extra.trees {
			if err := differ.tree(tree, nobody); err != nil {
				return nil, err
			}
		}
		for _, blob := range extra.blobs {
			log.add(blob, nobody, "", nil)
		}
	}
	return log, nil
}

// cutOff tells of the places where a shallow repository's history ends within what was asked for. It is sorted, so that the first
// one named is the same in every run.
func (f *gitFeed) cutOff(ids []git.OID, boundary map[git.OID]bool) {
	inside := map[git.OID]bool{}
	for _, id := range ids {
		if boundary[id] {
			inside[id] = true
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(inside), git.OID.Compare) {
		f.sink.Problem(finding.Problem{
			Where: id.String(), Op: "follow the history",
			Err:  "the clone is shallow: what came before this commit is not there",
			Hint: "get the rest with: git fetch --unshallow (in CI: fetch-depth: 0)",
		})
	}
}
