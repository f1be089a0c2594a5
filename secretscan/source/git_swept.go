package source

import (
	"context"
	"errors"
	"path"
	"slices"
	"sync"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitSwept is a history that was swept, with the commits that are wanted of it.
type gitSwept struct {
	sweep  *gitSweep
	wanted gitSet // the commits
	count  int    // of them
	extra  gitExtra

	arranging sync.WaitGroup // sets what follows, see ordered
	order     []uint32       // the wanted commits, in the order of gitChronicle
	commits   []gitCommit
}

// ordered waits for the order of the commits, which is found out beside all that can do without.
func (s *gitSwept) ordered() (order []uint32, commits []gitCommit) {
	s.arranging.Wait()
	return s.order, s.commits
}

// sweep is walk without git: see gitSweep. What refs name has to be known before, so that nothing is taken for missing that comes
// meanwhile; where tags lead is found out beside the sweep.
func (s *HistorySource) sweep(f *gitFeed, find func(*gitFeed) (gitTips, error)) error {
	f.sink = gitUnsizedSink{f.sink}
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	var tips gitTips
	var tipsErr error
	var beside sync.WaitGroup
	beside.Go(func() {
		own := newGitFeed(ctx, f.repo, f.sink)
		defer own.close()
		if tips, tipsErr = find(own); tipsErr != nil {
			cancel()
		}
	})
	sweeping := *f
	sweeping.ctx = ctx
	sweep, err := sweeping.sweep(s.db, s.opts.Workers)
	if err != nil {
		cancel()
	}
	beside.Wait()
	switch {
	case f.ctx.Err() != nil:
		return f.ctx.Err()
	case tipsErr != nil && !errors.Is(tipsErr, context.Canceled):
		return tipsErr
	case err != nil:
		return err
	}
	if err := f.blobs(sweep.large); err != nil { // they are read after this returns, so not within ctx
		return err
	}
	return s.finish(f, sweep, tips)
}

// finish picks what is wanted out of what was swept.
func (s *HistorySource) finish(f *gitFeed, sweep *gitSweep, tips gitTips) error {
	s.tips = tips.commits
	s.swept = &gitSwept{sweep: sweep, extra: gitExtra{tips.trees, tips.blobs}}
	s.swept.want(f, tips.commits)
	f.sink.Commits(int64(s.swept.count))
	for _, name := range sweep.modules {
		f.sink.Skip(gitSubmodules, name)
	}
	staged, err := s.sweptIndex(f)
	if err != nil {
		return err
	}
	if s.swept.count+len(s.index)+len(s.tags)+len(tips.trees)+len(tips.blobs) == 0 {
		s.empty = noCommits
	}
	return s.swept.look(f, staged)
}

// want finds the commits that the tips lead to, and tells of those that cannot be read.
func (s *gitSwept) want(f *gitFeed, tips []git.OID) {
	w := s.sweep
	at := make([]int32, w.size()) // the number in found, plus one; -1: it cannot be read
	s.wanted = newGitSet(w.size())
	var found []uint32
	parents := 0
	add := func(i uint32, child func() git.OID) {
		switch {
		case at[i] != 0:
		case w.commit(i) == nil:
			at[i] = -1
			f.problem("read commit", gitWhere(w.id(i), "", child()), w.reason(i, "commit"))
		default:
			found = append(found, i)
			at[i] = int32(len(found)) // memory runs out long before
			s.wanted.add(i)
			parents += len(w.commit(i).parents)
		}
	}
	for _, tip := range tips {
		if i, ok := w.index(tip); ok { // or it was told of when the ref was followed
			add(i, func() git.OID { return git.OID{} })
		}
	}
	for k := 0; k < len(found); k++ {
		for _, p := range w.commit(found[k]).parents {
			add(p, func() git.OID { return w.id(found[k]) })
		}
	}
	s.count = len(found)
	s.arranging.Go(func() { s.arrange(found, func(i uint32) int32 { return max(at[i], 0) - 1 }, parents) })
}

// arrange puts the commits of found in order. number gives their numbers in it, or -1; parents is how many they have together.
func (s *gitSwept) arrange(found []uint32, number func(uint32) int32, parents int) {
	w := s.sweep
	list, dated, all := make([]gitCommit, len(found)), make([]gitDated, len(found)), make([]int32, 0, parents)
	for k, i := range found {
		from := len(all)
		for _, p := range w.commit(i).parents {
			all = append(all, number(p))
		}
		dated[k].parents = all[from:len(all):len(all)]
	}
	gitSplit(len(found), w.workers, func(from, to int) {
		for k := from; k < to; k++ {
			c := w.commit(found[k])
			list[k] = gitCommit{id: w.id(c.at), tree: w.id(c.tree), date: c.date}
			dated[k].id, dated[k].date = list[k].id, c.date
		}
	})
	order := gitChronicle(dated)
	s.commits, s.order = gitInOrder(list, dated, order), make([]uint32, len(order))
	for n, k := range order {
		s.order[n] = found[k]
	}
}

// gitInOrder brings commits into an order that gitChronicle gave. dated has the same commits, with their parents among them.
func gitInOrder(list []gitCommit, dated []gitDated, order []int32) []gitCommit {
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

// gitSplit does work on 0..n in as many parts at the same time.
func gitSplit(n, parts int, work func(from, to int)) {
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() { work(n*part/parts, n*(part+1)/parts) })
	}
	all.Wait()
}

