package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
	"keysweep/rotation/rescue"
)

var errKilled = errors.New("killed")

// world is a ledger, a provider and a process that rotates, in which everything that can go wrong is counted: at the chosen
// counts, it does.
type world struct {
	t      *testing.T
	items  map[string]string // the ledger's
	valid  map[string]bool   // values that the provider accepts
	ids    map[string]string // account -> value
	forReq map[string]string // value -> request id that it was made for
	phases plugin.Phases
	now    time.Time
	said   strings.Builder

	count  int
	faults map[int]fault
	dead   bool // killed: nothing works any more until the next run
	made   int
	steps  []string
	kept   bool              // the latest value was in the ledger, or in a rescue file that it can open
	full   bool              // for the rest of the run
	files  map[string][]byte // rescue files
	held   string            // the one that is ready
	heard  bool              // the flow has got the latest value
	unkept bool              // and could not put it into the rescue file
	deploy int               // times that consumers got the new one
	grace  time.Duration
}

type fault int

const (
	none   fault = iota
	killed       // before the operation
	after        // once it was carried out
	broken       // it is carried out, and its answer lost
	busy         // it is not carried out, and may be later
	full         // from now on, until the run ends, there is no room on the disk for anything new
)

// fault returns what happens at the next operation.
func (w *world) fault() fault {
	if w.dead {
		return killed
	}
	w.count++
	f := w.faults[w.count]
	if f == full {
		w.full = true
		return none
	}
	if f == killed || f == after {
		w.dead = true
	}
	return f
}

