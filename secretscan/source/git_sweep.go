package source

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// A gitSweep looks at every object of a repository's database once, in the order in which that is fastest: what is stored as a
// difference right after what it differs from. Nothing is asked of git, and no commit is compared with its parents. It can do
// without, because
//
//   - every content is scanned, whether a commit leads to it or not; what none leads to is dropped when it is known which
//     contents have findings, see gitTrail;
//   - nothing that a commit leads to is missing if nothing is missing that any object names. Where something is, gitTrail tells
//     whether that matters.
//
// It holds what attribution needs of trees: which object names which.
type gitSweep struct {
	db       *odb.DB
	workers  int        // goroutines
	idSize   int        // bytes
	kinds    []odb.Kind // of the objects that were read
	commits  []gitSweptCommit
	commitAt []uint32        // by index, the number of a commit in commits, plus one
	trees    []*gitTreeNotes // of each goroutine
	names    gitNames
	named    []uint32  // blobs that a rule about names may be about
	modules  []string  // names of submodules
	large    []gitBlob // too large to be visited, and not yet scanned
	failed   map[uint32]error
	lost     gitLost
}

// gitSweptCommit is a commit. Objects are named by their indices in the database, or in lost.
type gitSweptCommit struct {
	at      uint32
	tree    uint32
	date    int64 // of the committer
	parents []uint32
}

// gitLost gives indices, behind those of the database, to objects that are named and not there.
type gitLost struct {
	first uint32
	at    map[git.OID]uint32
	ids   []git.OID
}

func (l *gitLost) index(id git.OID) uint32 {
	i, ok := l.at[id]
	if !ok {
		i = l.first + uint32(len(l.ids)) // the database has room for 2^31 objects
		l.ids = append(l.ids, id)
		l.at[id] = i
	}
	return i
}

// id returns the id of an object of the database, or of one that is lost.
func (s *gitSweep) id(i uint32) git.OID {
	if i >= s.lost.first {
		return s.lost.ids[i-s.lost.first]
	}
	return s.db.ID(i)
}

// commit returns a commit by its index; nil: it is none, or could not be read.
func (s *gitSweep) commit(i uint32) *gitSweptCommit {
	if i >= s.lost.first || s.commitAt[i] == 0 {
		return nil
	}
	return &s.commits[s.commitAt[i]-1]
}

// index is the opposite of id. It adds nothing: ok is false for what no object names.
func (s *gitSweep) index(id git.OID) (i uint32, ok bool) {
	if i, ok = s.db.Index(id); !ok {
		i, ok = s.lost.at[id]
	}
	return i, ok
}

// broken reports whether an object is missing or cannot be read.
func (s *gitSweep) broken(i uint32) bool { return i >= s.lost.first || s.failed[i] != nil }

// reason says why an object is not what its place asks for.
func (s *gitSweep) reason(i uint32, kind string) error {
	if i >= s.lost.first {
		return git.ErrMissing
	}
	if err := s.failed[i]; err != nil {
		return err
	}
	return fmt.Errorf("it is no %s, but stands where one should be", kind)
}

// size is how many indices there are.
func (s *gitSweep) size() int { return s.db.Len() + len(s.lost.ids) }

// sweep looks at all objects but those in large.
func (f *gitFeed) sweep(db *odb.DB, workers int) (*gitSweep, error) {
	s := &gitSweep{db: db, workers: workers, idSize: git.OIDSize(f.repo.ObjectFormat()), kinds: make([]odb.Kind, db.Len()),
		commitAt: make([]uint32, db.Len()), names: newGitNames(), failed: map[uint32]error{}}
	s.lost = gitLost{uint32(db.Len()), map[git.OID]uint32{}, nil} // see gitLost.index
	var parts []*gitSweeper
	err := db.Walk(f.ctx, odb.WalkOptions{Workers: workers, Visitor: func(int) odb.Visitor {
		part := newGitSweeper(f, s)
		parts = append(parts, part)
		return part
	}})
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		s.large = append(s.large, s.merge(part)...)
	}
	s.checkKinds()
	return s, nil
}

// merge takes in what one goroutine saw, and returns the blobs that are too large for it.
func (s *gitSweep) merge(part *gitSweeper) (large []gitBlob) {
	part.settle()
	found := func(i *uint32) {
		if *i >= s.lost.first {
			*i = s.lost.index(part.absent[*i-s.lost.first])
		}
	}
	for _, c := range part.commits {
		found(&c.tree)
		for n := range c.parents {
			found(&c.parents[n])
		}
		s.commits = append(s.commits, c)
		s.commitAt[c.at] = uint32(len(s.commits)) // the database has room for 2^31 objects
	}
	names := make([]uint32, len(part.trees.names.list))
	for i, name := range part.trees.names.list {
		names[i] = s.names.number([]byte(name))
	}
	for i := range part.trees.entries {
		e := &part.trees.entries[i]
		if e.child != gitNothing {
			found(&e.child)
		}
		*e = newGitEntry(e.child, e.mode(), names[e.name()])
	}
	s.trees = append(s.trees, &part.trees)
	s.named = append(s.named, part.named...)
	for name := range part.modules {
		s.modules = append(s.modules, name)
	}
	for _, bad := range part.failed {
		var much *odb.TooLargeError
		if errors.As(bad.err, &much) && much.Kind == odb.Blob {
			large = append(large, gitBlob{id: bad.id, kind: finding.KindBlob})
			continue
		}
		s.failed[bad.at] = bad.err
	}
	return large
}

