package filestore

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
	"keysweep/rotation/anchor"
	"keysweep/rotation/internal/smallfile"
)

const (
	headFile = "head.age"
	maxHead  = 64 << 20 // bytes; an item takes about 170 of them, and twice that while it is written
	maxFile  = 8 << 10  // bytes of an item's file: rotation.MaxItem and some 300 of age's and ours
)

// head says which items there are. Seq grows by one whenever it is written. One that was read is shared, and not to be changed.
type head struct {
	Schema int              `json:"schema"`
	Store  string           `json:"store"`
	Seq    uint64           `json:"seq"`
	Items  map[string]entry `json:"items"`
	Intent []step           `json:"intent,omitempty"` // what is being done to Items, in order
}

// entry is one item.
type entry struct {
	Seq uint64 `json:"seq"` // of the head that announced it
	Sum string `json:"sum"` // SHA-256 of its file, hex
	// Key opens the file without the key pair. Heads of older versions have none.
	Key fileKey `json:"key,omitempty"`
}

// step is one change: an item is put, or deleted if New is nil.
type step struct {
	Name string `json:"name"`
	New  *entry `json:"new"`
}

// load reads the head and sees that it is no older than one that is known. The caller has the lock.
func (s *Store) load() (head, *anchor.State, error) {
	path := s.path(headFile)
	file, err := smallfile.Read(path, maxHead)
	if errors.Is(err, fs.ErrNotExist) {
		return head{}, nil, tampered("head", path, "is gone")
	}
	if err != nil {
		return head{}, nil, err
	}
	h, sum, err := s.open(path, file)
	if err != nil {
		return head{}, nil, err
	}
	kept, err := s.anchor.Check(anchor.State{Seq: h.Seq, Sum: sum})
	if err != nil {
		return head{}, nil, err
	}
	return h, kept, nil
}

// opened is a head as it was read, and the hash of its file.
type opened struct {
	sum  string
	head head
}

// open reads what is in the file of a head. One that is the same as before, to the byte, is not read again: with ten thousand items
// that takes a tenth of a second.
func (s *Store) open(path string, file []byte) (h head, sum string, err error) {
	sum = hashOf(file)
	if last := s.last.Load(); last != nil && last.sum == sum {
		return last.head, sum, nil
	}
	plain, err := s.keys.unseal("head", file)
	if err != nil {
		return head{}, "", tampered("head", path, err.Error())
	}
	if err := json.Unmarshal(plain, &h); err != nil || h.Schema != 1 || h.Store != s.id.Store {
		return head{}, "", &smallfile.Error{Path: path, Err: errors.New("it is of another version"), Do: "use the newest keysweep"}
	}
	s.last.Store(&opened{sum, h})
	return h, sum, nil
}

// save writes the head as the next in line and returns it with its hash.
func (s *Store) save(h head) (sum string, err error) {
	plain, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	file, err := s.keys.seal("head", plain)
	if err != nil {
		return "", err
	}
	if len(file) > maxHead {
		return "", errors.New("the ledger is full: it has too many items")
	}
	if err := atomicfile.Write(s.path(headFile), file, 0o600); err != nil {
		return "", &smallfile.Error{Path: s.path(headFile), Err: err}
	}
	return hashOf(file), nil
}

// settled returns the items as they are on disk: if a process was killed in the middle of an update, those after as many of
// its steps as it had done. It writes nothing.
func (s *Store) settled(h head) (map[string]entry, error) {
	if len(h.Intent) == 0 {
		return h.Items, nil
	}
	onDisk := map[string]string{} // hash of the file, "" if there is none
	for _, st := range h.Intent {
		sum, err := s.sumOf(st.Name)
		if err != nil {
			return nil, err
		}
		onDisk[st.Name] = sum
	}
	items := maps.Clone(h.Items)
	if items == nil {
		items = map[string]entry{}
	}
	var found map[string]entry
	if agrees(items, onDisk) {
		found = maps.Clone(items)
	}
	for _, st := range h.Intent {
		if st.New == nil {
			delete(items, st.Name)
		} else {
			items[st.Name] = *st.New
		}
		if agrees(items, onDisk) {
			found = maps.Clone(items)
		}
	}
	if found == nil {
		name := s.culprit(h, onDisk)
		return nil, tampered("item "+name, s.itemPath(name), "was changed while an update was under way")
	}
	return found, nil
}

func agrees(items map[string]entry, onDisk map[string]string) bool {
	for name, sum := range onDisk {
		if items[name].Sum != sum {
			return false
		}
	}
	return true
}

// culprit returns an item that is neither what it was nor what it was to become.
func (s *Store) culprit(h head, onDisk map[string]string) string {
	for name, sum := range onDisk {
		known := h.Items[name].Sum == sum || slices.ContainsFunc(h.Intent, func(st step) bool {
			return st.Name == name && (st.New == nil && sum == "" || st.New != nil && st.New.Sum == sum)
		})
		if !known {
			return name
		}
	}
	return h.Intent[0].Name
}

func (s *Store) sumOf(item string) (string, error) {
	file, err := smallfile.Read(s.itemPath(item), maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, smallfile.ErrTooLong):
		return "too long", nil
	case err != nil:
		return "", err
	}
	return hashOf(file), nil
}

// readItem reads an item and sees that it is the one that the head means.
func (s *Store) readItem(name string, want entry) ([]byte, error) {
	path := s.itemPath(name)
	changed := func(what string) error { return tampered("item "+name, path, what) }
	file, err := smallfile.Read(path, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, changed("is gone")
	case errors.Is(err, smallfile.ErrTooLong):
		return nil, changed(errForged.Error())
	case err != nil:
		return nil, err
	}
	same := hashOf(file) == want.Sum
	if !same {
		want.Key = nil // the file has another; the key pair tells what it is
	}
	held, seq, data, err := s.keys.unsealItem(file, want.Key)
	switch {
	case err != nil:
		return nil, changed(err.Error())
	case held != name:
		return nil, changed("was swapped: its file holds the item " + held)
	case seq < want.Seq:
		return nil, changed("was put back to an older state")
	case !same || seq != want.Seq:
		return nil, changed("was changed")
	}
	return data, nil
}

// checkFiles sees that each item has its file, and that there are no others.
func (s *Store) checkFiles(items map[string]entry) error {
	files, err := ageFiles(s.dir)
	if err != nil {
		return err
	}
	var gone []string
	for name := range items {
		file := s.keys.fileName(name)
		if !files[file] {
			gone = append(gone, name)
		}
		delete(files, file)
	}
	if len(gone) > 0 {
		name := slices.Min(gone)
		return tampered("item "+name, s.itemPath(name), "is gone")
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		return &rotation.TamperError{Item: "file " + file, Where: s.path(file), What: "was added", Do: "see where it comes from, and take it away"}
	}
	return nil
}
