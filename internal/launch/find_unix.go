//go:build unix

package launch

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// defaultPath is where execvp(3) looks if there is no PATH: confstr(_CS_PATH) of glibc.
const defaultPath = "/bin:/usr/bin"

const errNotDir = unix.ENOTDIR

func isPath(name string) bool { return strings.Contains(name, "/") }

func searchPath(environ []string) string {
	if path, found := Lookup(environ, "PATH"); found {
		if path == "" {
			return "." // an empty PATH is one empty place, the directory one is in
		}
		return path
	}
	return defaultPath
}

// candidates returns the files that a path may mean: on Unix it means itself.
func candidates(path string, _ []string) []string { return []string{path} }

func executable(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errFolder
	case unix.Faccessat(unix.AT_FDCWD, file, unix.X_OK, unix.AT_EACCESS) != nil:
		return errForbid
	}
	return nil
}

// SameName reports whether two names are those of the same variable.
func SameName(a, b string) bool { return a == b }
