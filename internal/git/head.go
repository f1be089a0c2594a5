package git

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Head returns HEAD's commit without starting git: the zero OID on a branch without commits. ok is false where it is not as plain
// as that, and git must be asked.
func (r *Repo) Head() (id OID, ok bool) {
	if !r.plain {
		return id, false
	}
	id, ok = r.headIn(r.gitDir)
	return id, ok && (!id.IsZero() || r.unborn())
}

// unborn reports that no ref is there that git takes for HEAD where HEAD's own branch has no commits
// (https://git-scm.com/docs/gitrevisions).
func (r *Repo) unborn() bool {
	for _, name := range []string{"refs/HEAD", "refs/tags/HEAD", "refs/heads/HEAD", "refs/remotes/HEAD", "refs/remotes/HEAD/HEAD"} {
		if _, err := os.Lstat(filepath.Join(r.commonDir, filepath.FromSlash(name))); err == nil {
			return false
		}
		if id, ok := r.packedRef(name); !ok || !id.IsZero() {
			return false
		}
	}
	return true
}

// headIn is Head for the git directory of one of the work trees.
func (r *Repo) headIn(gitDir string) (id OID, ok bool) {
	id, ref, ok := readHead(gitDir)
	if !ok || ref == "" {
		return id, ok && r.fits(id)
	}
	// All work trees share the branches, and only those; what else HEAD may name is rare.
	if !strings.HasPrefix(ref, "refs/heads/") {
		return OID{}, false
	}
	name := filepath.Join(r.commonDir, filepath.FromSlash(ref))
	info, err := os.Lstat(name)
	switch {
	case err == nil && info.Mode().IsRegular():
		id, ok = idLine(name)
		return id, ok && r.fits(id)
	case err == nil && !info.IsDir(), err != nil && !isNotThere(err) && !errors.Is(err, syscall.ENOTDIR):
		return OID{}, false
	}
	return r.packedRef(ref)
}

// fits reports whether an id is one of this repository's hash.
func (r *Repo) fits(id OID) bool { return id.Size() == OIDSize(r.format) }

// readHead reads HEAD of a git directory: an id, or the ref that it names. A link, or what has an odd form, is not ok.
func readHead(gitDir string) (id OID, ref string, ok bool) {
	name := filepath.Join(gitDir, "HEAD")
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return id, "", false
	}
	line, ok := oneLine(name)
	if !ok {
		return id, "", false
	}
	if ref, ok = strings.CutPrefix(line, "ref: "); ok {
		return id, ref, plainRef(ref)
	}
	id, err = ParseOID(line)
	return id, "", err == nil && !id.IsZero()
}

// plainRef reports whether it is the name of a ref that git certainly takes
// (https://git-scm.com/docs/git-check-ref-format).
func plainRef(name string) bool {
	if !strings.HasPrefix(name, "refs/") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock") || strings.Contains(part, "..") {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune("~^:?*[\\{", c) })
}

func idLine(name string) (OID, bool) {
	line, ok := oneLine(name)
	if !ok {
		return OID{}, false
	}
	id, err := ParseOID(line)
	return id, err == nil && !id.IsZero()
}

// packedRef looks a ref up in packed-refs, whose lines are "<id> <name>". It is the zero OID if it is not there.
func (r *Repo) packedRef(ref string) (id OID, ok bool) {
	name := filepath.Join(r.commonDir, "packed-refs")
	info, err := os.Lstat(name)
	if isNotThere(err) {
		return id, true
	}
	if err != nil || !info.Mode().IsRegular() {
		return id, false
	}
	data, ok := readSmall(name, refsMost)
	if !ok || len(data) > 0 && (data[len(data)-1] != '\n' || bytes.IndexByte(data, '\r') >= 0) {
		return id, false
	}
	end := bytes.Index(data, []byte(" "+ref+"\n"))
	if end < 0 {
		return id, true
	}
	line := data[bytes.LastIndexByte(data[:end], '\n')+1 : end]
	id, err = ParseOID(string(line))
	return id, err == nil && r.fits(id)
}
