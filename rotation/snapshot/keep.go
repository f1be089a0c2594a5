package snapshot

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
)

// Keeper keeps the snapshot of one ledger up to date.
type Keeper struct {
	Path    string // of the file; beside it lies an empty one with ".lock" behind its name
	Machine string // name of this host
	Ledger  *rotation.Ledger
	Now     time.Time
	// Fresh is how old a snapshot may be of which nothing has changed; an older one is signed anew, so that readers know that it still
	// holds. 0 keeps it as it is.
	Fresh time.Duration
}

// Kept is what Keep did.
type Kept struct {
	Snapshot Snapshot // without its records
	Wrote    bool
	Whole    bool        // from all of the ledger, not from the changes of this process
	Found    *TrustError // what was wrong with the file that was there, and is put right; nil if nothing was
}

// Keep compares the snapshot with the ledger and writes it if it is not of its newest state. A ledger that is older than its own
// snapshot, and one whose records are not those of the snapshot with the same number, are a *TrustError, and nothing is
// written. It may be called by several processes at once.
func (k Keeper) Keep(ctx context.Context) (kept Kept, err error) {
	if err := os.MkdirAll(filepath.Dir(k.Path), 0o700); err != nil {
		return Kept{}, fmt.Errorf("write snapshot: %w", err)
	}
	lock := flock.New(k.Path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, patience); err != nil {
		return Kept{}, fmt.Errorf("write snapshot: wait for another keysweep: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	key, err := k.Ledger.SigningKey(ctx)
	if err != nil {
		return Kept{}, fmt.Errorf("write snapshot: %w", err)
	}
	defer clear(key)
	kept, err = k.keep(ctx, key)
	if err != nil && !errors.Is(err, ErrUntrusted) { // that one says what it is about
		err = fmt.Errorf("write snapshot: %w", err)
	}
	return kept, err
}

// patience is how long to wait before asking for the lock again.
const patience = 2 * time.Millisecond

func (k Keeper) keep(ctx context.Context, key ed25519.PrivateKey) (kept Kept, err error) {
	state, err := k.Ledger.State(ctx)
	if err != nil {
		return Kept{}, err
	}
	last, err := ours(k.Path, key.Public().(ed25519.PublicKey))
	if errors.As(err, &kept.Found) {
		kept.Found.Path = k.Path
		last, err = nil, nil
	}
	if err != nil {
		return Kept{}, err
	}
	if last != nil {
		if err := k.notOlder(state, last); err != nil {
			return Kept{}, err
		}
		if k.current(state, last) {
			kept.Snapshot = last.brief()
			return kept, nil
		}
	}
	at := k.Now
	if last != nil && last.generatedAt.After(at) {
		at = last.generatedAt // who reads it is to see that the clock went back
	}
	next, whole, err := k.after(ctx, key, state, last)
	if err != nil {
		return Kept{}, err
	}
	kept.Whole = whole
	return k.write(kept, next, at, key)
}

func (k Keeper) write(kept Kept, next *raw, at time.Time, key ed25519.PrivateKey) (Kept, error) {
	next.header.Machine, next.generatedAt = k.Machine, at
	data, err := next.encode(key)
	if err != nil {
		return Kept{}, err
	}
	if err := atomicfile.Write(k.Path, data, 0o600); err != nil {
		return Kept{}, err
	}
	if next, err = parse(data); err != nil { // what was written is what will be read
		return Kept{}, err
	}
	kept.Wrote, kept.Snapshot = true, next.brief()
	return kept, nil
}

// brief is a snapshot without records.
func (r *raw) brief() Snapshot {
	bare := *r
	bare.lines = nil
	s, _ := bare.snapshot() // nothing is decoded
	return s
}

// current reports whether the last snapshot says what the ledger does.
func (k Keeper) current(state rotation.State, last *raw) bool {
	return last.header.Ledger == state.ID && last.header.Seq == state.Seq && last.header.Machine == k.Machine &&
		(k.Fresh == 0 || k.Now.Sub(last.generatedAt) < k.Fresh)
}

// notOlder refuses a ledger that is older than what was written of it.
func (k Keeper) notOlder(state rotation.State, last *raw) error {
	if last.header.Ledger != state.ID || last.header.Seq <= state.Seq {
		return nil
	}
	return &TrustError{Path: k.Path, Machine: last.header.Machine, Why: RolledBack,
		Detail: fmt.Sprintf("change %d of %s; the ledger is at %d", last.header.Seq, last.header.Latest.Format(time.DateOnly), state.Seq),
		Do:     "put back the newest backup of the ledger; if you accept the loss, delete " + k.Path}
}

// after makes the snapshot of what the ledger has become: out of the last one and what this process changed since, if nobody else
// changed anything, or out of the whole ledger.
func (k Keeper) after(ctx context.Context, key ed25519.PrivateKey, state rotation.State, last *raw) (next *raw, whole bool, err error) {
	if last != nil && last.header.Ledger == state.ID && last.header.Machine == k.Machine {
		if last.header.Seq == state.Seq {
			return last, false, nil
		}
		if c, ok := k.Ledger.Changes(last.header.Seq); ok && c.To.ID == state.ID && c.To.Seq == state.Seq {
			next, err = k.amended(key, last, c)
			return next, false, err
		}
	}
	next, err = k.whole(ctx, key, last)
	return next, true, err
}

// amended is the last snapshot with the changes of this process.
func (k Keeper) amended(key ed25519.PrivateKey, last *raw, c rotation.Changes) (*raw, error) {
	left := map[string][]byte{}
	for id, r := range c.Records {
		k.disguise(key, &r)
		line, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		left[id] = line
	}
	for i, line := range last.lines {
		id := rotation.RecordID(line)
		if line, ok := left[id]; ok {
			last.lines[i] = line
			delete(left, id)
		}
	}
	for _, line := range left {
		last.lines = append(last.lines, line)
	}
	if len(left) > 0 {
		slices.SortFunc(last.lines, func(a, b []byte) int { return strings.Compare(rotation.RecordID(a), rotation.RecordID(b)) })
	}
	last.header.Seq, last.header.Latest = c.To.Seq, c.To.Latest
	last.header.Tombstones += c.Buried
	return last, nil
}

// whole is a snapshot of all that the ledger holds.
func (k Keeper) whole(ctx context.Context, key ed25519.PrivateKey, last *raw) (*raw, error) {
	all, err := k.Ledger.Read(ctx)
	if err != nil {
		return nil, err
	}
	r := &raw{header: header{Ledger: all.State.ID, Seq: all.State.Seq, Latest: all.State.Latest, Tombstones: all.Tombstones}}
	for i := range all.Records {
		k.disguise(key, &all.Records[i])
	}
	if r.lines, err = rotation.EncodeRecords(all.Records); err != nil {
		return nil, err
	}
	if last != nil && last.header.Ledger == all.State.ID && last.header.Machine == k.Machine {
		if err := k.compare(last, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Audit compares the whole ledger with its last snapshot, and writes nothing. A ledger that was put back, or edited without keysweep, is a
// *TrustError, as is a snapshot that somebody else wrote or changed. Without a snapshot there is nothing to say.
func (k Keeper) Audit(ctx context.Context) error {
	key, err := k.Ledger.SigningKey(ctx)
	if err != nil {
		return err
	}
	defer clear(key)
	last, err := ours(k.Path, key.Public().(ed25519.PublicKey))
	if trust, ok := errors.AsType[*TrustError](err); ok {
		trust.Path = k.Path
	}
	if last == nil || err != nil {
		return err
	}
	state, err := k.Ledger.State(ctx)
	if err != nil {
		return err
	}
	if err := k.notOlder(state, last); err != nil {
		return err
	}
	_, err = k.whole(ctx, key, last)
	return err
}

// disguise takes the mark of a record out of the sight of who has other snapshots, or guesses.
func (k Keeper) disguise(key ed25519.PrivateKey, r *rotation.Record) {
	if r.Mark == "" {
		return
	}
	h := hmac.New(sha256.New, key.Seed())
	h.Write([]byte("mark\x00" + k.Machine + "\x00" + r.Mark))
	r.Mark = hex.EncodeToString(h.Sum(nil)[:16])
}