// checkKinds finds objects that are of another kind than the trees say that name them.
func (s *gitSweep) checkKinds() {
	for _, notes := range s.trees {
		for _, e := range notes.entries {
			if e.names() {
				s.checkKind(e.child, e.tree())
			}
		}
	}
}

func (s *gitSweep) checkKind(child uint32, tree bool) {
	if child >= s.lost.first || s.failed[child] != nil {
		return
	}
	switch kind := s.kinds[child]; {
	case tree && kind != odb.Tree:
		s.failed[child] = fmt.Errorf("it is a %s where a tree should be", kind)
	case !tree && kind != odb.Blob && kind != 0: // a blob that was too large to be visited has no kind here
		s.failed[child] = fmt.Errorf("it is a %s where a blob should be", kind)
	}
}

// known returns the index of an object, which may be lost.
func (s *gitSweep) known(id git.OID) uint32 {
	if i, ok := s.db.Index(id); ok {
		return i
	}
	return s.lost.index(id)
}

// gitSweeper is what one goroutine of a sweep does and gathers.
type gitSweeper struct {
	ctx     context.Context // of one walk
	sweep   *gitSweep       // of which only what does not change, and kinds[i] of the object at hand
	sink    secretscan.Sink
	scanner secretscan.Scanner
	suspect []byte   // see suspects
	starts  []uint32 // scratch of tree and commit
	kept    []uint32 // see keep
	waiting []uint32 // entries of trees whose ids are in ids, see settle
	ids     []byte
	found   []uint32

	commits []gitSweptCommit // see index
	absent  []git.OID
	trees   gitTreeNotes
	named   []uint32
	modules map[string]bool
	failed  []gitFailed
}

type gitFailed struct {
	at  uint32
	id  git.OID
	err error
}

func newGitSweeper(f *gitFeed, s *gitSweep) *gitSweeper {
	return &gitSweeper{ctx: f.ctx, sweep: s, sink: f.sink, scanner: f.sink.Scanner(), trees: gitTreeNotes{names: newGitNames()},
		modules: map[string]bool{}}
}

// Failed implements odb.Visitor.
func (w *gitSweeper) Failed(id odb.ID, at uint32, err error) {
	w.failed = append(w.failed, gitFailed{at, id, err})
}

// Visit implements odb.Visitor. What it carries from one object to those made from it is the trace of a blob, or a gitSweptTree.
func (w *gitSweeper) Visit(o *odb.Object) (carry any, err error) {
	w.sweep.kinds[o.Index] = o.Kind
	switch o.Kind {
	case odb.Blob:
		base, _ := o.Base.(*secretscan.Trace)
		blob := secretscan.Blob{Kind: finding.KindBlob, Object: o.ID.String(), Size: int64(len(o.Data)), Deferred: true, Data: o.Data}
		if trace := w.scanner.Scan(blob, base, o.Copies); trace != nil {
			carry = trace
		}
	case odb.Tree:
		carry = w.tree(o)
	case odb.Commit:
		w.commit(o)
	case odb.Tag: // those that refs lead to were read before
	}
	return carry, w.ctx.Err()
}

func (w *gitSweeper) commit(o *odb.Object) {
	c, err := git.ParseCommitLinks(o.Data)
	if err != nil {
		w.failed = append(w.failed, gitFailed{o.Index, o.ID, err})
		return
	}
	swept := gitSweptCommit{at: o.Index, tree: w.index(c.Tree), date: c.Committed}
	w.starts = w.starts[:0]
	for _, p := range c.Parents {
		w.starts = append(w.starts, w.index(p))
	}
	swept.parents = w.keep(w.starts)
	w.commits = append(w.commits, swept)
	if len(c.Message) > 0 {
		w.scanner.Scan(secretscan.Blob{Kind: finding.KindMessage, Object: o.ID.String(), Size: int64(len(c.Message)), Deferred: true,
			Data: c.Message}, nil, nil)
	}
}

// index returns the index of an object, or, behind all indices, the place in absent of one that is not there: this goroutine cannot
// ask lost.
func (w *gitSweeper) index(id git.OID) uint32 {
	if i, ok := w.sweep.db.Index(id); ok {
		return i
	}
	return w.missing(id)
}

func (w *gitSweeper) missing(id git.OID) uint32 {
	w.absent = append(w.absent, id)
	return w.sweep.lost.first + uint32(len(w.absent)-1) // see gitLost.index
}

