package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// HistoryOptions say what a HistorySource covers.
type HistoryOptions struct {
	Revs    []string // revisions or ranges; none: everything that History names
	Reflog  bool     // what only reflogs still lead to, too; not with Revs
	Memory  *Memory  // nil: nothing is remembered
	Workers int      // goroutines; 0: one per processor
}

// HistorySource is everything that a repository remembers. Make it with History; it is for one run.
type HistorySource struct {
	repo  *git.Repo
	opts  HistoryOptions
	empty string
	least int // see gitSweepLeast; tests make it small

	log      *gitLog
	db       *odb.DB                 // open from Walk to Resolve
	swept    *gitSwept               // nil: the log has everything
	current  bool                    // nothing has come since it was remembered
	hidden   bool                    // not only refs were followed
	named    bool                    // some content that is remembered has a name that there is a rule about
	looks    []gitLook               // of recalled candidates
	recalled []gitRecalled           // contents that need not be scanned
	sampled  []*gitSample            // what stands for their candidates
	like     []secretscan.Candidate  // for the looks
	joined   map[git.OID][]gitRecall // of the recalled contents, those whose candidates were put together
	tips     []git.OID               // commits
	noteTips []git.OID               // those that only refs/notes name
	remotes  []git.OID               // what remote-tracking refs name
	head     map[git.OID]bool        // of the contents with findings, those in HEAD; nil: not known
	tags     map[git.OID]string
	notes    map[git.OID]bool     // blobs that only notes hold
	index    map[git.OID][]string // paths of what is in the index and in no commit
}

// History returns the source for every blob that the given revisions lead to, or, without any, all refs, notes, every stash
// entry, the HEAD of every work tree, and the index: each blob once, and the texts of commits and annotated tags. A place names the first commit, parents
// before children, that has the blob, and every other path. Objects that cannot be read are told of and everything else is
// still scanned. Walk fails with a *RevError for what is no revision.
//
// A rule that looks at names of files alone sees the first path of each blob.
func History(repo *git.Repo, opts HistoryOptions) *HistorySource {
	return &HistorySource{repo: repo, opts: opts, least: gitSweepLeast, tags: map[git.OID]string{}, notes: map[git.OID]bool{}, index: map[git.OID][]string{}}
}

// Empty says after a run why there was nothing to look at; "" when there was something.
func (s *HistorySource) Empty() string { return s.empty }

// Walk implements secretscan.Source.
func (s *HistorySource) Walk(ctx context.Context, sink secretscan.Sink) error {
	if err := s.walk(ctx, sink); err != nil {
		return fmt.Errorf("scan history: %w", err)
	}
	return nil
}

func (s *HistorySource) walk(ctx context.Context, sink secretscan.Sink) error {
	feed := newGitFeed(ctx, s.repo, sink)
	defer feed.close()
	memory := s.remembered()
	wanted, notes, err := s.start(feed)
	if err != nil {
		return err
	}
	s.noteTips = notes
	find := func(f *gitFeed) (gitTips, error) { return f.tips(wanted.include, s.tags) }
	if memory == nil && s.open() {
		return s.sweep(feed, find)
	}
	tips, err := find(feed)
	if err != nil {
		return err
	}
	s.tips = tips.commits
	if memory != nil {
		if done, err := s.again(feed, memory, tips); done || err != nil {
			return err
		}
		if s.open() {
			return s.sweep(feed, func(*gitFeed) (gitTips, error) { return tips, nil })
		}
	}
	return s.compare(feed, wanted, tips)
}

// compare compares every commit with its parents.
func (s *HistorySource) compare(f *gitFeed, wanted gitWanted, tips gitTips) error {
	wanted.include = tips.commits
	commits, err := f.list(wanted)
	if err != nil {
		return err
	}
	if s.log, err = f.scan(commits, gitExtra{tips.trees, tips.blobs}, false); err != nil {
		return err
	}
	blobs := s.first()
	if len(s.opts.Revs) == 0 {
		staged, err := s.staged(f)
		if err != nil {
			return err
		}
		blobs = append(blobs, staged...)
	}
	if len(commits)+len(blobs)+len(s.tags) == 0 {
		s.empty = noCommits
	}
	return f.blobs(blobs)
}

const noCommits = "the repository has no commits"

// first returns the introduced contents of the log, those that only notes hold marked as such.
func (s *HistorySource) first() []gitBlob {
	s.markNotes()
	blobs := s.log.first(finding.KindBlob)
	for i := range blobs {
		if s.notes[blobs[i].id] {
			blobs[i].kind = finding.KindNote
		}
	}
	return blobs
}

