package source

import (
	"context"
	"fmt"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// Resolve implements secretscan.Resolver: it says of each secret where it came from, whether it still stands in HEAD, and whether
// a remote has it.
func (s *HistorySource) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	if s.db != nil {
		defer func() { _ = s.db.Close() }() // only read
	}
	if s.log == nil && s.swept == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	found, err := s.recallAll(ctx, found, sink, court)
	if err == nil {
		err = s.resolve(ctx, found, sink, court)
	}
	if err != nil {
		return fmt.Errorf("attribute findings: %w", err)
	}
	s.remember(found, sink)
	return nil
}

func (s *HistorySource) resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	if len(found) == 0 {
		return nil
	}
	feed := newGitFeed(ctx, s.repo, gitQuietSink{sink})
	defer feed.close()
	ids := gitFoundIDs(found)
	if s.swept != nil {
		loud := *feed
		loud.sink = sink
		if err := s.logSwept(&loud, ids); err != nil {
			return err
		}
	}
	a := gitAttribution{source: s, court: court, metas: newGitMetas(feed.cat, s.log)}
	a.intros = s.log.of(ids)
	err := a.look(feed, found, ids)
	for i := 0; err == nil && i < len(found); i++ {
		err = a.place(found[i])
	}
	return err
}

// gitAttribution is the work of one Resolve.
type gitAttribution struct {
	source *HistorySource
	court  secretscan.Court
	metas  *gitMetas
	intros map[git.OID][]gitIntro
	list   []secretscan.Candidate // memory for candidates

	headKnown   bool
	headBlobs   map[git.OID]bool
	headSecrets map[finding.Secret]bool
	pushedKnown bool
	pushed      map[git.OID]bool // commits that a remote-tracking ref leads to
}

// look gathers what all places need: HEAD's blobs and the secrets in them, and what was pushed.
func (a *gitAttribution) look(f *gitFeed, found []secretscan.Found, ids map[git.OID]bool) error {
	if err := a.lookAtHead(f, ids); err != nil {
		return err
	}
	a.headSecrets = map[finding.Secret]bool{}
	for _, one := range found {
		if id, err := git.ParseOID(one.Blob.Object); err == nil && a.headBlobs[id] {
			for _, c := range a.candidates(&one, id) {
				a.headSecrets[c.Secret] = true
			}
		}
	}
	wanted := map[git.OID]bool{}
	for _, list := range a.intros {
		for _, intro := range list {
			wanted[a.source.log.commits[intro.commit].id] = true
		}
	}
	for id := range ids {
		wanted[id] = true // of a message
	}
	return a.lookAtRemotes(f, wanted)
}

func (a *gitAttribution) lookAtHead(f *gitFeed, wanted map[git.OID]bool) error {
	if a.source.swept != nil {
		a.headBlobs, a.headKnown = a.source.head, a.source.head != nil
		return nil
	}
	a.headBlobs = map[git.OID]bool{}
	head, err := gitResolve(f.ctx, f.repo, "HEAD^{tree}")
	if err != nil {
		return f.ctx.Err() // an unborn branch has no tree, and that of a damaged one was told of before
	}
	log := newGitLog([]gitCommit{{}})
	if err := newGitDiffer(f, log, false).tree(head, 0); err != nil {
		return err
	}
	for _, id := range log.blobs {
		if wanted[id] {
			a.headBlobs[id] = true
		}
	}
	a.headKnown = true
	return nil
}

// lookAtRemotes finds out which of the commits the remote-tracking refs lead to. A bare repository usually has no such refs: there
// nothing is known.
func (a *gitAttribution) lookAtRemotes(f *gitFeed, wanted map[git.OID]bool) error {
	all, err := a.source.remote(f)
	if f.ctx.Err() != nil {
		return err
	}
	a.pushedKnown = err == nil && (len(all) > 0 || !f.repo.Bare())
	a.pushed = map[git.OID]bool{}
	for _, id := range all {
		if wanted[id] {
			a.pushed[id] = true
		}
	}
	return nil
}

