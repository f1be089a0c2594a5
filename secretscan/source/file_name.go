package source

import (
	"path/filepath"
	"strings"
)

// tree is a directory together with how the paths below it are named.
type tree struct {
	dir   string // where it is: absolute, without links
	path  string // put before the path below dir to make Blob.Path: "" or "sub/"
	shown string // put before it to make Blob.Shown: "" or "../x/"
	claim string // the target that it belongs to
}

// at returns the tree of a directory below t; rel is "" or ends with a slash.
func (t *tree) at(rel string) *tree {
	if rel == "" {
		return t
	}
	return &tree{dir: t.file(rel), path: t.path + rel, shown: t.shown + rel, claim: t.claim}
}

// file returns where the file or directory below t is.
func (t *tree) file(rel string) string {
	rel = strings.TrimSuffix(rel, "/")
	switch {
	case rel == "":
		return t.dir
	case strings.HasSuffix(t.dir, string(filepath.Separator)):
		return t.dir + filepath.FromSlash(rel)
	}
	return t.dir + string(filepath.Separator) + filepath.FromSlash(rel)
}

// show names the file or directory below t for people.
func (t *tree) show(rel string) string {
	name := t.shown + rel
	if name == "" {
		return "."
	}
	return strings.TrimSuffix(name, "/")
}

// prefix turns the name of a directory into what is put before names in it.
func prefix(dir string) string {
	switch {
	case dir == "" || dir == ".":
		return ""
	case strings.HasSuffix(dir, "/"):
		return dir
	}
	return dir + "/"
}

// below returns file's path below dir with slashes, "" for dir itself.
func below(dir, file string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, file)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	if rel == "." {
		rel = ""
	}
	return filepath.ToSlash(rel), true
}

// shownFrom names a file for someone in the directory cwd: relative if it is in or below it, else as it was typed.
func shownFrom(cwd, file, typed string) string {
	if rel, ok := below(cwd, file); ok {
		return rel
	}
	return filepath.ToSlash(filepath.Clean(typed))
}
