package gitindex

import (
	"bytes"
	"strconv"
)

// Tree is what the index remembers of a directory's tree (the extension TREE).
type Tree struct {
	Name     []byte // "" for the root
	Entries  int    // how many entries of the index are below it; negative: the tree is not known
	ID       []byte // of the tree, where it is known
	Children []Tree
}

// maxDepth bounds how deep directories are followed.
const maxDepth = 2000

// parseTree reads the extension. One that is damaged is as good as none.
func parseTree(data []byte, hashSize int) *Tree {
	var t Tree
	rest, ok := t.parse(data, hashSize, 0)
	if !ok || len(rest) > 0 || len(t.Name) > 0 {
		return nil
	}
	return &t
}

func (t *Tree) parse(data []byte, hashSize, depth int) (rest []byte, ok bool) {
	end := bytes.IndexByte(data, 0)
	if end < 0 || depth > maxDepth {
		return nil, false
	}
	t.Name, data = data[:end], data[end+1:]
	line, data, ok := bytes.Cut(data, []byte("\n"))
	entries, children, hasBoth := bytes.Cut(line, []byte(" "))
	if !ok || !hasBoth {
		return nil, false
	}
	n, err := strconv.Atoi(string(children))
	if t.Entries, ok = number(entries); !ok || err != nil || n < 0 || n > len(data) {
		return nil, false
	}
	if t.Entries >= 0 {
		if len(data) < hashSize {
			return nil, false
		}
		t.ID, data = data[:hashSize], data[hashSize:]
	}
	const trusted = 1000 // the memory grows with what really comes
	t.Children = make([]Tree, 0, min(n, trusted))
	for range n {
		var child Tree
		if data, ok = child.parse(data, hashSize, depth+1); !ok || len(child.Name) == 0 {
			return nil, false
		}
		t.Children = append(t.Children, child)
	}
	return data, true
}

func number(digits []byte) (int, bool) {
	n, err := strconv.Atoi(string(digits))
	return n, err == nil
}

// child returns what is known of a directory in it; nil if nothing.
func (t *Tree) child(name []byte) *Tree {
	if t == nil {
		return nil
	}
	for i := range t.Children {
		if bytes.Equal(t.Children[i].Name, name) {
			return &t.Children[i]
		}
	}
	return nil
}
