package git

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// Entry is one entry of a tree.
type Entry struct {
	Mode Mode
	Name string
	OID  OID
}

// Mode is the mode of a tree's entry (https://git-scm.com/docs/git-fast-import#_filemodify lists them).
type Mode uint32

// The kinds of entries, after Mode.Kind.
const (
	ModeTree      Mode = 0o040000
	ModeFile      Mode = 0o100000
	ModeLink      Mode = 0o120000
	ModeSubmodule Mode = 0o160000
)

// Kind strips the permissions.
func (m Mode) Kind() Mode { return m & 0o170000 }

// IsBlob reports whether the entry is a file or a symbolic link.
func (m Mode) IsBlob() bool { return m.Kind() == ModeFile || m.Kind() == ModeLink }

// ParseMode reads an octal mode.
func ParseMode(digits string) (Mode, error) {
	mode, err := strconv.ParseUint(digits, 8, 18)
	if err != nil {
		return 0, fmt.Errorf("mode %q is not octal", clipped(digits))
	}
	return Mode(mode), nil
}

// ParseTree parses the content of a tree whose ids are size bytes long. The entries before a malformed one are returned with the
// error.
func ParseTree(data []byte, size int) (entries []Entry, err error) {
	t := NewTreeIter(data, size)
	for t.Next() {
		entries = append(entries, Entry{Mode: t.Mode, Name: string(t.Name), OID: t.OID()})
	}
	return entries, t.Err
}

// TreeIter walks over the entries of a tree's content without copying them.
type TreeIter struct {
	Mode Mode
	Name []byte // part of the content
	ID   []byte // part of the content: the raw id
	Err  error  // why Next returned false; nil at the end

	rest  []byte
	size  int
	whole int
}

// NewTreeIter starts before the first entry. size is the length of an id in bytes.
func NewTreeIter(data []byte, size int) TreeIter {
	return TreeIter{rest: data, size: size, whole: len(data)}
}

// Offset returns where in the content the entry ends.
func (t *TreeIter) Offset() int { return t.whole - len(t.rest) }

// OID returns the entry's id.
func (t *TreeIter) OID() OID { return rawOID(t.ID) }

// Next goes to the next entry and reports whether there is one.
func (t *TreeIter) Next() bool {
	if len(t.rest) == 0 {
		return false
	}
	mode, space := leadingMode(t.rest)
	if space == 0 || space >= len(t.rest) || t.rest[space] != ' ' {
		return t.fail()
	}
	end := space + 1 + bytes.IndexByte(t.rest[space+1:], 0)
	if end <= space || len(t.rest) < end+1+t.size {
		return t.fail()
	}
	t.Mode, t.Name, t.ID = mode, t.rest[space+1:end], t.rest[end+1:end+1+t.size]
	t.rest = t.rest[end+1+t.size:]
	return true
}

// leadingMode reads the octal digits at the start of an entry, as many as a mode can have, and returns how many there are. The
// iterator goes over millions of entries.
func leadingMode(data []byte) (mode Mode, n int) {
	const most = 7
	for n < min(len(data), most) && '0' <= data[n] && data[n] <= '7' {
		mode = mode<<3 | Mode(data[n]-'0')
		n++
	}
	return mode, n
}

// fail finds out what is wrong with an entry.
func (t *TreeIter) fail() bool {
	t.Err = errors.New("parse tree: an entry is cut off")
	end := bytes.IndexByte(t.rest, 0)
	space := bytes.IndexByte(t.rest[:max(end, 0)], ' ')
	if space >= 0 && len(t.rest) >= end+1+t.size {
		if _, err := ParseMode(string(t.rest[:space])); err != nil {
			t.Err = fmt.Errorf("parse tree: %w", err)
		}
	}
	return false
}

// Before reports whether the entry comes before another of a different tree: git orders a directory as if its name ended with
// a slash.
func (t *TreeIter) Before(other *TreeIter) bool {
	n := min(len(t.Name), len(other.Name))
	if c := bytes.Compare(t.Name[:n], other.Name[:n]); c != 0 {
		return c < 0
	}
	return t.after(n) < other.after(n)
}

// after returns what stands in the entry's sorted name at an index that is at most its length.
func (t *TreeIter) after(n int) byte {
	switch {
	case n < len(t.Name):
		return t.Name[n]
	case t.Mode.Kind() == ModeTree:
		return '/'
	}
	return 0
}
