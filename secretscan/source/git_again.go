package source

import (
	"context"
	"errors"
	"path"
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

// again is walk for a history of which most is remembered. It reports false if it has done nothing, because it would take long or
// could differ from a scan of everything.
func (s *HistorySource) again(f *gitFeed, memory *gitMemory, tips gitTips) (done bool, err error) {
	old, fresh, err := s.split(f, memory, tips.commits)
	if err != nil || len(fresh) > gitAgainNewMost {
		return false, err
	}
	held := &gitHeldSink{Sink: f.sink}
	quiet := *f
	quiet.sink = held
	changes, err := s.stagedChanges(&quiet)
	if err != nil {
		return true, errors.Join(err, held.release())
	}
	log, err := quiet.scan(fresh, gitExtra{tips.trees, tips.blobs}, false)
	if err != nil {
		return true, errors.Join(err, held.release())
	}
	if s.renamed(f.sink, memory, old, log, changes) {
		return false, nil
	}
	if err := held.release(); err != nil {
		return true, err
	}
	s.named = memory.named
	s.current = len(fresh) == 0 && old.count == len(memory.commits)
	f.sink.Commits(int64(old.count))
	for i, c := range memory.commits {
		if old.has[i] {
			f.sink.Skip(gitSeen, c.id.String())
		}
	}
	s.log = gitJoin(memory, old, log)
	for _, at := range memory.messages {
		if old.has[at] {
			if err := s.message(f, memory.commits[at].id); err != nil {
				return true, err
			}
		}
	}
	blobs, samples, others := s.recall(memory, s.first())
	staged := s.stagedAnew(changes)
	if old.count+len(fresh)+len(s.log.intros)+len(staged)+len(s.tags) == 0 {
		s.empty = noCommits
	}
	if err := s.scanAgain(f, append(blobs, staged...), samples); err != nil {
		return true, err
	}
	s.settle(f.sink, samples, others)
	return true, nil
}

// renamed reports whether a rule about names could now be about a content whose name it did not see before, or not about one that
// it did: such a rule looks at the first name of each content, and which one that is can change with the commits there are.
func (s *HistorySource) renamed(sink secretscan.Sink, memory *gitMemory, old gitOld, log *gitLog, staged []gitStagedChange) bool {
	if memory.named && old.count < len(memory.commits) {
		return true
	}
	suspect := func(name string) bool { return sink.Suspects([]byte(path.Base(name))) }
	return slices.ContainsFunc(log.paths, suspect) || slices.ContainsFunc(staged, func(c gitStagedChange) bool { return suspect(c.path) })
}

// gitSweepLeast is how many contents are looked at along their deltas at least; for fewer it is not worth the preparation.
const gitSweepLeast = 200

// scanAgain scans contents, most of which are versions of the same few files, and reads samples.
func (s *HistorySource) scanAgain(f *gitFeed, blobs []gitBlob, samples []*gitSample) error {
	if len(blobs)+len(samples) < s.least || !s.open() {
		return f.blobs(append(blobs, s.takeAll(f.ctx, samples)...))
	}
	wanted := map[uint32]gitAgainOne{}
	var rest []gitBlob
	want := func(w gitAgainOne) {
		if i, ok := s.db.Index(w.id); ok {
			wanted[i] = w
		} else {
			rest = append(rest, w.gitBlob)
		}
	}
	for _, b := range blobs {
		want(gitAgainOne{b, nil})
	}
	for _, one := range samples {
		want(gitAgainOne{one.blob, one})
	}
	var parts []*gitRescan
	err := s.db.Walk(f.ctx, odb.WalkOptions{
		Workers: s.opts.Workers,
		Skip:    func(i uint32, _ odb.Kind) bool { return wanted[i].id.IsZero() },
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

// gitAgainOne is a content that is to be scanned, or a sample.
type gitAgainOne struct {
	gitBlob
	sample *gitSample
}

// gitRescan is what one goroutine of scanAgain does.
type gitRescan struct {
	ctx     context.Context // of one walk
	wanted  map[uint32]gitAgainOne
	scanner secretscan.Scanner
	rest    []gitBlob // what is left to git
}

// Visit implements odb.Visitor.
func (r *gitRescan) Visit(o *odb.Object) (carry any, err error) {
	b, ok := r.wanted[o.Index]
	switch {
	case !ok: // an object whose kind could not be told before
	case o.Kind != odb.Blob:
		r.rest = append(r.rest, b.gitBlob)
	case b.sample != nil:
		b.sample.take(o.Data)
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
		r.rest = append(r.rest, b.gitBlob)
	}
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

// stagedChanges returns where the index differs from HEAD.
func (s *HistorySource) stagedChanges(f *gitFeed) ([]gitStagedChange, error) {
	if f.repo.Bare() {
		return nil, nil
	}
	diff := gitIndexDiff{repo: f.repo, sink: f.sink}
	return diff.run(f.ctx)
}

// stagedAnew returns the blobs of the index that are in no commit, as far as that is known without a list of all blobs that are:
// what differs from HEAD. One that an older commit has, and that has candidates, is known as that commit's.
func (s *HistorySource) stagedAnew(changes []gitStagedChange) (blobs []gitBlob) {
	for _, c := range changes {
		if _, known := s.log.blobAt[c.id]; known {
			continue
		}
		if s.index[c.id] == nil {
			blobs = append(blobs, gitBlob{id: c.id, kind: finding.KindIndex, path: c.path})
		}
		s.index[c.id] = append(s.index[c.id], c.path)
	}
	return blobs
}

// commits returns the wanted commits, without the one that stands for none.
func (s *HistorySource) commits() []gitCommit {
	if s.log == nil {
		_, commits := s.swept.ordered()
		return commits
	}
	if n := len(s.log.commits); n > 0 && s.log.commits[n-1].id.IsZero() {
		return s.log.commits[:n-1]
	}
	return s.log.commits
}
