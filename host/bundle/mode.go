package bundle

import "io/fs"

// types are the kinds of files in st_mode (inode(7)).
func types() map[uint32]fs.FileMode {
	return map[uint32]fs.FileMode{
		0o140000: fs.ModeSocket, 0o120000: fs.ModeSymlink, 0o100000: 0, 0o060000: fs.ModeDevice,
		0o040000: fs.ModeDir, 0o020000: fs.ModeDevice | fs.ModeCharDevice, 0o010000: fs.ModeNamedPipe,
	}
}

// Mode turns an st_mode of inode(7) into Go's. The type of an odd one is fs.ModeIrregular.
func Mode(st uint32) fs.FileMode {
	kind, known := types()[st&0o170000]
	if !known {
		kind = fs.ModeIrregular
	}
	m := kind | fs.FileMode(st&0o777)
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if st&bit != 0 {
			m |= mode
		}
	}
	return m
}

// stMode is Mode's inverse.
func stMode(m fs.FileMode) uint32 {
	st := uint32(m.Perm())
	for kind, mode := range types() {
		if m.Type() == mode {
			st |= kind
		}
	}
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&mode != 0 {
			st |= bit
		}
	}
	return st
}