// open opens the database for a sweep, and reports false where there has to be another way: what is asked for is less than
// everything, the end of a shallow history has to be told from what is missing, or the database is of a kind that only git knows.
func (s *HistorySource) open() bool {
	if len(s.opts.Revs) > 0 || s.repo.Shallow() {
		return false
	}
	if s.opts.Workers <= 0 {
		s.opts.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	s.db, err = s.repo.Objects()
	return err == nil
}

// start finds where to begin. notes are the tips of refs/notes.
func (s *HistorySource) start(f *gitFeed) (w gitWanted, notes []git.OID, err error) {
	for _, rev := range s.opts.Revs {
		if strings.Contains(rev, "..") {
			part, _, err := f.parse(rev)
			if err != nil {
				return w, nil, err
			}
			w.include, w.exclude = append(w.include, part.include...), append(w.exclude, part.exclude...)
			continue
		}
		id, err := gitResolve(f.ctx, f.repo, rev)
		if err != nil {
			return w, nil, err
		}
		w.include = append(w.include, id)
	}
	if len(s.opts.Revs) > 0 {
		return w, nil, nil
	}
	refs, err := f.refs()
	if err != nil {
		return w, nil, err
	}
	for _, r := range refs {
		w.include = append(w.include, r.id)
		if strings.HasPrefix(r.name, "refs/notes/") {
			notes = append(notes, r.id)
		}
		if strings.HasPrefix(r.name, "refs/remotes/") {
			s.remotes = append(s.remotes, r.id)
		}
	}
	more, err := f.hidden(slices.ContainsFunc(refs, func(r gitRef) bool { return r.name == "refs/stash" }), s.opts.Reflog)
	w.include = append(w.include, more...)
	s.hidden = len(more) > 0
	return w, notes, err
}

// hidden returns what no ref shows: the HEADs, which may be detached, the older stash entries, and on request all that reflogs
// hold.
func (f *gitFeed) hidden(stash, reflog bool) (ids []git.OID, err error) {
	if ids, err = f.heads(); err != nil {
		return nil, err
	}
	ask := func(args ...string) {
		more, askErr := gitIDLines(f, nil, append([]string{"rev-list"}, args...)...)
		ids = append(ids, more...)
		if askErr != nil {
			f.problem("read reflog", args[len(args)-1], askErr)
		}
	}
	if stash {
		ask("--walk-reflogs", "refs/stash")
	}
	if reflog {
		ask("--no-walk", "--all", "--reflog") // --all: without any reflog git would only explain its usage
	}
	return ids, f.ctx.Err()
}

// heads returns what the HEADs of all work trees lead to.
func (f *gitFeed) heads() (ids []git.OID, err error) {
	if ids, ok := f.repo.Heads(); ok {
		return ids, nil
	}
	names := []string{"HEAD", "main-worktree/HEAD"}
	trees, _ := os.ReadDir(filepath.Join(f.repo.CommonDir(), "worktrees")) // usually there is none
	for _, tree := range trees {
		names = append(names, "worktrees/"+tree.Name()+"/HEAD")
	}
	for _, name := range names {
		if head, err := gitResolve(f.ctx, f.repo, name); err == nil {
			ids = append(ids, head)
		} else if f.ctx.Err() != nil { // otherwise it is the HEAD of an unborn branch
			return nil, err
		}
	}
	return ids, nil
}

// markNotes finds the blobs that were first seen in a commit that only notes lead to.
func (s *HistorySource) markNotes() {
	if len(s.noteTips) == 0 {
		return
	}
	others := slices.DeleteFunc(slices.Clone(s.tips), func(id git.OID) bool { return slices.Contains(s.noteTips, id) })
	elsewhere, marked := s.log.reach(others), s.log.reach(s.noteTips)
	plain := map[git.OID]bool{}
	for _, intro := range s.log.intros {
		id := s.log.blobs[intro.blob]
		if !marked[intro.commit] || elsewhere[intro.commit] {
			plain[id] = true
			delete(s.notes, id)
		} else if !plain[id] {
			s.notes[id] = true
		}
	}
}

// staged returns the blobs of the index that no commit has, and remembers their paths.
func (s *HistorySource) staged(f *gitFeed) (blobs []gitBlob, err error) {
	if f.repo.Bare() {
		return nil, nil
	}
	each := func(e gitIndexEntry) error {
		if _, known := s.log.blobAt[e.id]; known || !e.mode.IsBlob() {
			return nil
		}
		if s.index[e.id] == nil {
			blobs = append(blobs, gitBlob{id: e.id, kind: finding.KindIndex, path: e.path})
		}
		s.index[e.id] = append(s.index[e.id], e.path)
		return nil
	}
	return blobs, f.index(each, "--stage")
}
