package owned

import (
	"path/filepath"
)

// resolve returns the path of a file without links.
func resolve(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", &Error{path, path, "is not an absolute path", `begin it with a drive: C:\`}
	}
	return filepath.EvalSymlinks(path)
}
