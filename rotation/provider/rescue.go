package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
	"keysweep/rotation/rescue"
)

// Rescue is where a new value is put before the ledger has it, and independently of that: *rescue.Place, whose methods say what is
// wanted.
type Rescue interface {
	Ready(l rescue.Label) error
	Seal(l rescue.Label, sealed []byte) error
	Load(l rescue.Label) ([]byte, error)
	Remove(l rescue.Label) error
	Path(l rescue.Label) string
	Release()
	Held() *os.File
}

// rescueSuffix names the secret that opens the rescue file of a rotation. It is written with the journal and goes with it.
const rescueSuffix = "/rescue"

// answer is what a provider, or a person, has answered with. It is what is sealed.
type answer struct {
	Record        string    `json:"record"`
	Request       string    `json:"request"`
	Secret        []byte    `json:"secret"`
	New           Side      `json:"new"`
	OldValidUntil time.Time `json:"old_valid_until,omitzero"`
}

// Openable reports whether the ledger has the key of a rescue file of a record.
func Openable(ctx context.Context, ledger *rotation.Ledger, l rescue.Label) (bool, error) {
	key, err := ledger.Secret(ctx, l.Record+rescueSuffix)
	clear(key)
	if errors.Is(err, rotation.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	j, found, err := Load(ctx, ledger, l.Record)
	return found && j.RequestID == l.Request, err
}

func (j *Journal) label(r *rotation.Record) rescue.Label {
	ref := r.Ref()
	if len(ref) > 200 {
		ref = strings.ToValidUTF8(ref[:200], "")
	}
	return rescue.Label{Record: r.ID, Request: j.RequestID, Ref: ref, At: j.StartedAt}
}

// shelter makes the rescue file ready, with room for the answer, before that is asked for. Where the old value ends with the
// answer, nothing is asked without it. The key is for lock.
func (f *Flow) shelter(ctx context.Context, j *Journal) error {
	if f.sheltered {
		return nil
	}
	err := f.makeKey(ctx, f.j.Step == "")
	if err == nil && f.Rescue == nil {
		err = errors.New("there is no place for it")
	}
	if err == nil {
		err = f.Rescue.Ready(j.label(&f.record))
	}
	f.sheltered = err == nil
	if err == nil {
		return nil
	}
	f.forgetKey()
	if j.Phases == plugin.Single && !j.Manual {
		return &UnreadyError{f.record, err}
	}
	f.Say("note: the new value will have no second place until the ledger has it: " + err.Error())
	return nil
}

// makeKey reads the key of the rescue file, or makes one: each rotation has its own.
func (f *Flow) makeKey(ctx context.Context, fresh bool) (err error) {
	f.forgetKey()
	if !fresh {
		f.key, err = f.Ledger.Secret(ctx, f.record.ID+rescueSuffix)
	}
	if fresh || errors.Is(err, rotation.ErrNotFound) {
		f.newKey = true
		f.key, err = rescue.NewKey()
	}
	return err
}

// lock puts the key into the ledger, in the transaction that says that the provider is going to be asked.
func (f *Flow) lock(tx *rotation.Tx) error {
	if f.key == nil || !f.newKey {
		return nil
	}
	return tx.SetSecret(f.record.ID+rescueSuffix, f.key)
}

// forgetKey ends what shelter began; the file stays.
func (f *Flow) forgetKey() {
	if f.Rescue != nil {
		f.Rescue.Release()
	}
	clear(f.key)
	f.key, f.newKey, f.sheltered = nil, false, false
}

// seal puts an answer into the rescue file.
func (f *Flow) seal(value []byte, side Side, oldValidUntil time.Time) error {
	if !f.sheltered {
		return errors.New("there is no rescue file")
	}
	text, err := json.Marshal(answer{Record: f.record.ID, Request: f.j.RequestID, Secret: value, New: side, OldValidUntil: oldValidUntil})
	defer clear(text)
	if err != nil {
		return err
	}
	to, err := rescue.Recipient(f.key)
	if err != nil {
		return err
	}
	sealed, err := rescue.Seal(to, text)
	if err != nil {
		return err
	}
	return f.Rescue.Seal(f.j.label(&f.record), sealed)
}

// Keeper is a Runner that can have the answer put into the rescue file by another process, which goes on if this one is killed:
// with KeepAnswer, which gets the file and the note. It may do without, and be Runner alone.
type Keeper interface {
	Runner
	RunKept(ctx context.Context, req *plugin.Request, file *os.File, note []byte) (plugin.Reply, error)
}

// keeperNote is what KeepAnswer has to know.
type keeperNote struct {
	Record    string `json:"record"`
	Request   string `json:"request"`
	Recipient string `json:"recipient"`
}

// KeepAnswer puts a plugin's answer into the rescue file.
func KeepAnswer(file *os.File, note []byte, reply *plugin.Reply) error {
	var n keeperNote
	if err := json.Unmarshal(note, &n); err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	text, err := json.Marshal(answer{Record: n.Record, Request: n.Request, Secret: reply.Secret, New: sideOf(reply), OldValidUntil: reply.OldValidUntil})
	defer clear(text)
	if err != nil {
		return err
	}
	sealed, err := rescue.Seal(n.Recipient, text)
	if err != nil {
		return err
	}
	return rescue.Put(file, sealed)
}

// sideOf is what a plugin says of a new credential, as far as it can be kept, which is in the clear.
func sideOf(reply *plugin.Reply) Side {
	for _, text := range append(slices.Collect(maps.Values(reply.Meta)), reply.Account) {
		if len(reply.Secret) > 0 && strings.Contains(text, string(reply.Secret)) {
			return Side{Created: reply.CreatedAt, Expires: reply.ExpiresAt}
		}
	}
	return Side{Account: account(reply.Account), Meta: meta(reply.Meta), Created: reply.CreatedAt, Expires: reply.ExpiresAt}
}

// runCreate runs the step that makes the new credential: by a keeper, if there is one.
func (f *Flow) runCreate(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	keeper, ok := f.Runner.(Keeper)
	if !ok || !f.sheltered {
		return f.Runner.Run(ctx, req)
	}
	to, err := rescue.Recipient(f.key)
	if err != nil {
		return plugin.Reply{}, err
	}
	note, err := json.Marshal(keeperNote{f.record.ID, f.j.RequestID, to})
	if err != nil {
		return plugin.Reply{}, err
	}
	return keeper.RunKept(ctx, req, f.Rescue.Held(), note)
}

// sealedAlready reports whether a keeper has put the value into the rescue file.
func (f *Flow) sealedAlready(value []byte) bool {
	if !f.sheltered {
		return false
	}
	sealed, err := f.Rescue.Load(f.j.label(&f.record))
	if err != nil || sealed == nil {
		return false
	}
	a, err := f.unseal(f.key, sealed)
	defer clear(a.Secret)
	return err == nil && bytes.Equal(a.Secret, value)
}

// settle looks for an answer that an earlier run has put into the rescue file, and takes it into the ledger.
func (f *Flow) settle(ctx context.Context) error {
	if f.Rescue == nil || f.j.Step == "" {
		return nil
	}
	label := f.j.label(&f.record)
	sealed, err := f.Rescue.Load(label)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case f.j.Step != Creating: // the ledger has it
		f.unshelter()
		return nil
	case errors.Is(err, rescue.ErrDamaged):
		f.Say("the rescue file cannot be read, and what may have been in it is lost: " + err.Error())
		return nil
	case err != nil:
		return err
	case sealed == nil:
		return nil
	}
	err = f.takeIn(ctx, sealed)
	var unopened *UnopenedError
	if errors.As(err, &unopened) && f.Manual { // a person comes with another one
		f.Say(err.Error())
		return nil
	}
	return err
}

