package source

import (
	"errors"
	"slices"

	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitVersion is a version of a file; the zero id stands for no file.
type gitVersion struct {
	path string
	id   git.OID
}

// gitOlds knows the candidates of old versions.
type gitOlds struct {
	cat     *git.CatFile
	court   secretscan.Court
	known   map[git.OID][]secretscan.Candidate // of the blobs of this run
	scanned map[git.OID]bool                   // blobs of this run; those not in known hold nothing
	cache   map[git.OID][]secretscan.Candidate
}

const (
	// gitOldMost bounds an old version that is read for comparison. One that is larger counts as empty: rather tell of an old secret
	// again than miss a new one.
	gitOldMost = 64 << 20
	// gitCacheMost is how many old versions are remembered; the versions of a file come one after the other.
	gitCacheMost = 1000
)

func newGitOlds(cat *git.CatFile, court secretscan.Court, found []secretscan.Found, scanned map[git.OID]bool) *gitOlds {
	o := &gitOlds{cat: cat, court: court, scanned: scanned, known: map[git.OID][]secretscan.Candidate{}, cache: map[git.OID][]secretscan.Candidate{}}
	for _, f := range found {
		if id, err := git.ParseOID(f.Blob.Object); err == nil {
			o.known[id] = f.Candidates
		}
	}
	return o
}

// tallies counts what the old versions hold. names are the candidates of the new version that are about the file's name alone: an
// old version whose path is kept for the same rule has them too.
func (o *gitOlds) tallies(olds []gitVersion, fresh []secretscan.Candidate) ([]gitTally, error) {
	var tallies []gitTally
	for _, old := range olds {
		if old.id.IsZero() {
			continue
		}
		candidates, err := o.candidates(old.id)
		if err != nil {
			return nil, err
		}
		all := slices.DeleteFunc(slices.Clone(candidates), gitAboutName)
		for _, c := range fresh {
			if gitAboutName(c) {
				all = append(all, c)
			}
		}
		tallies = append(tallies, gitTallyOf(o.court.Keep(all, old.path, "")))
	}
	return tallies, nil
}

// gitAboutName reports whether a candidate is about a file's name, not its content.
func gitAboutName(c secretscan.Candidate) bool { return c.Secret.IsZero() }

func (o *gitOlds) candidates(id git.OID) ([]secretscan.Candidate, error) {
	if list, ok := o.known[id]; ok || o.scanned[id] {
		return list, nil
	}
	if list, ok := o.cache[id]; ok {
		return list, nil
	}
	var data []byte
	err := o.cat.Read([]git.OID{id}, gitOldMost, func(object git.Object) error {
		data = object.Data // nil if it is missing or too large
		if object.Body != nil {
			return errGitLarge
		}
		return nil
	})
	if err != nil && !errors.Is(err, errGitLarge) {
		return nil, err
	}
	list := o.court.Scan(data)
	if len(o.cache) >= gitCacheMost {
		clear(o.cache)
	}
	o.cache[id] = list
	return list, nil
}

var errGitLarge = errors.New("too large to be held in memory")
