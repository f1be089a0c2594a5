package source

import (
	"errors"
	"fmt"

	"keysweep/internal/git"
)

const (
	gitTreeMost      = 256 << 20 // bytes; a directory of five million files
	gitTreeCacheMost = 64 << 20  // bytes in each of the two generations
)

// gitTrees reads trees and remembers the latest. A tree that cannot be read is told of once and is empty from then on.
type gitTrees struct {
	feed     *gitFeed
	new, old map[git.OID][]byte
	size     int // of new, in bytes
	bad      map[git.OID]bool
}

func newGitTrees(feed *gitFeed) *gitTrees {
	return &gitTrees{feed: feed, new: map[git.OID][]byte{}, bad: map[git.OID]bool{}}
}

// gitTreeAt is a tree that is wanted and where it stands, for a message.
type gitTreeAt struct {
	id, commit git.OID
	path       string
}

// load makes trees available to get until the next call.
func (t *gitTrees) load(wanted []gitTreeAt) error {
	if t.size > gitTreeCacheMost {
		t.old, t.new, t.size = t.new, map[git.OID][]byte{}, 0
	}
	var missing []gitTreeAt
	var ids []git.OID
	asked := map[git.OID]bool{}
	for _, w := range wanted {
		if w.id.IsZero() || asked[w.id] || t.bad[w.id] || t.new[w.id] != nil {
			continue
		}
		asked[w.id] = true
		if data, ok := t.old[w.id]; ok {
			t.keep(w.id, data)
			continue
		}
		missing, ids = append(missing, w), append(ids, w.id)
	}
	if len(ids) == 0 {
		return nil
	}
	at := 0
	return t.feed.cat.Read(ids, gitTreeMost, func(o git.Object) error {
		w := missing[at]
		at++
		err := o.Err
		switch {
		case err == nil && o.Kind != "tree":
			err = fmt.Errorf("it is a %s where a tree should be", o.Kind)
		case err == nil && o.Body != nil:
			err = errors.New("the tree is too large")
		}
		if err != nil {
			t.bad[w.id] = true
			t.feed.problem("read tree", gitWhere(w.id, gitShownDir(w.path), w.commit), err)
			return t.feed.ctx.Err()
		}
		t.keep(w.id, o.Data)
		return t.feed.ctx.Err()
	})
}

func (t *gitTrees) keep(id git.OID, data []byte) {
	if data == nil {
		data = []byte{}
	}
	t.new[id] = data
	const overhead = 100 // of an entry of the map
	t.size += len(data) + overhead
}

// get walks over a tree that was loaded; one that could not be read has no entries.
func (t *gitTrees) get(id git.OID) git.TreeIter {
	return git.NewTreeIter(t.new[id], git.OIDSize(t.feed.repo.ObjectFormat()))
}

func gitShownDir(path string) string {
	if path == "" {
		return "the top directory"
	}
	return path + "/"
}
