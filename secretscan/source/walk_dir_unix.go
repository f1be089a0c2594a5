//go:build unix && !linux

package source

import (
	"os"

	"golang.org/x/sys/unix"
)

// openDir is an open directory.
type openDir struct{ file *os.File }

// openDirectory opens a directory that is not a link, at a path without links.
func openDirectory(name string) (openDir, error) {
	fd, err := openWay(name, readFlags|unix.O_DIRECTORY)
	if err != nil {
		return openDir{}, err
	}
	return openDir{os.NewFile(uintptr(fd), name)}, nil
}

func (d openDir) number() int { return int(d.file.Fd()) }

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