// follow hands what is met on a trail over to met, in the order of the commits. What no commit leads to comes last, with the number of
// commits. Directories that are too deep to follow are problems.
func (s *gitSwept) follow(f *gitFeed, trail *gitTrail, met gitMet) {
	order, commits := s.ordered()
	parts := make([][]gitMeeting, s.sweep.workers)
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() {
			note := func(m gitMeeting) { parts[part] = append(parts[part], m) }
			for n := len(order) * part / len(parts); n < len(order)*(part+1)/len(parts); n++ {
				s.followCommit(n, order, commits[n].parents, trail, note)
			}
		})
	}
	all.Wait()
	last := &parts[len(parts)-1]
	s.followExtra(len(order), trail, func(m gitMeeting) { *last = append(*last, m) })
	for _, m := range slices.Concat(parts...) {
		if !m.deep {
			met(m)
			continue
		}
		const shown = 200
		f.sink.Problem(finding.Problem{Where: gitWhere(git.OID{}, m.path[:min(len(m.path), shown)], s.commitID(m.commit)),
			Op: "read tree", Err: "the directories are too deep"})
	}
}

func (s *gitSwept) followCommit(n int, order []uint32, parents []int32, trail *gitTrail, met gitMet) {
	w := s.sweep
	visit := gitVisit{commit: n, tree: w.commit(order[n]).tree}
	if !trail.way.has(visit.tree) {
		return
	}
	for _, p := range parents {
		if p >= 0 {
			visit.olds = append(visit.olds, w.commit(order[p]).tree)
		}
	}
	trail.follow(visit, met)
}

// followExtra follows what no commit leads to.
func (s *gitSwept) followExtra(number int, trail *gitTrail, met gitMet) {
	w := s.sweep
	for _, tree := range s.extra.trees {
		if i, ok := w.index(tree); ok {
			trail.follow(gitVisit{commit: number, tree: i}, met)
		}
	}
	for _, blob := range s.extra.blobs {
		if i, ok := w.index(blob); ok && trail.target.has(i) {
			met(gitMeeting{commit: number, target: i, kind: git.ModeFile})
		}
	}
}

// commitID returns the id of a commit by its number; zero for what is in none.
func (s *gitSwept) commitID(n int) (id git.OID) {
	if _, commits := s.ordered(); n < len(commits) {
		id = commits[n].id
	}
	return id
}

