package source

import (
	"errors"
	"fmt"

	"keysweep/internal/git"
)

// RefUpdate is one line of what git tells the hooks about a push. An id of zeros stands for "no such ref": in Old the ref is
// new, in New it is deleted.
type RefUpdate struct{ Ref, Old, New string }

// PrePush returns the source for what a push is about to bring to a remote, as the pre-push hook is told
// (https://git-scm.com/docs/githooks#_pre_push): everything that neither the refs' old states nor the remote's tracking refs
// have. remote is its name; a push to a bare URL has no tracking refs. An old state that this repository does not know excludes
// nothing, so that rather more is scanned. Otherwise it is as Range.
func PrePush(repo *git.Repo, remote string, updates []RefUpdate) *RangeSource {
	return gitPush(repo, "--remotes="+remote, updates)
}

// PreReceive returns the source for what a push brought, as the pre-receive hook is told: everything that no ref has yet. The new
// objects may be in quarantine: repo must have been opened with the hook's environment.
func PreReceive(repo *git.Repo, updates []RefUpdate) *RangeSource {
	return gitPush(repo, "--all", updates)
}

func gitPush(repo *git.Repo, notRefs string, updates []RefUpdate) *RangeSource {
	return &RangeSource{repo: repo, push: true, want: func(f *gitFeed) ([]gitWanted, error) {
		w := gitWanted{notRefs: notRefs}
		var olds []git.OID
		for _, u := range updates {
			fresh, err := git.ParseOID(u.New)
			old, oldErr := git.ParseOID(u.Old)
			if err := errors.Join(err, oldErr); err != nil {
				return nil, fmt.Errorf("push to %s: %w", git.Printable(u.Ref), err)
			}
			if !fresh.IsZero() {
				w.include = append(w.include, fresh)
			}
			if !old.IsZero() {
				olds = append(olds, old)
			}
		}
		if len(w.include) == 0 {
			return nil, nil
		}
		err := f.cat.Stat(olds, func(o git.Object) error {
			if o.Err == nil && (o.Kind == "commit" || o.Kind == "tag") {
				w.exclude = append(w.exclude, o.OID)
			}
			return f.ctx.Err()
		})
		return []gitWanted{w}, err
	}}
}
