package source

import (
	"encoding/binary"
	"math"

	"keysweep/internal/git"
	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// gitMemoryReader reads the parts of the file. After the first thing that cannot be, everything it gives is zero.
type gitMemoryReader struct {
	rest   []byte
	idSize int
	bad    bool
}

func (r *gitMemoryReader) bytes(n int) []byte {
	if r.bad || n < 0 || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *gitMemoryReader) number(below int) int32 {
	b := r.bytes(4)
	if r.bad {
		return 0
	}
	n := binary.LittleEndian.Uint32(b)
	if int64(n) >= int64(below) {
		r.bad = true
		return 0
	}
	return int32(n)
}

func (r *gitMemoryReader) id() git.OID {
	b := r.bytes(r.idSize)
	if r.bad {
		return git.OID{}
	}
	return odb.RawID(b)
}

// bits is a number that may be any of 32 bits.
func (r *gitMemoryReader) bits() int { return int(r.number(math.MaxInt32)) }

// memory reads all parts. What there is of anything is bounded by the length of the file.
func (r *gitMemoryReader) memory() *gitMemory {
	var counts [11]int
	for i := range counts {
		counts[i] = int(r.number(len(r.rest) + 64))
	}
	r.bad = r.bad || counts[0] != r.idSize || counts[1] > 1
	g := &gitMemory{named: counts[1] == 1}
	r.commits(g, counts[2], counts[3])
	r.candidates(g, counts[4], counts[5], counts[6])
	for i := 0; i < counts[7] && !r.bad; i++ {
		g.messages = append(g.messages, r.number(counts[2]))
	}
	letters := 0
	for i := 0; i < counts[8] && !r.bad; i++ {
		p := r.bytes(int(r.number(counts[9] + 1 - letters)))
		letters += len(p)
		g.paths = append(g.paths, string(p))
	}
	r.bad = r.bad || letters != counts[9]
	for i := 0; i < counts[10] && !r.bad; i++ {
		g.intros = append(g.intros, gitIntro{blob: r.number(counts[4]), commit: r.number(counts[2]), path: r.number(counts[8])})
	}
	return g
}

func (r *gitMemoryReader) commits(g *gitMemory, count, parentCount int) {
	parents := make([]int32, 0, min(parentCount, len(r.rest)/4))
	g.commits = make([]gitCommit, 0, min(count, len(r.rest)/(2*r.idSize))) // a file may lie
	for i := 0; i < count && !r.bad; i++ {
		c := gitCommit{id: r.id(), tree: r.id()}
		if date := r.bytes(8); !r.bad {
			c.date = int64(binary.LittleEndian.Uint64(date))
		}
		from := len(parents)
		for n := r.number(parentCount + 1 - from); n > 0 && !r.bad; n-- {
			parents = append(parents, r.number(i)) // parents come first
		}
		c.parents = parents[from:len(parents):len(parents)]
		g.commits = append(g.commits, c)
	}
	r.bad = r.bad || len(parents) != parentCount
}

// gitRecallSize is how many bytes a recall takes in the file.
const gitRecallSize = 24

// candidates reads the marked contents and what is known of their candidates.
func (r *gitMemoryReader) candidates(g *gitMemory, marked, recalls, looks int) {
	last := int32(0)
	g.marked, g.recalls = make([]gitMarked, 0, min(marked, len(r.rest)/r.idSize)), make([]gitRecall, 0, min(recalls, len(r.rest)/gitRecallSize)) // a file may lie
	for i := 0; i < marked && !r.bad; i++ {
		one := gitMarked{r.id(), r.number(recalls + 1)}
		r.bad = r.bad || one.first < last || i == 0 && one.first > 0
		last = one.first
		g.marked = append(g.marked, one)
	}
	r.bad = r.bad || marked == 0 && recalls > 0
	for i := 0; i < recalls && !r.bad; i++ {
		one := gitRecall{look: r.number(looks), spot: secretscan.Spot{First: r.bits(), Last: r.bits(), Allow: r.bits()}}
		if offset := r.bytes(8); !r.bad {
			one.spot.Offset = int64(binary.LittleEndian.Uint64(offset))
		}
		g.recalls = append(g.recalls, one)
	}
	for i := 0; i < looks && !r.bad; i++ {
		var look gitLook
		copy(look[:], r.bytes(len(look)))
		g.looks = append(g.looks, look)
	}
}
