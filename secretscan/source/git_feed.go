package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitInMemory is the size up to which a blob is handed over in memory; a larger one is streamed by a process of its own.
const gitInMemory = 8 << 20

// gitFew is up to how many blobs are read at once, without asking for all sizes first so that progress can be measured.
const gitFew = 100

// gitBlob is an object whose content is to be scanned.
type gitBlob struct {
	id     git.OID
	kind   finding.Kind
	path   string // one it has; "" if it has none
	commit git.OID
}

// where names it in a report.
func (b gitBlob) where() string { return gitWhere(b.id, b.path, b.commit) }

func gitWhere(id git.OID, path string, commit git.OID) string {
	switch {
	case path != "" && !commit.IsZero():
		return fmt.Sprintf("%s (%s in commit %s)", id, path, commit)
	case path != "":
		return fmt.Sprintf("%s (%s)", id, path)
	case !commit.IsZero() && commit != id:
		return fmt.Sprintf("%s (in commit %s)", id, commit)
	}
	return id.String()
}

// gitFeed hands blobs of a repository to a sink.
type gitFeed struct {
	ctx  context.Context // a feed lives within one call
	repo *git.Repo
	cat  *git.CatFile
	sink secretscan.Sink
}

func newGitFeed(ctx context.Context, repo *git.Repo, sink secretscan.Sink) *gitFeed {
	return &gitFeed{ctx: ctx, repo: repo, cat: repo.CatFile(ctx), sink: sink}
}

func (f *gitFeed) close() { _ = f.cat.Close() }

// blobs hands over the blobs, whose ids are all different. What cannot be read is a problem; an error is of the run.
func (f *gitFeed) blobs(list []gitBlob) error {
	if len(list) <= gitFew {
		return f.sendFew(list)
	}
	sizes, err := f.sizes(list)
	if err != nil {
		return err
	}
	return f.send(list, sizes)
}

// sizes asks for the blobs' sizes; -1 stands for what is no readable blob.
func (f *gitFeed) sizes(list []gitBlob) ([]int64, error) {
	sizes := make([]int64, 0, len(list))
	var known, total int64
	err := f.cat.Stat(gitIDs(list), func(o git.Object) error {
		b, size := list[len(sizes)], o.Size
		switch {
		case o.Err != nil:
			f.problem("read object", b.where(), o.Err)
			size = -1
		case o.Kind != "blob":
			f.notBlob(b, o)
			size = -1
		default:
			known++
			total += size
		}
		sizes = append(sizes, size)
		return f.ctx.Err()
	})
	f.sink.Expect(known, total)
	return sizes, err
}

func gitIDs(list []gitBlob) []git.OID {
	ids := make([]git.OID, len(list))
	for i, b := range list {
		ids[i] = b.id
	}
	return ids
}

func (f *gitFeed) send(list []gitBlob, sizes []int64) error {
	var small []gitBlob
	for i, b := range list {
		switch {
		case sizes[i] < 0:
		case sizes[i] <= gitInMemory:
			small = append(small, b)
		default:
			if err := f.sink.Blob(f.streamed(b, sizes[i])); err != nil {
				return err
			}
		}
	}
	at := 0
	return f.cat.Read(gitIDs(small), gitInMemory, func(o git.Object) error {
		b := small[at]
		at++
		return f.hand(b, o)
	})
}

// sendFew hands over blobs of which nothing is known yet.
func (f *gitFeed) sendFew(list []gitBlob) error {
	for len(list) > 0 {
		at, size := 0, int64(0)
		err := f.cat.Read(gitIDs(list), gitInMemory, func(o git.Object) error {
			b := list[at]
			at++
			size = o.Size
			switch {
			case o.Err != nil:
			case o.Kind != "blob":
				f.notBlob(b, o)
				return f.ctx.Err()
			default:
				f.sink.Expect(1, size)
			}
			if o.Body != nil { // it is read by a process of its own, and not here
				return errGitLarge
			}
			return f.hand(b, o)
		})
		if !errors.Is(err, errGitLarge) {
			return err
		}
		if err := f.sink.Blob(f.streamed(list[at-1], size)); err != nil {
			return err
		}
		list = list[at:]
	}
	return nil
}

// hand hands over a blob that is in memory, or says why it is not.
func (f *gitFeed) hand(b gitBlob, o git.Object) error {
	if o.Err != nil {
		f.problem("read object", b.where(), o.Err)
		return f.ctx.Err()
	}
	return f.sink.Blob(secretscan.Blob{Kind: b.kind, Path: b.path, Object: b.id.String(), Size: o.Size, Deferred: true, Data: o.Data})
}

func (f *gitFeed) notBlob(b gitBlob, o git.Object) {
	f.problem("read object", b.where(), fmt.Errorf("it is a %s where a blob should be", o.Kind))
}

func (f *gitFeed) streamed(b gitBlob, size int64) secretscan.Blob {
	ctx, repo := f.ctx, f.repo
	return secretscan.Blob{
		Kind: b.kind, Path: b.path, Object: b.id.String(), Size: size, Deferred: true,
		Open: func() (io.ReadCloser, error) { return repo.OpenBlob(ctx, b.id, size) },
	}
}

// text hands over the text of a commit or tag, which has been read already.
func (f *gitFeed) text(kind finding.Kind, id git.OID, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	f.sink.Expect(1, int64(len(text)))
	return f.sink.Blob(secretscan.Blob{Kind: kind, Object: id.String(), Size: int64(len(text)), Deferred: true, Data: text})
}

func (f *gitFeed) problem(op, where string, err error) {
	f.sink.Problem(gitProblem(f.repo, op, where, err))
}

// gitProblem describes what could not be read, with what to do about it.
func gitProblem(repo *git.Repo, op, where string, err error) finding.Problem {
	p := finding.Problem{Where: where, Op: op, Err: err.Error()}
	var corrupt *git.CorruptError
	switch {
	case errors.Is(err, git.ErrMissing) && gitIsPartial(repo):
		p.Hint = "this is a partial clone; get everything with: git fetch --refetch --no-filter, or scan a full clone"
	case errors.Is(err, git.ErrMissing), errors.As(err, &corrupt):
		p.Hint = "see what is damaged with: git fsck --full; then fetch it again from a good copy, or scan a fresh clone"
	}
	return p
}

// gitIsPartial reports whether the repository was cloned with a filter: a pack then has a mark beside it.
func gitIsPartial(repo *git.Repo) bool {
	entries, err := os.ReadDir(filepath.Join(repo.CommonDir(), "objects", "pack"))
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".promisor") })
}
