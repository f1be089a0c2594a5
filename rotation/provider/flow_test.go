package provider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

func TestRotate(t *testing.T) {
	for _, phases := range []plugin.Phases{plugin.Dual, plugin.Single} {
		t.Run(string(phases), func(t *testing.T) {
			w, r := newWorld(t, phases, nil)
			result, err := w.run(r, nil)
			if err != nil || !result.Done {
				t.Fatalf("%+v, %v", result, err)
			}
			w.wantEnd(r)
			got := result.Record
			if got.Account != "id-1" || !got.RotatedAt.Equal(w.now) || !got.Expires.Equal(w.now.AddDate(0, 0, 90)) || got.Mark == r.Mark {
				t.Errorf("record: %+v", got)
			}
			if e, _ := got.OldestEvidence(); e.Source != rotation.FromProvider || !e.At.Equal(w.now) {
				t.Errorf("evidence: %+v", e)
			}
			if strings.Contains(w.said.String(), "value-") {
				t.Errorf("said a secret: %s", w.said.String())
			}
		})
	}
}

// wantEnd wants the end of a rotation: one value that works, and nothing left over.
func (w *world) wantEnd(r rotation.Record) {
	w.t.Helper()
	values := w.values(r.ID)
	if len(values) != 1 || !w.valid[values[""]] || values[""] == "value-0" {
		w.t.Errorf("in the ledger: %v, at the provider: %v", values, w.valid)
	}
	if len(w.files) > 0 {
		w.t.Errorf("rescue files are left: %v", w.files)
	}
	if len(w.valid) != 1 {
		w.t.Errorf("the provider accepts %v", w.valid)
	}
	got, err := recordOf(w.t.Context(), w.ledger(), r.ID)
	if err != nil || got.Status != rotation.Active {
		w.t.Errorf("record %+v, %v", got, err)
	}
	if w.ids[got.Account] != values[""] {
		w.t.Errorf("account %s is of %s, and the value is %s", got.Account, w.ids[got.Account], values[""])
	}
	if _, err := w.ledger().Buried(w.t.Context(), rotation.MarkPrint(r.Mark)); err != nil {
		w.t.Errorf("no tombstone: %v", err)
	}
}

// wantNotStranded wants, at any moment, a value in the ledger that works.
func (w *world) wantNotStranded(r rotation.Record) {
	w.t.Helper()
	if w.unsure() && w.heard && !w.unkept {
		w.t.Fatalf("the provider's answer came and is lost: %v", w.values(r.ID))
	}
	if w.unsure() {
		return
	}
	for suffix, value := range w.values(r.ID) {
		if suffix != journalSuffix && w.valid[value] {
			return
		}
	}
	if slices.ContainsFunc(w.rescued(), func(value string) bool { return w.valid[value] }) {
		return
	}
	w.t.Fatalf("no value in the ledger works: %v, at the provider: %v", w.values(r.ID), w.valid)
}

// TestFaults lets everything go wrong at every place once, and then sees that the next runs put it right.
func TestFaults(t *testing.T) {
	for _, phases := range []plugin.Phases{plugin.Dual, plugin.Single} {
		for _, kind := range []fault{killed, after, broken, busy, full} {
			for at := 1; ; at++ {
				w, r := newWorld(t, phases, map[int]fault{at: kind})
				if !w.survive(r, 4) {
					t.Fatalf("%s, fault %d at operation %d: not finished\n%s", phases, kind, at, w.said.String())
				}
				if w.count < at { // the fault was never reached
					if at < 20 {
						t.Fatalf("only %d operations: the test looks at nothing", w.count)
					}
					break
				}
				if t.Failed() {
					t.Fatalf("%s, fault %d at operation %d", phases, kind, at)
				}
			}
		}
	}
}

// TestManyFaults is TestFaults with several faults, at random.
func TestManyFaults(t *testing.T) {
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		faults := map[int]fault{}
		for range 1 + rnd.IntN(8) {
			faults[1+rnd.IntN(80)] = fault(1 + rnd.IntN(5))
		}
		phases := []plugin.Phases{plugin.Dual, plugin.Single}[seed%2]
		w, r := newWorld(t, phases, faults)
		if seed%3 == 0 {
			w.grace = time.Hour
		}
		if !w.survive(r, 40) || t.Failed() {
			t.Fatalf("seed %d (%s, %v): not finished\n%s", seed, phases, faults, w.said.String())
		}
	}
}

