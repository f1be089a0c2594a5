package gitindex

import (
	"bytes"
	"crypto/sha1" // git's checksum, not for security
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	headerSize    = 12
	extensionHead = 8
)

// File is a parsed index. It is safe for concurrent use.
type File struct {
	data     []byte // of the entries, with the header
	version  uint32
	count    int
	hashSize int
	tree     *Tree
}

// Empty returns an index without entries, which is what git takes a missing file for.
func Empty(hashSize int) *File { return &File{hashSize: hashSize} }

// Parse reads an index whose ids are hashSize bytes long: 20 or 32. data must not be changed afterwards.
func Parse(data []byte, hashSize int) (*File, error) {
	f, err := parse(data, hashSize)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	return f, nil
}

func parse(data []byte, hashSize int) (*File, error) {
	if len(data) < headerSize+hashSize || !bytes.HasPrefix(data, []byte("DIRC")) {
		return nil, errors.New("it is not an index file")
	}
	f := &File{hashSize: hashSize, version: binary.BigEndian.Uint32(data[4:])}
	count := binary.BigEndian.Uint32(data[8:])
	if f.version < 2 || f.version > 4 {
		return nil, fmt.Errorf("its version %d is unknown", f.version)
	}
	body := data[:len(data)-hashSize]
	if !checksum(body, data[len(body):]) {
		return nil, errors.New("its checksum is wrong")
	}
	if int64(count)*int64(hashSize) > int64(len(body)) {
		return nil, errors.New("it is cut off")
	}
	f.data, f.count = body, int(count)
	c := f.Cursor()
	for c.Next() {
	}
	if c.Err != nil {
		return nil, c.Err
	}
	f.data = body[:c.at]
	return f, f.extensions(body[c.at:])
}

// checksum checks the hash at the end. Git can be told to leave it out (index.skipHash); there are zeros then.
func checksum(body, want []byte) bool {
	switch {
	case bytes.Count(want, []byte{0}) == len(want):
		return true
	case len(want) == sha256.Size:
		sum := sha256.Sum256(body)
		return bytes.Equal(sum[:], want)
	}
	sum := sha1.Sum(body)
	return bytes.Equal(sum[:], want)
}

// extensions looks at what follows the entries. Git marks by a small first letter what a reader must understand.
func (f *File) extensions(data []byte) error {
	for len(data) > 0 {
		if len(data) < extensionHead {
			return errors.New("an extension is cut off")
		}
		name, size := string(data[:4]), int64(binary.BigEndian.Uint32(data[4:]))
		data = data[extensionHead:]
		if size > int64(len(data)) {
			return errors.New("an extension is cut off")
		}
		switch {
		case name == "TREE":
			f.tree = parseTree(data[:size], f.hashSize)
		case name[0] < 'A' || name[0] > 'Z':
			return errors.New("it is split or sparse, or has another extension that must be understood")
		}
		data = data[size:]
	}
	return nil
}

// Len returns the number of entries.
func (f *File) Len() int { return f.count }

// Tree returns what the index remembers of the trees that it would make; nil if nothing.
func (f *File) Tree() *Tree { return f.tree }
