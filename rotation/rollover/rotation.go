package rollover

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"keysweep/keys"
	"keysweep/rotation"
)

// Hosts does what a rotation needs done on accounts. Every method is called for several accounts at once, and again for one
// where it may have been done before: that is no error.
type Hosts interface {
	// Install puts the new key beside the old one, with the options of its line, and logs in with the new key alone. again says
	// that it may be there already.
	Install(ctx context.Context, target string, again bool) (Installed, error)
	// Remove logs in with the new key alone, takes the old key away by its blob, and tries it: it must be refused. What was
	// done is returned with an error, too.
	Remove(ctx context.Context, target string) (Removal, error)
	// TakeBack takes the new key away, provided that the old one is left, and tries it: it must be refused.
	TakeBack(ctx context.Context, target string) error
}

// Installed is what Hosts.Install did.
type Installed struct {
	Expires time.Time // when the host itself will refuse the new key; zero for never
	Absent  bool      // with an error: this call has not left the new key there
}

// Removal is what Hosts.Remove did.
type Removal struct {
	Removed bool // the old key is not in authorized_keys
	Refused bool // it was tried, and is refused
}

// Pair is a new key pair.
type Pair struct {
	Private []byte // the private key file; cleared when it is written
	Public  keys.Public
	Comment string
}

// Keys does what takes the keys' passphrases.
type Keys interface {
	// Make makes the new key pair.
	Make(ctx context.Context) (Pair, error)
	// Agent gives the new key to the agent, if that holds the old one, and takes the old one away unless hosts still need it.
	Agent(ctx context.Context, needed bool)
	// End archives or destroys the old key, and has the ledger call it retired. It may have been done in part already.
	End(ctx context.Context) error
}

// Book is the ledger.
type Book interface {
	Do(ctx context.Context, change func(tx *rotation.Tx) error) error
}

// Keeper keeps the journal. File is the usual one.
type Keeper interface {
	// Save puts a journal in the place of the one that is there, durably.
	Save(j Journal) error
	// Remove takes it away, when the rotation is over.
	Remove() error
}

// Rotation is a rotation under way. The fields are set by the caller before Run or Abort, which must not be called at the same
// time.
type Rotation struct {
	Keeper  Keeper
	Journal Journal // as it was kept, or a new one
	Hosts   Hosts
	Files   Files
	Keys    Keys
	Book    Book
	Now     func() time.Time
	// Unprotected is why the new key has no passphrase; nil if it has one.
	Unprotected *rotation.Exception
	// Each calls do for every target, several at a time, and returns when all have returned. It returns the context's error.
	Each func(ctx context.Context, targets []string, do func(ctx context.Context, target string)) error
	// Away reports whether an error says that a host could not be reached at all.
	Away func(error) bool
	// Only reports whether this run goes to a host; nil is all of them.
	Only func(target string) bool
	// Left reports whether a host is left on the old key on purpose, as if it could not be reached; nil is none.
	Left func(target string) bool
	// All has the new key take the old one's place only when every host has let it in.
	All bool
	// Tell is called with everything that happens, one at a time; nil for nothing.
	Tell func(Event)

	mu    sync.Mutex
	begun map[string]bool  // hosts that an earlier run may have brought the new key to
	tried map[string]error // hosts that this run went to, and what came of it
}

// Event is something that happened. Target is "" if it did not happen on a host.
type Event struct {
	Target string
	Step   Step
	Phase  Phase // where Target is ""
	Err    error
}

var (
	// ErrPromoted says that a rotation cannot be aborted any more.
	ErrPromoted = errors.New("the new key has taken the old one's place already; what is left to do is to go on")
	// ErrNotProven says that the new key was not let in.
	ErrNotProven = errors.New("the new key is not let in alone")
)

// Result is how far a run has come.
type Result struct {
	Over   bool             // nothing is left to be done
	Failed map[string]error // hosts that this run went to, and could not finish with
	// Waits are the hosts because of which the new key has not taken the old one's place: they could be reached, and have not let
	// it in; or nobody went there. Nil after the promotion.
	Waits []string
}

// Run goes as far as it can: as far as hosts can be reached and let the new key in. An error says that the files, the ledger
// or the journal could not be dealt with, or that ctx ended; hosts that made trouble are in the result. Running it again goes
// on.
func (r *Rotation) Run(ctx context.Context) (Result, error) {
	r.tried = map[string]error{}
	for _, stage := range []func(context.Context) error{
		r.generate, r.begin, r.record, r.install, r.promote, r.record, r.handOver, r.clear, r.record, r.finish,
	} {
		err := ctx.Err()
		if err == nil {
			err = stage(ctx)
		}
		if err != nil {
			return r.result(), err
		}
	}
	return r.result(), nil
}

