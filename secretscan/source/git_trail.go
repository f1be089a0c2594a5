package source

import (
	"context"
	"slices"

	"keysweep/internal/git"
	"keysweep/internal/odb"
)

// A gitTrail finds the commits that introduce a few objects, and their paths, without comparing whole trees: only trees that can
// lead to one of the objects are read, and of those only the entries that do.
type gitTrail struct {
	sweep  *gitSweep
	target gitSet                        // what is looked for
	way    gitSet                        // the targets, and the trees that lead to them, and perhaps a few more
	marks  gitSet                        // of the first bits of the ids on the way
	dirs   [][]gitWay                    // of the trees on the way, by index
	deep   func(commit int, path string) // is told of a directory that is too deep to follow
}

// gitWay is an entry of a tree that leads to a target.
type gitWay struct {
	name  string
	child uint32
	kind  git.Mode
}

// gitSet is a set of indices.
type gitSet []uint64

func newGitSet(size int) gitSet      { return make(gitSet, (size+63)/64) }
func (s gitSet) add(i uint32)        { s[i/64] |= 1 << (i % 64) }
func (s gitSet) has(i uint32) bool   { return s[i/64]>>(i%64)&1 != 0 }
func (s gitSet) fresh(i uint32) bool { h := s.has(i); s.add(i); return !h }

// trail prepares to follow the targets, which are indices of the sweep. deep is told of directories that are too deep to follow.
func (s *gitSweep) trail(ctx context.Context, targets []uint32, deep func(commit int, path string)) (*gitTrail, error) {
	t := &gitTrail{sweep: s, target: newGitSet(s.size()), way: newGitSet(s.size()), deep: deep}
	for _, i := range targets {
		t.target.add(i)
	}
	t.mark(targets)
	return t, t.read(ctx)
}

// mark finds the ways upwards. A tree that names something is on its way, and so may be every tree that was made from it.
func (t *gitTrail) mark(targets []uint32) {
	up, made := newGitArrows(t.sweep.size(), t.sweep.edges, false), newGitArrows(t.sweep.size(), t.sweep.bases, true)
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

// gitArrows are edges, by one of their ends.
type gitArrows struct{ starts, ends []uint32 }

// newGitArrows sorts edges by their parents, if down, or else by their children.
func newGitArrows(size int, parts [][]gitEdge, down bool) gitArrows {
	count := 0
	for _, edges := range parts {
		count += len(edges)
	}
	a := gitArrows{make([]uint32, size+2), make([]uint32, count)}
	each := func(do func(from, to uint32)) {
		for _, edges := range parts {
			for _, e := range edges {
				if down {
					do(e.parent, e.child())
				} else {
					do(e.child(), e.parent)
				}
			}
		}
	}
	each(func(from, _ uint32) { a.starts[from+2]++ })
	for i := 1; i < len(a.starts); i++ {
		a.starts[i] += a.starts[i-1]
	}
	each(func(from, to uint32) {
		a.ends[a.starts[from+1]] = to
		a.starts[from+1]++
	})
	return a
}

func (a gitArrows) of(i uint32) []uint32 { return a.ends[a.starts[i]:a.starts[i+1]] }

// read reads the trees on the way.
func (t *gitTrail) read(ctx context.Context) error {
	s := t.sweep
	t.marks, t.dirs = newGitSet(1<<idMarks), make([][]gitWay, s.size())
	for i := range uint32(s.size()) { // see gitLost.index
		if t.way.has(i) {
			raw := make([]byte, 0, idMost)
			t.marks.add(idMark(s.id(i).AppendRaw(raw)[:idMost]))
		}
	}
	return s.db.Walk(ctx, odb.WalkOptions{
		Workers: s.workers,
		// What kind a damaged copy says that it is does not count: there may be a whole one.
		Skip: func(i uint32, _ odb.Kind) bool { return s.kinds[i] != odb.Tree || !t.way.has(i) },
		Visitor: func(int) odb.Visitor {
			return &gitTrailer{ctx: ctx, trail: t, names: map[string]string{}}
		},
	})
}

// idMarks is how many bits of an id are looked at to tell quickly that nothing on the way has it.
const (
	idMarks = 22
	idMost  = 32 // bytes
)

func idMark(id []byte) uint32 { return uint32(id[0])<<14 | uint32(id[1])<<6 | uint32(id[2])>>2 }

// gitTrailer is one goroutine that reads trees for a trail.
type gitTrailer struct {
	ctx   context.Context // of one walk
	trail *gitTrail
	names map[string]string // each once
}

// Visit implements odb.Visitor.
func (w *gitTrailer) Visit(o *odb.Object) (carry any, err error) {
	it := git.NewTreeIter(o.Data, w.trail.sweep.idSize)
	var ways []gitWay
	for it.Next() {
		if !w.trail.marks.has(idMark(it.ID)) {
			continue
		}
		child, ok := w.trail.sweep.index(it.OID())
		if !ok || !w.trail.way.has(child) || it.Mode.Kind() == git.ModeSubmodule {
			continue
		}
		name, known := w.names[string(it.Name)]
		if !known {
			name = string(it.Name)
			w.names[name] = name
		}
		ways = append(ways, gitWay{name, child, it.Mode.Kind()})
	}
	w.trail.dirs[o.Index] = ways // each tree is visited once
	return nil, w.ctx.Err()
}

// Failed implements odb.Visitor. The sweep met the same object, and told of it.
func (w *gitTrailer) Failed(odb.ID, uint32, error) {}

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
		path := e.name
		if v.path != "" {
			path = v.path + "/" + e.name
		}
		if t.target.has(e.child) {
			met(v.commit, path, e.child, e.kind)
		}
		switch {
		case e.kind != git.ModeTree:
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
			if old.name != e.name || old.kind != e.kind {
				continue
			}
			if old.child == e.child {
				return nil, true
			}
			if e.kind == git.ModeTree {
				olds = append(olds, old.child)
			}
		}
	}
	return olds, false
}
