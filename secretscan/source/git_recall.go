package source

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"hash"
	"math"
	"path"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// What is remembered of a candidate is where it stands, and what it looks like as an HMAC. The versions of a file mostly have the
// same candidates: each look is found again in one content that has it, and that serves for all of them.

// gitRecalled is a content whose candidates are put together from others'.
type gitRecalled struct {
	blob    gitBlob
	recalls []gitRecall
}

// recall returns the contents of list that are new, samples of the others, and the rest of these.
func (s *HistorySource) recall(memory *gitMemory, list []gitBlob) (scan []gitBlob, samples []*gitSample, others []gitRecalled) {
	at := make(map[git.OID]int32, len(memory.marked))
	for i, one := range memory.marked {
		at[one.id] = int32(i) // the file is bounded
	}
	var known []gitRecalled
	for _, b := range slices.Backward(list) {
		if i, ok := at[b.id]; ok {
			known = append(known, gitRecalled{b, memory.of(i)})
		} else {
			scan = append(scan, b)
		}
	}
	s.looks = memory.looks
	samples, others = s.samples(memory, known)
	return scan, samples, others
}

// gitLooker tells looks apart. It is for one goroutine.
type gitLooker struct {
	mac hash.Hash
	buf []byte
}

func newGitLooker(m *Memory) *gitLooker { return &gitLooker{mac: hmac.New(sha256.New, m.Key)} }

func (l *gitLooker) of(c *secretscan.Candidate) gitLook { return c.Look(l.mac, &l.buf) }

// recallAll adds to found what was recalled; what it holds is put together when it is asked for, by candidates. A content with a look that
// was not found again, because another could not be read, is scanned after all.
func (s *HistorySource) recallAll(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) ([]secretscan.Found, error) {
	if len(s.recalled) == 0 {
		return found, nil
	}
	again := newGitLearner(s)
	at := make(map[string]int, len(found))
	for i, one := range found {
		at[one.Blob.Object] = i
		again.learn(one.Candidates)
	}
	feed := newGitFeed(ctx, s.repo, sink)
	defer feed.close()
	if err := feed.resample(s.sampled, again, court); err != nil {
		return found, err
	}
	s.like, s.joined = again.like, make(map[git.OID][]gitRecall, len(s.recalled))
	for _, one := range s.recalled {
		var list []secretscan.Candidate
		if again.knows(one.recalls) {
			s.joined[one.blob.id] = one.recalls
		} else {
			var err error
			if list, err = feed.rescan(one.blob, court); err != nil {
				return found, err
			}
		}
		if len(list)+len(s.joined[one.blob.id]) == 0 {
			continue
		}
		id := one.blob.id.String()
		i, ok := at[id]
		if !ok { // no rule about names has filed it
			i = len(found)
			found = append(found, secretscan.Found{Blob: secretscan.Blob{Kind: one.blob.kind, Path: one.blob.path, Object: id, Deferred: true}})
		}
		found[i].Candidates = append(found[i].Candidates, list...)
	}
	slices.SortFunc(found, func(a, b secretscan.Found) int { return cmp.Compare(a.Blob.Object, b.Blob.Object) })
	return found, nil
}

// gitLearner gathers candidates for the looks that are remembered.
type gitLearner struct {
	looker *gitLooker
	number map[gitLook]int32
	like   []secretscan.Candidate // by the number of the look; without a rule: none yet
}

func newGitLearner(s *HistorySource) *gitLearner {
	l := &gitLearner{newGitLooker(s.opts.Memory), make(map[gitLook]int32, len(s.looks)), make([]secretscan.Candidate, len(s.looks))}
	for i, look := range s.looks {
		l.number[look] = int32(i) // the file is bounded
	}
	return l
}

func (l *gitLearner) learn(list []secretscan.Candidate) {
	for _, c := range list {
		if gitAboutName(c) {
			continue
		}
		if i, ok := l.number[l.looker.of(&c)]; ok {
			l.like[i] = c
		}
	}
}

// knows reports whether there is a candidate for each of the recalls.
func (l *gitLearner) knows(recalls []gitRecall) bool {
	return !slices.ContainsFunc(recalls, func(r gitRecall) bool { return l.like[r.look].Rule == "" })
}

// rescan scans one content. One that cannot be read is a problem, and so is one that is too large.
func (f *gitFeed) rescan(b gitBlob, court secretscan.Court) (list []secretscan.Candidate, err error) {
	err = f.cat.Read([]git.OID{b.id}, gitOldMost, func(o git.Object) error {
		switch {
		case o.Err != nil:
			f.problem("read object", b.where(), o.Err)
		case o.Body != nil:
			return errGitLarge
		default:
			list = court.Scan(o.Data)
		}
		return f.ctx.Err()
	})
	if errors.Is(err, errGitLarge) {
		f.problem("find what is known of again", b.where(), err)
		return nil, nil
	}
	return list, err
}

