package source

import (
	"context"
	"fmt"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// RangeSource is what a range of commits, or a push, adds. Make it with Range, PrePush or PreReceive; it is for one run.
type RangeSource struct {
	repo  *git.Repo
	want  func(*gitFeed) ([]gitWanted, error)
	push  bool // the commits are about to be pushed, so no remote has them
	empty string
	log   *gitLog
	tags  map[git.OID]string
}

// Range returns the source for the ranges A..B and A...B; an empty side is HEAD, and all that is in any of them counts. It covers
// the content of every commit, merges included, the messages of the commits, and the annotated tags named. A secret is reported
// where a commit has it and none of its parents has it in its version of the file, renames followed, even if a later commit
// takes it away. If A consists of zeros, which forges write for a new branch, the range is what B has and no remote-tracking
// branch at another commit has. Walk fails with a *RevError for what is no range.
func Range(repo *git.Repo, ranges ...string) *RangeSource {
	return &RangeSource{repo: repo, want: func(f *gitFeed) (all []gitWanted, err error) {
		for _, text := range ranges {
			w, nothing, err := f.parse(text)
			if err != nil {
				return nil, err
			}
			if !nothing {
				all = append(all, w)
			}
		}
		return all, nil
	}}
}

// Empty says after a run why there was nothing to look at; "" when there was something.
func (s *RangeSource) Empty() string { return s.empty }

// Walk implements secretscan.Source.
func (s *RangeSource) Walk(ctx context.Context, sink secretscan.Sink) error {
	if err := s.walk(ctx, sink); err != nil {
		return fmt.Errorf("scan range: %w", err)
	}
	return nil
}

func (s *RangeSource) walk(ctx context.Context, sink secretscan.Sink) error {
	feed := newGitFeed(ctx, s.repo, sink)
	defer feed.close()
	wanted, err := s.want(feed)
	if err != nil {
		return err
	}
	s.tags = map[git.OID]string{}
	var commits []git.OID
	var extra gitExtra
	listed := map[git.OID]bool{}
	for _, w := range wanted {
		tips, err := feed.tips(w.include, s.tags)
		if err != nil {
			return err
		}
		extra.trees, extra.blobs = append(extra.trees, tips.trees...), append(extra.blobs, tips.blobs...)
		w.include = tips.commits
		ids, err := feed.list(w)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !listed[id] {
				listed[id] = true
				commits = append(commits, id)
			}
		}
	}
	if len(commits)+len(extra.trees)+len(extra.blobs)+len(s.tags) == 0 {
		s.empty = "no new commits"
		return nil
	}
	if s.log, err = feed.scan(commits, extra, true); err != nil {
		return err
	}
	return feed.blobs(s.log.first(finding.KindBlob))
}

// Resolve implements secretscan.Resolver.
func (s *RangeSource) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	if len(found) == 0 || s.log == nil {
		return ctx.Err()
	}
	feed := newGitFeed(ctx, s.repo, gitQuietSink{sink})
	defer feed.close()
	intros := s.log.of(gitFoundIDs(found))
	renames, err := gitFindRenames(feed, s.log, intros)
	if err != nil {
		return fmt.Errorf("scan range: %w", err)
	}
	olds := newGitOlds(feed.cat, court, found, s.log.introduced())
	metas := newGitMetas(feed.cat, s.log)
	pushed, err := s.pushed(feed)
	if err != nil {
		return fmt.Errorf("scan range: %w", err)
	}
	for _, f := range found {
		id, err := git.ParseOID(f.Blob.Object)
		if err != nil {
			return fmt.Errorf("scan range: %w", err)
		}
		base := finding.Place{Kind: f.Blob.Kind, Object: f.Blob.Object}
		if f.Blob.Kind != finding.KindBlob {
			base.Pushed = pushed(id)
			if err := gitEmitText(f, base, s.tags, metas, court); err != nil {
				return err
			}
			continue
		}
		var places gitPlaces
		for _, intro := range intros[id] {
			added, err := s.added(f, intro, renames, olds, court)
			if err != nil {
				return fmt.Errorf("scan range: %w", err)
			}
			places.add(added, intro, s.log)
		}
		err = places.emit(court, metas, base, func(p *gitPlaced, place *finding.Place) {
			place.Pushed = pushed(s.log.commits[p.commit].id)
		})
		if err != nil {
			return fmt.Errorf("scan range: %w", err)
		}
	}
	return nil
}

// pushed returns what tells whether a remote has a commit. That one does shows in its tracking refs; that none does is only sure of
// what is being pushed: a CI service's clone need not have the refs that its commits came by.
func (s *RangeSource) pushed(f *gitFeed) (func(git.OID) finding.Tri, error) {
	if s.push {
		return func(git.OID) finding.Tri { return finding.No }, nil
	}
	all, err := gitIDLines(f, nil, "rev-list", "--remotes")
	if f.ctx.Err() != nil {
		return nil, err
	}
	tracked := make(map[git.OID]bool, len(all))
	for _, id := range all { // as far as git came: what is missing is told of elsewhere
		tracked[id] = true
	}
	return func(id git.OID) finding.Tri {
		if tracked[id] {
			return finding.Yes
		}
		return finding.Unknown
	}, nil
}

// added returns the candidates that an introduction of a blob brings.
func (s *RangeSource) added(f secretscan.Found, intro gitIntro, renames *gitRenames, olds *gitOlds, court secretscan.Court) ([]secretscan.Candidate, error) {
	log := s.log
	path, commit := log.paths[intro.path], log.commits[intro.commit].id
	kept := court.Keep(f.Candidates, path, commit.String())
	if len(kept) == 0 {
		return nil, nil
	}
	before, err := renames.of(intro)
	if err != nil {
		return nil, err
	}
	tallies, err := olds.tallies(slices.Concat(log.versions(intro), before), kept)
	if err != nil {
		return nil, err
	}
	return gitAdded(kept, tallies), nil
}
