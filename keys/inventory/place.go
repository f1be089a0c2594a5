package inventory

import (
	"context"
	"fmt"
	"path/filepath"
)

// Place is what a file or directory lies in.
type Place struct {
	Path       string      // absolute, symbolic links resolved as far as it exists
	Repository *Repository // the git work tree or git directory around it; nil if there is none
	Spots      []Spot      // innermost first
}

// Repository is a git repository around a file.
type Repository struct {
	Root      string // top of the work tree; the git directory where there is none
	State     GitState
	InHistory Answer // some commit of any branch, tag or stash holds the file, or one with the same content
	Commit    string // the first that does, as far as it is known
}

// GitState says how git sees a path of its work tree.
type GitState string

// The states.
const (
	GitUnknown   GitState = ""          // git could not be asked; the problem says why
	GitTracked   GitState = "tracked"   // in the index
	GitIgnored   GitState = "ignored"   // an ignore rule covers it
	GitUntracked GitState = "untracked" // the next "git add ." takes it
	GitInternal  GitState = "internal"  // inside the git directory itself: never committed
)

// Spot is a directory above a file that others may see, or that is not meant for keeping things.
type Spot struct {
	Kind SpotKind
	Dir  string // the directory that makes it one
	Name string // "Dropbox", "Downloads"
	Why  string // how it is known: "it holds .dropbox.cache"
}

// SpotKind is a kind of Spot.
type SpotKind string

// The kinds.
const (
	SpotSynced    SpotKind = "synced"    // copied to other machines by a program
	SpotDownloads SpotKind = "downloads" // where browsers put files
	SpotDesktop   SpotKind = "desktop"   // on the screen
	SpotTemporary SpotKind = "temporary" // emptied without asking
	SpotShared    SpotKind = "shared"    // everybody may write there, or it is made to be shared
)

// Safe reports whether nothing speaks against keeping a private key or a backup here: no repository that could take it in, no
// synced folder.
func (p *Place) Safe() bool {
	if p.Repository != nil && p.Repository.State != GitInternal {
		return false
	}
	return p.Spot(SpotSynced) == nil
}

// Spot returns the innermost spot of a kind, or nil.
func (p *Place) Spot(kind SpotKind) *Spot {
	for i := range p.Spots {
		if p.Spots[i].Kind == kind {
			return &p.Spots[i]
		}
	}
	return nil
}

// Surroundings tells what a path lies in. The path must be absolute; what does not exist yet is judged by the nearest
// directory above it that does. An error means that git could not be asked: the rest is told all the same.
func Surroundings(ctx context.Context, path string, env Env) (Place, error) {
	return surroundings(ctx, path, env, false)
}

func surroundings(ctx context.Context, path string, env Env, history bool) (Place, error) {
	if !filepath.IsAbs(path) {
		return Place{Path: path}, fmt.Errorf("look around %s: not an absolute path", path)
	}
	p := Place{Path: resolve(path), Spots: spots(directoryOf(path), env)}
	var err error
	p.Repository, err = repository(ctx, path, env, history)
	return p, err
}
