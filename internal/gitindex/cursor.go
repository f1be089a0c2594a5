package gitindex

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"

	"keysweep/internal/git"
)

// Entry is an entry of the index.
type Entry struct {
	Path         []byte // valid until the next one
	ID           []byte // part of the index
	Mode         git.Mode
	Stage        int  // 0, or in a conflict 1: the common ancestor's, 2: ours, 3: theirs
	IntentToAdd  bool // it is not in the index yet, only its name
	SkipWorktree bool // a sparse checkout leaves it out of the work tree
}

// The bits of an entry's flags.
const (
	flagExtended = 0x4000
	flagStage    = 0x3000
	flagLength   = 0x0fff

	moreSkipWorktree = 0x4000
	moreIntentToAdd  = 0x2000
	moreUnknown      = 0x9fff
)

// statSize is the length of what an entry begins with: times, device, inode, mode, owner and size.
const statSize = 40

// Cursor goes over the entries in their order: by path, then by stage. It is for one goroutine.
type Cursor struct {
	Entry
	Err error // why Next returned false; nil at the end

	file   *File
	at     int // offset of the next entry
	left   int
	before [2][]byte // version 4: memory for this path and the one before
}

// Cursor returns a cursor before the first entry.
func (f *File) Cursor() Cursor { return Cursor{file: f, at: headerSize, left: f.count} }

var errCutOff = errors.New("an entry is cut off")

// Next goes to the next entry and reports whether there is one.
func (c *Cursor) Next() bool {
	if c.left == 0 || c.Err != nil {
		return false
	}
	first, path, stage := c.left == c.file.count, c.Path, c.Stage
	c.left--
	if c.Err = c.read(); c.Err != nil {
		return false
	}
	if !plainPath(c.Path) {
		c.Err = errors.New("an entry has an odd path")
	} else if !first && cmp.Or(bytes.Compare(path, c.Path), cmp.Compare(stage, c.Stage)) >= 0 {
		c.Err = errors.New("the entries are not in order")
	}
	return c.Err == nil
}

// plainPath reports whether a path is made of names.
func plainPath(path []byte) bool {
	return len(path) > 0 && path[0] != '/' && path[len(path)-1] != '/' && !bytes.Contains(path, []byte("//"))
}

func (c *Cursor) read() error {
	data := c.file.data[c.at:]
	fixed := statSize + c.file.hashSize + 2
	if len(data) < fixed {
		return errCutOff
	}
	mode := binary.BigEndian.Uint32(data[24:])
	flags := binary.BigEndian.Uint16(data[fixed-2:])
	c.ID = data[statSize : fixed-2]
	c.Mode, c.Stage = git.Mode(mode), int(flags&flagStage)>>12
	c.SkipWorktree, c.IntentToAdd = false, false
	if !knownMode(c.Mode) {
		return errors.New("an entry has an unknown mode")
	}
	if flags&flagExtended != 0 {
		if c.file.version < 3 || len(data) < fixed+2 {
			return errors.New("an entry has flags that its version does not know")
		}
		more := binary.BigEndian.Uint16(data[fixed:])
		fixed += 2
		if more&moreUnknown != 0 {
			return errors.New("an entry has unknown flags")
		}
		c.SkipWorktree, c.IntentToAdd = more&moreSkipWorktree != 0, more&moreIntentToAdd != 0
	}
	if c.file.version == 4 {
		return c.readSuffix(data, fixed)
	}
	return c.readPath(data, fixed, int(flags&flagLength))
}

// knownMode reports whether it is a mode that git itself puts into an index.
func knownMode(m git.Mode) bool {
	switch m {
	case git.ModeFile | 0o644, git.ModeFile | 0o755, git.ModeLink, git.ModeSubmodule:
		return true
	}
	return false
}

// readPath reads the path of versions 2 and 3: one to eight NULs fill the entry up to a multiple of eight bytes. A length that does
// not fit its field is to be counted.
func (c *Cursor) readPath(data []byte, fixed, length int) error {
	if length == flagLength {
		length = bytes.IndexByte(data[fixed:], 0)
	}
	end := fixed + length
	size := (end + 8) &^ 7
	if length < 0 || size > len(data) || data[end] != 0 {
		return errCutOff
	}
	if c.Path = data[fixed:end]; bytes.IndexByte(c.Path, 0) >= 0 {
		return errors.New("the path of an entry holds a NUL")
	}
	c.at += size
	return nil
}

// readSuffix reads the path of version 4: how many bytes of the one before go, and what takes their place.
func (c *Cursor) readSuffix(data []byte, fixed int) error {
	cut, n := offset(data[fixed:])
	if n == 0 || cut > len(c.Path) {
		return errors.New("the path of an entry is damaged")
	}
	rest := data[fixed+n:]
	end := bytes.IndexByte(rest, 0)
	if end < 0 {
		return errCutOff
	}
	path := append(append(c.before[0][:0], c.Path[:len(c.Path)-cut]...), rest[:end]...)
	c.before[0], c.before[1] = c.before[1], path
	c.Path = path
	c.at += fixed + n + end + 1
	return nil
}

// offset reads a number in the form that packs use for offsets (gitformat-pack(5)) and returns it with its length; 0 if it is
// damaged.
func offset(data []byte) (value, n int) {
	const most = 1 << 24
	for i, b := range data {
		if i > 0 {
			value = (value + 1) << 7
		}
		value |= int(b & 0x7f)
		if value > most {
			return 0, 0
		}
		if b&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}
