package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"keysweep/plugin"
	"keysweep/rotation"
)

// Runner runs one step of a plugin. Its error is nil if the plugin answered; a *plugin.RetryError if the step may succeed later
// or nobody knows whether it was done; any other if the step failed and, for plugin.StepCreate, nothing was made. A reply beside an
// error may hold a secret, which counts.
type Runner interface {
	Run(ctx context.Context, req *plugin.Request) (plugin.Reply, error)
}

// Person does what no plugin can.
type Person interface {
	// NewValue gets the new value of a credential. The caller clears it. Account and Expires of the side are filled in if known.
	NewValue(ctx context.Context, record rotation.Record) ([]byte, Side, error)
	// Ended asks whether the old credential was revoked at the provider.
	Ended(ctx context.Context, record rotation.Record) (bool, error)
}

// Flow rotates one credential. It is for one goroutine, and the caller sees to it that no other process rotates the same record.
type Flow struct {
	Ledger *rotation.Ledger
	// Plugin is the name of the plugin, Runner runs it. Without one a person does everything.
	Plugin string
	Runner Runner
	// Deploy hands the new credential to those who use it; nil if they read the ledger.
	Deploy Runner
	// Person gets the new value if Manual is set or there is no Runner, and says that the old one is revoked if the plugin
	// cannot do that.
	Person Person
	Manual bool
	// Rescue takes the new value before the ledger does. Without it no credential is replaced whose old value ends with that.
	Rescue Rescue
	// Grace is how long the old credential stays valid besides the new one; nil leaves what was said before, or none.
	Grace *time.Duration
	Now   func() time.Time
	// Wait waits between tries; it returns the context's error.
	Wait func(ctx context.Context, d time.Duration) error
	// Say tells of progress, one line at a time.
	Say func(text string)

	record    rotation.Record
	j         Journal
	able      plugin.Description
	tried     time.Time // when the try to create before this one began
	key       []byte    // of the rescue file, while that is in use
	newKey    bool      // the ledger does not have the key yet
	testedNow bool      // the new credential, by this run
	// sheltered is set while the rescue file is ready.
	sheltered bool
}

// Result says how far Run has come.
type Result struct {
	Record rotation.Record
	// Done is set if the rotation is complete. Otherwise the old credential is still valid, and Run is to be called again, not
	// before Until if that is set.
	Done  bool
	Until time.Time
}

// Run begins the rotation of a record, or continues it, and goes as far as it can. What could not be done is an error, and the
// rotation is continued by the next Run: see the types of errors for what they mean. An interrupt is obeyed between the steps
// that must not be torn apart.
func (f *Flow) Run(ctx context.Context, record rotation.Record) (Result, error) {
	defer f.forgetKey()
	if err := f.open(ctx, record); err != nil {
		return Result{}, err
	}
	if f.j.Step == Returning { // an Abort was killed
		if err := f.putBack(ctx); err != nil {
			return Result{}, f.note(ctx, err)
		}
	}
	if err := f.begin(ctx); err != nil {
		return Result{}, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		var until time.Time
		var err error
		switch f.j.Step {
		case Creating:
			err = f.create(ctx)
		case Created:
			err = f.prepare(ctx)
		case Swapped:
			until, err = f.retire(ctx)
		case Revoked:
			until, err = f.prove(ctx)
		default:
			err = fmt.Errorf("the rotation is at a step %q that this version does not know", f.j.Step)
		}
		if err != nil {
			return Result{}, f.note(ctx, err)
		}
		if f.j.Step == "" {
			return Result{Record: f.record, Done: true}, nil
		}
		if !until.IsZero() {
			return Result{Record: f.record, Until: until}, nil
		}
	}
}

