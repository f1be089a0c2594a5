package source

import (
	"fmt"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitAlsoMost is how many further paths of a place are kept.
const gitAlsoMost = 100

// gitMatch tells the candidates of one blob apart.
type gitMatch struct {
	gitSort
	span   finding.Span
	offset int64
	member int32
}

// gitPlaced is a candidate with the first place where it counts, and the other paths.
type gitPlaced struct {
	candidate secretscan.Candidate
	commit    int32
	path      string
	also      []string
}

// gitPlaces gathers the places of one blob's candidates.
type gitPlaces struct {
	order []gitMatch
	at    map[gitMatch]*gitPlaced
}

// add notes that the candidates count at an introduction. Introductions come oldest first.
func (p *gitPlaces) add(kept []secretscan.Candidate, intro gitIntro, log *gitLog) {
	path := log.paths[intro.path]
	for _, c := range kept {
		key := gitMatch{sortOf(c), c.Span, c.Offset, c.Member}
		known := p.at[key]
		switch {
		case known == nil:
			if p.at == nil {
				p.at = map[gitMatch]*gitPlaced{}
			}
			p.order = append(p.order, key)
			p.at[key] = &gitPlaced{c, intro.commit, path, nil}
		case path != known.path && len(known.also) < gitAlsoMost && !slices.Contains(known.also, path):
			known.also = append(known.also, path)
		}
	}
}

// emit reports each candidate once. base is what all places have in common; more, which may be nil, adds to each.
func (p *gitPlaces) emit(court secretscan.Court, metas *gitMetas, base finding.Place, more func(*gitPlaced, *finding.Place)) error {
	for _, key := range p.order {
		placed := p.at[key]
		place := base
		place.Path, place.Also = placed.path, placed.also
		slices.Sort(place.Also)
		var err error
		if place.Commit, err = metas.of(placed.commit); err != nil {
			return err
		}
		if more != nil {
			more(placed, &place)
		}
		court.Emit(placed.candidate, place)
	}
	return nil
}

// gitMetas reads what reports say about commits.
type gitMetas struct {
	cat   *git.CatFile
	log   *gitLog
	known map[git.OID]finding.Commit
}

func newGitMetas(cat *git.CatFile, log *gitLog) *gitMetas {
	return &gitMetas{cat, log, map[git.OID]finding.Commit{}}
}

// of describes a commit of the log; nil stands for content that is in none.
func (m *gitMetas) of(commit int32) (*finding.Commit, error) {
	if id := m.log.commits[commit].id; !id.IsZero() {
		return m.read(id)
	}
	return nil, nil
}

func (m *gitMetas) read(id git.OID) (*finding.Commit, error) {
	meta, ok := m.known[id]
	if !ok {
		meta.ID = id.String()
		err := m.cat.Read([]git.OID{id}, gitInMemory, func(o git.Object) error {
			c, err := gitParseCommit(o)
			if err == nil || !c.Tree.IsZero() { // what could not be read was told of before
				meta.Author, meta.Email, meta.Date, meta.Subject = c.Author, c.Email, c.Date, c.Subject()
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read commit: %w", err)
		}
		m.known[id] = meta
	}
	return &meta, nil
}

// gitEmitText reports what was found in the text of a commit or tag.
func gitEmitText(f secretscan.Found, place finding.Place, tags map[git.OID]string, metas *gitMetas, court secretscan.Court) error {
	id, err := git.ParseOID(f.Blob.Object)
	if err != nil {
		return err
	}
	commit := ""
	if f.Blob.Kind == finding.KindMessage {
		commit = f.Blob.Object
	} else {
		place.Note = "tag " + tags[id]
	}
	for _, c := range court.Keep(f.Candidates, "", commit) {
		if commit != "" {
			if place.Commit, err = metas.read(id); err != nil {
				return err
			}
		}
		court.Emit(c, place)
	}
	return nil
}

func gitFoundIDs(found []secretscan.Found) map[git.OID]bool {
	ids := make(map[git.OID]bool, len(found))
	for _, f := range found {
		if id, err := git.ParseOID(f.Blob.Object); err == nil {
			ids[id] = true
		}
	}
	return ids
}
