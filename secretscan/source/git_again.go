package source

import (
	"cmp"
	"context"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// gitAgainNewMost is how many new commits are compared with their parents one by one; beyond that everything is swept anew, which
// is then faster.
const gitAgainNewMost = 2000

// remembered returns what an earlier scan left; nil: nothing.
func (s *HistorySource) remembered() *gitMemory {
	if s.opts.Memory == nil || len(s.opts.Revs) > 0 || s.repo.Shallow() {
		return nil
	}
	return s.opts.Memory.load(git.OIDSize(s.repo.ObjectFormat()))
}

// gitSeen is why the contents of commits are left out that were looked at before.
const gitSeen = "commits seen by an earlier scan, but for what had candidates"

// again is walk for a history of which most is remembered. It reports false if it has done nothing.
func (s *HistorySource) again(f *gitFeed, memory *gitMemory, tips gitTips) (done bool, err error) {
	old, fresh, err := s.split(f, memory, tips.commits)
	if err != nil || len(fresh) > gitAgainNewMost {
		return false, err
	}
	s.current = len(fresh) == 0 && len(old) == len(memory.commits)
	f.sink.Commits(int64(len(old)))
	for i := range old {
		f.sink.Skip(gitSeen, memory.commits[i].id.String())
	}
	log, err := f.scan(fresh, gitExtra{tips.trees, tips.blobs}, false)
	if err != nil {
		return true, err
	}
	s.log = gitJoin(memory, old, log)
	for _, at := range memory.messages {
		if old[at] {
			if err := s.message(f, memory.commits[at].id); err != nil {
				return true, err
			}
		}
	}
	blobs := s.first()
	staged, err := s.stagedAnew(f)
	if err != nil {
		return true, err
	}
	if len(old)+len(fresh)+len(blobs)+len(staged)+len(s.tags) == 0 {
		s.empty = noCommits
	}
	return true, s.scanAgain(f, append(blobs, staged...))
}

// gitSweepLeast is how many contents are looked at along their deltas at least; for fewer it is not worth the preparation.
const gitSweepLeast = 200

// scanAgain scans contents, most of which are versions of the same few files.
func (s *HistorySource) scanAgain(f *gitFeed, blobs []gitBlob) error {
	if len(blobs) < s.least || !s.open() {
		return f.blobs(blobs)
	}
	wanted := map[uint32]gitBlob{}
	var rest []gitBlob
	for _, b := range blobs {
		if i, ok := s.db.Index(b.id); ok {
			wanted[i] = b
		} else {
			rest = append(rest, b)
		}
	}
	var parts []*gitRescan
	err := s.db.Walk(f.ctx, odb.WalkOptions{
		Workers: s.opts.Workers,
		Skip:    func(i uint32, _ odb.ID, _ odb.Kind) bool { return wanted[i].id.IsZero() },
		Visitor: func(int) odb.Visitor {
			part := &gitRescan{ctx: f.ctx, wanted: wanted, scanner: f.sink.Scanner()}
			parts = append(parts, part)
			return part
		},
	})
	if err != nil {
		return err
	}
	for _, part := range parts {
		rest = append(rest, part.rest...)
	}
	return f.blobs(rest)
}

// gitRescan is what one goroutine of scanAgain does.
type gitRescan struct {
	ctx     context.Context // of one walk
	wanted  map[uint32]gitBlob
	scanner secretscan.Scanner
	rest    []gitBlob // what is left to git
}

// Visit implements odb.Visitor.
func (r *gitRescan) Visit(o *odb.Object) (carry any, err error) {
	b, ok := r.wanted[o.Index]
	switch {
	case !ok: // an object whose kind could not be told before
	case o.Kind != odb.Blob:
		r.rest = append(r.rest, b)
	default:
		base, _ := o.Base.(*secretscan.Trace)
		blob := secretscan.Blob{Kind: b.kind, Path: b.path, Object: o.ID.String(), Size: int64(len(o.Data)), Deferred: true, Data: o.Data}
		if trace := r.scanner.Scan(blob, base, o.Copies); trace != nil {
			carry = trace
		}
	}
	return carry, r.ctx.Err()
}

// Failed implements odb.Visitor.
func (r *gitRescan) Failed(_ odb.ID, i uint32, _ error) {
	if b, ok := r.wanted[i]; ok {
		r.rest = append(r.rest, b)
	}
}

// split goes from the tips to what they lead to: remembered commits, and ones that are new.
func (s *HistorySource) split(f *gitFeed, memory *gitMemory, tips []git.OID) (old map[int32]bool, fresh []git.OID, err error) {
	at := make(map[git.OID]int32, len(memory.commits))
	for i, c := range memory.commits {
		at[c.id] = int32(i) // the file is bounded
	}
	old = make(map[int32]bool, len(memory.commits))
	seen := map[git.OID]bool{}
	var known []int32
	todo := slices.Clone(tips)
	for len(todo) > 0 {
		var unknown []git.OID
		for _, id := range todo {
			if i, ok := at[id]; ok {
				known = append(known, i)
			} else if !seen[id] {
				seen[id] = true
				unknown = append(unknown, id)
			}
		}
		fresh = append(fresh, unknown...)
		if len(fresh) > gitAgainNewMost {
			return nil, fresh, nil
		}
		todo = nil
		quiet := *f
		quiet.sink = gitQuietSink{f.sink}
		loaded, err := quiet.load(unknown, nil, nil, nil)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range loaded {
			todo = append(todo, c.parents...)
		}
	}
	for len(known) > 0 {
		i := known[len(known)-1]
		known = known[:len(known)-1]
		if !old[i] {
			old[i] = true
			known = append(known, memory.commits[i].parents...)
		}
	}
	return old, fresh, nil
}

// gitJoin returns the log of the remembered commits that are wanted and of the new ones, in the order of gitChronicle. The last
// commit of fresh may be the one that stands for none.
func gitJoin(memory *gitMemory, old map[int32]bool, fresh *gitLog) *gitLog {
	at := make(map[git.OID]int32, len(old))
	var list []gitCommit
	add := func(c gitCommit) {
		at[c.id] = int32(len(list)) // memory runs out long before
		list = append(list, c)
	}
	for i, c := range memory.commits {
		if old[int32(i)] { // as above
			c.parents = slices.Clone(c.parents)
			add(c)
		}
	}
	remembered := len(list)
	for _, c := range fresh.commits {
		if _, known := at[c.id]; !known && !c.id.IsZero() {
			add(c)
		}
	}
	dated := make([]gitDated, len(list))
	for i, c := range list {
		names := memory.commits
		if i >= remembered {
			names = fresh.commits
		}
		dated[i] = gitDated{id: c.id, date: c.date}
		for _, p := range c.parents {
			if p >= 0 {
				p = at[names[p].id]
			}
			dated[i].parents = append(dated[i].parents, p)
		}
	}
	log := newGitLog(gitOrdered(list, dated))
	for i, c := range log.commits {
		at[c.id] = int32(i) // as above
	}
	if n := len(fresh.commits); n > 0 && fresh.commits[n-1].id.IsZero() {
		at[git.OID{}] = int32(len(log.commits)) // as above
		log.commits = append(log.commits, gitCommit{})
	}
	for _, i := range memory.intros {
		if old[i.commit] {
			log.add(memory.marked[i.blob], int(at[memory.commits[i.commit].id]), memory.paths[i.path], nil)
		}
	}
	for _, i := range fresh.intros {
		log.add(fresh.blobs[i.blob], int(at[fresh.commits[i.commit].id]), fresh.paths[i.path], nil)
	}
	slices.SortStableFunc(log.intros, func(a, b gitIntro) int { return cmp.Compare(a.commit, b.commit) })
	return log
}

// gitOrdered brings commits into the order of gitChronicle. dated has the same commits, with their parents among them.
func gitOrdered(list []gitCommit, dated []gitDated) []gitCommit {
	order := gitChronicle(dated)
	back := make([]int32, len(order))
	for n, k := range order {
		back[k] = int32(n) // memory runs out long before
	}
	sorted := make([]gitCommit, len(order))
	for n, k := range order {
		sorted[n] = list[k]
		sorted[n].parents = dated[k].parents
		for i, p := range sorted[n].parents {
			if p >= 0 {
				sorted[n].parents[i] = back[p]
			}
		}
	}
	return sorted
}

// message hands over the message of a commit once more.
func (s *HistorySource) message(f *gitFeed, id git.OID) error {
	return f.cat.Read([]git.OID{id}, gitInMemory, func(o git.Object) error {
		c, err := gitParseCommit(o)
		if err != nil {
			f.problem("read commit", id.String(), err)
		}
		return f.text(finding.KindMessage, id, c.Message)
	})
}

// stagedAnew returns the blobs of the index that are in no commit, as far as that is known without a list of all blobs that are:
// what differs from HEAD. One that an older commit has, and that has candidates, is known as that commit's.
func (s *HistorySource) stagedAnew(f *gitFeed) (blobs []gitBlob, err error) {
	if f.repo.Bare() {
		return nil, nil
	}
	diff := gitIndexDiff{repo: f.repo, sink: f.sink}
	changes, err := diff.run(f.ctx)
	for _, c := range changes {
		if _, known := s.log.blobAt[c.id]; known {
			continue
		}
		if s.index[c.id] == nil {
			blobs = append(blobs, gitBlob{id: c.id, kind: finding.KindIndex, path: c.path})
		}
		s.index[c.id] = append(s.index[c.id], c.path)
	}
	return blobs, err
}

// remember keeps what the next scan need not look at again, if this one saw everything.
func (s *HistorySource) remember(found []secretscan.Found, sink secretscan.Sink) {
	if s.opts.Memory == nil || s.current || len(s.opts.Revs) > 0 || s.repo.Shallow() || sink.Troubled() {
		return
	}
	commits := s.commits()
	g := &gitMemory{commits: commits}
	at := make(map[git.OID]int32, len(commits))
	for i, c := range commits {
		if slices.Contains(c.parents, -1) {
			return // something was not there
		}
		at[c.id] = int32(i) // memory runs out long before
	}
	paths := map[string]int32{}
	intros := map[git.OID][]gitIntro{}
	if s.log != nil {
		intros = s.log.of(gitFoundIDs(found))
	}
	for _, one := range found {
		id, err := git.ParseOID(one.Blob.Object)
		if err != nil {
			continue
		}
		if i, ok := at[id]; ok {
			g.messages = append(g.messages, i)
			continue
		}
		for _, intro := range intros[id] {
			if int(intro.commit) >= len(commits) {
				continue
			}
			if n := len(g.marked); n == 0 || g.marked[n-1] != id {
				g.marked = append(g.marked, id)
			}
			path := s.log.paths[intro.path]
			if _, known := paths[path]; !known {
				paths[path] = int32(len(g.paths)) // as above
				g.paths = append(g.paths, path)
			}
			g.intros = append(g.intros, gitIntro{blob: int32(len(g.marked) - 1), commit: intro.commit, path: paths[path]}) // as above
		}
	}
	s.opts.Memory.save(g, git.OIDSize(s.repo.ObjectFormat()))
}

// commits returns the wanted commits, without the one that stands for none.
func (s *HistorySource) commits() []gitCommit {
	if s.log == nil {
		return s.swept.commits
	}
	if n := len(s.log.commits); n > 0 && s.log.commits[n-1].id.IsZero() {
		return s.log.commits[:n-1]
	}
	return s.log.commits
}
