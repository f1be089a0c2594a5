package source

import (
	"slices"

	"keysweep/internal/git"
)

// A gitTrail finds the commits that introduce a few objects, and their paths, without comparing whole trees: only trees that can
// lead to one of the objects are looked at, and of those only the entries that do. No tree is read: what the sweep noted of them is
// enough.
type gitTrail struct {
	sweep  *gitSweep
	target gitSet                        // what is looked for
	way    gitSet                        // the targets, and the trees that lead to them, and perhaps a few more
	dirs   [][]gitWay                    // of the trees on the way, by index
	deep   func(commit int, path string) // is told of a directory that is too deep to follow
}

// gitSet is a set of indices.
type gitSet []uint64

func newGitSet(size int) gitSet      { return make(gitSet, (size+63)/64) }
func (s gitSet) add(i uint32)        { s[i/64] |= 1 << (i % 64) }
func (s gitSet) has(i uint32) bool   { return s[i/64]>>(i%64)&1 != 0 }
func (s gitSet) fresh(i uint32) bool { h := s.has(i); s.add(i); return !h }

// trail prepares to follow the targets, which are indices of the sweep. deep is told of directories that are too deep to follow.
func (s *gitSweep) trail(targets []uint32, deep func(commit int, path string)) *gitTrail {
	t := &gitTrail{sweep: s, target: newGitSet(s.size()), way: newGitSet(s.size()), deep: deep}
	for _, i := range targets {
		t.target.add(i)
	}
	t.mark(targets)
	t.read()
	return t
}