// open reads the state and asks the plugin what it can do.
func (f *Flow) open(ctx context.Context, record rotation.Record) error {
	f.record = record
	switch {
	case record.Kind != rotation.KindAPI:
		return fmt.Errorf("%s is no API credential", record.Name)
	case !record.Status.Live():
		return fmt.Errorf("%s is %s", record.Ref(), record.Status)
	}
	j, found, err := Load(ctx, f.Ledger, record.ID)
	if err != nil {
		return err
	}
	if f.j = j; !found {
		f.j = Journal{}
	}
	if err := f.settle(ctx); err != nil {
		return f.note(ctx, err)
	}
	if found && j.Plugin != f.Plugin {
		return &OtherPluginError{Ref: record.Ref(), Began: j.Plugin, Given: f.Plugin}
	}
	f.able = plugin.Description{Phases: plugin.Dual}
	if f.Runner == nil {
		return nil
	}
	err = f.describe(ctx)
	if err != nil && f.Manual && ctx.Err() == nil { // a plugin that is gone or was replaced must not keep a person from going on
		f.Say("without the plugin: " + err.Error())
		f.Runner, err = nil, nil
	}
	return err
}

// describe asks the plugin what it can do.
func (f *Flow) describe(ctx context.Context) error {
	reply, err := f.Runner.Run(ctx, &plugin.Request{Protocol: plugin.Version, Step: plugin.StepDescribe})
	if err != nil {
		return err
	}
	d := reply.Description
	switch {
	case d == nil:
		return fmt.Errorf("plugin %s: it does not say what it can do", f.Plugin)
	case d.Protocol != plugin.Version:
		return fmt.Errorf("plugin %s: it speaks protocol %d, and this is %d", f.Plugin, d.Protocol, plugin.Version)
	case d.Phases != plugin.Single && d.Phases != plugin.Dual && slices.Contains(d.Steps, plugin.StepCreate):
		return fmt.Errorf("plugin %s: phases %q is neither single nor dual", f.Plugin, d.Phases)
	}
	f.able = *d
	return nil
}

// single reports whether the provider ended the old credential as it made the new one.
func (f *Flow) single() bool { return f.j.Phases == plugin.Single && !f.j.Manual }

func (f *Flow) can(step string) bool { return f.Runner != nil && slices.Contains(f.able.Steps, step) }

// begin writes the state down before anything is done.
func (f *Flow) begin(ctx context.Context) error {
	if f.j.Step != "" {
		if err := f.resume(ctx); err != nil || f.j.Step != "" {
			return err
		}
	}
	manual := f.Manual || !f.can(plugin.StepCreate)
	if manual && f.Person == nil {
		return fmt.Errorf("plugin %s cannot make credentials, and there is nobody to ask", f.Plugin)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails, see its documentation
	j := Journal{Plugin: f.Plugin, Manual: manual, RequestID: hex.EncodeToString(id), Step: Creating, StartedAt: whole(f.Now()), Phases: f.able.Phases}
	if f.Grace != nil && f.record.Status != rotation.Compromised {
		j.Grace = *f.Grace
	}
	if err := f.shelter(ctx, &j); err != nil {
		return err
	}
	err := f.start(ctx, &j)
	if err != nil && f.sheltered {
		f.sheltered = false
		return errors.Join(err, f.Rescue.Remove(j.label(&f.record)))
	}
	if err == nil {
		f.j = j
	}
	return err
}

// start writes the first journal down.
func (f *Flow) start(ctx context.Context, j *Journal) error {
	return f.Ledger.Do(ctx, func(tx *rotation.Tx) error {
		if _, err := tx.Secret(f.record.ID + journalSuffix); !errors.Is(err, rotation.ErrNotFound) {
			return errors.Join(err, errors.New("another process has just begun to rotate it"))
		}
		now, err := tx.Record(f.record.ID)
		if err != nil {
			return err
		}
		if now.Mark != f.record.Mark {
			return fmt.Errorf("another process has just replaced %s", now.Ref())
		}
		f.record = now
		value, err := tx.Secret(f.record.ID)
		if err != nil {
			return fmt.Errorf("the value of %s: %w", f.record.Ref(), err)
		}
		defer clear(value)
		if j.Old.Mark, err = tx.Mark(value); err != nil {
			return err
		}
		j.Old.Account, j.Old.Meta = f.record.Account, f.meta(tx)
		if err := errors.Join(tx.RemoveSecret(f.record.ID+previousSuffix), tx.RemoveSecret(f.record.ID+wasSuffix)); err != nil {
			return err
		}
		if err := f.lock(tx); err != nil {
			return err
		}
		return j.write(tx, f.record.ID)
	})
}

// meta returns what the plugin answered when the credential in use was made.
func (f *Flow) meta(tx *rotation.Tx) (meta map[string]string) {
	data, err := tx.Secret(f.record.ID + metaSuffix)
	if err != nil || json.Unmarshal(data, &meta) != nil {
		return nil
	}
	return meta
}

// resume takes what is said anew of a rotation that is under way: another grace, and that a person gets the new value after all.
func (f *Flow) resume(ctx context.Context) error {
	if f.Manual && f.j.Step != Creating {
		if err := f.discard(ctx); err != nil || f.j.Step == "" {
			return err
		}
	}
	next := f.j
	if f.Grace != nil && f.record.Status != rotation.Compromised {
		next.Grace = *f.Grace
	}
	if f.Manual && f.j.Step == Creating {
		next.Manual = true
	}
	if next.Grace == f.j.Grace && next.Manual == f.j.Manual {
		return nil
	}
	f.j = next
	return f.save(ctx)
}

func (f *Flow) save(ctx context.Context) error {
	err := f.Ledger.Do(ctx, func(tx *rotation.Tx) error {
		if err := f.lock(tx); err != nil {
			return err
		}
		return f.j.write(tx, f.record.ID)
	})
	if err == nil {
		f.newKey = false
	}
	return err
}

// note keeps an error for those who ask how the rotation stands, and returns it.
func (f *Flow) note(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) || f.j.Step == "" {
		return err
	}
	text := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, err.Error())
	if len(text) > maxTrouble {
		text = strings.ToValidUTF8(text[:maxTrouble], "")
	}
	if text != f.j.Trouble {
		f.j.Trouble = text
		_ = f.save(context.WithoutCancel(ctx)) // the error itself says more than that it could not be noted
	}
	return err
}