// gitSweptTree is what is carried from a tree to those that are made from it.
type gitSweptTree struct {
	index  uint32
	starts []uint32 // where its entries start, in order, and where the last one ends; nil: not known
}

// tree notes what a tree names that the one it is made from does not. Entries that were copied are passed over all at once: bytes of
// a copy that begin where an entry of the base begins are that entry. What begins elsewhere is read, though it was copied: an id or a
// name can hold any bytes.
func (w *gitSweeper) tree(o *odb.Object) *gitSweptTree {
	tree, copies := &gitSweptTree{index: o.Index}, o.Copies
	base, _ := o.Base.(*gitSweptTree)
	if base == nil || base.starts == nil {
		copies = nil // nobody has looked at what is copied
		w.trees.begin(o.Index, gitNothing)
	} else {
		w.trees.begin(o.Index, base.index)
	}
	defer w.trees.end()
	w.starts = w.starts[:0]
	for at := 0; at < len(o.Data); {
		for len(copies) > 0 && int(copies[0].To+copies[0].Len) <= at {
			copies = copies[1:]
		}
		if len(copies) > 0 && int(copies[0].To) <= at {
			if next := w.inherit(base.starts, copies[0], at); next > at {
				at = next
				continue
			}
		}
		it := git.NewTreeIter(o.Data[at:], w.sweep.idSize)
		if !it.Next() {
			w.failed = append(w.failed, gitFailed{o.Index, o.ID, it.Err})
			return tree
		}
		w.entry(o, &it)
		w.starts = append(w.starts, uint32(at)) // contents are smaller
		at += it.Offset()
	}
	if !o.Leaf {
		tree.starts = w.keep(append(w.starts, uint32(len(o.Data)))) // as above
	}
	return tree
}

// inherit passes over the entries from a place on that lie whole within a copy, if one of the base starts there, and returns where they
// end; 0: there are none.
func (w *gitSweeper) inherit(starts []uint32, c odb.Copy, at int) int {
	first, found := slices.BinarySearch(starts, c.From+uint32(at)-c.To)
	if !found {
		return 0
	}
	last, found := slices.BinarySearch(starts, c.From+c.Len)
	if !found {
		last--
	}
	if last <= first {
		return 0
	}
	w.trees.run(first, last-first)
	for _, start := range starts[first:last] {
		w.starts = append(w.starts, start-c.From+c.To)
	}
	return int(starts[last] - c.From + c.To)
}

// keep copies a list into memory that many lists share.
func (w *gitSweeper) keep(list []uint32) []uint32 {
	const many = 16 << 10
	if len(w.kept)+len(list) > cap(w.kept) {
		w.kept = make([]uint32, 0, max(many, len(list)))
	}
	from := len(w.kept)
	w.kept = append(w.kept, list...)
	return w.kept[from:len(w.kept):len(w.kept)]
}

// entry notes an entry of a tree. What it names is looked up with what many others name.
func (w *gitSweeper) entry(o *odb.Object, it *git.TreeIter) {
	const many = 64
	kind := it.Mode.Kind()
	w.trees.add(newGitEntry(gitNothing, kind, w.trees.names.number(it.Name)))
	switch {
	case kind == git.ModeSubmodule:
		w.modules[string(it.Name)] = true
		return
	case kind != git.ModeTree && !it.Mode.IsBlob():
		w.failed = append(w.failed, gitFailed{o.Index, o.ID, errors.New("an entry of unknown kind")})
	}
	w.waiting, w.ids = append(w.waiting, uint32(len(w.trees.entries)-1)), append(w.ids, it.ID...) // memory runs out long before
	if len(w.waiting) == many {
		w.settle()
	}
}

// settle looks up what the entries name that wait for it.
func (w *gitSweeper) settle() {
	w.found = slices.Grow(w.found[:0], len(w.waiting))[:len(w.waiting)]
	found := w.found
	w.sweep.db.IndexAll(w.ids, found)
	for i, n := range w.waiting {
		e := &w.trees.entries[n]
		known := found[i] != gitNothing
		switch blob := e.mode().IsBlob(); {
		case known:
			e.child = found[i]
			if blob && w.suspects(e.name()) {
				w.named = append(w.named, e.child)
			}
		case blob || e.tree():
			size := w.sweep.idSize
			e.child = w.missing(odb.RawID(w.ids[i*size : (i+1)*size]))
		}
	}
	w.waiting, w.ids = w.waiting[:0], w.ids[:0]
}

// suspects reports whether a rule about names may be about a blob, by the number of its name.
func (w *gitSweeper) suspects(name uint32) bool {
	const unknown, no, yes = 0, 1, 2
	for len(w.suspect) <= int(name) {
		w.suspect = append(w.suspect, unknown)
	}
	if w.suspect[name] == unknown {
		w.suspect[name] = no
		if w.sink.Suspects([]byte(w.trees.names.list[name])) {
			w.suspect[name] = yes
		}
	}
	return w.suspect[name] == yes
}
