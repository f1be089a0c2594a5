package source

import (
	"errors"
	"io/fs"
	"os"
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

// openDirectory opens a directory for reading its entries.
func openDirectory(name string) (*os.File, error) { return os.Open(name) }

func (f sysFile) state() (fileState, error) { return stateFrom(f.Stat()) }

// stateIn looks at an entry of a directory, without following a link.
func stateIn(_ *os.File, entry fs.DirEntry) (fileState, error) { return stateFrom(entry.Info()) }

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