// remember keeps what the next scan need not look at again, if this one saw everything.
func (s *HistorySource) remember(found []secretscan.Found, sink secretscan.Sink) {
	if s.opts.Memory == nil || s.current || len(s.opts.Revs) > 0 || s.repo.Shallow() || sink.Troubled() {
		return
	}
	commits := s.commits()
	if slices.ContainsFunc(commits, func(c gitCommit) bool { return slices.Contains(c.parents, -1) }) {
		return // something was not there
	}
	k := gitKeeper{memory: &gitMemory{commits: commits, named: s.anyNamed(sink)}, log: s.log, looker: newGitLooker(s.opts.Memory),
		joined: s.joined, looks: s.looks, lookAt: map[gitLook]int32{}, pathAt: map[int32]int32{}}
	if s.log != nil {
		k.intros = s.log.of(gitFoundIDs(found))
	}
	messages, many := map[git.OID]bool{}, 0
	for _, one := range found {
		many += len(one.Candidates)
	}
	for _, recalls := range s.joined {
		many += len(recalls)
	}
	k.memory.recalls = make([]gitRecall, 0, many)
	for _, one := range found {
		id, err := git.ParseOID(one.Blob.Object)
		switch {
		case err != nil:
		case one.Blob.Kind == finding.KindMessage:
			messages[id] = true
		case !k.keep(id, one.Candidates):
			return
		}
	}
	for i := 0; i < len(commits) && len(messages) > 0; i++ {
		if messages[commits[i].id] {
			k.memory.messages = append(k.memory.messages, int32(i)) // memory runs out long before
		}
	}
	s.opts.Memory.save(k.memory, git.OIDSize(s.repo.ObjectFormat()))
}

// anyNamed reports whether some content has a name that a rule about names may be about.
func (s *HistorySource) anyNamed(sink secretscan.Sink) bool {
	switch {
	case s.swept != nil:
		return len(s.swept.sweep.named) > 0
	case s.log != nil:
		return s.named || slices.ContainsFunc(s.log.paths, func(name string) bool { return sink.Suspects([]byte(path.Base(name))) })
	}
	return false
}

// gitKeeper gathers what is to be remembered.
type gitKeeper struct {
	memory *gitMemory
	log    *gitLog
	looker *gitLooker
	joined map[git.OID][]gitRecall // contents of which is known what is to be remembered: their looks are among the following
	looks  []gitLook
	intros map[git.OID][]gitIntro
	lookAt map[gitLook]int32
	pathAt map[int32]int32
}

// keep adds a content with candidates, if a commit has it. It reports false for what the file has no room for.
func (k *gitKeeper) keep(id git.OID, candidates []secretscan.Candidate) bool {
	marked := int32(len(k.memory.marked)) // memory runs out long before
	for _, intro := range k.intros[id] {
		if k.log.commits[intro.commit].id.IsZero() {
			continue // no commit has it there
		}
		at, known := k.pathAt[intro.path]
		if !known {
			at = int32(len(k.memory.paths)) // as above
			k.pathAt[intro.path] = at
			k.memory.paths = append(k.memory.paths, k.log.paths[intro.path])
		}
		k.memory.intros = append(k.memory.intros, gitIntro{blob: marked, commit: intro.commit, path: at})
	}
	if n := len(k.memory.intros); n == 0 || k.memory.intros[n-1].blob != marked {
		return true
	}
	k.memory.marked = append(k.memory.marked, gitMarked{id, int32(len(k.memory.recalls))}) // as above
	if recalls, ok := k.joined[id]; ok {
		for _, r := range recalls {
			k.recall(k.looks[r.look], r.spot)
		}
		return true
	}
	for _, c := range candidates {
		if gitAboutName(c) {
			continue
		}
		spot := c.Spot()
		if max(spot.First, spot.Last, spot.Allow) >= math.MaxInt32 {
			return false
		}
		k.recall(k.looker.of(&c), spot)
	}
	return true
}

// recall adds a candidate of the content that was added last.
func (k *gitKeeper) recall(look gitLook, spot secretscan.Spot) {
	at, known := k.lookAt[look]
	if !known {
		at = int32(len(k.memory.looks)) // memory runs out long before
		k.lookAt[look] = at
		k.memory.looks = append(k.memory.looks, look)
	}
	k.memory.recalls = append(k.memory.recalls, gitRecall{at, spot})
}
