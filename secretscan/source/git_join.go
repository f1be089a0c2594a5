package source

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"slices"

	"keysweep/internal/git"
)

// gitOld is the part of what is remembered that is still wanted.
type gitOld struct {
	index gitCommitIndex
	has   []bool // by the index of the commit; the parents of each are there, too
	count int
}

// gitCommitIndex finds commits by their ids, in a table of two or more places for each: it goes by the first bits of the id, and takes
// the next free place. Places hold the index of a commit and one more.
type gitCommitIndex struct {
	commits []gitCommit
	places  []int32
}

func newGitCommitIndex(commits []gitCommit) gitCommitIndex {
	size := 2
	for size < 2*len(commits) {
		size *= 2
	}
	x := gitCommitIndex{commits, make([]int32, size)}
	for i, c := range commits {
		at := x.place(c.id)
		for x.places[at] != 0 {
			at = (at + 1) % size
		}
		x.places[at] = int32(i + 1) // memory runs out long before
	}
	return x
}

func (x gitCommitIndex) place(id git.OID) int {
	var raw [64]byte
	return int(binary.LittleEndian.Uint32(id.AppendRaw(raw[:0])[:4])) & (len(x.places) - 1)
}

func (x gitCommitIndex) find(id git.OID) (i int32, ok bool) {
	if id.IsZero() {
		return 0, false
	}
	for at := x.place(id); x.places[at] != 0; at = (at + 1) % len(x.places) {
		if i = x.places[at] - 1; x.commits[i].id == id {
			return i, true
		}
	}
	return 0, false
}

// split goes from the tips to what they lead to: remembered commits, and ones that are new.
func (s *HistorySource) split(f *gitFeed, memory *gitMemory, tips []git.OID) (old gitOld, fresh []git.OID, err error) {
	old = gitOld{index: newGitCommitIndex(memory.commits), has: make([]bool, len(memory.commits))}
	seen := map[git.OID]bool{}
	quiet := *f
	quiet.sink = gitQuietSink{f.sink}
	for todo := tips; len(todo) > 0; {
		var unknown []git.OID
		for _, id := range todo {
			if i, ok := old.index.find(id); ok {
				old.has[i] = true
			} else if !seen[id] {
				seen[id] = true
				unknown = append(unknown, id)
			}
		}
		fresh = append(fresh, unknown...)
		if len(fresh) > gitAgainNewMost {
			return old, fresh, nil
		}
		todo = nil
		loaded, err := quiet.load(unknown, nil, nil, nil)
		if err != nil {
			return old, nil, err
		}
		for _, c := range loaded {
			todo = append(todo, c.parents...)
		}
	}
	for i := len(old.has) - 1; i >= 0; i-- { // children before parents
		if old.has[i] {
			old.count++
			for _, p := range memory.commits[i].parents {
				old.has[p] = true
			}
		}
	}
	return old, fresh, nil
}

// gitJoin returns the log of the remembered commits that are wanted and of the new ones, in the order of gitChronicle. The last
// commit of fresh may be the one that stands for none.
//
// What is remembered is in that order already, and stays in it: a commit comes when its parents are there and it is the first of those
// that wait, and neither depends on commits that are no ancestors of it. So new ones are only put in between.
func gitJoin(memory *gitMemory, old gitOld, fresh *gitLog) *gitLog {
	j := gitJoining{memory: memory, old: old, fresh: fresh, children: map[int32][]int32{}, waits: make([]int32, len(fresh.commits)),
		oldAt: make([]int32, len(memory.commits)), freshAt: make([]int32, len(fresh.commits))}
	j.prepare()
	j.merge()
	log := newGitLog(j.list)
	if n := len(fresh.commits); n > 0 && fresh.commits[n-1].id.IsZero() {
		j.freshAt[n-1] = int32(len(log.commits)) // memory runs out long before
		log.commits = append(log.commits, gitCommit{})
	}
	for _, i := range memory.intros {
		if old.has[i.commit] {
			log.add(memory.marked[i.blob].id, int(j.oldAt[i.commit]), memory.paths[i.path], nil)
		}
	}
	for _, i := range fresh.intros {
		log.add(fresh.blobs[i.blob], int(j.freshAt[i.commit]), fresh.paths[i.path], nil)
	}
	slices.SortStableFunc(log.intros, func(a, b gitIntro) int { return cmp.Compare(a.commit, b.commit) })
	return log
}

// gitJoining is the work of one gitJoin.
type gitJoining struct {
	memory   *gitMemory
	old      gitOld
	fresh    *gitLog
	children map[int32][]int32 // new commits by parents: those of remembered ones by their index, those of new ones by ^index
	waits    []int32           // of new ones: how many parents are not in the list yet; -1: it is no new one
	ready    gitReady          // new ones
	list     []gitCommit
	oldAt    []int32 // the place in list
	freshAt  []int32
}

// prepare finds out what new commits wait for.
func (j *gitJoining) prepare() {
	for i, c := range j.fresh.commits {
		j.ready.commits = append(j.ready.commits, gitDated{id: c.id, date: c.date})
		if old, known := j.old.index.find(c.id); c.id.IsZero() || known && j.old.has[old] {
			j.waits[i] = -1
			continue
		}
		for _, p := range c.parents {
			if p >= 0 {
				j.waits[i]++
				key := j.key(p)
				j.children[key] = append(j.children[key], int32(i)) // memory runs out long before
			}
		}
		if j.waits[i] == 0 {
			j.ready.list = append(j.ready.list, int32(i)) // as above
		}
	}
	heap.Init(&j.ready)
}

func (j *gitJoining) key(p int32) int32 {
	if old, known := j.old.index.find(j.fresh.commits[p].id); known {
		return old
	}
	return ^p
}

// place returns where in the list a parent of a new commit is.
func (j *gitJoining) place(p int32) int32 {
	if p < 0 {
		return p
	}
	if key := j.key(p); key >= 0 {
		return j.oldAt[key]
	}
	return j.freshAt[p]
}

func (j *gitJoining) merge() {
	j.list = make([]gitCommit, 0, j.old.count+len(j.fresh.commits)+1)
	moved := false
	for i, c := range j.memory.commits {
		if !j.old.has[i] {
			continue
		}
		for len(j.ready.list) > 0 && j.ready.before(j.ready.list[0], c) {
			j.next()
		}
		at := int32(len(j.list)) // memory runs out long before
		j.oldAt[i] = at
		if moved = moved || int(at) != i; moved { // else all before it are where they were
			c.parents = slices.Clone(c.parents)
			for n, p := range c.parents {
				c.parents[n] = j.oldAt[p]
			}
		}
		j.list = append(j.list, c)
		j.release(int32(i)) // as above
	}
	for len(j.ready.list) > 0 {
		j.next()
	}
}

// next puts the first of the new commits that wait for nothing into the list.
func (j *gitJoining) next() {
	i := heap.Pop(&j.ready).(int32) // it holds nothing else
	c := j.fresh.commits[i]
	c.parents = slices.Clone(c.parents)
	for n, p := range c.parents {
		c.parents[n] = j.place(p)
	}
	j.freshAt[i] = int32(len(j.list)) // memory runs out long before
	j.list = append(j.list, c)
	j.release(^i)
}

func (j *gitJoining) release(key int32) {
	for _, child := range j.children[key] {
		if j.waits[child]--; j.waits[child] == 0 {
			heap.Push(&j.ready, child)
		}
	}
}