// mark finds the ways upwards. A tree that names something is on its way, and so may be every tree that was made from it.
func (t *gitTrail) mark(targets []uint32) {
	up, made := newGitArrows(t.sweep.size(), t.sweep.namedBy), newGitArrows(t.sweep.size(), t.sweep.madeFrom)
	todo := make([]uint32, 0, len(targets))
	for _, i := range targets {
		if t.way.fresh(i) {
			todo = append(todo, i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		trees := todo
		for _, p := range up.of(i) {
			if t.way.fresh(p) {
				trees = append(trees, p)
			}
		}
		for at := len(todo); at < len(trees); at++ {
			for _, m := range made.of(trees[at]) {
				if t.way.fresh(m) {
					trees = append(trees, m)
				}
			}
		}
		todo = trees
	}
}

// namedBy goes through the trees and blobs that trees name.
func (s *gitSweep) namedBy(do func(child, tree uint32)) {
	for _, notes := range s.trees {
		for i, tree := range notes.list {
			for _, e := range notes.own(i) {
				if e.names() {
					do(e.child, tree.index)
				}
			}
		}
	}
}

// madeFrom goes through the trees that are made from others.
func (s *gitSweep) madeFrom(do func(base, tree uint32)) {
	for _, notes := range s.trees {
		for _, tree := range notes.list {
			if tree.base != gitNothing {
				do(tree.base, tree.index)
			}
		}
	}
}

// gitArrows lead from objects to others.
type gitArrows struct{ starts, ends []uint32 }

func newGitArrows(size int, each func(do func(from, to uint32))) gitArrows {
	a := gitArrows{starts: make([]uint32, size+2)}
	each(func(from, _ uint32) { a.starts[from+2]++ })
	for i := 1; i < len(a.starts); i++ {
		a.starts[i] += a.starts[i-1]
	}
	a.ends = make([]uint32, a.starts[size+1])
	each(func(from, to uint32) {
		a.ends[a.starts[from+1]] = to
		a.starts[from+1]++
	})
	return a
}

func (a gitArrows) of(i uint32) []uint32 { return a.ends[a.starts[i]:a.starts[i+1]] }

// gitTrailing is the work of gitTrail.read.
type gitTrailing struct {
	*gitTrail
	noted []gitNoted // by index
	done  gitSet
	room  []gitWay // where dirs are
}

// gitNoted is where the note of a tree is, plus one; zero: nowhere.
type gitNoted struct{ part, number uint32 }

// read finds the entries of the trees on the way that lead further.
func (t *gitTrail) read() {
	s := t.sweep
	t.dirs = make([][]gitWay, s.size())
	r := gitTrailing{gitTrail: t, noted: make([]gitNoted, s.size()), done: newGitSet(s.size())}
	for part, notes := range s.trees {
		for i, tree := range notes.list {
			r.noted[tree.index] = gitNoted{uint32(part), uint32(i) + 1} // memory runs out long before
		}
	}
	var chain []uint32
	for _, notes := range s.trees {
		for _, tree := range notes.list {
			chain = r.bases(tree.index, chain[:0])
			for k := len(chain) - 1; k >= 0; k-- {
				r.tree(chain[k])
			}
		}
	}
}

// bases appends a tree that is to be done and those that it is made from, as far as they are to be done, too.
func (r *gitTrailing) bases(tree uint32, chain []uint32) []uint32 {
	for tree != gitNothing && r.way.has(tree) && r.done.fresh(tree) {
		chain = append(chain, tree)
		at := r.noted[tree]
		tree = r.sweep.trees[at.part].list[at.number-1].base
	}
	return chain
}

// tree finds those of one tree. What it has of the tree that it is made from is known already.
func (r *gitTrailing) tree(tree uint32) {
	const many = 16 << 10
	at := r.noted[tree]
	notes, i := r.sweep.trees[at.part], int(at.number-1)
	var base []gitWay
	if b := notes.list[i].base; b != gitNothing {
		base = r.dirs[b]
	}
	if most := len(base) + len(notes.own(i)); cap(r.room)-len(r.room) < most {
		r.room = make([]gitWay, 0, max(many, most))
	}
	from := len(r.room)
	r.room = notes.ways(i, base, r.way, r.room)
	r.dirs[tree] = r.room[from:len(r.room):len(r.room)]
}

// gitVisit is a directory of a commit on the way to a target.
type gitVisit struct {
	commit int
	path   string
	tree   uint32
	olds   []uint32 // the parents' trees at the same path, where there are any
	depth  int
}

// gitMet takes a target that a commit introduces at a path.
type gitMet func(commit int, path string, target uint32, kind git.Mode)

// follow goes from a commit's tree, which v names, to the targets that none of its parents' trees has at the same path.
func (t *gitTrail) follow(v gitVisit, met gitMet) {
	if !t.way.has(v.tree) {
		return
	}
	if t.target.has(v.tree) && !slices.Contains(v.olds, v.tree) {
		met(v.commit, "", v.tree, git.ModeTree)
	}
	entered := map[uint32]int{}
	todo := []gitVisit{v}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if entered[v.tree]++; entered[v.tree] <= gitTwins {
			todo = t.enter(v, met, todo)
		}
	}
}

// enter compares a directory with the parents' and adds the subdirectories that differ to todo.
func (t *gitTrail) enter(v gitVisit, met gitMet, todo []gitVisit) []gitVisit {
	for _, old := range v.olds {
		if old == v.tree {
			return todo
		}
	}
	from := len(todo)
	for _, e := range t.dirs[v.tree] {
		olds, same := t.olds(v.olds, e)
		if same {
			continue
		}
		path, kind := t.sweep.names.list[e.name()], e.mode()
		if v.path != "" {
			path = v.path + "/" + path
		}
		if t.target.has(e.child) {
			met(v.commit, path, e.child, kind)
		}
		switch {
		case kind != git.ModeTree:
		case v.depth >= gitDepth || len(path) > gitPathMost:
			t.deep(v.commit, path)
		default:
			todo = append(todo, gitVisit{v.commit, path, e.child, olds, v.depth + 1})
		}
	}
	for i, j := from, len(todo)-1; i < j; i, j = i+1, j-1 { // the first is to be taken first
		todo[i], todo[j] = todo[j], todo[i]
	}
	return todo
}

// olds returns what the directories have under the name of an entry, and whether one has the same.
func (t *gitTrail) olds(dirs []uint32, e gitWay) (olds []uint32, same bool) {
	for _, dir := range dirs {
		for _, old := range t.dirs[dir] {
			if old.kind != e.kind { // or its name
				continue
			}
			if old.child == e.child {
				return nil, true
			}
			if e.tree() {
				olds = append(olds, old.child)
			}
		}
	}
	return olds, false
}
