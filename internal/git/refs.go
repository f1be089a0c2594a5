package git

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Ref is a ref and the id that it leads to, through symbolic refs if need be. There need not be such an object.
type Ref struct {
	OID  OID
	Name string
}

// refsMost bounds packed-refs, in bytes: some 3 million refs.
const refsMost = 256 << 20

// Refs returns all refs, ordered by name, without starting git. ok is false where anything is not as plain as git itself makes it
// (a ref that is broken, a link, an odd name or line) and git must be asked.
func (r *Repo) Refs() (refs []Ref, ok bool) {
	if !r.plain || !r.ownRefs() {
		return nil, false
	}
	// In this order nothing is missed: what git packs, it writes to packed-refs before it removes the loose ref.
	l := looseRefs{repo: r}
	if !l.read("refs") {
		return nil, false
	}
	packed, ok := r.packedRefs()
	if !ok {
		return nil, false
	}
	return l.join(packed)
}

// ownRefs reports that no ref is this work tree's alone, or that there is but one work tree here to own it: git puts
// those of linked work trees in between (https://git-scm.com/docs/git-worktree#_refs).
func (r *Repo) ownRefs() bool {
	if r.gitDir == r.commonDir {
		return true
	}
	entries, err := os.ReadDir(filepath.Join(r.gitDir, "refs"))
	if len(entries) > 0 || err != nil && !isNotThere(err) {
		return false
	}
	for _, name := range ownRefDirs {
		if _, err := os.Lstat(filepath.Join(r.commonDir, "refs", name)); !isNotThere(err) {
			return false
		}
	}
	return true
}

// ownRefDirs hold refs of one work tree, and are never packed.
var ownRefDirs = []string{"bisect", "rewritten", "worktree"}

// looseRefs are the refs that are files of their own.
type looseRefs struct {
	repo     *Repo
	refs     []Ref
	symbolic map[string]string // the names that refs hold instead of an id
}

// read reads a directory of refs. It passes over what git passes over: names with a leading dot, and locks.
func (l *looseRefs) read(dir string) bool {
	entries, err := os.ReadDir(filepath.Join(l.repo.commonDir, filepath.FromSlash(dir)))
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") || strings.HasSuffix(entry.Name(), ".lock") {
			continue
		}
		name := dir + "/" + entry.Name()
		switch {
		case entry.IsDir():
			if !l.read(name) {
				return false
			}
		case !entry.Type().IsRegular() || !plainRef(name) || !l.take(name):
			return false
		}
	}
	return true
}

// take reads a ref.
func (l *looseRefs) take(name string) bool {
	line, ok := oneLine(filepath.Join(l.repo.commonDir, filepath.FromSlash(name)))
	if !ok {
		return false
	}
	if target, symbolic := strings.CutPrefix(line, "ref: "); symbolic {
		if l.symbolic == nil {
			l.symbolic = map[string]string{}
		}
		l.symbolic[name] = target
		return plainRef(target)
	}
	id, err := ParseOID(line)
	l.refs = append(l.refs, Ref{id, name})
	return err == nil && l.repo.fits(id)
}

// packedRefs reads packed-refs: a line that says what is special, then "<id> <name>", each perhaps followed by "^<id>" of what a tag
// leads to (https://git-scm.com/docs/git-pack-refs).
func (r *Repo) packedRefs() (refs []Ref, ok bool) {
	name := filepath.Join(r.commonDir, "packed-refs")
	info, err := os.Lstat(name)
	if isNotThere(err) {
		return nil, true
	}
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	data, ok := readSmall(name, refsMost)
	if !ok || len(data) > 0 && data[len(data)-1] != '\n' {
		return nil, false
	}
	if bytes.HasPrefix(data, []byte("# pack-refs with:")) {
		data = data[bytes.IndexByte(data, '\n')+1:]
	}
	refs = make([]Ref, 0, bytes.Count(data, []byte("\n")))
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		ref, peeled, ok := r.packedLine(data[:end], len(refs) > 0)
		if !ok {
			return nil, false
		}
		if !peeled {
			refs = append(refs, ref)
		}
		data = data[end+1:]
	}
	return refs, true
}

// packedLine reads one line. peeled: it says what the tag before it leads to.
func (r *Repo) packedLine(line []byte, follows bool) (ref Ref, peeled, ok bool) {
	if id, peeled := bytes.CutPrefix(line, []byte("^")); peeled {
		return ref, true, follows && len(id) == 2*OIDSize(r.format)
	}
	digits, name, _ := strings.Cut(string(line), " ")
	id, err := ParseOID(digits)
	if err != nil || !r.fits(id) || !plainRef(name) {
		return ref, false, false
	}
	for _, dir := range ownRefDirs {
		if strings.HasPrefix(name, "refs/"+dir+"/") {
			return ref, false, false
		}
	}
	return Ref{id, name}, false, true
}

// join puts all refs in order. A loose ref hides a packed one of the same name.
func (l *looseRefs) join(packed []Ref) (refs []Ref, ok bool) {
	hidden := make(map[string]bool, len(l.refs)+len(l.symbolic))
	for _, ref := range l.refs {
		hidden[ref.Name] = true
	}
	for name := range l.symbolic {
		hidden[name] = true
	}
	for _, ref := range packed {
		if len(hidden) == 0 || !hidden[ref.Name] {
			refs = append(refs, ref)
		}
	}
	refs = sortedRefs(append(refs, l.refs...))
	for i := 1; i < len(refs); i++ {
		if refs[i-1].Name == refs[i].Name {
			return nil, false
		}
	}
	var resolved []Ref
	for name := range l.symbolic {
		id, ok := l.resolve(refs, name)
		if !ok {
			return nil, false
		}
		resolved = append(resolved, Ref{id, name})
	}
	return sortedRefs(append(refs, resolved...)), true
}

// resolve follows a symbolic ref, as far as git does.
func (l *looseRefs) resolve(refs []Ref, name string) (id OID, ok bool) {
	const most = 4
	for range most {
		target, symbolic := l.symbolic[name]
		if !symbolic {
			return refNamed(refs, name)
		}
		name = target
	}
	return id, false
}

func sortedRefs(refs []Ref) []Ref {
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return refs
}

// refNamed looks a ref up in a list that is ordered by name.
func refNamed(refs []Ref, name string) (id OID, ok bool) {
	i, ok := slices.BinarySearchFunc(refs, name, func(r Ref, name string) int { return strings.Compare(r.Name, name) })
	if ok {
		id = refs[i].OID
	}
	return id, ok
}

// Heads returns what the HEADs of all work trees lead to, this one's first, without starting git; those of branches without commits
// are left out. ok is false where git must be asked.
func (r *Repo) Heads() (heads []OID, ok bool) {
	dirs := []string{r.gitDir, r.commonDir}
	trees, err := os.ReadDir(filepath.Join(r.commonDir, "worktrees"))
	if !r.plain || err != nil && !isNotThere(err) {
		return nil, false
	}
	for _, tree := range trees {
		if !plainRef("refs/" + tree.Name()) {
			return nil, false
		}
		dirs = append(dirs, filepath.Join(r.commonDir, "worktrees", tree.Name()))
	}
	for _, dir := range slices.Compact(dirs) {
		id, ok := r.headIn(dir)
		if !ok {
			return nil, false
		}
		if !id.IsZero() {
			heads = append(heads, id)
		}
	}
	return heads, true
}
