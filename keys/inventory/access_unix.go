//go:build unix

package inventory

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// access tells who may get at a file, as its mode and its directory's say.
func access(path string, info fs.FileInfo, uid int) Access {
	a := Access{Known: true, Mode: bits(info.Mode()), UID: -1, DirUID: -1}
	a.UID, a.Owner = ownerOf(info, uid)
	if dir, err := os.Stat(filepath.Dir(path)); err == nil {
		a.DirMode = bits(dir.Mode())
		a.DirUID, a.DirOwner = ownerOf(dir, uid)
	}
	return a
}

// bits returns a mode as chmod takes it.
func bits(mode fs.FileMode) uint32 {
	b := uint32(mode.Perm())
	if mode&fs.ModeSticky != 0 {
		b |= 0o1000
	}
	if mode&fs.ModeSetgid != 0 {
		b |= 0o2000
	}
	if mode&fs.ModeSetuid != 0 {
		b |= 0o4000
	}
	return b
}

func ownerOf(info fs.FileInfo, uid int) (int, Owner) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return -1, OwnerUnknown
	case int(stat.Uid) == uid:
		return uid, OwnerSelf
	case stat.Uid == 0:
		return 0, OwnerRoot
	}
	return int(stat.Uid), OwnerOther
}
