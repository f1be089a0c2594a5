package launch

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

var (
	errNowhere = errors.New("not found in the PATH of its environment")
	errNoFile  = errors.New("there is no such file")
	errFolder  = errors.New("it is a directory")
	errForbid  = errors.New("it may not be executed")
)

// Find returns the file of a program. A name with a separator is a path, from dir if it is relative; any other is looked for in
// the directories of PATH in environ, an empty one being dir, as execvp(3) does. The error is an *Error.
func Find(name, dir string, environ []string) (string, error) {
	if name == "" {
		return "", &Error{Name: `""`, Code: CodeNotFound, Err: errors.New("the name is empty"), hint: "is a variable not set?"}
	}
	if isPath(name) {
		return find(name, candidates(within(dir, name), environ), errNoFile)
	}
	var tries []string
	for _, place := range filepath.SplitList(searchPath(environ)) {
		tries = append(tries, candidates(filepath.Join(within(dir, place), name), environ)...)
	}
	return find(name, tries, errNowhere)
}

// find returns the first file that may be executed. One that may not is worth telling only if there is no other.
func find(name string, tries []string, none error) (string, error) {
	failed := &Error{Name: name, Code: CodeNotFound, Err: none}
	for _, file := range tries {
		err := executable(file)
		if err == nil {
			return file, nil
		}
		if failed.Code == CodeNotFound && !absent(err) {
			failed.Code, failed.Err = CodeNotExecutable, err
			if errors.Is(err, errForbid) {
				failed.hint = "make it executable: chmod +x " + file
			}
		}
	}
	return "", failed
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) }

// Lookup returns the value of a variable; the last one counts.
func Lookup(environ []string, name string) (value string, found bool) {
	for i := len(environ) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(environ[i], "="); ok && SameName(key, name) {
			return value, true
		}
	}
	return "", false
}