// survive runs until the rotation is done, and sees after each run that nobody is stranded.
func (w *world) survive(r rotation.Record, runs int) bool {
	w.t.Helper()
	for range runs {
		result, err := w.run(r, nil)
		w.wantNotStranded(r)
		var lost *LostError
		var dead *DeadError
		switch {
		case errors.As(err, &lost), errors.As(err, &dead):
			if !w.unsure() {
				w.t.Errorf("said to be lost, and is not: %v", err)
			}
			return w.byHand(r)
		case err == nil && result.Done:
			w.wantEnd(r)
			return true
		case err == nil:
			if len(w.valid) < 2 {
				w.t.Errorf("in grace, and the provider accepts %v", w.valid)
			}
			w.now = result.Until
		}
	}
	return false
}

// byHand is what a person does who was told that no value that works is known.
func (w *world) byHand(r rotation.Record) bool {
	w.faults = nil
	w.made++
	value, id := fmt.Sprintf("value-%d", w.made), fmt.Sprintf("id-%d", w.made)
	clear(w.valid)
	w.valid[value], w.ids[id] = true, value
	hand := func(f *Flow) { f.Manual, f.Person = true, &person{value: value, account: id, ended: true} }
	result, err := w.run(r, hand)
	if err == nil && !result.Done {
		w.now = result.Until
		result, err = w.run(r, hand)
	}
	if err != nil || !result.Done {
		w.t.Errorf("by hand: %+v, %v", result, err)
		return false
	}
	w.wantEnd(r)
	return true
}

type person struct {
	value, account string
	ended          bool
	asked          int
}

func (p *person) NewValue(context.Context, rotation.Record) ([]byte, Side, error) {
	if p.value == "" {
		return nil, Side{}, context.Canceled
	}
	return []byte(p.value), Side{Account: p.account}, nil
}

func (p *person) Ended(context.Context, rotation.Record) (bool, error) {
	p.asked++
	return p.ended, nil
}

func TestGrace(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	w.grace = 24 * time.Hour
	result, err := w.run(r, nil)
	if err != nil || result.Done || !result.Until.Equal(w.now.Add(w.grace)) {
		t.Fatalf("%+v, %v", result, err)
	}
	if result.Record.Status != rotation.Retiring || !w.valid["value-0"] || w.values(r.ID)[""] != "value-1" {
		t.Errorf("in grace: %s, %v, %v", result.Record.Status, w.valid, w.values(r.ID))
	}
	if result, err = w.run(r, nil); err != nil || result.Done {
		t.Errorf("too early: %+v, %v", result, err)
	}
	w.now = w.now.Add(w.grace)
	if result, err = w.run(r, nil); err != nil || !result.Done {
		t.Fatalf("%+v, %v", result, err)
	}
	w.wantEnd(r)
}

// TestCompromised wants no grace for a value that others know.
func TestCompromised(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	if _, err := w.ledger().Change(t.Context(), r.ID, "compromised", func(r *rotation.Record) error { r.Status = rotation.Compromised; return nil }); err != nil {
		t.Fatal(err)
	}
	w.grace = time.Hour
	if result, err := w.run(r, nil); err != nil || !result.Done {
		t.Fatalf("%+v, %v", result, err)
	}
	w.wantEnd(r)
}

