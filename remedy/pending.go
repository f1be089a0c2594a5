package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"keysweep/internal/atomicfile"
)

// Pending is a fix that is taken back at a time, unless somebody confirms it.
type Pending struct {
	ID       string    `json:"id"`
	Deadline time.Time `json:"deadline"`
	Token    string    `json:"token"`                // tells one from the next of the same fix
	Config   string    `json:"config,omitempty"`     // of sshd, if it is not the usual one
	Dir      string    `json:"repository,omitempty"` // of the repository, if it is about one
}

func (p Pending) file(dir string) string { return filepath.Join(dir, p.ID+".json") }

// Arm notes that a fix waits to be confirmed. One that waits already is fs.ErrExist.
func (p Pending) Arm(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return atomicfile.Create(p.file(dir), data, 0o600)
}

// Waiting returns the fix of an id that waits to be confirmed; fs.ErrNotExist if there is none.
func Waiting(dir, id string) (Pending, error) {
	var p Pending
	data, err := os.ReadFile(Pending{ID: id}.file(dir))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(data, &p); err != nil || p.ID != id {
		return p, fmt.Errorf("%s is not a note of a fix that waits: remove it", Pending{ID: id}.file(dir))
	}
	return p, nil
}

// Overdue returns the ids of fixes that were to be taken back before a time, those among them that something began to take back; what
// cannot be read is left out.
func Overdue(dir string, before time.Time) (ids []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(strings.TrimSuffix(e.Name(), due), ".json")
		var p Pending
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if ok && err == nil && json.Unmarshal(data, &p) == nil && p.ID == id && p.Deadline.Before(before) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Unfinished is Waiting, also for a fix that was claimed by a process which did not live to take it back: after a power loss. It waits again then.
// While such a process may live, it must not be called.
func Unfinished(dir, id string) (Pending, error) {
	p, err := Waiting(dir, id)
	if !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	if err := (Pending{ID: id}).Wait(dir); err != nil {
		return p, err
	}
	return Waiting(dir, id)
}

// Settle ends the waiting: the fix stays, or was taken back.
func (p Pending) Settle(dir string) error { return os.Remove(p.file(dir)) }

const due = ".due"

func (p Pending) claimed(dir string) string { return p.file(dir) + due }

// Claim begins to take the fix back: it cannot be confirmed any more. One that was confirmed is fs.ErrNotExist.
func (p Pending) Claim(dir string) error { return os.Rename(p.file(dir), p.claimed(dir)) }

// Wait says that the fix which was claimed is still there.
func (p Pending) Wait(dir string) error { return os.Rename(p.claimed(dir), p.file(dir)) }

// Done says that the fix which was claimed is taken back.
func (p Pending) Done(dir string) error { return os.Remove(p.claimed(dir)) }

// Still reports whether this very fix still waits.
func (p Pending) Still(dir string) bool {
	now, err := Waiting(dir, p.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || now.Token == p.Token // a note that cannot be read is not taken for a confirmation
}
