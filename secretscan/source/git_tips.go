package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"keysweep/finding"
	"keysweep/internal/git"
)

// gitRef is a ref and the id it holds.
type gitRef struct {
	id   git.OID
	name string
}

// refs returns all refs, ordered by name, and tells of those that git cannot read and passes over.
func (f *gitFeed) refs() ([]gitRef, error) {
	var refs []gitRef
	if own, ok := f.repo.Refs(); ok {
		for _, r := range own {
			refs = append(refs, gitRef{r.OID, r.Name})
		}
		return refs, nil
	}
	warnings, err := f.repo.StreamWarned(f.ctx, nil, func(out io.Reader) error {
		return gitLines(out, func(line string) error {
			digits, name, _ := strings.Cut(line, " ")
			id, err := git.ParseOID(digits)
			if err != nil {
				return fmt.Errorf("read refs: %w", err)
			}
			if !id.IsZero() {
				refs = append(refs, gitRef{id, name})
			}
			return nil
		})
	}, "for-each-ref", "--format=%(objectname) %(refname)")
	f.brokenRefs(warnings)
	f.hiddenRefs(f.repo.CommonDir())
	return refs, err
}

// brokenRefs tells of the refs that git said it passed over.
func (f *gitFeed) brokenRefs(warnings string) {
	for line := range strings.Lines(warnings) {
		line = strings.TrimRight(line, "\n")
		if _, name, ok := strings.Cut(line, "ignoring broken ref "); ok {
			f.sink.Problem(finding.Problem{
				Where: name, Op: "read ref", Err: "the ref is broken: what it led to is not known",
				Hint: "see what it should be with: git reflog " + name + "; then: git update-ref " + name + " COMMIT",
			})
		} else if _, name, ok := strings.Cut(line, "ignoring ref with broken name "); ok {
			f.sink.Problem(finding.Problem{
				Where: name, Op: "read ref", Err: "git takes no ref of this name: what only it leads to is not looked at",
				Hint: "keep what it leads to with: git branch NAME ID, where ID is what the file of this name in the git directory holds; then remove the file",
			})
		}
	}
}

// hiddenRefs tells of directories of refs that cannot be read. Git passes them over without a word.
func (f *gitFeed) hiddenRefs(gitDir string) {
	_ = filepath.WalkDir(filepath.Join(gitDir, "refs"), func(path string, _ fs.DirEntry, err error) error {
		var inPath *fs.PathError
		if name, ok := below(gitDir, path); ok && errors.As(err, &inPath) && !errors.Is(err, fs.ErrNotExist) {
			f.sink.Problem(finding.Problem{
				Where: name, Op: "read refs", Err: inPath.Err.Error() + ": what only refs in there lead to is not looked at",
				Hint: "run as a user who may read it",
			})
		}
		return nil
	})
}

// gitTips are what refs and revisions lead to.
type gitTips struct {
	commits, trees, blobs []git.OID
}

// tips follows ids through annotated tags, whose texts are handed over to be scanned, and whose names are added to names.
func (f *gitFeed) tips(ids []git.OID, names map[git.OID]string) (t gitTips, err error) {
	seen := map[git.OID]bool{}
	for len(ids) > 0 { // once for every tag of a tag
		var fresh, tags []git.OID
		for _, id := range ids {
			if _, told := names[id]; !told && !seen[id] {
				seen[id] = true
				fresh = append(fresh, id)
			}
		}
		err := f.cat.Stat(fresh, func(o git.Object) error {
			switch {
			case o.Err != nil:
				f.problem("read object", o.OID.String(), o.Err)
			case o.Kind == "commit":
				t.commits = append(t.commits, o.OID)
			case o.Kind == "tree":
				t.trees = append(t.trees, o.OID)
			case o.Kind == "blob":
				t.blobs = append(t.blobs, o.OID)
			default:
				tags = append(tags, o.OID)
			}
			return f.ctx.Err()
		})
		if err != nil {
			return t, err
		}
		if ids, err = f.tags(tags, names); err != nil {
			return t, err
		}
	}
	return t, nil
}

// tags reads annotated tags and returns what they point to.
func (f *gitFeed) tags(ids []git.OID, names map[git.OID]string) (targets []git.OID, err error) {
	err = f.cat.Read(ids, gitInMemory, func(o git.Object) error {
		var tag git.Tag
		err := o.Err
		if err == nil && o.Body != nil {
			err = errors.New("the tag is too large")
		}
		if err == nil {
			tag, err = git.ParseTag(o.Data)
		}
		if err != nil {
			f.problem("read tag", o.OID.String(), err)
			return f.ctx.Err()
		}
		names[o.OID] = tag.Name
		targets = append(targets, tag.Object)
		return f.text(finding.KindTag, o.OID, tag.Message)
	})
	return targets, err
}

// gitLines hands over the lines of in. One that is longer than a path can be is an error.
func gitLines(in io.Reader, each func(string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, gitFieldMost)
	for lines.Scan() {
		if err := each(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}
