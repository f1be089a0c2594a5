package inventory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxSmall is the most that is read of a settings file.
const maxSmall = 1 << 20

// errLarge says that a file is larger than any key or settings file.
var errLarge = errors.New("too large")

// errIrregular says that a path leads to a directory, a device, a FIFO or a socket.
var errIrregular = errors.New("not a regular file")

// readSmall reads a regular file of at most maxSmall bytes. It does not wait for anybody to write to a FIFO.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, errIrregular)
	}
	if info.Size() > maxSmall {
		return nil, fmt.Errorf("%s: %w", path, errLarge)
	}
	f, err := openNow(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = fmt.Errorf("%s: %w", path, errLarge)
	}
	return data, err
}

// resolve follows the symbolic links of a path as far as it exists; the rest is kept.
func resolve(path string) string {
	path = filepath.Clean(path)
	for up, rest := path, ""; ; {
		if real, err := filepath.EvalSymlinks(up); err == nil {
			return filepath.Join(real, rest)
		}
		parent := filepath.Dir(up)
		if parent == up {
			return path
		}
		up, rest = parent, filepath.Join(filepath.Base(up), rest)
	}
}

// nearestDir returns the innermost directory that exists at or above a path, without symbolic links.
func nearestDir(path string) string {
	for up := resolve(path); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err == nil && info.IsDir() || filepath.Dir(up) == up {
			return up
		}
	}
}

// directoryOf returns the directory that a path is, or is in, without symbolic links. It need not exist.
func directoryOf(path string) string {
	path = resolve(path)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

// ancestors returns a directory and all above it, innermost first.
func ancestors(dir string) []string {
	list := []string{dir}
	for up := filepath.Dir(dir); up != dir; dir, up = up, filepath.Dir(up) {
		list = append(list, up)
	}
	return list
}

// within reports whether path is dir or lies below it. Both are clean and absolute.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// variable returns the value of an environment variable; on Windows the case of its name does not matter.
func variable(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		key, value, _ := strings.Cut(environ[i], "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// gone reports whether an error says that there is nothing at a path.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