// remote returns the commits that remote-tracking refs lead to.
func (s *HistorySource) remote(f *gitFeed) ([]git.OID, error) {
	others := map[git.OID]bool{} // tags, or broken
	for _, tip := range s.remotes {
		others[tip] = true
	}
	for i := 0; i < len(s.log.commits) && len(others) > 0; i++ {
		delete(others, s.log.commits[i].id)
	}
	if len(s.opts.Revs) > 0 || len(others) > 0 {
		return gitIDLines(f, nil, "rev-list", "--remotes")
	}
	if len(s.remotes) == 0 {
		return nil, nil
	}
	var all []git.OID
	for i, yes := range s.log.reach(s.remotes) {
		if yes {
			all = append(all, s.log.commits[i].id)
		}
	}
	return all, nil
}

// place reports what one blob holds, or one text.
func (a *gitAttribution) place(f secretscan.Found) error {
	id, err := git.ParseOID(f.Blob.Object)
	if err != nil {
		return err
	}
	if f.Blob.Kind == finding.KindMessage && !a.source.wants(id) {
		return nil // a sweep comes across commits that nothing leads to
	}
	base := finding.Place{Kind: f.Blob.Kind, Object: f.Blob.Object}
	if f.Blob.Kind == finding.KindMessage || f.Blob.Kind == finding.KindTag {
		if f.Blob.Kind == finding.KindMessage {
			base.Pushed = a.known(a.pushedKnown, a.pushed[id])
		}
		return gitEmitText(f, base, a.source.tags, a.metas, a.court)
	}
	if a.source.notes[id] {
		base.Kind = finding.KindNote
	}
	f.Candidates = a.candidates(&f, id)
	var places gitPlaces
	for _, intro := range a.intros[id] {
		path, commit := a.source.log.paths[intro.path], a.source.log.commits[intro.commit].id
		places.add(a.court.Keep(f.Candidates, path, commit.String()), intro, a.source.log)
	}
	base.Pushed = a.known(a.pushedKnown, a.anyPushed(id))
	err = places.emit(a.court, a.metas, base, func(p *gitPlaced, place *finding.Place) {
		place.InHead = a.known(a.headKnown, a.inHead(id, p.candidate))
	})
	if err != nil {
		return err
	}
	if len(a.intros[id]) == 0 {
		a.placeStaged(id, f)
	}
	return nil
}

// candidates returns what a content holds, until it is asked for the next one's. That of one that was recalled is put together only here:
// many thousand candidates, most of them the same, would take more time to hold than to make.
func (a *gitAttribution) candidates(f *secretscan.Found, id git.OID) []secretscan.Candidate {
	recalls := a.source.joined[id]
	if len(recalls) == 0 {
		return f.Candidates
	}
	a.list = append(a.list[:0], f.Candidates...)
	for _, r := range recalls {
		a.list = append(a.list, a.source.like[r.look].At(r.spot))
	}
	return a.list
}

func (a *gitAttribution) inHead(id git.OID, c secretscan.Candidate) bool {
	return a.headBlobs[id] || !c.Secret.IsZero() && a.headSecrets[c.Secret]
}

// placeStaged reports what only the index holds.
func (a *gitAttribution) placeStaged(id git.OID, f secretscan.Found) {
	for _, path := range a.source.index[id] {
		for _, c := range a.court.Keep(f.Candidates, path, "") {
			a.court.Emit(c, finding.Place{
				Kind: finding.KindIndex, Path: path, Object: f.Blob.Object,
				InHead: a.known(a.headKnown, a.inHead(id, c)), Pushed: a.known(a.pushedKnown, false),
			})
		}
	}
}

func (a *gitAttribution) anyPushed(id git.OID) bool {
	for _, intro := range a.intros[id] {
		if a.pushed[a.source.log.commits[intro.commit].id] {
			return true
		}
	}
	return false
}

func (a *gitAttribution) known(known, yes bool) finding.Tri {
	if !known {
		return finding.Unknown
	}
	return finding.TriOf(yes)
}
