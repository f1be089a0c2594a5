package source

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"keysweep/internal/git"
)

// Where a file has a new name in a commit, what it was before is found as git finds renames: among the files that the commit takes
// away, the very same content, or else the most similar one. Git is not asked to do it, because its diff enters every path, and a
// few trees that name each other again and again have more of them than it could ever enter.

const (
	gitRenameMost  = 1000 // files taken away by one commit that are compared; git has the same limit
	gitRenameBytes = 1 << 20
	gitAlike       = 0.5 // of the larger file must be in the other; git's default
)

// gitRenames finds what files were before they had their names.
type gitRenames struct {
	feed  *gitFeed // with a quiet sink
	log   *gitLog
	gone  map[int32][]gitVersion // by commit: what it takes away
	lines map[git.OID]map[uint64]int
	seed  maphash.Seed
}

// gitFindRenames prepares the search for the introduced blobs that some parent does not have under their name.
func gitFindRenames(feed *gitFeed, log *gitLog, intros map[git.OID][]gitIntro) (*gitRenames, error) {
	r := &gitRenames{feed: feed, log: log, gone: map[int32][]gitVersion{}, lines: map[git.OID]map[uint64]int{}, seed: maphash.MakeSeed()}
	asked := map[int32]bool{}
	for _, list := range intros {
		for _, intro := range list {
			if int(intro.nOlds) < len(log.commits[intro.commit].parents) {
				asked[intro.commit] = true
			}
		}
	}
	// The difference the other way round: what a parent has and the commit has not.
	var reverse []gitCommit
	var child []int32
	for i := range log.commits {
		if !asked[int32(i)] { // an index of a list of commits
			continue
		}
		self := int32(len(reverse)) // as above
		reverse, child = append(reverse, gitCommit{tree: log.commits[i].tree}), append(child, -1)
		for _, p := range log.commits[i].parents {
			reverse = append(reverse, gitCommit{tree: log.commits[p].tree, parents: []int32{self}})
			child = append(child, int32(i)) // as above
		}
	}
	back := newGitLog(reverse)
	differ := newGitDiffer(feed, back, true)
	differ.only = func(i int) bool { return child[i] >= 0 }
	if err := differ.run(0); err != nil {
		return nil, err
	}
	for _, intro := range back.intros {
		if c := child[intro.commit]; intro.nOlds == 0 && len(r.gone[c]) < gitRenameMost {
			r.gone[c] = append(r.gone[c], gitVersion{back.paths[intro.path], back.blobs[intro.blob]})
		}
	}
	return r, nil
}

// of returns what an introduced blob was before.
func (r *gitRenames) of(intro gitIntro) ([]gitVersion, error) {
	gone := r.gone[intro.commit]
	if len(gone) == 0 || int(intro.nOlds) == len(r.log.commits[intro.commit].parents) {
		return nil, nil
	}
	id := r.log.blobs[intro.blob]
	if i := slices.IndexFunc(gone, func(v gitVersion) bool { return v.id == id }); i >= 0 {
		return gone[i : i+1], nil
	}
	ids := []git.OID{id}
	for _, v := range gone {
		ids = append(ids, v.id)
	}
	if err := r.read(ids); err != nil {
		return nil, err
	}
	score := func(v gitVersion) float64 { return gitLikeness(r.lines[id], r.lines[v.id]) }
	best := slices.MaxFunc(gone, func(a, b gitVersion) int { return cmp.Compare(score(a), score(b)) })
	if score(best) < gitAlike {
		return nil, nil
	}
	return []gitVersion{best}, nil
}

// read makes the lines of blobs known. A blob that is large or cannot be read is like no other.
func (r *gitRenames) read(ids []git.OID) error {
	if len(r.lines) > 4*gitRenameMost {
		clear(r.lines)
	}
	var fresh []git.OID
	for _, id := range ids {
		if _, known := r.lines[id]; !known {
			r.lines[id] = nil
			fresh = append(fresh, id)
		}
	}
	var small []git.OID
	err := r.feed.cat.Stat(fresh, func(o git.Object) error {
		if o.Kind == "blob" && o.Size <= gitRenameBytes {
			small = append(small, o.OID)
		}
		return r.feed.ctx.Err()
	})
	if err != nil {
		return err
	}
	return r.feed.cat.Read(small, gitRenameBytes, func(o git.Object) error {
		r.lines[o.OID] = r.split(o.Data)
		return r.feed.ctx.Err()
	})
}

// split counts the bytes of each different line.
func (r *gitRenames) split(data []byte) map[uint64]int {
	lines := map[uint64]int{}
	for line := range bytes.Lines(data) {
		lines[maphash.Bytes(r.seed, line)] += len(line)
	}
	return lines
}

// gitLikeness returns how much of the larger content stands in the other: 0 to 1.
func gitLikeness(a, b map[uint64]int) float64 {
	var common, sizeA, sizeB int
	for line, n := range a {
		sizeA += n
		common += min(n, b[line])
	}
	for _, n := range b {
		sizeB += n
	}
	if larger := max(sizeA, sizeB); larger > 0 {
		return float64(common) / float64(larger)
	}
	return 0
}
