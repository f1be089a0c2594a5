package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// LoadOptions say where a configuration's files may come from. The zero value reads any file, and takes extend.path relative to
// the process's working directory, as gitleaks does.
type LoadOptions struct {
	// Root, when set, is the directory that no file may be read from outside of, neither by a path nor through a symlink. Use
	// it for a configuration that comes with the repository that is looked at.
	Root string
	// Dir is the directory that relative values of extend.path are tried in first; "" is the process's working directory.
	// The second is the directory of the file that has the extend.path.
	Dir string
	// ReadFile reads a file in place of the disk, such as from a commit. Its errors for files that are not there must wrap
	// fs.ErrNotExist. With it Root is compared with the names alone: that no link leads out is then up to ReadFile.
	ReadFile func(name string) ([]byte, error)
}

// errOutside says that a file lies outside of the root.
var errOutside = errors.New("it lies outside of the repository")

// read returns a file's content, at most one byte more than a file may have.
func (o LoadOptions) read(name string) ([]byte, error) {
	if o.Root == "" {
		if o.ReadFile != nil {
			return o.ReadFile(name)
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		return readLimited(file)
	}
	inside, err := o.inside(name)
	if err != nil {
		return nil, err
	}
	if o.ReadFile != nil {
		return o.ReadFile(name)
	}
	root, err := os.OpenRoot(o.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if info, err := root.Stat(inside); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := root.Open(inside)
	if err != nil {
		return nil, err
	}
	return readLimited(file)
}

// inside returns the name relative to Root.
func (o LoadOptions) inside(name string) (string, error) {
	relative := func(root, name string) (string, bool) {
		inside, err := filepath.Rel(root, name)
		return inside, err == nil && filepath.IsLocal(inside)
	}
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return "", err
	}
	if name, err = filepath.Abs(name); err != nil {
		return "", err
	}
	if inside, ok := relative(root, name); ok {
		return inside, nil
	}
	// The two may be named through different links to the same place, as /tmp and /private/tmp are.
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		return "", errOutside
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", errOutside
	}
	if inside, ok := relative(root, filepath.Join(dir, filepath.Base(name))); ok {
		return inside, nil
	}
	return "", errOutside
}

func readLimited(file *os.File) ([]byte, error) {
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	return data, nil
}

// find reads the file that an extend.path names, seen from a file, and returns its name as well.
func (o LoadOptions) find(path, from string) (name string, data []byte, err error) {
	path = filepath.FromSlash(path)
	names := []string{path}
	if !filepath.IsAbs(path) {
		names = []string{filepath.Join(o.Dir, path)}
		if beside := filepath.Join(filepath.Dir(from), path); beside != names[0] {
			names = append(names, beside)
		}
	}
	var failed error
	for _, name := range names {
		data, err := o.read(name)
		if err == nil {
			return name, data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errOutside) {
			return "", nil, fmt.Errorf("%.200q: %w", name, bare(err))
		}
		if failed == nil || errors.Is(err, errOutside) {
			failed = fmt.Errorf("%.200q: %w", name, bare(err))
		}
	}
	return "", nil, failed
}

// bare takes the operation and the path off an error of the operating system: the message names the file already.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
