package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"keysweep/internal/git"
)

// testCommits is a history made by chance; parents are indices of earlier commits.
func testCommits(r *rand.Rand, count int) []gitCommit {
	list := make([]gitCommit, count)
	for i := range list {
		id, _ := git.ParseOID(fmt.Sprintf("%08x%032x", r.Uint32N(1<<16)<<16, i+1))
		list[i] = gitCommit{id: id, tree: id, date: r.Int64N(6)}
		for range min(i, r.IntN(3)) {
			list[i].parents = append(list[i].parents, r.Int32N(int32(i)))
		}
	}
	return list
}

// testPick returns the chosen commits of a list, in the order of gitChronicle, with their parents among them.
func testPick(list []gitCommit, chosen func(int) bool) []gitCommit {
	at, picked := map[int32]int32{}, []gitCommit{}
	for i, c := range list {
		if chosen(i) {
			at[int32(i)] = int32(len(picked))
			picked = append(picked, c)
		}
	}
	dated := make([]gitDated, len(picked))
	for i, c := range picked {
		dated[i] = gitDated{id: c.id, date: c.date}
		for _, p := range c.parents {
			if k, ok := at[p]; ok {
				dated[i].parents = append(dated[i].parents, k)
			}
		}
	}
	return gitOrdered(picked, dated)
}

// New commits come between remembered ones just where sorting all of them would bring them.
func TestJoinIsChronicle(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		all := testCommits(r, 1+r.IntN(40))
		lead := func() []bool {
			set := make([]bool, len(all))
			for i := len(all) - 1; i >= 0; i-- {
				if set[i] = set[i] || r.IntN(4) == 0; set[i] {
					for _, p := range all[i].parents {
						set[p] = true
					}
				}
			}
			return set
		}
		known, wanted := lead(), lead()
		memory := &gitMemory{commits: testPick(all, func(i int) bool { return known[i] })}
		old := gitOld{index: newGitCommitIndex(memory.commits), has: make([]bool, len(memory.commits))}
		around := map[int]bool{}
		for i, c := range all {
			if at, ok := old.index.find(c.id); ok && wanted[i] {
				old.has[at] = true
				old.count++
			}
			for _, p := range c.parents {
				around[int(p)] = around[int(p)] || wanted[i] && !known[i] && known[p]
			}
		}
		fresh := joinedLog(all, func(i int) bool { return around[i] }, func(i int) bool { return wanted[i] && !known[i] })
		got, want := gitJoin(memory, old, fresh).commits, testPick(all, func(i int) bool { return wanted[i] })
		same := func(a, b gitCommit) bool { return a.id == b.id && slices.Equal(a.parents, b.parents) }
		if !slices.EqualFunc(got, want, same) {
			t.Fatalf("seed %d: got %+v\nwant %+v", seed, got, want)
		}
	}
}

// joinedLog is a log of new commits, as gitFeed.scan returns it: first the parents that are not among them.
func joinedLog(all []gitCommit, around, own func(int) bool) *gitLog {
	var list []gitCommit
	at := map[git.OID]int32{}
	add := func(c gitCommit) {
		at[c.id] = int32(len(list))
		list = append(list, c)
	}
	for i, c := range all {
		if around(i) {
			c.parents = nil
			add(c)
		}
	}
	first := len(list)
	for _, c := range testPick(all, own) {
		add(c)
	}
	for i := range list[first:] {
		c := &list[first+i]
		for k := range all {
			if all[k].id == c.id {
				c.parents = nil
				for _, p := range all[k].parents {
					c.parents = append(c.parents, at[all[p].id])
				}
			}
		}
	}
	return newGitLog(list)
}