// look finds out whether what is missing or broken, or has a name that there is a rule about, belongs to the history or to the
// index, and tells.
func (s *gitSwept) look(f *gitFeed, staged []gitStagedName) error {
	w := s.sweep
	targets, named := slices.Clone(w.named), newGitSet(w.size())
	for _, one := range staged {
		targets = append(targets, one.at)
	}
	for _, i := range targets {
		named.add(i)
	}
	for i := range w.failed {
		targets = append(targets, i)
	}
	for n := range w.lost.ids {
		targets = append(targets, w.lost.first+uint32(n)) // see gitLost.index
	}
	if len(targets) == 0 {
		return nil
	}
	slices.Sort(targets)
	met, told := newGitSet(w.size()), false
	s.follow(f, w.trail(slices.Compact(targets)), func(m gitMeeting) {
		if !met.fresh(m.target) {
			return
		}
		if op := "read object"; w.broken(m.target) {
			told = true
			if m.kind == git.ModeTree {
				op, m.path = "read tree", gitShownDir(m.path)
			}
			f.problem(op, gitWhere(w.id(m.target), m.path, s.commitID(m.commit)), w.reason(m.target, "blob"))
		} else if named.has(m.target) {
			f.sink.Name(secretscan.Blob{Kind: finding.KindBlob, Path: m.path, Object: w.id(m.target).String(), Deferred: true})
		}
	})
	for _, one := range staged {
		switch {
		case !met.fresh(one.at):
		case w.broken(one.at):
			told = true
			f.problem("read object", gitWhere(w.id(one.at), one.path, git.OID{}), w.reason(one.at, "blob"))
		default:
			f.sink.Name(secretscan.Blob{Kind: finding.KindIndex, Path: one.path, Object: w.id(one.at).String(), Deferred: true})
		}
	}
	if told {
		for _, err := range w.db.Damage() { // why something is missing; where nothing is, nobody needs it
			f.problem("read object database", f.repo.CommonDir(), err)
		}
	}
	return nil
}

// gitStagedName is a blob of the index that cannot be read, or whose name there may be a rule about.
type gitStagedName struct {
	at   uint32
	path string
}

// sweptIndex reads the index.
func (s *HistorySource) sweptIndex(f *gitFeed) (names []gitStagedName, err error) {
	if f.repo.Bare() {
		return nil, nil
	}
	w := s.swept.sweep
	err = f.index(func(e gitIndexEntry) error {
		if !e.mode.IsBlob() {
			return nil
		}
		if i := w.known(e.id); w.broken(i) || f.sink.Suspects([]byte(path.Base(e.path))) {
			names = append(names, gitStagedName{i, e.path})
		}
		s.index[e.id] = append(s.index[e.id], e.path)
		return nil
	}, "--stage")
	return names, err
}

// logSwept fills the log with the introductions of the contents with findings, and finds out which of them stand in HEAD.
func (s *HistorySource) logSwept(f *gitFeed, wanted map[git.OID]bool) error {
	w := s.swept.sweep
	var targets []uint32
	for id := range wanted {
		if i, ok := w.db.Index(id); ok {
			targets = append(targets, i)
		}
	}
	trail := w.trail(targets)
	_, commits := s.swept.ordered()
	s.log = newGitLog(slices.Clip(commits))
	if len(s.swept.extra.trees)+len(s.swept.extra.blobs) > 0 {
		s.log.commits = append(s.log.commits, gitCommit{})
	}
	s.swept.follow(f, trail, func(m gitMeeting) { s.log.add(w.id(m.target), m.commit, m.path, nil) })
	s.markNotes()
	head, err := gitResolve(f.ctx, f.repo, "HEAD")
	if err != nil {
		return f.ctx.Err() // an unborn branch
	}
	if at, ok := w.index(head); ok && w.commit(at) != nil {
		s.head = map[git.OID]bool{}
		trail.follow(gitVisit{tree: w.commit(at).tree}, func(m gitMeeting) {
			if !m.deep { // which was told of
				s.head[w.id(m.target)] = true
			}
		})
	}
	return nil
}

// wants reports whether a commit belongs to what is scanned.
func (s *HistorySource) wants(id git.OID) bool {
	if s.swept == nil {
		return true
	}
	i, ok := s.swept.sweep.db.Index(id)
	return ok && s.swept.wanted.has(i)
}
