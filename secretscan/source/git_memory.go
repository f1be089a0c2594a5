package source

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/internal/odb"
)

// Memory is where a scan of a whole history keeps what the next one need not look at again: which commits were looked at, which
// of their contents have candidates, and which commits brought those. The candidates themselves are secrets, and are found
// again each time. A file that is damaged, of another engine or by another user's hand counts as none.
type Memory struct {
	// Dirs are where the file may be, in the order of preference: one that cannot be written is passed over.
	Dirs []string
	// Key authenticates the file. It must be the user's own: who can write into a repository could otherwise hide secrets in it.
	Key []byte
	// Engine says which program and rules the file is for.
	Engine string
}

// gitMemory is what is remembered. Commits and blobs are named by their indices.
type gitMemory struct {
	commits  []gitCommit // wanted ones whose parents are all wanted; in the order of gitChronicle
	marked   []git.OID   // contents with candidates
	messages []int32     // commits with candidates in their messages
	paths    []string
	intros   []gitIntro // of marked contents: all there are
}

// gitMemoryMost bounds a file, in bytes: about two million commits. Histories beyond that are not remembered.
const gitMemoryMost = 256 << 20

const gitMemoryMagic = "keysweep history 1\n"

// load reads what is remembered; nil: nothing is.
func (m *Memory) load(idSize int) *gitMemory {
	for _, dir := range m.Dirs {
		name := filepath.Join(dir, m.name())
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > gitMemoryMost {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if memory, err := m.decode(data, idSize); err == nil {
			return memory
		}
	}
	return nil
}

// save writes it to the first of the places that can be written. It is no loss if none can.
func (m *Memory) save(memory *gitMemory, idSize int) {
	data := m.encode(memory, idSize)
	if len(data) > gitMemoryMost {
		return
	}
	for _, dir := range m.Dirs {
		if os.MkdirAll(dir, 0o700) == nil && atomicfile.Write(filepath.Join(dir, m.name()), data, 0o600) == nil {
			return
		}
	}
}

// name is one for all engines, so that an old one does not stay behind.
func (m *Memory) name() string { return "history.seen" }

// The file: the magic line; a SHA-256 of Engine; the length of ids and the numbers of the parts, as 32-bit numbers; the parts, one
// list after the other; and an HMAC-SHA256 of all that under Key. Numbers are little-endian.
func (m *Memory) encode(g *gitMemory, idSize int) []byte {
	var parents, letters int
	for _, c := range g.commits {
		parents += len(c.parents)
	}
	for _, p := range g.paths {
		letters += len(p)
	}
	engine := sha256.Sum256([]byte(m.Engine))
	b := append([]byte(gitMemoryMagic), engine[:]...)
	number := func(n int) { b = binary.LittleEndian.AppendUint32(b, uint32(n)) } // the file is bounded
	for _, n := range []int{idSize, len(g.commits), parents, len(g.marked), len(g.messages), len(g.paths), letters, len(g.intros)} {
		number(n)
	}
	for _, c := range g.commits {
		b = c.tree.AppendRaw(c.id.AppendRaw(b))
		b = binary.LittleEndian.AppendUint64(b, uint64(c.date))
		number(len(c.parents))
		for _, p := range c.parents {
			number(int(p))
		}
	}
	for _, id := range g.marked {
		b = id.AppendRaw(b)
	}
	for _, c := range g.messages {
		number(int(c))
	}
	for _, p := range g.paths {
		number(len(p))
		b = append(b, p...)
	}
	for _, i := range g.intros {
		number(int(i.blob))
		number(int(i.commit))
		number(int(i.path))
	}
	return m.seal(b)
}

func (m *Memory) seal(b []byte) []byte {
	mac := hmac.New(sha256.New, m.Key)
	mac.Write(b)
	return mac.Sum(b)
}

var errMemory = errors.New("the file is damaged")

func (m *Memory) decode(data []byte, idSize int) (*gitMemory, error) {
	engine := sha256.Sum256([]byte(m.Engine))
	head := append([]byte(gitMemoryMagic), engine[:]...)
	if len(data) < len(head)+sha256.Size || !bytes.HasPrefix(data, head) {
		return nil, fmt.Errorf("read remembered history: %w or not for this program and its rules", errMemory)
	}
	body := data[:len(data)-sha256.Size]
	if !hmac.Equal(m.seal(body[:len(body):len(body)])[len(body):], data[len(body):]) {
		return nil, fmt.Errorf("read remembered history: %w or not by this user", errMemory)
	}
	r := gitMemoryReader{rest: body[len(head):], idSize: idSize}
	g := r.memory()
	if r.bad || len(r.rest) > 0 {
		return nil, fmt.Errorf("read remembered history: %w", errMemory)
	}
	return g, nil
}

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

// memory reads all parts. What there is of anything is bounded by the length of the file.
func (r *gitMemoryReader) memory() *gitMemory {
	var counts [8]int
	for i := range counts {
		counts[i] = int(r.number(len(r.rest) + 64))
	}
	r.bad = r.bad || counts[0] != r.idSize
	g := &gitMemory{}
	parents := make([]int32, 0, counts[2])
	for i := 0; i < counts[1] && !r.bad; i++ {
		c := gitCommit{id: r.id(), tree: r.id()}
		if date := r.bytes(8); !r.bad {
			c.date = int64(binary.LittleEndian.Uint64(date))
		}
		from := len(parents)
		for n := r.number(counts[2] + 1 - from); n > 0 && !r.bad; n-- {
			parents = append(parents, r.number(counts[1]))
		}
		c.parents = parents[from:len(parents):len(parents)]
		g.commits = append(g.commits, c)
	}
	for i := 0; i < counts[3] && !r.bad; i++ {
		g.marked = append(g.marked, r.id())
	}
	for i := 0; i < counts[4] && !r.bad; i++ {
		g.messages = append(g.messages, r.number(counts[1]))
	}
	for i := 0; i < counts[5] && !r.bad; i++ {
		g.paths = append(g.paths, string(r.bytes(int(r.number(counts[6]+1)))))
	}
	for i := 0; i < counts[7] && !r.bad; i++ {
		g.intros = append(g.intros, gitIntro{blob: r.number(counts[3]), commit: r.number(counts[1]), path: r.number(counts[5])})
	}
	return g
}
