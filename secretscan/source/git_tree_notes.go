package source

import (
	"encoding/binary"

	"keysweep/internal/git"
)

// gitTreeNotes is what one goroutine of a sweep notes of trees, so that no tree has to be read a second time: of each tree the entries
// that the one it is made from does not have, and which of that one's entries it has.
type gitTreeNotes struct {
	list    []gitTreeNote
	entries []gitEntry
	runs    []byte // see run
	names   gitNames
	fresh   int // entries since the last run
}

// gitTreeNote is about one tree. Other trees' entries and runs follow its own.
type gitTreeNote struct {
	index   uint32
	base    uint32 // the tree that it is made from; gitNothing: none
	entries uint32 // where they begin
	runs    uint32
}

// gitNothing stands where there is no index.
const gitNothing = 1<<32 - 1

// gitEntry is an entry of a tree.
type gitEntry struct {
	child uint32 // gitNothing: a submodule
	kind  uint32 // git.Mode.Kind in the highest four bits, and the number of the name
}

const gitNameBits = 28

func newGitEntry(child uint32, kind git.Mode, name uint32) gitEntry {
	return gitEntry{child, uint32(kind)>>12<<gitNameBits | name}
}

func (e gitEntry) mode() git.Mode { return git.Mode(e.kind >> gitNameBits << 12) }
func (e gitEntry) tree() bool     { return e.mode() == git.ModeTree }
func (e gitEntry) name() uint32   { return e.kind & (1<<gitNameBits - 1) }

// names reports whether it names a tree or a blob, and not something that does not belong there.
func (e gitEntry) names() bool { return e.child != gitNothing && (e.tree() || e.mode().IsBlob()) }

// gitNames gives numbers to names.
type gitNames struct {
	list []string
	at   map[string]uint32
}

func newGitNames() gitNames { return gitNames{at: map[string]uint32{}} }

func (n *gitNames) number(name []byte) uint32 {
	number, known := n.at[string(name)]
	if !known {
		number = uint32(len(n.list)) // memory runs out long before there are 2^28
		n.list = append(n.list, string(name))
		n.at[n.list[number]] = number
	}
	return number
}

// begin begins the note of a tree.
func (n *gitTreeNotes) begin(index, base uint32) {
	n.list = append(n.list, gitTreeNote{index, base, uint32(len(n.entries)), uint32(len(n.runs))}) // memory runs out long before
}

// add adds an entry of its own.
func (n *gitTreeNotes) add(e gitEntry) {
	n.entries = append(n.entries, e)
	n.fresh++
}

// run adds entries of the tree that it is made from. A tree's runs are numbers as binary.Uvarint reads them: for entries of its own
// twice how many follow each other, for those of the other tree twice how many and one, and the number of the first; 0 at the end.
func (n *gitTreeNotes) run(first, count int) {
	n.flush()
	n.runs = binary.AppendUvarint(n.runs, uint64(count)<<1|1)
	n.runs = binary.AppendUvarint(n.runs, uint64(first))
}

func (n *gitTreeNotes) flush() {
	if n.fresh > 0 {
		n.runs = binary.AppendUvarint(n.runs, uint64(n.fresh)<<1)
		n.fresh = 0
	}
}

// end ends the note of a tree.
func (n *gitTreeNotes) end() {
	n.flush()
	n.runs = append(n.runs, 0)
}

// own returns the entries of a tree that the one it is made from does not have.
func (n *gitTreeNotes) own(i int) []gitEntry {
	if i+1 < len(n.list) {
		return n.entries[n.list[i].entries:n.list[i+1].entries]
	}
	return n.entries[n.list[i].entries:]
}

// gitWay is an entry of a tree that leads to a target.
type gitWay struct {
	gitEntry
	at uint32 // which entry of the tree it is
}

// ways appends the entries of a tree that are on the way. base are those of the tree that it is made from.
func (n *gitTreeNotes) ways(i int, base []gitWay, way gitSet, ways []gitWay) []gitWay {
	own, runs := n.own(i), n.runs[n.list[i].runs:]
	next := func() int {
		v, size := binary.Uvarint(runs)
		runs = runs[size:]
		return int(v)
	}
	at := uint32(0)
	for {
		run := next()
		if run == 0 {
			return ways
		}
		count := uint32(run >> 1)
		if run&1 == 0 {
			for k, e := range own[:count] {
				if e.child != gitNothing && way.has(e.child) {
					ways = append(ways, gitWay{e, at + uint32(k)})
				}
			}
			own = own[count:]
		} else {
			first := uint32(next())
			for _, w := range base {
				if w.at-first < count {
					ways = append(ways, gitWay{w.gitEntry, w.at - first + at})
				}
			}
		}
		at += count
	}
}