// TestCompromisedMeanwhile wants the grace to end when a value becomes known to others, and that it is the new one not to be forgotten.
func TestCompromisedMeanwhile(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	w.grace = time.Hour
	if result, err := w.run(r, nil); err != nil || result.Done {
		t.Fatalf("%+v, %v", result, err)
	}
	err := w.ledger().Do(t.Context(), func(tx *rotation.Tx) error {
		changed, err := tx.Change(r.ID, "compromised", func(r *rotation.Record) error { r.Status = rotation.Compromised; return nil })
		if err != nil {
			return err
		}
		return tx.Bury(rotation.MarkPrint(changed.Mark), "compromised")
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.run(r, nil)
	if err != nil || !result.Done || w.valid["value-0"] || result.Record.Status != rotation.Compromised {
		t.Fatalf("the old one accepted: %v, %+v, %v", w.valid["value-0"], result, err)
	}
	if result, err = w.run(r, nil); err != nil || !result.Done || result.Record.Status != rotation.Active || !w.valid["value-2"] {
		t.Fatalf("%+v, %v", result, err)
	}
}

// TestBothRefused wants a way on for a person where somebody has revoked the new value, too.
func TestBothRefused(t *testing.T) {
	for _, phases := range []plugin.Phases{plugin.Dual, plugin.Single} {
		for at := 1; at < 60; at++ {
			w, r := newWorld(t, phases, map[int]fault{at: after})
			if result, err := w.run(r, nil); err == nil && result.Done || w.made == 0 || !w.kept {
				continue
			}
			w.faults = nil
			clear(w.valid)
			_, err := w.run(r, nil)
			var refused *RefusedError
			if errors.As(err, &refused) && refused.Ended != (phases == plugin.Single) {
				t.Errorf("%s: %v", phases, err)
			}
			w.byHand(r)
			if t.Failed() {
				t.Fatalf("%s, killed at %d\n%s", phases, at, w.said.String())
			}
		}
	}
}

// TestWithoutItsPlugin wants a person to be able to end what a plugin began that is gone.
func TestWithoutItsPlugin(t *testing.T) {
	for _, gone := range []Runner{nil, runnerFunc(func(context.Context, *plugin.Request) (plugin.Reply, error) {
		return plugin.Reply{}, errors.New("it is not the program that was pinned")
	})} {
		w, r := newWorld(t, plugin.Single, map[int]fault{8: killed})
		if _, err := w.run(r, nil); err == nil {
			t.Fatal("the fault was not reached")
		}
		w.faults = nil
		if result, err := w.run(r, func(f *Flow) { f.Runner, f.Manual, f.Person = gone, true, &person{value: "value-9", ended: true} }); err != nil || !result.Done {
			t.Errorf("%+v, %v\n%s", result, err, w.said.String())
		}
	}
}

// TestSaysOKWithoutSecret wants the rotation to be remembered if nobody knows what the provider did.
func TestSaysOKWithoutSecret(t *testing.T) {
	w, r := newWorld(t, plugin.Single, nil)
	_, err := w.run(r, func(f *Flow) {
		f.Runner = runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
			reply, err := w.Run(ctx, req)
			reply.Secret = nil
			return reply, err
		})
	})
	if err == nil {
		t.Fatal("no error")
	}
	var lost *LostError
	if _, err := w.run(r, nil); !errors.As(err, &lost) {
		t.Fatalf("%v", err)
	}
	w.byHand(r)
}

// TestReplacedMeanwhile wants two rotations that were asked for at the same time to be one.
func TestReplacedMeanwhile(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	if _, err := w.run(r, nil); err != nil {
		t.Fatal(err)
	}
	f := &Flow{Ledger: w.ledger(), Plugin: "acme", Runner: w, Rescue: w, Now: func() time.Time { return w.now }, Say: func(string) {}}
	if _, err := f.Run(t.Context(), r); err == nil || !strings.Contains(err.Error(), "just replaced") {
		t.Errorf("%v", err)
	}
	w.wantEnd(r)
}

func TestStillValid(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	stubborn := runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
		if req.Step == plugin.StepRevoke {
			return plugin.Reply{OK: true}, nil // says so, and does nothing
		}
		return w.Run(ctx, req)
	})
	_, err := w.run(r, func(f *Flow) { f.Runner = stubborn })
	var still *StillValidError
	if !errors.As(err, &still) {
		t.Fatalf("%v", err)
	}
	if got, _ := recordOf(t.Context(), w.ledger(), r.ID); got.Status != rotation.Retiring {
		t.Errorf("status %s", got.Status)
	}
	if _, err := w.run(r, nil); err != nil { // the next run revokes it again
		t.Fatal(err)
	}
	w.wantEnd(r)
}

type runnerFunc func(context.Context, *plugin.Request) (plugin.Reply, error)

func (f runnerFunc) Run(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	return f(ctx, req)
}

