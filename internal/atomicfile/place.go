package atomicfile

import (
	"errors"
	"io/fs"
	"os"
)

// way brings a file to a new name and fails with fs.ErrExist if the name is taken.
type way func(from, to string) error

// ways are tried in this order. The first is one system call on file systems of today, but for some on the network and in user
// space; FAT cannot link.
func ways() []way { return []way{renameNew, linkNew, reserve} }

// place tries one way after the other, until one works or the name turns out to be taken.
func place(from, to string, ways []way) (err error) {
	for _, try := range ways {
		if err = try(from, to); err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return err
}

// linkNew gives the file its second name, and takes the first away.
func linkNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// reserve takes the name with an empty file, and renames over that.
func reserve(from, to string) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = f.Close(); err == nil {
		err = os.Rename(from, to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
