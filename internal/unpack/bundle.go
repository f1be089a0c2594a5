package unpack

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
	"strings"
)

// Git's formats: gitformat-bundle(5), gitformat-pack(5).
const (
	bundleMagic = "# v"
	bundleName  = " git bundle\n"
	bundleLine  = 4 << 10 // longest line of a header
	packMagic   = "PACK"
	packHeader  = 12
)

// isBundle reports whether a content starts as a git bundle of version 2 or 3 does.
func isBundle(head []byte) bool {
	return bytes.HasPrefix(head, []byte(bundleMagic)) && len(head) > 4 && (head[3] == '2' || head[3] == '3') && bytes.HasPrefix(head[4:], []byte(bundleName))
}

// bundle reads a git bundle: a header, and a pack with the objects. Every version of every file is a member, named by its object's id and the
// path that a tree of the bundle has for it; the texts of commits and tags are members, too. What is stored as a difference to an object
// that the bundle lacks, because the receiver has it already, is left.
func (w *walker) bundle(path string, c content, depth int) error {
	c, err := w.inMemory(c)
	if err != nil {
		return err
	}
	h := &bundleHeader{r: bufio.NewReader(c.reader()), hash: sha1.New}
	if err := h.read(); err != nil {
		return err
	}
	p := &gitPack{walker: w, path: path, depth: depth, at: c.at, size: c.size, hash: h.hash, named: map[string]treeEntry{}}
	p.idSize = h.hash().Size()
	listed := p.list(h.length)
	if err := p.trees(); err != nil {
		return err
	}
	if err := p.members(); err != nil {
		return err
	}
	return listed
}

// bundleHeader is what stands before a bundle's pack.
type bundleHeader struct {
	r      *bufio.Reader
	length int64
	hash   func() hash.Hash
}

// read reads to the empty line before the pack.
func (h *bundleHeader) read() error {
	for {
		line, err := h.r.ReadSlice('\n')
		h.length += int64(len(line))
		switch {
		case err != nil || len(line) > bundleLine:
			return damagedf("the header of a bundle has no end")
		case len(line) == 1:
			return nil
		case string(line) == "@object-format=sha256\n":
			h.hash = sha256.New
		}
	}
}

// treeEntry is where a tree has an object.
type treeEntry struct{ parent, name string }

// deepestTree is how many directories a path may have.
const deepestTree = 200

// note takes down what a tree calls its entries: mode, blank, name, zero byte, id. There is no need for more names than objects.
func (p *gitPack) note(id string, tree []byte) {
	for len(tree) > 0 {
		space, zero := bytes.IndexByte(tree, ' '), bytes.IndexByte(tree, 0)
		if space < 0 || zero < space || len(tree) < zero+1+p.idSize || len(p.named) > 2*len(p.entries) {
			return
		}
		child := string(tree[zero+1 : zero+1+p.idSize])
		if _, ok := p.named[child]; !ok {
			p.named[child] = treeEntry{id, string(tree[space+1 : zero])}
		}
		tree = tree[zero+1+p.idSize:]
	}
}

// name returns a member's name: the start of its id, by which git finds it, and the path if one is known.
func (p *gitPack) name(id string, kind byte) string {
	const digits = 12
	short := hex.EncodeToString([]byte(id))[:digits]
	switch kind {
	case packCommit:
		return "commit " + short
	case packTag:
		return "tag " + short
	}
	var parts []string
	length := 0
	for e, ok := p.named[id]; ok && len(parts) < deepestTree && length < longestName; e, ok = p.named[e.parent] {
		parts = append(parts, e.name)
		length += len(e.name) + 1
	}
	var b strings.Builder
	b.WriteString(short)
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString("/" + parts[i])
	}
	return b.String()
}

// place names an object whose id is not known.
func place(offset int64) string { return "object at byte " + strconv.FormatInt(offset, 10) }

// nothing is a reader of nothing.
func nothing() io.Reader { return bytes.NewReader(nil) }
