// Package anchor remembers, in a file that lies elsewhere than a ledger, the newest state of the ledger that this machine has
// seen: so it is noticed that all of the ledger was put back to an older state.
//
// Start at New. Not noticed is that ledger and anchor were put back together, to a state that they once had together.
package anchor

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
	"keysweep/rotation/internal/smallfile"
)

// State is a state of a ledger.
type State struct {
	Seq uint64 // grows with every change
	Sum string // a checksum of what the ledger's head holds then
}

// Options say what an anchor is for.
type Options struct {
	Path  string                       // of the file, absolute; "": none is kept, and only this process remembers
	Store string                       // random; tells this ledger from others
	Item  string                       // what was put back if the ledger was: "directory", "keyring"
	Where string                       // which one that is
	MAC   func(parts ...[]byte) []byte // under a key of the ledger
}

// Anchor is the newest state that is known. It is safe for concurrent use.
type Anchor struct {
	options Options

	mu     sync.Mutex // guards newest
	newest State      // that this process knows
}

// New returns the anchor of a ledger. It reads nothing yet.
func New(o Options) *Anchor { return &Anchor{options: o} }

// file is the content of the file.
type file struct {
	Schema int    `json:"schema"`
	Store  string `json:"store"`
	Seq    uint64 `json:"seq"`
	Sum    string `json:"sum"`
	MAC    []byte `json:"mac"`
}

const maxFile = 4096 // bytes; it takes about 250

func (a *Anchor) mac(f file) []byte {
	return a.options.MAC([]byte(f.Store), binary.BigEndian.AppendUint64(nil, f.Seq), []byte(f.Sum))
}

// Check compares a state that was just read with the newest one known, of the file and of this process, and remembers it. An
// older one, or another one of the same number, is a *rotation.TamperError, and so is a file that is not this ledger's. kept is what
// the file holds, nil if there is none.
func (a *Anchor) Check(s State) (kept *State, err error) {
	if kept, err = a.read(); err != nil {
		return nil, err
	}
	known := a.Newest()
	if kept != nil && kept.Seq > known.Seq {
		known = *kept
	}
	switch {
	case s.Seq < known.Seq:
		return nil, a.tampered("was put back to an older state", "put back the newest backup; if there is none newer and you accept the loss, delete the anchor "+a.options.Path)
	case s.Seq == known.Seq && s.Sum != known.Sum:
		return nil, a.tampered("was changed by another machine from the same older state", "use one of the two; to go on with this one, delete the anchor "+a.options.Path)
	}
	a.remember(s)
	return kept, nil
}

func (a *Anchor) tampered(what, do string) error {
	return &rotation.TamperError{Item: a.options.Item, Where: a.options.Where, What: what, Do: do}
}

const away = "if you are sure that the ledger is the right one, delete the anchor: it is made anew"

func (a *Anchor) read() (*State, error) {
	path := a.options.Path
	if path == "" {
		return nil, nil
	}
	data, err := smallfile.Read(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && !errors.Is(err, smallfile.ErrTooLong) {
		return nil, err
	}
	var f file
	if err != nil || json.Unmarshal(data, &f) != nil {
		return nil, &rotation.TamperError{Item: "anchor", Where: path, What: "is damaged", Do: away}
	}
	if f.Store != a.options.Store {
		return nil, a.tampered("holds another ledger than the one that was last used on this machine", away+" ("+path+")")
	}
	if !hmac.Equal(f.MAC, a.mac(f)) {
		return nil, &rotation.TamperError{Item: "anchor", Where: path, What: "is damaged, or was not written by keysweep", Do: away}
	}
	return &State{f.Seq, f.Sum}, nil
}

// Save remembers a state that was just read or written.
func (a *Anchor) Save(s State) error {
	a.remember(s)
	path := a.options.Path
	if path == "" {
		return nil
	}
	f := file{Schema: 1, Store: a.options.Store, Seq: s.Seq, Sum: s.Sum}
	f.MAC = a.mac(f)
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &smallfile.Error{Path: path, Err: smallfile.Bare(err)}
	}
	if err := atomicfile.Write(path, append(data, '\n'), 0o600); err != nil {
		return &smallfile.Error{Path: path, Err: err}
	}
	return nil
}

// Newest returns the newest state that this process knows.
func (a *Anchor) Newest() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.newest
}

func (a *Anchor) remember(s State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Seq >= a.newest.Seq {
		a.newest = s
	}
}

// Sweep takes away what killed processes left beside the anchor. The caller sees to it that nobody writes it meanwhile.
func (a *Anchor) Sweep() {
	if a.options.Path == "" {
		return
	}
	dir, name := filepath.Split(a.options.Path)
	for _, litter := range atomicfile.Litter(filepath.Clean(dir), func(target string) bool { return target == name }) {
		_ = os.Remove(litter) // it is only litter
	}
}

// Forgotten says, for a ledger that is not there, whether this machine has seen one: the error is a *rotation.TamperError then.
func Forgotten(path, item, where, back string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return &rotation.TamperError{Item: item, Where: where, What: "is gone: there was a ledger on this machine", Do: back + "the anchor " + path}
	}
	return nil
}

// NewHere is what to tell a person if there was no anchor.
const NewHere = "this machine has not seen this ledger before: that it is the newest state of it cannot be told, and is assumed; from now on it can"
