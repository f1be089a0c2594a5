package host

import (
	"io"
	"io/fs"
	"os"
)

// ReadRegular reads a regular file of at most MaxFile bytes. It asks lstat what the path is before it opens it, so that devices and pipes are never
// opened, and fails if what it has opened is something else by then. The path must lead there without a link in its last part.
func ReadRegular(name string, lstat func() (fs.FileInfo, error), open func(flag int) (*os.File, error)) (data []byte, fi fs.FileInfo, err error) {
	before, err := lstat()
	if err != nil {
		return nil, nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "read", Path: name, Err: ErrIrregular}
	}
	if before.Size() > MaxFile {
		return nil, nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	f, err := open(readOnly)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	if fi, err = f.Stat(); err != nil {
		return nil, nil, err
	}
	if !os.SameFile(before, fi) {
		return nil, nil, &fs.PathError{Op: "read", Path: name, Err: ErrIrregular}
	}
	if data, err = io.ReadAll(io.LimitReader(f, MaxFile+1)); err != nil {
		return nil, nil, err
	}
	if len(data) > MaxFile { // files of /proc do not say how large they are
		return nil, nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	return data, fi, nil
}

// Names returns the names in an open directory, of which there may be MaxEntries.
func Names(f *os.File) ([]string, error) {
	names, err := f.Readdirnames(MaxEntries + 1)
	if err == io.EOF {
		err = nil
	}
	if len(names) > MaxEntries {
		return nil, &fs.PathError{Op: "list", Path: f.Name(), Err: ErrTooMany}
	}
	return names, err
}
