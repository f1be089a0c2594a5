package source

import (
	"keysweep/finding"
	"keysweep/internal/git"
)

// gitCommit is a commit as the sources keep it: its id and its tree, and its parents as indices into the same list.
type gitCommit struct {
	id, tree git.OID // the tree is zero if the commit could not be read
	date     int64   // of the committer, in seconds
	parents  []int32 // -1 stands for one that is not in the list
}

// gitIntro says that a commit has a blob at a path where none of its parents has it. All are indices into a gitLog.
type gitIntro struct {
	blob, commit, path int32
	olds, nOlds        int32 // a range of gitLog.olds: the parents' versions of the path
}

// gitLog is where every blob came from. It is compact, because a long history has millions of entries: 20 bytes each, and every
// path and id once.
type gitLog struct {
	commits []gitCommit
	blobs   []git.OID
	paths   []string
	intros  []gitIntro
	olds    []int32 // blobs

	blobAt map[git.OID]int32
	pathAt map[string]int32
}

func newGitLog(commits []gitCommit) *gitLog {
	return &gitLog{commits: commits, blobAt: map[git.OID]int32{}, pathAt: map[string]int32{}}
}

func (l *gitLog) blob(id git.OID) int32 {
	i, ok := l.blobAt[id]
	if !ok {
		i = int32(len(l.blobs)) // memory runs out long before
		l.blobs = append(l.blobs, id)
		l.blobAt[id] = i
	}
	return i
}

// add records an introduction. The path may be a temporary string.
func (l *gitLog) add(id git.OID, commit int, path string, olds []git.OID) {
	at, ok := l.pathAt[path]
	if !ok {
		at = int32(len(l.paths)) // memory runs out long before
		l.paths = append(l.paths, path)
		l.pathAt[path] = at
	}
	intro := gitIntro{blob: l.blob(id), commit: int32(commit), path: at, olds: int32(len(l.olds))} // as above
	for _, old := range olds {
		if !old.IsZero() {
			l.olds = append(l.olds, l.blob(old))
			intro.nOlds++
		}
	}
	l.intros = append(l.intros, intro)
}

// versions returns the parents' versions of an introduced blob.
func (l *gitLog) versions(intro gitIntro) []gitVersion {
	out := make([]gitVersion, 0, intro.nOlds)
	for _, old := range l.olds[intro.olds : intro.olds+intro.nOlds] {
		out = append(out, gitVersion{l.paths[intro.path], l.blobs[old]})
	}
	return out
}

// first returns each introduced blob with its first place, in the order of the commits.
func (l *gitLog) first(kind finding.Kind) []gitBlob {
	seen := make([]bool, len(l.blobs))
	var out []gitBlob
	for _, intro := range l.intros {
		if seen[intro.blob] {
			continue
		}
		seen[intro.blob] = true
		out = append(out, gitBlob{id: l.blobs[intro.blob], kind: kind, path: l.paths[intro.path], commit: l.commits[intro.commit].id})
	}
	return out
}

// introduced returns the ids of all introduced blobs.
func (l *gitLog) introduced() map[git.OID]bool {
	ids := make(map[git.OID]bool, len(l.blobs))
	for _, intro := range l.intros {
		ids[l.blobs[intro.blob]] = true
	}
	return ids
}

// of returns the introductions of the given blobs, each in the order of the commits.
func (l *gitLog) of(wanted map[git.OID]bool) map[git.OID][]gitIntro {
	out := map[git.OID][]gitIntro{}
	for _, intro := range l.intros {
		if id := l.blobs[intro.blob]; wanted[id] {
			out[id] = append(out[id], intro)
		}
	}
	return out
}

// reach marks the commits that can be reached from the tips.
func (l *gitLog) reach(tips []git.OID) []bool {
	at := make(map[git.OID]int32, len(l.commits))
	for i, c := range l.commits {
		at[c.id] = int32(i) // memory runs out long before
	}
	marked := make([]bool, len(l.commits))
	var todo []int32
	for _, tip := range tips {
		if i, ok := at[tip]; ok {
			todo = append(todo, i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if i < 0 || marked[i] {
			continue
		}
		marked[i] = true
		todo = append(todo, l.commits[i].parents...)
	}
	return marked
}
