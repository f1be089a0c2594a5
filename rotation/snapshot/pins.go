package snapshot

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"keysweep/internal/atomicfile"
)

// Pin is what is remembered of one machine's ledger.
type Pin struct {
	Machine string            `json:"machine"`
	Ledger  string            `json:"ledger"`
	Key     ed25519.PublicKey `json:"key"`
	Seq     uint64            `json:"seq"`  // the highest that was seen
	Sum     string            `json:"sum"`  // Snapshot.Sum of it
	Path    string            `json:"path"` // where it was last read
	Since   time.Time         `json:"since"`
}

// Pins remembers which snapshots were seen: whose key is whose, and that none goes back.
type Pins struct {
	path    string
	list    []Pin
	changed bool
}

// pinsFile is Pins as JSON.
type pinsFile struct {
	Schema int   `json:"schema"`
	Pins   []Pin `json:"pins"`
}

// WithPins reads the pins of a file, lets work look at them, and writes what it changed, also if it fails. Meanwhile no other process can
// change them. A file that is not there has none.
func WithPins(ctx context.Context, path string, work func(*Pins) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("read pins of snapshots: %w", err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, patience); err != nil {
		return fmt.Errorf("read pins of snapshots: wait for another keysweep: %w", err)
	}
	pins, err := readPins(path)
	if err == nil {
		err = work(pins)
		if pins.changed {
			err = errors.Join(err, pins.write())
		}
	}
	return errors.Join(err, lock.Unlock())
}

// PinsError says that the file of pins cannot be read: who knows what was seen before is not known.
type PinsError struct {
	Path string
	Err  error
}

// Error names the file.
func (e *PinsError) Error() string { return fmt.Sprintf("pins of snapshots %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *PinsError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *PinsError) Hint() string {
	return "put it back from a backup, or delete it: then snapshots are trusted as if they were seen for the first time"
}

func readPins(path string) (*Pins, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Pins{path: path}, nil
	}
	if err != nil {
		return nil, &PinsError{path, err}
	}
	var f pinsFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, &PinsError{path, fmt.Errorf("it is damaged: %w", err)}
	}
	if f.Schema != 1 {
		return nil, &PinsError{path, fmt.Errorf("it is of another version (schema %d)", f.Schema)}
	}
	return &Pins{path: path, list: f.Pins}, nil
}

func (p *Pins) write() error {
	data, err := json.MarshalIndent(pinsFile{1, p.list}, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.Write(p.path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("remember a snapshot: %w", err)
	}
	return nil
}

// Check compares a snapshot, read at path, with what was seen before, and remembers it. What does not fit is a *TrustError. first: there
// was nothing to compare it with, and from now on there is. trusted is the key that the machine is known to have from elsewhere, which
// outranks what was seen of that machine; nil if it is not known.
func (p *Pins) Check(s Snapshot, path string, trusted ed25519.PublicKey, now time.Time) (first bool, err error) {
	fail := func(why Why, detail, do string) (bool, error) {
		return false, &TrustError{Path: path, Machine: s.Machine, Why: why, Detail: detail, Do: do}
	}
	if trusted != nil && !trusted.Equal(s.PublicKey) {
		return fail(Resigned, "its key is "+KeyText(s.PublicKey)+", the policy has "+KeyText(trusted), "")
	}
	other := slices.IndexFunc(p.list, func(pin Pin) bool { return pin.Path == path && (pin.Machine != s.Machine || pin.Ledger != s.Ledger) })
	if other >= 0 && (trusted == nil || p.list[other].Machine != s.Machine) { // also if it is known from elsewhere: a copy hides what was there
		pin := p.list[other]
		return fail(Replaced, fmt.Sprintf("it was ledger %.8s of %q", pin.Ledger, pin.Machine), p.forget("if that is meant to be", pin))
	}
	i := slices.IndexFunc(p.list, func(pin Pin) bool { return pin.Machine == s.Machine && pin.Ledger == s.Ledger })
	if i < 0 {
		p.set(len(p.list), Pin{s.Machine, s.Ledger, s.PublicKey, s.Seq, s.Sum, path, now.UTC().Truncate(time.Second)})
		return trusted == nil, nil
	}
	pin := p.list[i]
	switch {
	case trusted == nil && !pin.Key.Equal(s.PublicKey):
		return fail(Resigned, "its key is "+KeyText(s.PublicKey)+", and was "+KeyText(pin.Key), p.forget("if you know why", pin))
	case s.Seq < pin.Seq:
		return fail(PutBack, fmt.Sprintf("change %d, and %d was seen", s.Seq, pin.Seq), p.forget("if the ledger was put back on purpose", pin))
	case s.Seq == pin.Seq && s.Sum != pin.Sum:
		return fail(Forked, fmt.Sprintf("change %d", s.Seq), p.forget("if the ledger was put back on purpose", pin))
	}
	pin.Key, pin.Seq, pin.Sum, pin.Path = s.PublicKey, s.Seq, s.Sum, path
	p.set(i, pin)
	return false, nil
}

// Own remembers a snapshot that was just written from the ledger itself, whatever was there before. A ledger that is older than
// what was seen of it is a *TrustError all the same.
func (p *Pins) Own(s Snapshot, path string, now time.Time) error {
	p.list = slices.DeleteFunc(p.list, func(pin Pin) bool { return pin.Path == path && (pin.Machine != s.Machine || pin.Ledger != s.Ledger) })
	_, err := p.Check(s, path, s.PublicKey, now)
	return err
}

// In returns the pins of snapshots that were last read from files in a directory, given as Check was given its paths.
func (p *Pins) In(dir string) (pins []Pin) {
	for _, pin := range p.list {
		if filepath.Dir(pin.Path) == dir {
			pins = append(pins, pin)
		}
	}
	return pins
}

func (p *Pins) set(i int, pin Pin) {
	if i == len(p.list) {
		p.list = append(p.list, Pin{})
	}
	old := p.list[i]
	p.changed = p.changed || !old.Key.Equal(pin.Key) || old.Seq != pin.Seq || old.Sum != pin.Sum || old.Path != pin.Path
	p.list[i] = pin
}

func (p *Pins) forget(when string, pin Pin) string {
	return fmt.Sprintf("%s, delete the entry of ledger %s in %s; if not, find out who did it", when, pin.Ledger, p.path)
}

// KeyText is a public key as policy files and messages have it: base64.
func KeyText(key ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(key) }

// ParseKey is the way back.
func ParseKey(text string) (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is no public key of a snapshot: 32 bytes in base64", text)
	}
	return key, nil
}
