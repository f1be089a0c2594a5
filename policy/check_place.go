package policy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/keys/inventory"
)

func placeChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-in-repository", finding.Critical, "private key in a git repository",
			"a commit is copied to every clone and every server, and stays in history when the file is gone",
			"OWASP Secrets Management Cheat Sheet: no secrets in version control"}, (*subject).repository},
		{Check{"key-in-synced-folder", finding.High, "private key in a folder that is copied to other machines",
			"the provider and every machine that takes part has a copy, and keeps old versions",
			"a private key stays on the machine that uses it: NIST SP 800-57 part 1, 8.1.5"}, (*subject).synced},
		{Check{"key-in-exposed-place", finding.Medium, "private key in a place that is not for keeping keys",
			"such directories are emptied, shared, indexed or shown without anybody thinking of keys",
			"keys belong into ~/.ssh: ssh(1), FILES"}, (*subject).exposed},
		{Check{"key-copies", finding.Low, "several copies of one private key",
			"every copy has to be found when the key is replaced, and the least protected one counts",
			"NIST SP 800-57 part 1, 8.2: as few copies as possible"}, (*subject).copies},
	}
}

func (s *subject) repository() {
	for _, f := range s.Files {
		r := f.Place.Repository
		if r == nil || r.State == inventory.GitInternal && r.InHistory != inventory.Yes {
			continue
		}
		rel, err := filepath.Rel(r.Root, f.Place.Path)
		if err != nil {
			rel = f.Path
		}
		away := moveAway(&f)
		switch {
		case r.State == inventory.GitTracked:
			s.say(finding.Critical, f.Path, "tracked in "+r.Root,
				fmt.Sprintf("git -C %s rm --cached %s; then %s", quote(r.Root), quote(rel), s.replace()))
		case r.InHistory == inventory.Yes:
			s.say(finding.Critical, f.Path, fmt.Sprintf("in the history of %s, commit %s", r.Root, short(r.Commit)), s.replace())
		case r.State == inventory.GitIgnored:
			s.say(finding.Low, f.Path, "ignored by git in "+r.Root+", as long as nobody changes .gitignore", away)
		case r.State == inventory.GitUnknown:
			s.say(finding.Medium, f.Path, "in "+r.Root+"; git could not be asked whether it is tracked", away)
		default:
			s.say(finding.Medium, f.Path, "not yet tracked in "+r.Root+": the next \"git add .\" takes it", away)
		}
	}
}

// replace is what to do about a key that others may have seen.
func (s *subject) replace() string {
	if s.rec != nil {
		return "keysweep key compromised " + s.name()
	}
	return "replace the key everywhere: keysweep key generate"
}

// moveAway is the command that brings a key and its .pub to where keys belong, and asks before it replaces another one there.
func moveAway(f *inventory.File) string {
	files := quote(f.Path)
	if f.Pub != inventory.PubMissing && f.PubPath != "" {
		files += " " + quote(f.PubPath)
	}
	return "move it away: mv -i " + files + " ~/.ssh/"
}

func short(commit string) string { return commit[:min(len(commit), 12)] }

func (s *subject) synced() {
	for _, f := range s.Files {
		if spot := f.Place.Spot(inventory.SpotSynced); spot != nil {
			s.say(finding.High, f.Path, fmt.Sprintf("%s copies %s (%s)", spot.Name, spot.Dir, spot.Why),
				moveAway(&f)+"; then "+s.replace())
		}
	}
}

func (s *subject) exposed() {
	for _, f := range s.Files {
		for _, spot := range f.Place.Spots {
			own := spot.Kind == inventory.SpotShared && spot.Dir == filepath.Dir(f.Place.Path) && f.Access.DirWritable()
			if own || spot.Kind == inventory.SpotSynced {
				continue // other checks say so
			}
			s.say(finding.Medium, f.Path, fmt.Sprintf("%s: %s", spot.Dir, spotWords(spot)), moveAway(&f))
			break // one reason is enough
		}
	}
}

func spotWords(s inventory.Spot) string {
	switch s.Kind {
	case inventory.SpotDownloads:
		return "for downloads"
	case inventory.SpotDesktop:
		return "shown on the screen"
	case inventory.SpotTemporary:
		return "for temporary files"
	}
	if strings.HasPrefix(s.Why, "everybody") {
		return s.Why
	}
	return "meant for sharing"
}

func (s *subject) copies() {
	var paths []string
	seen := map[string]bool{}
	for _, f := range s.Files {
		if f.Pub == inventory.PubUnproven { // a .pub that may be another key's makes no copy of this one
			continue
		}
		if !seen[f.Place.Path] { // a symbolic link is no copy
			seen[f.Place.Path] = true
			paths = append(paths, f.Path)
		}
	}
	if len(paths) < 2 {
		return
	}
	keep := s.used(paths)
	quoted := make([]string, 0, len(paths)-1)
	for _, p := range paths {
		if p != keep {
			quoted = append(quoted, quote(p))
		}
	}
	s.say(finding.Low, "", strings.Join(paths, ", "), "keep one and remove the others, if nothing uses them: rm "+strings.Join(quoted, " "))
}

// used returns the path that something counts on: the configuration, or the ledger; the first if nothing does.
func (s *subject) used(paths []string) string {
	for _, use := range s.Hosts {
		if slices.Contains(paths, use.File) {
			return use.File
		}
	}
	if s.rec != nil && slices.Contains(paths, s.rec.Path) {
		return s.rec.Path
	}
	return paths[0]
}
