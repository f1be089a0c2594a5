package rotation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A record that does not fit into its item has more of them: its installations and backups lie in continuation items then, and the
// record's own names these and their hash, so that its chain covers them.
//
//	record-07c1...   {"schema":1,...,"more":{"items":[3,4,7],"sum":"5f0c..."}}
//	more-07c1...-3   {"record":"07c1...","installed":[...]}
//
// A change writes continuations under numbers that were free, then the record, and then takes those away that it no longer names:
// a process that is killed leaves the record as it was or as it is to become, and at most items that nobody names, which the next change of
// the record takes away. Continuations that stay the same are not written again.

// morePrefix starts the names of continuation items; the record's ID, "-" and a number follow.
const morePrefix = "more-"

// maxMore is the most continuation items that a record may have: some four thousand hosts.
const maxMore = 200

// spill says where the rest of a record is.
type spill struct {
	Items []int  `json:"items"`
	Sum   string `json:"sum"` // SHA-256 over the items' SHA-256, hex
}

// spilled is the content of a continuation item.
type spilled struct {
	Record    string         `json:"record"`
	Installed []Installation `json:"installed,omitempty"`
	Backups   []Backup       `json:"backups,omitempty"`
}

// part is a continuation item as it is stored.
type part struct {
	number int
	data   string
}

func moreItem(id string, number int) string { return fmt.Sprintf("%s%s-%d", morePrefix, id, number) }

func sumOf(parts []part) string {
	h := sha256.New()
	for _, p := range parts {
		one := sha256.Sum256([]byte(p.data))
		h.Write(one[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// gather reads the continuations that a record names, into its lists.
func (r *Record) gather(get func(string) ([]byte, error), s spill) error {
	if len(s.Items) == 0 || len(s.Items) > maxMore {
		return fmt.Errorf("record %s names %d continuations: %w", r.ID, len(s.Items), ErrTampered)
	}
	for _, number := range s.Items {
		data, err := get(moreItem(r.ID, number))
		if errors.Is(err, ErrNotFound) {
			return fmt.Errorf("continuation %d of record %s is gone: %w", number, r.ID, ErrTampered)
		}
		if err != nil {
			return err
		}
		r.parts = append(r.parts, part{number, string(data)})
	}
	if sumOf(r.parts) != s.Sum {
		return fmt.Errorf("the continuations of record %s are not those that it was written with: %w", r.ID, ErrTampered)
	}
	for _, p := range r.parts {
		var more spilled
		if err := json.Unmarshal([]byte(p.data), &more); err != nil || more.Record != r.ID {
			return fmt.Errorf("continuation %d of record %s is none: %w", p.number, r.ID, ErrTampered)
		}
		r.Installed = append(r.Installed, more.Installed...)
		r.Backups = append(r.Backups, more.Backups...)
	}
	return nil
}

// overflow returns what of a record does not go into its own item, as continuations, without numbers.
func (r *Record) overflow() (parts []part, err error) {
	data := ""
	more := spilled{Record: r.ID}
	add := func(put func(*spilled)) error { // one more entry, in a new item if it does not fit
		tried := more
		put(&tried)
		text, err := json.Marshal(tried)
		if err == nil && len(text) > MaxItem && data != "" {
			parts = append(parts, part{data: data})
			tried = spilled{Record: r.ID}
			put(&tried)
			text, err = json.Marshal(tried)
		}
		if err == nil && len(text) > MaxItem {
			err = &TooLargeError{r.Name, len(text)}
		}
		more, data = tried, string(text)
		return err
	}
	for _, in := range r.Installed {
		if err := add(func(s *spilled) { s.Installed = append(slices.Clip(s.Installed), in) }); err != nil {
			return nil, err
		}
	}
	for _, b := range r.Backups {
		if err := add(func(s *spilled) { s.Backups = append(slices.Clip(s.Backups), b) }); err != nil {
			return nil, err
		}
	}
	if parts = append(parts, part{data: data}); len(parts) > maxMore {
		return nil, &TooLargeError{r.Name, len(parts) * MaxItem}
	}
	return parts, nil
}

// number gives continuations the numbers of those that are there already with the same content, and new ones numbers that are free.
func number(parts, before []part) {
	free := 1
	for _, p := range before {
		free = max(free, p.number+1)
	}
	known := map[string]int{}
	for _, p := range before {
		known[p.data] = p.number
	}
	for i := range parts {
		if n, ok := known[parts[i].data]; ok {
			parts[i].number = n
			delete(known, parts[i].data)
			continue
		}
		parts[i].number, free = free, free+1
	}
}

// store writes the record into its item, and what does not fit into continuations. r.parts are those that are there.
func (r *Record) store(txn Txn) error {
	before := r.parts
	data, err := r.encode()
	if err != nil {
		return err
	}
	for _, p := range r.parts {
		if !slices.Contains(before, p) {
			if err := txn.Put(moreItem(r.ID, p.number), []byte(p.data)); err != nil {
				return err
			}
		}
	}
	if err := txn.Put(r.item(), data); err != nil || len(before)+len(r.parts) == 0 {
		return err
	}
	return r.sweep(txn)
}

// sweep takes away the continuations that the record does not name, also those of a process that was killed.
func (r *Record) sweep(txn Txn) error {
	keep := map[string]bool{}
	for _, p := range r.parts {
		keep[moreItem(r.ID, p.number)] = true
	}
	names, err := txn.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, morePrefix+r.ID+"-") && !keep[name] {
			if err := txn.Delete(name); err != nil {
				return err
			}
		}
	}
	return nil
}
