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
	"keysweep/secretscan"
)

// Memory is where a scan of a whole history keeps what the next one need not look at again: which commits were looked at, which
// of their contents have candidates and where in them, and which commits brought those. The candidates themselves are secrets,
// and are found again each time: each in one of the contents that have it. A file that is damaged, of another engine or by another user's hand counts as none.
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
	named    bool        // some content has a name, first or later, that a rule about names may be about
	marked   []gitMarked // contents with candidates
	recalls  []gitRecall // their candidates, but for those about names: all there are
	looks    []gitLook
	messages []int32 // commits with candidates in their messages
	paths    []string
	intros   []gitIntro // of marked contents: all there are
}

// gitMarked is a content with candidates: the recalls from one index on, up to those of the next one.
type gitMarked struct {
	id    git.OID
	first int32
}

// gitRecall is a candidate but for what it looks like.
type gitRecall struct {
	look int32
	spot secretscan.Spot
}

// gitLook stands for all that a candidate is but its spot, the secret and the text around it included: an HMAC under the user's key,
// which tells equal ones from others and gives nothing away.
type gitLook [16]byte

// of returns the recalls of a marked content.
func (g *gitMemory) of(marked int32) []gitRecall {
	to := len(g.recalls)
	if int(marked)+1 < len(g.marked) {
		to = int(g.marked[marked+1].first)
	}
	return g.recalls[g.marked[marked].first:to]
}

// gitMemoryMost bounds a file, in bytes: about two million commits. Histories beyond that are not remembered.
const gitMemoryMost = 256 << 20

const gitMemoryMagic = "keysweep history 2\n"

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

// The file: the magic line; a SHA-256 of Engine; the length of ids, whether there are names, and the numbers of the parts, as 32-bit
// numbers; the parts, one list after the other; and an HMAC-SHA256 of all that under Key. Numbers are little-endian.
func (m *Memory) encode(g *gitMemory, idSize int) []byte {
	var parents, letters, named int
	for _, c := range g.commits {
		parents += len(c.parents)
	}
	for _, p := range g.paths {
		letters += len(p)
	}
	if g.named {
		named = 1
	}
	engine := sha256.Sum256([]byte(m.Engine))
	w := gitMemoryWriter{make([]byte, 0, len(g.commits)*(2*idSize+16)+len(g.marked)*(idSize+4)+len(g.recalls)*24+letters+16*len(g.intros)+1<<12)}
	w.b = append(append(w.b, gitMemoryMagic...), engine[:]...)
	w.numbers(idSize, named, len(g.commits), parents, len(g.marked), len(g.recalls), len(g.looks), len(g.messages), len(g.paths), letters, len(g.intros))
	for _, c := range g.commits {
		w.b = c.tree.AppendRaw(c.id.AppendRaw(w.b))
		w.b = binary.LittleEndian.AppendUint64(w.b, uint64(c.date))
		w.numbers(len(c.parents))
		for _, p := range c.parents {
			w.numbers(int(p))
		}
	}
	for _, one := range g.marked {
		w.b = one.id.AppendRaw(w.b)
		w.numbers(int(one.first))
	}
	for _, r := range g.recalls {
		w.numbers(int(r.look), r.spot.First, r.spot.Last, r.spot.Allow)
		w.b = binary.LittleEndian.AppendUint64(w.b, uint64(r.spot.Offset))
	}
	for _, look := range g.looks {
		w.b = append(w.b, look[:]...)
	}
	for _, c := range g.messages {
		w.numbers(int(c))
	}
	for _, p := range g.paths {
		w.numbers(len(p))
		w.b = append(w.b, p...)
	}
	for _, i := range g.intros {
		w.numbers(int(i.blob), int(i.commit), int(i.path))
	}
	return m.seal(w.b)
}

// gitMemoryWriter writes the parts of the file.
type gitMemoryWriter struct{ b []byte }

// numbers writes numbers, which the bound on files keeps small.
func (w *gitMemoryWriter) numbers(list ...int) {
	for _, n := range list {
		w.b = binary.LittleEndian.AppendUint32(w.b, uint32(n))
	}
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
