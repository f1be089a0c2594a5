package source

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"keysweep/internal/git"
)

// RevError says that what a user named is no revision, or no range of them. It is a usage error.
type RevError struct {
	Rev    string // as it was given
	Detail string // what is wrong with it
	Hint   string // what to do next
}

// Error quotes the revision and ends with the hint.
func (e *RevError) Error() string {
	return fmt.Sprintf("revision %q: %s\nhint: %s", git.Printable(e.Rev), e.Detail, e.Hint)
}

// gitIsZero reports whether an id consists of zeros, which is how git's hooks and forges write "there is none".
func gitIsZero(id string) bool { return id != "" && strings.Trim(id, "0") == "" && len(id) >= 40 }

// gitResolve turns what a user wrote into an id. A full id is returned even if there is no such object.
func gitResolve(ctx context.Context, repo *git.Repo, rev string) (git.OID, error) {
	var head git.OID
	known := false
	if rev == "HEAD" {
		head, known = repo.Head()
	}
	switch {
	case !head.IsZero():
		return head, nil
	case !known:
		out, err := repo.Output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev)
		if err == nil {
			return git.ParseOID(strings.TrimSpace(string(out)))
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || ctx.Err() != nil {
			return git.OID{}, err
		}
	}
	e := &RevError{Rev: rev, Detail: "the repository has no such revision", Hint: "see what there is with: git branch --all, git tag, git log"}
	if repo.Shallow() {
		e.Hint = "this clone is shallow and may lack it; get the rest with: git fetch --unshallow (in CI: fetch-depth: 0)"
	}
	return git.OID{}, e
}

// gitSplitRange splits A..B and A...B; an empty side is HEAD.
func gitSplitRange(text string) (from, to string, symmetric bool, err error) {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return "", "", false, &RevError{text, "it is not a range", "write FROM..TO, or --since FROM for everything after it"}
	}
	if rest, three := strings.CutPrefix(to, "."); three {
		to, symmetric = rest, true
	}
	if strings.HasPrefix(to, ".") || strings.Contains(to, "..") {
		return "", "", false, &RevError{text, "it is not a range", "write FROM..TO"}
	}
	if from == "" {
		from = "HEAD"
	}
	if to == "" {
		to = "HEAD"
	}
	return from, to, symmetric, nil
}

// parse turns a range as a user wrote it into ids. nothing: it brings nothing, because the branch is gone.
func (f *gitFeed) parse(text string) (w gitWanted, nothing bool, err error) {
	from, to, symmetric, err := gitSplitRange(text)
	if err != nil || gitIsZero(to) {
		return w, true, err
	}
	tip, err := gitResolve(f.ctx, f.repo, to)
	if err != nil {
		return w, false, err
	}
	w.include = []git.OID{tip}
	if gitIsZero(from) {
		w.exclude, err = f.otherBranches(tip)
		return w, false, err
	}
	base, err := gitResolve(f.ctx, f.repo, from)
	if err != nil {
		return w, false, err
	}
	there, err := f.present(base)
	if err != nil {
		return w, false, err
	}
	if !there {
		p := gitProblem(f.repo, "find the beginning of the range", base.String(), git.ErrMissing)
		if p.Hint = "everything before the end of the range was scanned instead; fetch the beginning"; f.repo.Shallow() {
			p.Hint = "this clone is shallow, and all that it has was scanned; get the rest with: git fetch --unshallow (in CI: fetch-depth: 0)"
		}
		f.sink.Problem(p)
		return w, false, nil
	}
	w.exclude = []git.OID{base}
	if symmetric {
		w.include = append(w.include, base)
		if w.exclude, err = f.mergeBases(base, tip); err != nil {
			return w, false, fmt.Errorf("range %s: %w", text, err)
		}
	}
	return w, false, nil
}

// otherBranches returns the tips of the remote-tracking branches except of those that stand at tip: what a new branch is compared
// with when no older state of it is known.
func (f *gitFeed) otherBranches(tip git.OID) (ids []git.OID, err error) {
	refs, err := f.refs()
	for _, r := range refs {
		if strings.HasPrefix(r.name, "refs/remotes/") && r.id != tip {
			ids = append(ids, r.id)
		}
	}
	return ids, err
}

func (f *gitFeed) mergeBases(a, b git.OID) ([]git.OID, error) {
	ids, err := gitIDLines(f, nil, "merge-base", "--all", a.String(), b.String())
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // they have nothing in common
		return nil, nil
	}
	return ids, err
}

// present reports whether the repository has an object.
func (f *gitFeed) present(id git.OID) (there bool, err error) {
	err = f.cat.Stat([]git.OID{id}, func(o git.Object) error { there = o.Err == nil; return nil })
	return there, err
}