func TestRefusedStaysOld(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	deaf := runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
		if req.Step == plugin.StepTest && req.Subject == plugin.Pending {
			return plugin.Reply{Refused: true, Message: "401"}, nil
		}
		return w.Run(ctx, req)
	})
	_, err := w.run(r, func(f *Flow) { f.Runner = deaf })
	var refused *RefusedError
	if !errors.As(err, &refused) || w.values(r.ID)[""] != "value-0" {
		t.Fatalf("%v, %v", err, w.values(r.ID))
	}
	if j, found, err := Load(t.Context(), w.ledger(), r.ID); !found || err != nil || !strings.Contains(j.Trouble, "401") || j.Step != Created {
		t.Errorf("journal: %+v %v %v", j, found, err)
	}
	if _, err := w.run(r, nil); err != nil {
		t.Fatal(err)
	}
	w.wantEnd(r)
}

func TestAbort(t *testing.T) {
	for at := 1; at < 40; at++ {
		for _, phases := range []plugin.Phases{plugin.Dual, plugin.Single} {
			w, r := newWorld(t, phases, map[int]fault{at: killed})
			if _, err := w.run(r, nil); err == nil {
				continue
			}
			w.faults, w.dead = nil, false
			record, err := recordOf(t.Context(), w.ledger(), r.ID)
			if err != nil {
				t.Fatal(err)
			}
			f := &Flow{Ledger: w.ledger(), Plugin: "acme", Runner: w, Rescue: w, Now: func() time.Time { return w.now }, Say: func(string) {}}
			err = f.Abort(t.Context(), record)
			w.wantNotStranded(r)
			values := w.values(r.ID)
			orphan := !w.kept && w.made > 0 && phases == plugin.Dual // it is said where to look for it
			if err == nil && (len(values) != 1 || values[""] != "value-0" || len(w.valid) != 1 && !orphan) {
				t.Errorf("%s, killed at %d, given up: %v, at the provider %v", phases, at, values, w.valid)
			}
			if err != nil && !w.survive(r, 3) { // too late or nothing begun: it can still be finished
				t.Errorf("%s, killed at %d, not given up (%v), and not finished", phases, at, err)
			}
		}
	}
}

func TestManual(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	hand := func(p *person) func(*Flow) {
		return func(f *Flow) { f.Plugin, f.Runner, f.Manual, f.Person = "", nil, true, p }
	}
	if _, err := w.run(r, hand(&person{})); !errors.Is(err, context.Canceled) {
		t.Fatalf("nothing entered: %v", err)
	}
	var same *SameError
	if _, err := w.run(r, hand(&person{value: "value-0"})); !errors.As(err, &same) {
		t.Fatalf("the old value: %v", err)
	}
	p := &person{value: "value-9"}
	var unrevoked *UnrevokedError
	if _, err := w.run(r, hand(p)); !errors.As(err, &unrevoked) || p.asked != 1 {
		t.Fatalf("not revoked: %v", err)
	}
	if got, _ := recordOf(t.Context(), w.ledger(), r.ID); got.Status != rotation.Retiring || w.values(r.ID)[""] != "value-9" || got.Account != "id-0" {
		t.Errorf("%s %v %s", got.Status, w.values(r.ID), got.Account)
	}
	result, err := w.run(r, hand(&person{ended: true}))
	if err != nil || !result.Done || len(w.values(r.ID)) != 1 {
		t.Fatalf("%+v %v %v", result, err, w.values(r.ID))
	}
	var buried *rotation.BuriedError
	if _, err := w.run(r, hand(&person{value: "value-0"})); !errors.As(err, &buried) {
		t.Errorf("a value that was replaced: %v", err)
	}
}

// TestInterrupted wants an interrupt during the creation to be obeyed after the new value is kept.
func TestInterrupted(t *testing.T) {
	w, r := newWorld(t, plugin.Single, nil)
	ctx, cancel := context.WithCancel(t.Context())
	f := &Flow{Ledger: w.ledger(), Plugin: "acme", Rescue: w, Now: func() time.Time { return w.now }, Say: func(string) {},
		Runner: runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
			if req.Step == plugin.StepCreate {
				cancel()
			}
			if ctx.Err() != nil {
				t.Error("the creation was interrupted")
			}
			return w.Run(ctx, req)
		})}
	if _, err := f.Run(ctx, r); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if w.values(r.ID)[pendingSuffix] != "value-1" {
		t.Fatalf("not kept: %v", w.values(r.ID))
	}
	if _, err := w.run(r, nil); err != nil {
		t.Fatal(err)
	}
	w.wantEnd(r)
}

