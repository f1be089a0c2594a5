package source

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"keysweep/finding"
	"keysweep/internal/git"
)

// The difference between commits and their parents, many at a time: all commits of a batch go down their trees in step, so that
// the trees of one level are asked for in one go, and git is never waited for.
//
//	level 0   tree of c1   tree of c2   tree of c3  ...  ─ one request
//	level 1   c1:docs/     c1:src/      c3:src/     ...  ─ one request
//
// A subtree that any parent has at the same path brings nothing and is not entered. A parent's tree that cannot be read counts
// as empty: then more is scanned, never less.

const (
	gitBatch = 128 // commits at a time: their trees must fit into memory
	// gitTwins bounds how often one tree is entered for one commit. A few trees that name each other again and again would
	// otherwise stand for billions of paths; with this bound every content is still seen.
	gitTwins    = 1000
	gitDepth    = 1000
	gitPathMost = 32 << 10
)

// gitDiffer finds what commits introduce.
type gitDiffer struct {
	feed   *gitFeed
	trees  *gitTrees
	log    *gitLog
	olds   bool           // the parents' versions are wanted
	only   func(int) bool // which commits are looked at; nil: all
	skips  map[string]bool
	broken map[git.OID]bool
}

// gitStep is a directory of a commit that differs from those of the parents.
type gitStep struct {
	commit int
	path   string
	tree   git.OID
	olds   []git.OID // the parents' trees at the same path; zero where there is none
	depth  int
}

func newGitDiffer(feed *gitFeed, log *gitLog, olds bool) *gitDiffer {
	return &gitDiffer{feed: feed, trees: newGitTrees(feed), log: log, olds: olds, skips: map[string]bool{}, broken: map[git.OID]bool{}}
}

// run goes over commits[from:]; those before are only there as parents. What it adds to the log is in the order of the commits.
func (d *gitDiffer) run(from int) error {
	for at := from; at < len(d.log.commits); at += gitBatch {
		var steps []gitStep
		for i := at; i < min(at+gitBatch, len(d.log.commits)); i++ {
			c := d.log.commits[i]
			if c.tree.IsZero() || d.only != nil && !d.only(i) {
				continue
			}
			step := gitStep{commit: i, tree: c.tree}
			for _, p := range c.parents {
				var old git.OID
				if p >= 0 {
					old = d.log.commits[p].tree
				}
				step.olds = append(step.olds, old)
			}
			steps = append(steps, step)
		}
		added := len(d.log.intros)
		if err := d.down(steps); err != nil {
			return err
		}
		slices.SortStableFunc(d.log.intros[added:], func(a, b gitIntro) int { return cmp.Compare(a.commit, b.commit) })
	}
	return nil
}

// tree adds everything in a tree, as if the commit had no parents.
func (d *gitDiffer) tree(id git.OID, commit int) error {
	return d.down([]gitStep{{commit: commit, tree: id}})
}

func (d *gitDiffer) down(steps []gitStep) error {
	type twin struct {
		commit int
		tree   git.OID
	}
	entered := map[twin]int{}
	for len(steps) > 0 {
		if err := d.feed.ctx.Err(); err != nil {
			return err
		}
		var wanted []gitTreeAt
		for _, s := range steps {
			at := gitTreeAt{commit: d.log.commits[s.commit].id, path: s.path}
			for _, id := range append([]git.OID{s.tree}, s.olds...) {
				at.id = id
				wanted = append(wanted, at)
			}
		}
		if err := d.trees.load(wanted); err != nil {
			return err
		}
		var next []gitStep
		for _, s := range steps {
			if t := (twin{s.commit, s.tree}); entered[t] < gitTwins {
				entered[t]++
				next = d.enter(s, next)
			}
		}
		steps = next
	}
	return nil
}

// enter compares one directory and adds the subdirectories that differ to next.
func (d *gitDiffer) enter(s gitStep, next []gitStep) []gitStep {
	for _, old := range s.olds {
		if old == s.tree {
			return next
		}
	}
	olds := make([]gitOldTree, len(s.olds))
	for i, old := range s.olds {
		olds[i] = gitOldTree{iter: d.trees.get(old)}
	}
	it := d.trees.get(s.tree)
	for it.Next() {
		same := false
		for i := range olds {
			same = olds[i].seek(&it) || same
		}
		if !same {
			next = d.entry(s, &it, olds, next)
		}
	}
	if it.Err != nil && !d.broken[s.tree] {
		d.broken[s.tree] = true
		d.feed.problem("read tree", gitWhere(s.tree, gitShownDir(s.path), d.log.commits[s.commit].id), it.Err)
	}
	return next
}

// entry handles an entry that no parent has in this form.
func (d *gitDiffer) entry(s gitStep, it *git.TreeIter, olds []gitOldTree, next []gitStep) []gitStep {
	path := string(it.Name)
	if s.path != "" {
		path = s.path + "/" + path
	}
	var versions []git.OID
	want := git.Mode.IsBlob
	if it.Mode.Kind() == git.ModeTree {
		want = func(m git.Mode) bool { return m.Kind() == git.ModeTree }
	}
	if d.olds || it.Mode.Kind() == git.ModeTree {
		for i := range olds {
			var id git.OID
			if olds[i].at && want(olds[i].iter.Mode) {
				id = olds[i].iter.OID()
			}
			versions = append(versions, id)
		}
	}
	switch {
	case it.Mode.IsBlob():
		d.log.add(it.OID(), s.commit, path, versions)
	case it.Mode.Kind() == git.ModeSubmodule:
		if !d.skips[path] {
			d.skips[path] = true
			d.feed.sink.Skip(gitSubmodules, path)
		}
	case it.Mode.Kind() != git.ModeTree:
		d.problem(s, path, errors.New("an entry of unknown kind"))
	case s.depth >= gitDepth || len(path) > gitPathMost:
		d.problem(s, path, errors.New("the directories are too deep"))
	default:
		next = append(next, gitStep{s.commit, path, it.OID(), versions, s.depth + 1})
	}
	return next
}

func (d *gitDiffer) problem(s gitStep, path string, err error) {
	if d.broken[s.tree] {
		return
	}
	d.broken[s.tree] = true
	const shown = 200
	d.feed.sink.Problem(finding.Problem{
		Where: gitWhere(s.tree, path[:min(len(path), shown)], d.log.commits[s.commit].id), Op: "read tree", Err: err.Error(),
	})
}

// gitOldTree is a parent's directory that is walked in step with the new one.
type gitOldTree struct {
	iter    git.TreeIter
	started bool
	ended   bool
	at      bool // it has an entry of the name that was looked for
}

// seek goes to the entry of the same name and reports whether it is the same altogether. A file that only became executable is.
func (o *gitOldTree) seek(it *git.TreeIter) bool {
	if !o.started {
		o.started, o.ended = true, !o.iter.Next()
	}
	for !o.ended && o.iter.Before(it) {
		o.ended = !o.iter.Next()
	}
	o.at = !o.ended && !it.Before(&o.iter)
	return o.at && o.iter.Mode.Kind() == it.Mode.Kind() && bytes.Equal(o.iter.ID, it.ID)
}
