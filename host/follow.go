package host

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// maxLinks is how many symbolic links are followed on one path: as many as Linux follows (path_resolution(7)).
const maxLinks = 40

// ErrLinks says that links lead to links without end.
var ErrLinks = errors.New("too many levels of symbolic links")

// Follow resolves the links of a path as the machine would, with its own root: absolute targets begin there, and nothing is above it.
// Function link is asked for each part in turn, with a path that holds no links before its last part; it returns where a link leads, ""
// for what is no link, or an error, which ends it. Without keep the last part is followed, too.
func Follow(name string, keep bool, link func(name string) (string, error)) (string, error) {
	at, todo := "/", parts(name)
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		if part == ".." {
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		target, err := link(next)
		if err != nil {
			return "", err
		}
		if target == "" || keep && len(todo) == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "follow", Path: name, Err: ErrLinks}
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		todo = append(parts(target), todo...)
	}
	return at, nil
}

// parts splits a path; "." and doubled slashes say nothing.
func parts(name string) (list []string) {
	for part := range strings.SplitSeq(name, "/") {
		if part != "" && part != "." {
			list = append(list, part)
		}
	}
	return list
}
