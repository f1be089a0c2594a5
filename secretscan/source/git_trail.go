package source

import (
	"slices"
	"sync"

	"keysweep/internal/git"
)

// A gitTrail finds the commits that introduce a few objects, and their paths, without comparing whole trees: only trees that can
// lead to one of the objects are looked at, and of those only the entries that do. No tree is read: what the sweep noted of them is
// enough.
type gitTrail struct {
	sweep  *gitSweep
	target gitSet     // what is looked for
	way    gitSet     // the targets, and the trees that lead to them, and perhaps a few more
	dirs   [][]gitWay // of the trees on the way, by index
}

// gitSet is a set of indices.
type gitSet []uint64

func newGitSet(size int) gitSet      { return make(gitSet, (size+63)/64) }
func (s gitSet) add(i uint32)        { s[i/64] |= 1 << (i % 64) }
func (s gitSet) has(i uint32) bool   { return s[i/64]>>(i%64)&1 != 0 }
func (s gitSet) fresh(i uint32) bool { h := s.has(i); s.add(i); return !h }

// trail prepares to follow the targets, which are indices of the sweep.
func (s *gitSweep) trail(targets []uint32) *gitTrail {
	t := &gitTrail{sweep: s, target: newGitSet(s.size()), way: newGitSet(s.size())}
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

// read finds the entries of the trees on the way that lead further. What a tree has of the one that it is made from is known when that one
// is done: it comes before it among the trees of a goroutine of the sweep, or is one of another's.
func (t *gitTrail) read() {
	s := t.sweep
	t.dirs = make([][]gitWay, s.size())
	r := gitTrailing{gitTrail: t, noted: make([]gitNoted, s.size())}
	r.each(func(part int) {
		for i, tree := range s.trees[part].list {
			r.noted[tree.index] = gitNoted{part: uint16(part), number: uint32(i)} // there are fewer processors
		}
	})
	r.each(func(part int) {
		var room []gitWay
		for i, tree := range s.trees[part].list {
			if !r.way.has(tree.index) {
				r.noted[tree.index].done = true
			} else if base := tree.base; base == gitNothing || int(r.noted[base].part) == part && r.noted[base].done {
				room = r.tree(part, i, room)
			}
		}
	})
	var room []gitWay
	for _, notes := range s.trees {
		for _, tree := range notes.list {
			room = r.rest(tree.index, room)
		}
	}
}

// gitTrailing is the work of gitTrail.read.
type gitTrailing struct {
	*gitTrail
	noted []gitNoted // by index
}

// gitNoted is where the note of a tree is.
type gitNoted struct {
	part   uint16
	done   bool
	number uint32
}

// each does work for what each goroutine of the sweep noted, at the same time.
func (r *gitTrailing) each(work func(part int)) {
	var all sync.WaitGroup
	for part := range r.sweep.trees {
		all.Go(func() { work(part) })
	}
	all.Wait()
}

// rest does a tree and those that it is made from, as far as that is not done.
func (r *gitTrailing) rest(tree uint32, room []gitWay) []gitWay {
	var chain []uint32
	for tree != gitNothing && !r.noted[tree].done {
		chain = append(chain, tree)
		at := r.noted[tree]
		tree = r.sweep.trees[at.part].list[at.number].base
	}
	for _, tree := range slices.Backward(chain) {
		at := r.noted[tree]
		room = r.tree(int(at.part), int(at.number), room)
	}
	return room
}

// tree does one tree. room is where dirs are, one after the other.
func (r *gitTrailing) tree(part, i int, room []gitWay) []gitWay {
	const many = 16 << 10
	notes := r.sweep.trees[part]
	tree := notes.list[i]
	var base []gitWay
	if tree.base != gitNothing {
		base = r.dirs[tree.base]
	}
	if most := len(base) + len(notes.own(i)); cap(room)-len(room) < most {
		room = make([]gitWay, 0, max(many, most))
	}
	from := len(room)
	room = notes.ways(i, base, r.way, room)
	r.dirs[tree.index], r.noted[tree.index].done = room[from:len(room):len(room)], true
	return room
}

// gitVisit is a directory of a commit on the way to a target.
type gitVisit struct {
	commit int
	path   string
	tree   uint32
	olds   []uint32 // the parents' trees at the same path, where there are any
	depth  int
}

// gitMeeting is a target that a commit introduces at a path, or a directory that is too deep to follow.
type gitMeeting struct {
	commit int
	path   string
	target uint32
	kind   git.Mode
	deep   bool
}

// gitMet takes what is met.
type gitMet func(gitMeeting)

// follow goes from a commit's tree, which v names, to the targets that none of its parents' trees has at the same path.
func (t *gitTrail) follow(v gitVisit, met gitMet) {
	if !t.way.has(v.tree) {
		return
	}
	if t.target.has(v.tree) && !slices.Contains(v.olds, v.tree) {
		met(gitMeeting{commit: v.commit, target: v.tree, kind: git.ModeTree})
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
			met(gitMeeting{commit: v.commit, path: path, target: e.child, kind: kind})
		}
		switch {
		case kind != git.ModeTree:
		case v.depth >= gitDepth || len(path) > gitPathMost:
			met(gitMeeting{commit: v.commit, path: path, deep: true})
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
