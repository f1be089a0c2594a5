package source

import (
	"cmp"
	"container/heap"

	"keysweep/internal/git"
)

// gitDated is a commit in the order of a history: its parents are indices into the same list, -1 for one that is not in it.
type gitDated struct {
	id      git.OID
	date    int64 // of the committer, in seconds
	parents []int32
}

// gitChronicle returns the order of commits in which a report names the first that has something: parents before children, and
// otherwise by date and id. The order depends on the commits alone, not on how they were found.
func gitChronicle(commits []gitDated) []int32 {
	waits := make([]int32, len(commits)) // how many parents are not in the order yet
	starts := make([]int32, len(commits)+1)
	each := func(do func(parent, child int32)) {
		for i, c := range commits {
			for _, p := range c.parents {
				if p >= 0 {
					do(p, int32(i)) // memory runs out long before
				}
			}
		}
	}
	each(func(p, c int32) { waits[c]++; starts[p+1]++ })
	for i := range commits {
		starts[i+1] += starts[i]
	}
	children, filled := make([]int32, starts[len(commits)]), make([]int32, len(commits))
	each(func(p, c int32) { children[starts[p]+filled[p]] = c; filled[p]++ })
	ready := gitReady{commits: commits}
	for i := range commits {
		if waits[i] == 0 {
			ready.list = append(ready.list, int32(i)) // as above
		}
	}
	heap.Init(&ready)
	order := make([]int32, 0, len(commits))
	for len(ready.list) > 0 {
		at := heap.Pop(&ready).(int32) // it holds nothing else
		order = append(order, at)
		for _, c := range children[starts[at]:starts[at+1]] {
			if waits[c]--; waits[c] == 0 {
				heap.Push(&ready, c)
			}
		}
	}
	return order
}

// gitReady is a heap of the commits whose parents are all in the order.
type gitReady struct {
	commits []gitDated
	list    []int32
}

func (r *gitReady) Len() int      { return len(r.list) }
func (r *gitReady) Swap(i, j int) { r.list[i], r.list[j] = r.list[j], r.list[i] }
func (r *gitReady) Push(x any)    { r.list = append(r.list, x.(int32)) }
func (r *gitReady) Less(i, j int) bool {
	a, b := &r.commits[r.list[i]], &r.commits[r.list[j]]
	if a.date != b.date {
		return a.date < b.date
	}
	return a.id.Compare(b.id) < 0
}

// before reports whether a commit of the list comes before one that is not in it.
func (r *gitReady) before(i int32, other gitCommit) bool {
	c := &r.commits[i]
	return cmp.Or(cmp.Compare(c.date, other.date), c.id.Compare(other.id)) < 0
}

func (r *gitReady) Pop() any {
	last := r.list[len(r.list)-1]
	r.list = r.list[:len(r.list)-1]
	return last
}

// gitOrdered brings commits into the order of gitChronicle. dated has the same commits, with their parents among them.
func gitOrdered(list []gitCommit, dated []gitDated) []gitCommit {
	return gitInOrder(list, dated, gitChronicle(dated))
}
