package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// multiIndex is a mapped multi-pack-index: one table of the objects of many packs. It only saves time, since the packs have
// their own indexes too; one that is damaged, or about packs that are gone, is passed over.
type multiIndex struct {
	table
	mapping
	packs  []*pack // by the number that they have in places
	places []byte  // of each object: the number of a pack, and the offset there
	far    []byte
}

// errStale is for a multi-pack-index about packs that are gone.
var errStale = errors.New("it is about packs that are not there")

// openMulti opens the multi-pack-index of a directory. packs are those that are there.
func openMulti(path string, size int, packs []*pack) (*multiIndex, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	x := &multiIndex{mapping: m}
	x.size, x.stride = size, size
	if err := x.parse(packs); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), m.close())
	}
	return x, nil
}

func (x *multiIndex) parse(packs []*pack) error {
	const head = 12 // "MIDX", version, number of the hash, of chunks, of files that this one adds to, of packs
	if len(x.data) < head+x.size || string(x.data[:4]) != "MIDX" {
		return errors.New("it does not begin like a multi-pack-index")
	}
	if x.data[4] != 1 || x.data[5] != map[int]byte{20: 1, 32: 2}[x.size] || x.data[7] != 0 {
		return fmt.Errorf("multi-pack-index version %d is unknown, or for another hash", x.data[4])
	}
	chunks, err := x.chunks(int(x.data[6]))
	if err != nil {
		return err
	}
	if len(chunks["OIDF"]) != fanSize {
		return errIndexSize
	}
	if err := x.readFan(chunks["OIDF"]); err != nil {
		return err
	}
	x.rows, x.places, x.far = chunks["OIDL"], chunks["OOFF"], chunks["LOFF"]
	if len(x.rows) != x.n*x.size || len(x.places) != x.n*8 || len(x.far)%8 != 0 {
		return errIndexSize
	}
	return x.name(chunks["PNAM"], int(binary.BigEndian.Uint32(x.data[8:])), packs)
}

// chunks reads the table of contents, gitformat-chunk(5).
func (x *multiIndex) chunks(n int) (map[string][]byte, error) {
	const head, row = 12, 12
	end := uint64(len(x.data) - x.size)
	if uint64(head+(n+1)*row) > end {
		return nil, errors.New("its table of contents is cut off")
	}
	chunks := map[string][]byte{}
	for i := range n {
		at := x.data[head+i*row:]
		from, to := binary.BigEndian.Uint64(at[4:]), binary.BigEndian.Uint64(at[row+4:])
		if from > to || to > end {
			return nil, errors.New("its table of contents is not in order")
		}
		chunks[string(at[:4])] = x.data[from:to]
	}
	return chunks, nil
}

// name finds the packs with the names of a chunk, each ended by a zero byte: "pack-1234.idx".
func (x *multiIndex) name(names []byte, n int, packs []*pack) error {
	byStem := map[string]*pack{}
	for _, p := range packs {
		byStem[strings.TrimSuffix(filepath.Base(p.path), ".pack")] = p
	}
	for len(x.packs) < n {
		name, rest, ok := bytes.Cut(names, []byte{0})
		p := byStem[strings.TrimSuffix(string(name), ".idx")]
		if !ok || p == nil {
			return errStale
		}
		x.packs = append(x.packs, p)
		names = rest
	}
	return nil
}

// place returns in which pack and where there the object at a position is; a nil pack if the table lies.
func (x *multiIndex) place(pos int) (*pack, uint64) {
	number := binary.BigEndian.Uint32(x.places[8*pos:])
	if number >= uint32(len(x.packs)) {
		return nil, 0
	}
	near := binary.BigEndian.Uint32(x.places[8*pos+4:])
	if len(x.far) == 0 {
		return x.packs[number], uint64(near)
	}
	return x.packs[number], farOffset(near, x.far)
}

// whole compares the file with the checksum at its end.
func (x *multiIndex) whole() bool {
	end := len(x.data) - x.size
	digest := newDigest(x.size)
	_, _ = digest.Write(x.data[:end]) // a hash never fails
	return bytes.Equal(digest.Sum(nil), x.data[end:])
}

// tables returns lists of ids that have all that the store has in packs.
func (s *store) tables() (parts []*table) {
	var covered []*pack
	if s.multi != nil && s.multi.whole() {
		parts, covered = append(parts, &s.multi.table), s.multi.packs
	}
	for _, p := range s.packs {
		if !slices.Contains(covered, p) {
			parts = append(parts, &p.index.table)
		}
	}
	return parts
}

// copies goes through the places in packs where an object may be.
func (s *store) copies(raw []byte) iter.Seq2[*pack, uint64] {
	return func(yield func(*pack, uint64) bool) {
		var first place
		if s.multi != nil {
			if pos, ok := s.multi.find(raw); ok {
				first.pack, first.offset = s.multi.place(pos)
				if first.pack != nil && !yield(first.pack, first.offset) {
					return
				}
			}
		}
		for p, offset := range s.indexed(raw) {
			if (place{p, offset}) != first && !yield(p, offset) {
				return
			}
		}
	}
}

// indexed goes through the places that the indexes of the packs tell.
func (s *store) indexed(raw []byte) iter.Seq2[*pack, uint64] {
	return func(yield func(*pack, uint64) bool) {
		for _, p := range s.packs {
			if pos, ok := p.index.find(raw); ok && !yield(p, p.index.offset(pos)) {
				return
			}
		}
	}
}
