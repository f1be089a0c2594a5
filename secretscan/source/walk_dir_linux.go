package source

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// openDir is an open directory. It is read with getdents64(2): os.File asks for the end twice, shows every directory to the poller,
// and makes three values of each entry.
type openDir struct{ fd int }

// openDirectory opens a directory that is not a link, at a path without links.
func openDirectory(name string) (openDir, error) {
	fd, err := openWay(name, readFlags|unix.O_DIRECTORY)
	return openDir{fd}, err
}

func (d openDir) number() int { return d.fd }

func (d openDir) close() { _ = unix.Close(d.fd) }

// read returns some entries, or io.EOF. The kernel writes them to buf.
func (d openDir) read(buf []byte) ([]named, error) {
	for {
		n, err := unix.Getdents(d.fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n <= 0:
			return nil, io.EOF
		default:
			return d.parse(buf[:n]), nil
		}
	}
}

// Where the parts of a linux_dirent64 are: 8 bytes inode, 8 bytes offset, 2 bytes length of the whole, 1 byte type, the name and
// a zero byte, and up to 7 more.
const (
	direntLength = 16
	direntType   = 18
	direntName   = 19
	direntUsual  = 32 // the length with a name of up to 12 bytes
)

// parse returns the entries in buf. Their names are parts of one string.
func (d openDir) parse(buf []byte) []named {
	entries := make([]named, 0, len(buf)/direntUsual+1)
	for text := string(buf); len(text) > direntName; {
		length := int(binary.NativeEndian.Uint16(buf[direntLength:]))
		if length <= direntName || length > len(text) {
			break // no kernel does that
		}
		name, _, _ := strings.Cut(text[direntName:length], "\x00")
		inode, kind := binary.NativeEndian.Uint64(buf), buf[direntType]
		buf, text = buf[length:], text[length:]
		if inode == 0 || name == "." || name == ".." {
			continue
		}
		mode := direntMode(kind)
		if kind == unix.DT_UNKNOWN { // the file system does not tell
			state, err := d.state(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			mode = state.mode // a file, if it cannot be looked at: opening it says why
		}
		entries = append(entries, named{name: name, mode: mode})
	}
	return entries
}

func direntMode(kind byte) fs.FileMode {
	switch kind {
	case unix.DT_REG:
		return 0
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_LNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}
