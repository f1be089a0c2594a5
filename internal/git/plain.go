package git

import (
	"os"
	"path/filepath"
	"strings"
)

// AskGit is a variable of Options.Environ that, set to anything, has everything found out by git itself. It is there for tests,
// and to tell whether an odd answer is ours or git's.
const AskGit = "KEYSWEEP_ASK_GIT"

// The variables that a plain repository may be named by. The others move its parts about, which is for git to sort out.
var plainVariables = map[string]bool{"GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_INDEX_FILE": true}

// plain finds a repository without starting git, which takes longer than to scan what is staged. It knows what nearly every
// repository looks like, and gives git's own answer for those (https://git-scm.com/docs/gitrepository-layout).
// It says no wherever anything is out of the ordinary or belongs to somebody else: then git decides.
func plain(o Options, place []string) (*Repo, bool) {
	if variable(o.Environ, AskGit) != "" || !hasOwners {
		return nil, false
	}
	for _, entry := range place {
		if name, value, _ := strings.Cut(entry, "="); !plainVariables[name] || value == "" {
			return nil, false
		}
	}
	f, ok := findPlain(o.Dir, variable(place, "GIT_DIR"))
	if !ok || !f.links() {
		return nil, false
	}
	conf, ok := readFormat(f.commonDir, f.gitDir)
	if !ok {
		return nil, false
	}
	r := &Repo{gitDir: f.gitDir, commonDir: f.commonDir, format: conf.objects, bare: f.bare, plain: true}
	if f.bare {
		r.dir, ok = f.gitDir, conf.bare && conf.workTree == "" && variable(place, "GIT_WORK_TREE") == "" && f.gitDir == f.commonDir
	} else {
		r.root, ok = f.workTree(variable(place, "GIT_WORK_TREE"), conf)
		r.dir = r.root
	}
	if !ok {
		return nil, false
	}
	_, err := os.Stat(filepath.Join(f.commonDir, "shallow"))
	r.shallow = err == nil
	return r, true
}

// found is where a repository was found.
type found struct {
	cwd       string // real
	top       string // the directory that holds .git; "" if GIT_DIR names the git directory
	gitDir    string
	commonDir string // the same, but for a linked work tree
	bare      bool   // it was found without a .git, for it holds what a git directory does
}

// findPlain goes up from dir as git does, or takes the git directory that is named.
func findPlain(dir, named string) (f found, ok bool) {
	var err error
	if f.cwd, err = filepath.EvalSymlinks(dir); err != nil {
		return f, false
	}
	if named != "" {
		if f.gitDir, ok = gitDirAt(named); ok {
			f.gitDir, err = filepath.EvalSymlinks(f.gitDir)
		}
		return f, ok && err == nil && ownedByUs(f.gitDir)
	}
	info, err := os.Lstat(f.cwd)
	if err != nil {
		return f, false
	}
	for at, device := f.cwd, deviceOf(info); ; {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			f.top = at
			f.gitDir, ok = gitDirAt(filepath.Join(at, ".git"))
			return f, ok && ownedByUs(at)
		} else if !isNotThere(err) {
			return f, false
		} else if looksBare(at) {
			f.gitDir, f.bare = at, true
			return f, ownedByUs(at)
		}
		above := filepath.Dir(at)
		info, err := os.Lstat(above)
		if above == at || err != nil || deviceOf(info) != device { // git does not look beyond a file system
			return f, false
		}
		at = above
	}
}

func isNotThere(err error) bool { return os.IsNotExist(err) }

// looksBare reports whether a directory could itself be a git directory.
func looksBare(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "HEAD"))
	return err == nil || !isNotThere(err)
}

// gitDirAt returns the git directory that a path is, or that the file there names. All that is passed must be ours. It is real if
// the path's directory is.
func gitDirAt(path string) (string, bool) {
	info, err := os.Lstat(path)
	if err != nil || !isOurs(info) {
		return "", false
	}
	if !info.Mode().IsRegular() {
		return path, info.IsDir() // a link's owner is not its target's
	}
	text, ok := oneLine(path)
	target, marked := strings.CutPrefix(text, "gitdir: ")
	if !ok || !marked || target == "" {
		return "", false
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	path, err = filepath.EvalSymlinks(target)
	return path, err == nil && ownedByUs(path)
}

// oneLine reads a small file of the git directory that holds one line.
func oneLine(name string) (string, bool) {
	const most = 32 << 10
	data, ok := readSmall(name, most)
	if !ok {
		return "", false
	}
	line := strings.TrimSuffix(string(data), "\n")
	return line, line != "" && !strings.ContainsAny(line, "\x00\r\n")
}

// readSmall reads a regular file of at most so many bytes.
func readSmall(name string, most int64) ([]byte, bool) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > most { // opening a FIFO would hang
		return nil, false
	}
	data, err := os.ReadFile(name)
	return data, err == nil && int64(len(data)) <= most
}

// links finds the directory that work trees share, and checks that both look as git wants them.
func (f *found) links() bool {
	f.commonDir = f.gitDir
	name := filepath.Join(f.gitDir, "commondir")
	if _, err := os.Lstat(name); err == nil {
		text, ok := oneLine(name)
		if !ok {
			return false
		}
		if !filepath.IsAbs(text) {
			text = filepath.Join(f.gitDir, text)
		}
		if f.commonDir, err = filepath.EvalSymlinks(text); err != nil || !ownedByUs(f.commonDir) {
			return false
		}
	} else if !isNotThere(err) {
		return false
	}
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Lstat(filepath.Join(f.commonDir, name)); err != nil || !info.IsDir() || !isOurs(info) || info.Mode()&0o100 == 0 {
			return false
		}
	}
	_, _, ok := readHead(f.gitDir)
	return ok
}

// workTree returns the top of the work tree: what GIT_WORK_TREE names, or core.worktree, which submodules have, or where .git
// was found. Where GIT_DIR is set it is the working directory, as in git's hooks.
func (f *found) workTree(named string, conf format) (string, bool) {
	root := ""
	switch {
	case conf.bare:
		return "", false
	case named != "":
		root = named
	case filepath.IsAbs(conf.workTree):
		root = conf.workTree
	case conf.workTree != "":
		root = filepath.Join(f.gitDir, conf.workTree)
	case f.top == "":
		root = f.cwd
	default:
		return f.top, !within(f.cwd, f.gitDir)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil || f.top != "" && named == "" && real != f.top {
		return "", false
	}
	info, err := os.Lstat(real)
	return real, err == nil && info.IsDir() && !within(f.cwd, f.gitDir) && !within(real, f.gitDir)
}

// within reports whether a real path is a real directory or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// ownedByUs reports whether something belongs to the user that we run as.
func ownedByUs(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && isOurs(info)
}
