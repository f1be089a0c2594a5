package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"keysweep/internal/atomicfile"
)

// Pending is a fix that is taken back at a time, unless somebody confirms it.
type Pending struct {
	ID       string    `json:"id"`
	Deadline time.Time `json:"deadline"`
	Token    string    `json:"token"` // tells one from the next of the same fix
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

// Settle ends the waiting: the fix stays, or was taken back.
func (p Pending) Settle(dir string) error { return os.Remove(p.file(dir)) }

func (p Pending) claimed(dir string) string { return p.file(dir) + ".due" }

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