// TestDeploy wants consumers to be told after the swap and before the old value ends.
func TestDeploy(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	fail := true
	consumers := runnerFunc(func(_ context.Context, req *plugin.Request) (plugin.Reply, error) {
		if string(req.Pending.Secret) != "value-1" || !w.valid["value-0"] || w.values(r.ID)[""] != "value-1" {
			t.Errorf("told %+v; %v, %v", req.Pending, w.valid, w.values(r.ID))
		}
		if fail {
			return plugin.Reply{}, &plugin.RetryError{Err: errors.New("the cluster is away")}
		}
		w.deploy++
		return plugin.Reply{OK: true}, nil
	})
	with := func(f *Flow) { f.Deploy = consumers }
	if _, err := w.run(r, with); err == nil || !w.valid["value-0"] {
		t.Fatalf("%v, %v", err, w.valid)
	}
	fail = false
	if _, err := w.run(r, with); err != nil || w.deploy != 1 {
		t.Fatalf("%v, %d", err, w.deploy)
	}
	w.wantEnd(r)
}

// TestTriedAt wants a plugin to be told when it was asked before.
func TestTriedAt(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	began := w.now
	for try, want := range []time.Time{{}, began, began.Add(time.Hour)} {
		asked := false
		_, err := w.run(r, func(f *Flow) {
			f.Runner = runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
				if req.Step != plugin.StepCreate {
					return w.Run(ctx, req)
				}
				asked = true
				if !req.TriedAt.Equal(want) || req.Attempt != try+1 {
					t.Errorf("try %d: told %v, %d", try+1, req.TriedAt, req.Attempt)
				}
				return plugin.Reply{}, &plugin.RetryError{Err: errors.New("reset")}
			})
		})
		if err == nil || !asked {
			t.Fatalf("%v", err)
		}
		w.now = w.now.Add(time.Hour)
	}
}

func TestCompanion(t *testing.T) {
	for name, want := range map[string]string{"AWS_SECRET_ACCESS_KEY": "AWS_ACCESS_KEY_ID", "BACKUP_AWS_SECRET_ACCESS_KEY": "BACKUP_AWS_ACCESS_KEY_ID", "TOKEN": ""} {
		got, value, ok := Companion(&rotation.Record{Kind: rotation.KindAPI, Name: name, Account: "id"})
		if got != want || ok != (want != "") || ok && value != "id" {
			t.Errorf("%s: %s %s %v", name, got, value, ok)
		}
	}
	if _, _, ok := Companion(&rotation.Record{Kind: rotation.KindAPI, Name: "AWS_SECRET_ACCESS_KEY"}); ok {
		t.Error("a companion without an account")
	}
}

func TestOtherPlugin(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, map[int]fault{12: killed})
	if _, err := w.run(r, nil); err == nil {
		t.Fatal("the fault was not reached")
	}
	w.faults = nil
	var other *OtherPluginError
	if _, err := w.run(r, func(f *Flow) { f.Plugin = "else" }); !errors.As(err, &other) {
		t.Errorf("%v", err)
	}
	if !slices.Contains(w.steps, plugin.StepCreate) {
		t.Errorf("steps %v", w.steps)
	}
}

// TestDeployAtTheProvider wants a plugin's own deploy before the test, and not again by the next run.
func TestDeployAtTheProvider(t *testing.T) {
	w, r := newWorld(t, plugin.Dual, nil)
	var steps []string
	refuse := true
	runner := runnerFunc(func(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
		steps = append(steps, req.Step)
		switch {
		case req.Step == plugin.StepDeploy:
			return plugin.Reply{OK: string(req.Pending.Secret) == "value-1"}, nil
		case req.Step == plugin.StepTest && refuse:
			return plugin.Reply{}, &plugin.RetryError{Err: errors.New("not yet")}
		}
		reply, err := w.Run(ctx, req)
		if d := reply.Description; d != nil {
			d.Steps = append(d.Steps, plugin.StepDeploy)
		}
		return reply, err
	})
	with := func(f *Flow) { f.Runner = runner }
	if _, err := w.run(r, with); err == nil || w.values(r.ID)[""] != "value-0" {
		t.Fatalf("%v, %v", err, w.values(r.ID))
	}
	refuse = false
	if _, err := w.run(r, with); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(steps, " "); got != "describe create deploy test describe test revoke test" {
		t.Errorf("steps: %s", got)
	}
	w.wantEnd(r)
}