// takeIn has the ledger take what is in the rescue file.
func (f *Flow) takeIn(ctx context.Context, sealed []byte) error {
	path := f.Rescue.Path(f.j.label(&f.record))
	key, err := f.Ledger.Secret(ctx, f.record.ID+rescueSuffix)
	defer clear(key)
	if err != nil {
		return &UnopenedError{f.record, path, err}
	}
	a, err := f.unseal(key, sealed)
	defer clear(a.Secret)
	if err != nil {
		return &UnopenedError{f.record, path, err}
	}
	err = f.inscribe(context.WithoutCancel(ctx), a.Secret, a.New, a.OldValidUntil, nil)
	var same *SameError
	switch {
	case errors.As(err, &same): // nothing is lost with it
		f.unshelter()
		return nil
	case err != nil:
		return &SealedError{f.record, path, err}
	}
	f.Say("the new value that waited outside the ledger is taken in")
	f.unshelter()
	return nil
}

func (f *Flow) unseal(key, sealed []byte) (a answer, err error) {
	text, err := rescue.Open(key, sealed)
	defer clear(text)
	if err != nil {
		return a, err
	}
	if json.Unmarshal(text, &a) != nil || len(a.Secret) == 0 { // the text of the error may quote it
		return a, errors.New("what is in it cannot be read")
	}
	if a.Record != f.record.ID || a.Request != f.j.RequestID {
		return a, errors.New("it is that of another rotation")
	}
	return a, nil
}

// unshelter destroys the rescue file once the ledger has what is in it. If that fails, the next run does it, and the rotation does
// not end before.
func (f *Flow) unshelter() {
	if err := f.leave(); err != nil {
		f.Say("note: " + err.Error())
	}
}

func (f *Flow) leave() error {
	f.forgetKey()
	if f.Rescue == nil {
		return nil
	}
	label := f.j.label(&f.record)
	if err := f.Rescue.Remove(label); err != nil {
		return fmt.Errorf("remove the rescue file %s: %w", f.Rescue.Path(label), err)
	}
	return nil
}
