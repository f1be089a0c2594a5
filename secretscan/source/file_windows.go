package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

var errLink = errors.New("it is a link")

// sysFile is an open file.
type sysFile struct{ *os.File }

// openHandle opens a file that is not a link.
func openHandle(name string) (handle, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, errLink
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return sysFile{f}, nil
}

// openReal is openHandle: the system has no call that fails for links on the way.
func openReal(name string) (handle, error) { return openHandle(name) }

// openDir is an open directory.
type openDir struct{ file *os.File }

// openDirectory opens a directory for reading its entries.
func openDirectory(name string) (openDir, error) {
	f, err := os.Open(name)
	return openDir{f}, err
}

func (d openDir) close() { _ = d.file.Close() }

// read returns some entries, or io.EOF.
func (d openDir) read([]byte) ([]named, error) {
	entries, err := d.file.ReadDir(entriesAtOnce)
	all := make([]named, len(entries))
	for i, e := range entries {
		all[i] = named{name: e.Name(), mode: e.Type()}
	}
	return all, err
}

// openFile opens a file in a directory as openHandle does.
func (d openDir) openFile(name string) (handle, error) {
	return openHandle(filepath.Join(d.file.Name(), name))
}

// state looks at a file in a directory, without following a link.
func (d openDir) state(name string) (fileState, error) {
	return stateByName(filepath.Join(d.file.Name(), name))
}

// stateOf looks at an entry, without following a link.
func (d openDir) stateOf(e *named) (fileState, error) { return d.state(e.name) }

func (f sysFile) state() (fileState, error) { return stateFrom(f.Stat()) }

// stateByName looks at a path, without following a link at its end.
func stateByName(name string) (fileState, error) { return stateFrom(os.Lstat(name)) }

func stateFrom(info fs.FileInfo, err error) (fileState, error) {
	if err != nil {
		return fileState{}, err
	}
	return fileState{mode: info.Mode().Type(), size: info.Size(), mtime: info.ModTime().UnixNano()}, nil
}

func isLinkError(err error) bool { return errors.Is(err, errLink) }

func isSpecialError(error) bool { return false }
