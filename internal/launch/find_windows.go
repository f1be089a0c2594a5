package launch

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const errNotDir = syscall.ENOTDIR

func isPath(name string) bool { return strings.ContainsAny(name, `/\:`) }

func searchPath(environ []string) string {
	path, _ := Lookup(environ, "PATH")
	return path
}

// candidates returns the files that a path may mean: with an extension itself, without one each that PATHEXT has.
func candidates(path string, environ []string) []string {
	if filepath.Ext(path) != "" {
		return []string{path}
	}
	extensions, _ := Lookup(environ, "PATHEXT")
	if extensions == "" {
		extensions = ".com;.exe;.bat;.cmd"
	}
	var files []string
	for extension := range strings.SplitSeq(extensions, ";") {
		if extension != "" {
			files = append(files, path+extension)
		}
	}
	return files
}

func executable(file string) error {
	info, err := os.Stat(file)
	if err == nil && info.IsDir() {
		return errFolder
	}
	return err
}

// SameName reports whether two names are those of the same variable: https://learn.microsoft.com/windows/win32/procthread/environment-variables has them
// without regard to case.
func SameName(a, b string) bool { return strings.EqualFold(a, b) }
