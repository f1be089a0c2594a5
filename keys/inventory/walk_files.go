package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/keys"
)

// What is looked through at most. A usual ~/.ssh has some dozens of files.
const (
	maxDepth   = 8
	maxEntries = 20_000 // of one directory and all below
)

// root is a directory that Walk was given.
type root struct {
	ssh      bool // the user's ~/.ssh: symbolic links to files are followed, as ssh does
	host     bool // /etc/ssh: what it holds are host keys, and only root may read them
	optional bool // if it does not exist, that is no problem
	dir      string
	seen     int
}

// path looks at a file or directory that was named.
func (w *walker) path(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		w.problem(path, "look at", plain(err))
	case info.IsDir():
		w.directory(path, root{})
	default:
		w.found.Sources = append(w.found.Sources, path)
		if _, err := w.file(path, true); err != nil {
			w.problem(path, "", err)
		}
	}
}

// directory looks at everything below a directory. It may itself be a symbolic link.
func (w *walker) directory(dir string, r root) {
	if _, err := os.Stat(dir); r.optional && gone(err) {
		return
	}
	r.dir = resolve(dir)
	w.found.Sources = append(w.found.Sources, dir)
	w.descend(dir, &r, 0)
}

func (w *walker) descend(dir string, r *root, depth int) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.problem(dir, "read", plain(err))
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if r.seen++; r.seen > maxEntries {
			if r.seen == maxEntries+1 {
				w.problem(dir, "look through", fmt.Errorf("more than %d files: the rest was not looked at", maxEntries))
			}
			return
		}
		if w.ctx.Err() != nil {
			return
		}
		switch {
		case e.IsDir() && e.Name() == ".git": // its objects are packed, and "keysweep scan --history" reads them
			w.skip("git directories", path)
		case e.IsDir() && depth+1 >= maxDepth:
			w.problem(path, "look through", fmt.Errorf("more than %d directories deep", maxDepth))
		case e.IsDir():
			w.descend(path, r, depth+1)
		default:
			w.entry(path, e.Type(), r)
		}
	}
}

// entry looks at something that is no directory.
func (w *walker) entry(path string, mode fs.FileMode, r *root) {
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		switch {
		case err != nil && !gone(err):
			w.problem(path, "look at", plain(err))
			return
		case err != nil:
			w.skip("symbolic links to nowhere", path)
			return
		case info.IsDir():
			w.skip("symbolic links to directories", path)
			return
		case !r.ssh && !within(resolve(path), r.dir):
			w.skip("symbolic links that lead elsewhere", path)
			return
		}
		mode = info.Mode()
	}
	if !mode.IsRegular() {
		w.skip("devices, sockets and FIFOs", path)
		return
	}
	i, err := w.file(path, false)
	switch {
	case err == nil && i >= 0 && r.host:
		w.found.Keys[i].HostKey = true
	case err == nil:
	case r.host && errors.Is(err, fs.ErrPermission):
		w.problem(path, "read the host key", fmt.Errorf("%w: host keys are for root alone", fs.ErrPermission))
	case gone(err): // removed while we looked
	default:
		w.problem(path, "", err)
	}
}

// file looks at one file, unless that was done, and returns the index of its key, -1 if it holds none. named says that a
// person or the configuration named it.
func (w *walker) file(path string, named bool) (int, error) {
	path = filepath.Clean(path)
	if i, done := w.paths[path]; done {
		return i, nil
	}
	w.paths[path] = -1
	data, err := readSmall(path)
	switch {
	case errors.Is(err, errLarge) && !named:
		w.skip("files over 1 MiB", path)
		return -1, nil
	case err != nil:
		return -1, plainly("read", err)
	}
	defer clear(data)
	w.found.Files++
	w.found.Bytes += int64(len(data))
	if !holdsPrivate(data) && !named && !strings.HasSuffix(path, pubSuffix) {
		return -1, nil
	}
	k, err := Look(w.ctx, path, w.env)
	switch {
	case errors.Is(err, keys.ErrNoKey) && !named && !beginsPrivate(data):
		return -1, nil // a text that shows what a key looks like
	case err != nil && !named && strings.HasSuffix(path, pubSuffix):
		return -1, nil // the private key beside it says that it is damaged; alone it is no key
	case err != nil:
		if _, stranger := keys.Recognise(data); stranger && !named {
			w.skip("keys that are not for SSH", path)
			return -1, nil
		}
		return -1, err
	}
	w.found.Problems = append(w.found.Problems, k.Problems...)
	i := w.join(k)
	w.paths[path] = i
	return i, nil
}

// holdsPrivate reports whether data may hold a private key: most files need not be parsed.
func holdsPrivate(data []byte) bool {
	return bytes.Contains(data, []byte("PRIVATE KEY-----")) || bytes.HasPrefix(data, []byte("PuTTY-User-Key-File-"))
}

// beginsPrivate reports whether data are meant to be a private key and nothing else.
func beginsPrivate(data []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("\n"))
	return bytes.HasPrefix(first, []byte("-----BEGIN ")) && bytes.Contains(first, []byte("PRIVATE KEY-----")) ||
		bytes.HasPrefix(first, []byte("PuTTY-User-Key-File-"))
}

// plain drops the path from an error: the problem names it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func plainly(op string, err error) error { return fmt.Errorf("%s: %w", op, plain(err)) }

// alike reports whether two uses are the same line.
func alike(a, b Use) bool {
	return a.Path == b.Path && a.Line == b.Line && a.File == b.File && slices.Equal(a.Patterns, b.Patterns)
}
