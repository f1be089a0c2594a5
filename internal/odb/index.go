package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"
)

// index is a mapped pack index, of version 1 or 2: which objects a pack has, and where.
type index struct {
	table
	mapping
	crcs  []byte // of the packed bytes of each object; nil in version 1
	near  []byte // offset of each object; nil in version 1, where it stands before the id
	far   []byte // offsets that need more than 31 bits
	once  sync.Once
	whole bool // set by check

	sorting   sync.Once
	positions []uint32 // made by sorted
	offsets   []uint64
}

// indexMagic begins an index of version 2 or newer. In version 1 the fan-out table would have to begin with that number, and
// have more ids than that to go with it.
var indexMagic = [4]byte{0xff, 't', 'O', 'c'}

func openIndex(path string, size int) (*index, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	x := &index{mapping: m}
	if err := x.parse(size); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), m.close())
	}
	return x, nil
}

var errIndexSize = errors.New("its size does not fit the number of its objects")

func (x *index) parse(size int) error {
	x.size = size
	if len(x.data) < 8 {
		return errors.New("it is too short for a pack index")
	}
	if [4]byte(x.data) != indexMagic {
		return x.parseOld()
	}
	if version := binary.BigEndian.Uint32(x.data[4:]); version != 2 {
		return fmt.Errorf("pack index version %d is unknown", version)
	}
	const head = 8 + fanSize
	if len(x.data) < head+2*size {
		return errors.New("it is too short for a pack index")
	}
	if err := x.readFan(x.data[8:]); err != nil {
		return err
	}
	rest := len(x.data) - head - 2*size - x.n*(size+8)
	if rest < 0 || rest%8 != 0 || rest/8 > x.n {
		return errIndexSize
	}
	x.stride = size
	body := x.data[head:]
	x.rows, body = body[:x.n*size], body[x.n*size:]
	x.crcs, body = body[:x.n*4], body[x.n*4:]
	x.near, body = body[:x.n*4], body[x.n*4:]
	x.far = body[:rest]
	return nil
}

func (x *index) parseOld() error {
	if len(x.data) < fanSize+2*x.size {
		return errors.New("it is too short for a pack index")
	}
	if err := x.readFan(x.data); err != nil {
		return err
	}
	x.skip, x.stride = 4, 4+x.size
	if len(x.data) != fanSize+2*x.size+x.n*x.stride {
		return errIndexSize
	}
	x.rows = x.data[fanSize : fanSize+x.n*x.stride]
	return nil
}

// offset returns where in the pack the object at a position begins; a number far beyond any pack if the table lies.
func (x *index) offset(pos int) uint64 {
	if x.near == nil {
		return uint64(binary.BigEndian.Uint32(x.rows[pos*x.stride:]))
	}
	return farOffset(binary.BigEndian.Uint32(x.near[4*pos:]), x.far)
}

// farOffset resolves an offset whose highest bit says that it is the number of a row in the table of 64-bit offsets.
func farOffset(near uint32, far []byte) uint64 {
	const isFar = 1 << 31
	if near&isFar == 0 {
		return uint64(near)
	}
	row := int(near &^ isFar)
	if row >= len(far)/8 {
		return math.MaxInt64
	}
	return min(binary.BigEndian.Uint64(far[8*row:]), math.MaxInt64)
}

// at returns the position of the object that begins at an offset. It is for those few that are damaged.
func (x *index) at(offset uint64) (int, bool) {
	_, offsets := x.sorted()
	i, ok := slices.BinarySearch(offsets, offset)
	if !ok {
		return 0, false
	}
	return int(x.positions[i]), true
}

// sorted is byOffset, done once. Nobody may change what it returns.
func (x *index) sorted() (positions []uint32, offsets []uint64) {
	x.sorting.Do(func() { x.positions, x.offsets = x.byOffset() })
	return x.positions, x.offsets
}

// check compares the index with the checksum at its end. What an index says is believed only if that is right: a wrong id is not
// noticed otherwise.
func (x *index) check() {
	x.once.Do(func() {
		end := len(x.data) - x.size
		digest := newDigest(x.size)
		_, _ = digest.Write(x.data[:end]) // a hash never fails
		x.whole = bytes.Equal(digest.Sum(nil), x.data[end:])
	})
}

// sum returns the checksum of the packed bytes of the object at a position; 0 if there is none.
func (x *index) sum(pos int) uint32 {
	if x.crcs == nil {
		return 0
	}
	return binary.BigEndian.Uint32(x.crcs[4*pos:])
}

// vouches reports whether the packed bytes of an object, which has the given sum, are those that were there when the pack was made. It must
// come after check.
func (x *index) vouches(sum uint32, packed []byte) bool {
	return x.whole && x.crcs != nil && crc32.ChecksumIEEE(packed) == sum
}
