package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
)

// homeFiles is the home that every system has: our own encrypted files. The others are keyrings.
const homeFiles = "files"

// chosenHome is ledger-home.json: which home of the ledger was chosen. It is written before the ledger's first item, and only
// ledger move and ledger init change it afterwards: what it names is the ledger, and nothing else is.
type chosenHome struct {
	Schema  int       `json:"schema"`
	Home    string    `json:"home"`
	Ledger  string    `json:"ledger,omitempty"` // its id; "" while it is being made
	Since   time.Time `json:"since"`
	Why     string    `json:"why"`
	Moving  *homeRef  `json:"moving_to,omitempty"` // a copy that is not finished
	Leaving *homeRef  `json:"leaving,omitempty"`   // the old copy after a move, to be taken away
}

// homeRef is a ledger in another home than the one that counts.
type homeRef struct {
	Home   string `json:"home"`
	Ledger string `json:"ledger,omitempty"` // its id; "" while it is being made
	Keep   bool   `json:"keep,omitempty"`   // it stays, marked as moved away
}

const (
	homeSchema  = 1
	maxHomeFile = 1 << 14 // bytes; it takes about 300
)

// homeFileError says that ledger-home.json cannot be followed. It is rotation.ErrTampered.
type homeFileError struct {
	path, what, do string
}

func (e *homeFileError) Error() string {
	return fmt.Sprintf("%v: %s, which says where the ledger is, %s", rotation.ErrTampered, e.path, e.what)
}
func (e *homeFileError) Unwrap() error { return rotation.ErrTampered }
func (e *homeFileError) Hint() string  { return e.do }

// homeFile returns the path of ledger-home.json.
func homeFile(env *Env) (string, error) { return stateFile(env, "ledger-home.json") }

// stateFile returns the path of a file in keysweep's state directory.
func stateFile(env *Env, name string) (string, error) {
	state := homeOf(env, "XDG_STATE_HOME")
	if state == "" {
		return "", usagef("set HOME, or XDG_DATA_HOME and XDG_STATE_HOME; or do without the ledger: --no-ledger",
			"there is no home directory to keep the ledger in")
	}
	return filepath.Join(state, "keysweep", name), nil
}

// readHome reads which home was chosen; nil if none was.
func readHome(env *Env) (*chosenHome, error) {
	path, err := homeFile(env)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path) // before it is opened: a FIFO would block
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read where the ledger is: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &homeFileError{path, "is no regular file", "see what it is, and take it away; then: keysweep ledger init --home HOME"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read where the ledger is: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxHomeFile+1))
	if err != nil {
		return nil, fmt.Errorf("read where the ledger is: %w", err)
	}
	h, err := parseHome(data)
	if err != nil {
		return nil, &homeFileError{path, err.Error(), "put it back from a backup; or delete it and say which home it named: keysweep ledger init --home HOME"}
	}
	return h, nil
}

// parseHome reads the content of ledger-home.json.
func parseHome(data []byte) (*chosenHome, error) {
	if len(data) > maxHomeFile {
		return nil, errors.New("is damaged: it is too large")
	}
	var h chosenHome
	d := json.NewDecoder(bytes.NewReader(data))
	err := d.Decode(&h)
	switch {
	case err != nil:
		return nil, errors.New("is damaged: it is no JSON object of the right form")
	case h.Schema > homeSchema:
		return nil, fmt.Errorf("has schema %d, and this version knows up to %d: use the newest keysweep", h.Schema, homeSchema)
	case d.Decode(&struct{}{}) != io.EOF || h.Schema < 1 || h.Since.IsZero():
		return nil, errors.New("is damaged")
	}
	refs := []*homeRef{{Home: h.Home, Ledger: h.Ledger}, h.Moving, h.Leaving}
	for _, ref := range refs {
		if ref != nil && ref != refs[0] && ref.Home == h.Home {
			return nil, fmt.Errorf("is damaged: it names %s twice", h.Home)
		}
		if ref != nil && !ref.valid() {
			return nil, fmt.Errorf("names %.40q and %.80q, which are no home and ledger", ref.Home, ref.Ledger)
		}
	}
	return &h, nil
}

// valid reports whether a reference names a home there is, and an id as ledgers have.
func (r *homeRef) valid() bool {
	odd := func(c rune) bool { return !strings.ContainsRune("0123456789abcdef", c) }
	return slices.Contains(allHomes(), r.Home) && len(r.Ledger) <= 64 && !strings.ContainsFunc(r.Ledger, odd)
}

// writeHome writes down which home was chosen.
func writeHome(env *Env, h chosenHome) error {
	path, err := homeFile(env)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write down where the ledger is: %w", err)
	}
	if err := atomicfile.Write(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write down where the ledger is: %w", err)
	}
	return nil
}

// settlingHome runs work while no other process chooses or changes the home.
func settlingHome(ctx context.Context, env *Env, work func() error) error {
	path, err := stateFile(env, "ledger-home.lock")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write down where the ledger is: %w", err)
	}
	const patience = 5 * time.Millisecond
	lock := flock.New(path, flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, patience); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for another keysweep to settle where the ledger is: %w", context.Cause(ctx))
		}
		return fmt.Errorf("lock %s: %w", path, err)
	}
	err = work()
	return errors.Join(err, lock.Unlock())
}

// allHomes are all homes there are on any system: a home file can come from another machine.
func allHomes() []string { return append([]string{homeFiles}, allKeyrings()...) }

// homesHere are the homes that this system can have.
func homesHere() []string { return append([]string{homeFiles}, keyringsOf(runtime.GOOS)...) }
