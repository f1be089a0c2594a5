//go:build unix

package source

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// pathPiece is the longest path given to the kernel at once: PATH_MAX is 1,024 on darwin and 4,096 on linux.
const pathPiece = 1000

const readFlags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NOCTTY

// rawFile is a file descriptor that Go's poller does not know: a read that would wait (/proc/kmsg) is an error instead.
type rawFile struct{ fd int }

// openHandle opens a file without following a link and without waiting for a FIFO's writer or a device.
func openHandle(name string) (handle, error) {
	fd, err := openLong(name, readFlags, openAt)
	if err != nil {
		return nil, err
	}
	return &rawFile{fd}, nil
}

// openReal is openHandle for a path that had no links in it when it was found. Where one has come since, it says so, as it would lead
// out of what is to be scanned.
func openReal(name string) (handle, error) {
	fd, err := openWay(name, readFlags)
	if err != nil {
		return nil, err
	}
	return &rawFile{fd}, nil
}

// openWay opens a path in which only the last part may be a link, which is not followed.
func openWay(name string, flags int) (int, error) {
	fd, err := openLong(name, flags, openNoLinks)
	if isLinkError(err) {
		if state, stateErr := stateByName(name); stateErr != nil || state.mode&fs.ModeSymlink == 0 {
			err = errLinked
		}
	}
	return fd, err
}

// openFile opens a file in a directory as openHandle does.
func (d openDir) openFile(name string) (handle, error) {
	fd, err := openAt(d.number(), name, readFlags)
	if err != nil {
		return nil, err
	}
	return &rawFile{fd}, nil
}

// pathOpener opens a path from an open directory on.
type pathOpener func(dir int, name string, flags int) (int, error)

// openLong opens a path of any length: where it is too long for one call, directory by directory.
func openLong(name string, flags int, open pathOpener) (int, error) {
	fd, err := open(unix.AT_FDCWD, name, flags)
	if !errors.Is(err, unix.ENAMETOOLONG) || len(name) <= pathPiece {
		return fd, err
	}
	at := unix.AT_FDCWD
	defer func() { closeDir(at) }()
	for len(name) > pathPiece {
		cut := strings.LastIndexByte(name[:pathPiece], '/')
		if cut <= 0 {
			return -1, unix.ENAMETOOLONG
		}
		next, err := open(at, name[:cut], readFlags|unix.O_DIRECTORY)
		if err != nil {
			return -1, err
		}
		closeDir(at)
		at, name = next, name[cut+1:]
	}
	return open(at, name, flags)
}

func openAt(dir int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

func closeDir(fd int) {
	if fd != unix.AT_FDCWD {
		_ = unix.Close(fd)
	}
}

// Read reads; it returns io.EOF at the end.
func (f *rawFile) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(f.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// ReadAt reads at an offset; it returns io.EOF at the end.
func (f *rawFile) ReadAt(p []byte, offset int64) (n int, err error) {
	for n < len(p) {
		k, err := unix.Pread(f.fd, p[n:], offset+int64(n))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return n, err
		case k == 0:
			return n, io.EOF
		default:
			n += k
		}
	}
	return n, nil
}

// Close closes the descriptor.
func (f *rawFile) Close() error { return unix.Close(f.fd) }

func (f *rawFile) state() (fileState, error) {
	var st unix.Stat_t
	err := unix.Fstat(f.fd, &st)
	return stateOf(&st), err
}

func stateOf(st *unix.Stat_t) fileState {
	return fileState{mode: modeOf(uint32(st.Mode)), size: st.Size, mtime: st.Mtim.Nano()}
}

func modeOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}

// state looks at a file in a directory, without following a link.
func (d openDir) state(name string) (fileState, error) { return stateAt(d.number(), name) }

// stateOf looks at an entry.
func (d openDir) stateOf(e *named) (fileState, error) { return stateAt(d.number(), e.name) }

func stateAt(dir int, name string) (fileState, error) {
	var st unix.Stat_t
	for {
		err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
		if !errors.Is(err, unix.EINTR) {
			return stateOf(&st), err
		}
	}
}

// stateByName looks at a path of any length, without following a link at its end.
func stateByName(name string) (fileState, error) {
	state, err := stateAt(unix.AT_FDCWD, name)
	if !errors.Is(err, unix.ENAMETOOLONG) || len(name) <= pathPiece {
		return state, err
	}
	dir, err := openLong(filepath.Dir(name), readFlags|unix.O_DIRECTORY, openAt)
	if err != nil {
		return fileState{}, err
	}
	defer closeDir(dir)
	return stateAt(dir, filepath.Base(name))
}

// isLinkError reports whether an open failed because the last part of the path is a link.
func isLinkError(err error) bool { return errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EMLINK) }

// isSpecialError reports whether an open failed because the path is a socket or a device that is not there.
func isSpecialError(err error) bool {
	return errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EOPNOTSUPP)
}