// ask runs a step with both credentials as they are now. The reply's secret is the caller's to clear.
func (f *Flow) ask(ctx context.Context, runner Runner, step string, subject plugin.Subject) (plugin.Reply, error) {
	req := &plugin.Request{
		Protocol: plugin.Version, Step: step, Subject: subject, ID: f.record.ID, Name: f.record.Name, Env: f.record.Env,
		RequestID: f.j.RequestID, StartedAt: f.j.StartedAt,
	}
	if step == plugin.StepCreate {
		req.Attempt, req.TriedAt = f.j.Attempt, f.tried
	}
	defer req.Clear()
	var err error
	if req.Current, req.Pending, err = f.credentials(ctx); err != nil {
		return plugin.Reply{}, err
	}
	if req.Current == nil {
		return plugin.Reply{}, fmt.Errorf("the old credential: %w", rotation.ErrNotFound)
	}
	run := runner.Run
	if step == plugin.StepCreate {
		run = f.runCreate
	}
	reply, err := run(ctx, req)
	switch {
	case err == nil && !reply.OK && !reply.Refused:
		err = fmt.Errorf("step %s: it was not done, and the plugin does not say why", step)
		if reply.Message != "" {
			err = fmt.Errorf("step %s: %s", step, reply.Message)
		}
	case err == nil && reply.OK && reply.Message != "":
		f.Say(reply.Message)
	}
	return reply, err
}

// credentials reads the two credentials; nil for one that there is not. What is there says how far a swap came that was
// killed: the old one is the previous one wherever there is such.
func (f *Flow) credentials(ctx context.Context) (current, pending *plugin.Credential, err error) {
	var values [3][]byte
	for i, suffix := range []string{"", previousSuffix, pendingSuffix} {
		value, err := f.Ledger.Secret(ctx, f.record.ID+suffix)
		if err != nil && !errors.Is(err, rotation.ErrNotFound) {
			return nil, nil, err
		}
		values[i] = value
	}
	inUse, old, fresh := values[0], values[1], values[2]
	switch swapped := f.j.Step == Swapped || f.j.Step == Revoked; {
	case old == nil && !swapped:
		old = inUse
	case fresh == nil:
		fresh = inUse
	default:
		clear(inUse)
	}
	return credential(old, f.j.Old), credential(fresh, f.j.New), nil
}

func credential(secret []byte, side Side) *plugin.Credential {
	if secret == nil {
		return nil
	}
	return &plugin.Credential{Secret: secret, Account: side.Account, Meta: side.Meta}
}

// whole is a time as the ledger holds it.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
