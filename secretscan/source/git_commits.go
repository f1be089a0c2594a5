package source

import (
	"fmt"
	"io"

	"keysweep/finding"
	"keysweep/internal/git"
)

// gitLoaded is a commit as it was read, before all commits have their indices.
type gitLoaded struct {
	id, tree git.OID
	date     int64
	parents  []git.OID
}

// commits reads commits, hands over their messages to be scanned, and reads those of their parents that are not among them. The
// parents come first in the result; the commits themselves begin at first, in the order of gitChronicle. The commits of boundary, where a
// shallow repository is cut off, count as having no parents.
func (f *gitFeed) commits(ids []git.OID, boundary map[git.OID]bool) (commits []gitCommit, first int, err error) {
	child := map[git.OID]git.OID{}
	own, err := f.load(ids, boundary, child, func(id git.OID, c git.Commit) error {
		f.sink.Commits(1)
		return f.text(finding.KindMessage, id, c.Message)
	})
	if err != nil {
		return nil, 0, err
	}
	own = gitChronological(own)
	at := make(map[git.OID]int32, len(own))
	for _, c := range own {
		at[c.id] = -1
	}
	var outside []git.OID
	for _, c := range own {
		for _, p := range c.parents {
			if _, known := at[p]; !known {
				at[p] = -1
				outside = append(outside, p)
				child[p] = c.id
			}
		}
	}
	around, err := f.load(outside, nil, child, nil)
	if err != nil {
		return nil, 0, err
	}
	all := append(around, own...)
	for i, c := range all {
		at[c.id] = int32(i) // memory runs out long before
	}
	commits = make([]gitCommit, len(all))
	for i, c := range all {
		commits[i] = gitCommit{id: c.id, tree: c.tree, date: c.date}
		for _, p := range c.parents {
			if i >= len(around) {
				commits[i].parents = append(commits[i].parents, at[p])
			}
		}
	}
	return commits, len(around), nil
}

// gitChronological brings commits into the order of gitChronicle.
func gitChronological(list []gitLoaded) []gitLoaded {
	at := make(map[git.OID]int32, len(list))
	for i, c := range list {
		at[c.id] = int32(i) // memory runs out long before
	}
	dated := make([]gitDated, len(list))
	for i, c := range list {
		dated[i] = gitDated{id: c.id, date: c.date}
		for _, p := range c.parents {
			if k, ok := at[p]; ok {
				dated[i].parents = append(dated[i].parents, k)
			}
		}
	}
	sorted := make([]gitLoaded, 0, len(list))
	for _, i := range gitChronicle(dated) {
		sorted = append(sorted, list[i])
	}
	return sorted
}

// load reads commits in the order of ids; one that cannot be read has no tree. child says where a commit was named, for messages.
func (f *gitFeed) load(ids []git.OID, boundary map[git.OID]bool, child map[git.OID]git.OID, each func(git.OID, git.Commit) error) ([]gitLoaded, error) {
	loaded := make([]gitLoaded, 0, len(ids))
	err := f.cat.Read(ids, gitInMemory, func(o git.Object) error {
		c, err := gitParseCommit(o)
		if err != nil {
			f.problem("read commit", gitWhere(o.OID, "", child[o.OID]), err)
		}
		if boundary[o.OID] {
			c.Parents = nil
		}
		loaded = append(loaded, gitLoaded{o.OID, c.Tree, c.Committed, c.Parents})
		if each == nil || err != nil && c.Tree.IsZero() {
			return f.ctx.Err()
		}
		return each(o.OID, c)
	})
	return loaded, err
}

// gitParseCommit parses what was read. Of a commit larger than any message should be only the beginning is looked at, which is an
// error beside the result.
func gitParseCommit(o git.Object) (c git.Commit, err error) {
	switch {
	case o.Err != nil:
		return c, o.Err
	case o.Kind != "commit":
		return c, fmt.Errorf("it is a %s where a commit should be", o.Kind)
	case o.Body == nil:
		return git.ParseCommit(o.Data)
	}
	data, err := io.ReadAll(io.LimitReader(o.Body, gitInMemory))
	if err != nil {
		return c, err
	}
	if c, err = git.ParseCommit(data); err == nil {
		err = fmt.Errorf("only the first %d of its %d bytes were scanned", gitInMemory, o.Size)
	}
	return c, err
}
