package source

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// StagedSource is what the index would add to HEAD. Make it with Staged; it is for one run.
type StagedSource struct {
	repo   *git.Repo
	empty  string
	places map[git.OID][]gitStagedChange
	olds   map[string][]gitVersion // by path: what git says about those that may have had another name; nil: not asked
}

// Staged returns the source for what is staged: whole blobs of the index are scanned, and those secrets reported that neither
// HEAD nor, while a merge is under way, another parent has in its version of the file, renames followed. On an unborn branch it
// is everything in the index.
func Staged(repo *git.Repo) *StagedSource {
	return &StagedSource{repo: repo, places: map[git.OID][]gitStagedChange{}}
}

// Empty says after a run why there was nothing to look at; "" when there was something.
func (s *StagedSource) Empty() string { return s.empty }

// Walk implements secretscan.Source.
func (s *StagedSource) Walk(ctx context.Context, sink secretscan.Sink) error {
	diff := gitIndexDiff{repo: s.repo, sink: sink}
	changed, err := diff.run(ctx)
	if err != nil {
		return fmt.Errorf("staged changes: %w", err)
	}
	for _, c := range changed {
		if !slices.ContainsFunc(c.olds, func(old gitVersion) bool { return old.id == c.id }) {
			s.places[c.id] = append(s.places[c.id], c)
		}
	}
	switch {
	case !diff.any:
		s.empty = "nothing staged"
	case len(s.places) == 0:
		s.empty = "nothing that is staged brings new content"
	}
	feed := newGitFeed(ctx, s.repo, sink)
	defer feed.close()
	ids := slices.SortedFunc(maps.Keys(s.places), git.OID.Compare)
	blobs := make([]gitBlob, 0, len(ids))
	for _, id := range ids {
		blobs = append(blobs, gitBlob{id: id, kind: finding.KindIndex, path: s.places[id][0].path})
	}
	return feed.blobs(blobs)
}

// Resolve implements secretscan.Resolver: it reports what the staged versions have and the parents' have not.
func (s *StagedSource) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	cat := s.repo.CatFile(ctx)
	defer cat.Close()
	olds := newGitOlds(cat, court, found, nil)
	for _, f := range found {
		id, err := git.ParseOID(f.Blob.Object)
		if err != nil {
			return fmt.Errorf("staged changes: %w", err)
		}
		for _, place := range s.places[id] {
			kept := court.Keep(f.Candidates, place.path, "")
			before, err := s.before(ctx, sink, place, kept)
			if err != nil {
				return err
			}
			tallies, err := olds.tallies(before, kept)
			if err != nil {
				return fmt.Errorf("staged changes: %w", err)
			}
			for _, c := range gitAdded(kept, tallies) {
				court.Emit(c, finding.Place{Kind: finding.KindIndex, Path: place.path, Object: f.Blob.Object})
			}
		}
	}
	return nil
}

// before returns the old versions of a file. Git is asked for those of other names only where something was found.
func (s *StagedSource) before(ctx context.Context, sink secretscan.Sink, place gitStagedChange, found []secretscan.Candidate) ([]gitVersion, error) {
	if !place.moved || len(found) == 0 {
		return place.olds, nil
	}
	if s.olds == nil {
		diff := gitIndexDiff{repo: s.repo, sink: gitQuietSink{sink}, ask: true}
		changed, err := diff.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("staged changes: %w", err)
		}
		s.olds = map[string][]gitVersion{}
		for _, c := range changed {
			s.olds[c.path] = c.olds
		}
	}
	return s.olds[place.path], nil
}