func newWorld(t *testing.T, phases plugin.Phases, faults map[int]fault) (*world, rotation.Record) {
	w := &world{t: t, items: map[string]string{}, valid: map[string]bool{"value-0": true}, ids: map[string]string{"id-0": "value-0"},
		forReq: map[string]string{}, files: map[string][]byte{}, phases: phases, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	var r rotation.Record
	err := w.ledger().Do(t.Context(), func(tx *rotation.Tx) error {
		mark, err := tx.Mark([]byte("value-0"))
		if err != nil {
			return err
		}
		r, err = tx.Add(rotation.Record{Kind: rotation.KindAPI, Name: "TOKEN", Env: "prod", Provider: "acme", Account: "id-0", Mark: mark,
			Evidence: []rotation.Evidence{{Source: "stated by owner", At: w.now.AddDate(0, 0, -100)}}})
		if err != nil {
			return err
		}
		return tx.SetSecret(r.ID, []byte("value-0"))
	})
	if err != nil {
		t.Fatal(err)
	}
	w.count, w.faults = 0, faults
	return w, r
}

func (w *world) ledger() *rotation.Ledger {
	return rotation.Open(w, "box", func() time.Time { return w.now })
}

// Get, List, View, Update and Describe are rotation.Store's.
func (w *world) Get(_ context.Context, name string) ([]byte, error) {
	return worldTxn{w.items}.Get(name)
}

func (w *world) List(context.Context) ([]string, error) { return worldTxn{w.items}.List() }

func (w *world) View(_ context.Context, look func(rotation.Reader) error) error {
	return look(worldTxn{w.items})
}

func (w *world) Describe() string { return "a map" }

// Update makes the changes one by one, and can be killed before each of them.
func (w *world) Update(ctx context.Context, change func(rotation.Txn) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	txn := &recorded{worldTxn{maps.Clone(w.items)}, nil}
	if err := change(txn); err != nil {
		return err
	}
	for _, c := range txn.changes {
		f := w.fault()
		if w.full && f == none {
			f = busy
		}
		switch f {
		case killed:
			return errKilled
		case busy, broken:
			return errors.New("the disk is full")
		case after:
			c(w.items)
			w.look()
			return errKilled
		}
		c(w.items)
		w.look()
	}
	return nil
}

// look notes that the latest value has come into the ledger.
func (w *world) look() {
	latest := fmt.Sprintf("value-%d", w.made)
	for _, data := range w.items {
		w.kept = w.kept || strings.HasSuffix(data, "\n"+latest)
	}
	w.kept = w.kept || slices.Contains(w.rescued(), latest)
}

// unsure reports whether nobody can know a value that works: the provider has ended the old one, and the process ended with the
// answer in its hands, or never got it.
func (w *world) unsure() bool { return w.phases == plugin.Single && w.made > 0 && !w.kept }

type worldTxn struct{ items map[string]string }

func (x worldTxn) Get(name string) ([]byte, error) {
	data, ok := x.items[name]
	if !ok {
		return nil, rotation.ErrNotFound
	}
	return []byte(data), nil
}

func (x worldTxn) List() ([]string, error) { return slices.Sorted(maps.Keys(x.items)), nil }

type recorded struct {
	worldTxn
	changes []func(map[string]string)
}

func (x *recorded) Put(name string, data []byte) error {
	text := string(data)
	x.items[name] = text
	x.changes = append(x.changes, func(items map[string]string) { items[name] = text })
	return nil
}

func (x *recorded) Delete(name string) error {
	delete(x.items, name)
	x.changes = append(x.changes, func(items map[string]string) { delete(items, name) })
	return nil
}

// Run is Runner's, with the faults.
func (w *world) Run(_ context.Context, req *plugin.Request) (plugin.Reply, error) {
	if req.Step == plugin.StepDescribe {
		steps := []string{plugin.StepCreate, plugin.StepTest}
		if w.phases == plugin.Dual {
			steps = append(steps, plugin.StepRevoke)
		}
		return plugin.Reply{OK: true, Description: &plugin.Description{Protocol: plugin.Version, Name: "acme", Phases: w.phases, Steps: steps}}, nil
	}
	w.steps = append(w.steps, req.Step)
	f := w.fault()
	switch f {
	case killed:
		return plugin.Reply{}, errKilled
	case busy:
		return plugin.Reply{}, &plugin.RetryError{Err: errors.New("503")}
	}
	reply, err := w.act(req)
	w.heard = w.heard || len(reply.Secret) > 0 && f == none
	if f == after || f == broken {
		if f == after {
			return plugin.Reply{}, errKilled
		}
		return plugin.Reply{}, &plugin.RetryError{Err: errors.New("connection reset")}
	}
	return reply, err
}

func (w *world) act(req *plugin.Request) (plugin.Reply, error) {
	subject, other := req.Subjects()
	switch req.Step {
	case plugin.StepCreate:
		return w.create(req)
	case plugin.StepTest:
		account := subject.Account
		if account == "" && other != nil { // as AWS IAM: the one beside the other
			for id, value := range w.ids {
				if id != other.Account && w.valid[value] {
					account = id
				}
			}
		}
		ok := w.valid[string(subject.Secret)] && w.ids[account] == string(subject.Secret)
		return plugin.Reply{OK: ok, Refused: !ok, Account: account}, nil
	case plugin.StepRevoke:
		if !w.valid[string(other.Secret)] {
			return plugin.Reply{}, errors.New("401")
		}
		delete(w.valid, string(subject.Secret))
		return plugin.Reply{OK: true}, nil
	}
	return plugin.Reply{}, fmt.Errorf("step %s", req.Step)
}

// create makes a value; of two that are valid at once none may be made, but for one that an earlier try lost.
func (w *world) create(req *plugin.Request) (plugin.Reply, error) {
	if !w.valid[string(req.Current.Secret)] {
		if w.phases == plugin.Single {
			clear(w.valid) // taken for a theft
		}
		return plugin.Reply{Refused: true}, nil
	}
	for value := range w.valid {
		if value == string(req.Current.Secret) {
			continue
		}
		if req.Attempt < 2 || w.forReq[value] != req.RequestID {
			return plugin.Reply{}, errors.New("there are two already")
		}
		delete(w.valid, value)
	}
	w.made++
	value, id := fmt.Sprintf("value-%d", w.made), fmt.Sprintf("id-%d", w.made)
	if w.phases == plugin.Single {
		clear(w.valid)
	}
	w.valid[value], w.ids[id], w.forReq[value], w.kept, w.heard, w.unkept = true, value, req.RequestID, false, false, false
	return plugin.Reply{OK: true, Secret: plugin.Secret(value), Account: id, CreatedAt: w.now, ExpiresAt: w.now.AddDate(0, 0, 90)}, nil
}

// abort gives the rotation up, as a process of its own.
func (w *world) abort(r rotation.Record) error {
	w.dead, w.full, w.held = false, false, ""
	record, err := recordOf(w.t.Context(), w.ledger(), r.ID)
	if err != nil {
		return err
	}
	f := &Flow{Ledger: w.ledger(), Plugin: "acme", Runner: w, Rescue: w, Now: func() time.Time { return w.now },
		Say: func(text string) { w.said.WriteString(text + "\n") }}
	return f.Abort(w.t.Context(), record)
}

// run runs once, as a process of its own.
func (w *world) run(r rotation.Record, change func(*Flow)) (Result, error) {
	w.dead, w.full, w.held = false, false, ""
	ctx := w.t.Context()
	record, err := recordOf(ctx, w.ledger(), r.ID)
	if err != nil {
		return Result{}, err
	}
	f := &Flow{Ledger: w.ledger(), Plugin: "acme", Runner: w, Rescue: w, Now: func() time.Time { return w.now },
		Wait: func(ctx context.Context, d time.Duration) error {
			w.now = w.now.Add(d)
			return ctx.Err()
		},
		Say: func(text string) { w.said.WriteString(text + "\n") }}
	if w.grace > 0 {
		f.Grace = &w.grace
	}
	if change != nil {
		change(f)
	}
	return f.Run(ctx, record)
}

func recordOf(ctx context.Context, l *rotation.Ledger, id string) (rotation.Record, error) {
	records, err := l.Records(ctx)
	i := slices.IndexFunc(records, func(r rotation.Record) bool { return r.ID == id })
	if err == nil && i < 0 {
		err = rotation.ErrNotFound
	}
	if err != nil {
		return rotation.Record{}, err
	}
	return records[i], nil
}

// values are the ledger's.
func (w *world) values(id string) map[string]string {
	found := map[string]string{}
	for _, suffix := range []string{"", pendingSuffix, previousSuffix, journalSuffix, rescueSuffix, wasSuffix} {
		if value, err := w.ledger().Secret(context.Background(), id+suffix); err == nil {
			found[suffix] = string(value)
		}
	}
	return found
}

// Ready, Seal, Load, Remove and Path are Rescue's, with the faults.
func (w *world) Ready(l rescue.Label) error {
	path := w.Path(l)
	data, there := w.files[path]
	if len(data) > 0 {
		w.t.Errorf("what is in a rescue file was to be overwritten")
	}
	f := w.fault()
	if f == killed || f == busy || f == broken || w.full && !there {
		return errors.New("no space left on device")
	}
	maps.DeleteFunc(w.files, func(other string, data []byte) bool {
		return data == nil && strings.HasPrefix(other, l.Record+"-")
	})
	w.files[path], w.held = nil, path
	if f == after {
		return errKilled
	}
	return nil
}

// Seal writes where there is room already: a full disk does not matter.
func (w *world) Seal(l rescue.Label, sealed []byte) error {
	f := w.fault()
	if w.held != w.Path(l) {
		w.t.Errorf("not made ready")
	}
	if f == killed || f == busy {
		w.unkept = true
		return errors.New("input/output error")
	}
	w.files[w.held] = slices.Clone(sealed)
	w.look()
	if f != none {
		return errKilled
	}
	return nil
}

func (w *world) Load(l rescue.Label) ([]byte, error) {
	data, there := w.files[w.Path(l)]
	if !there {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

func (w *world) Remove(l rescue.Label) error {
	f := w.fault()
	if f == killed || f == busy {
		return errors.New("read-only file system")
	}
	delete(w.files, w.Path(l))
	if f != none {
		return errKilled
	}
	return nil
}

func (w *world) Release() { w.held = "" }

func (w *world) Held() *os.File { return nil }

func (w *world) Path(l rescue.Label) string { return l.Record + "-" + l.Request }

// rescued are the values in rescue files that the ledger has the key of.
func (w *world) rescued() (values []string) {
	for path, sealed := range w.files {
		id, _, _ := strings.Cut(path, "-")
		key, err := w.ledger().Secret(context.Background(), id+rescueSuffix)
		if sealed == nil || err != nil {
			continue
		}
		text, err := rescue.Open(key, sealed)
		var a answer
		if err == nil && json.Unmarshal(text, &a) == nil {
			values = append(values, string(a.Secret))
		}
	}
	return values
}