func (r *Rotation) result() Result {
	res := Result{Failed: map[string]error{}, Over: r.Journal.Phase == Promoted && len(r.Journal.Behind()) == 0}
	for target, err := range r.tried {
		if err != nil {
			res.Failed[target] = err
		}
	}
	if r.Journal.Phase == Generated {
		res.Waits = r.waits()
	}
	return res
}

// change changes the journal, and saves it.
func (r *Rotation) change(change func(*Journal)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.Journal.clone()
	change(&next)
	if err := r.Keeper.Save(next); err != nil {
		return err
	}
	r.Journal = next
	return nil
}

// Places returns the files in which the two private keys lie at this moment. It may be called while Run works.
func (r *Rotation) Places() (old, fresh string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Journal.Places()
}

// Pair returns the two keys of this moment: there is no new one before it is made. It may be called while Run works.
func (r *Rotation) Pair() (old, fresh Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Journal.Old, r.Journal.New
}

func (r *Rotation) tell(e Event) {
	if r.Tell != nil {
		r.Tell(e)
	}
}

// generate makes the new key. What an earlier run made without getting as far as the first host is thrown away: whoever knew
// its passphrase may not know it any more.
func (r *Rotation) generate(ctx context.Context) error {
	j := &r.Journal
	switch j.Phase {
	case Promoting: // it was interrupted there: before anything else, files get their names
		return r.promote(ctx)
	case Generated, Promoted:
		return r.check()
	}
	if err := r.abandon(ctx); err != nil {
		return err
	}
	for _, file := range j.Names() {
		if taken, err := r.Files.Exists(file); err != nil || taken {
			return errors.Join(err, taking(taken, file))
		}
	}
	pair, err := r.Keys.Make(ctx)
	if err != nil {
		return err
	}
	defer clear(pair.Private)
	err = r.change(func(j *Journal) { j.New = KeyOf(pair.Public, pair.Comment) })
	if err == nil {
		err = r.Files.Create(j.NewFile(), pair.Private)
	}
	if err == nil {
		err = r.Files.WritePublic(r.Journal.NewFile()+".pub", r.Journal.New.Line)
	}
	if err == nil {
		err = r.change(func(j *Journal) { j.Phase = Generated })
	}
	if err == nil {
		r.tell(Event{Phase: Generated})
	}
	return err
}

// TakenError says that a name that the rotation needs is taken.
type TakenError struct{ File string }

// Error names it.
func (e *TakenError) Error() string { return e.File + " is there already, and is not of this rotation" }

// Hint says what to do.
func (e *TakenError) Hint() string { return "see what it is, and move it away" }

func taking(taken bool, file string) error {
	if !taken {
		return nil
	}
	return &TakenError{file}
}

// LostError says that a file does not hold the key that it should.
type LostError struct{ File, Fingerprint string }

// Error names both.
func (e *LostError) Error() string {
	return fmt.Sprintf("%s does not hold the key %s any more", e.File, e.Fingerprint)
}

// Hint says what to do.
func (e *LostError) Hint() string {
	return "put the file back, from a backup perhaps, and run it again"
}

// check makes sure that the new key is where it should be, before any host is touched.
func (r *Rotation) check() error {
	j := &r.Journal
	file := j.NewFile()
	if j.Phase == Promoted {
		file = j.File
	}
	if !r.holds(file, j.New) {
		return &LostError{file, j.New.Fingerprint}
	}
	return nil
}

// holds reports whether a file is a private key of which it is known that it is this one.
func (r *Rotation) holds(file string, key Key) bool {
	fingerprint, err := r.Files.Fingerprint(file)
	return err == nil && fingerprint == key.Fingerprint
}

// finish ends the old key, when no host has it any more.
func (r *Rotation) finish(ctx context.Context) error {
	j := &r.Journal
	if j.Phase != Promoted || len(j.Behind()) > 0 {
		return nil
	}
	if err := r.Keys.End(ctx); err != nil {
		return err
	}
	for _, file := range []string{j.OldFile() + ".pub", j.OldFile() + certSuffix} {
		if err := r.Files.Remove(file); err != nil {
			return err
		}
	}
	return r.Keeper.Remove()
}
