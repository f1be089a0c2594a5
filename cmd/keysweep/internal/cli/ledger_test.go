package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// tamper writes items into a ledger as nobody but keysweep can, and as keysweep does not.
func (h *ledgerHome) tamper(change func(rotation.Txn) error) {
	h.t.Helper()
	store, err := filestore.Open(h.t.Context(), filestore.Options{
		Dir: h.path("data/keysweep/ledger"), Anchor: h.path("state/keysweep/ledger-anchor.json"),
	}, []byte("granite velvet umbrella quartz meadow 9"))
	if err == nil {
		err = store.Update(h.t.Context(), change)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// matches wants the last output to be JSON of a published schema.
func (h *ledgerHome) matches(schema string) {
	h.t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(h.said.Bytes()))
	if err == nil {
		err = closedSchema(h.t, schema).Validate(document)
	}
	if err != nil {
		h.t.Errorf("%s: %v\n%s", schema, err, &h.said)
	}
}

func TestLedgerReportsMatchTheirSchemas(t *testing.T) {
	h := newLedgerHome(t)
	h.run(exitOK, "ledger", "--format", "json")
	h.matches("keysweep.ledger.v1.schema.json")
	h.run(exitOK, "ledger", "verify", "--format", "json")
	h.matches("keysweep.ledger-verify.v1.schema.json")
	h.run(exitIncomplete, "ledger", "--format", "json", "--ledger-passphrase-file", "archive.pass")
	h.matches("keysweep.ledger.v1.schema.json")
	h.wantSaid(`"records": null`)
	h.run(exitIncomplete, "ledger", "verify", "--format", "json", "--ledger-passphrase-file", "archive.pass")
	h.matches("keysweep.ledger-verify.v1.schema.json")
}

// TestVerifyNamesWhatIsWrong puts one thing after the other wrong: each is named, and the others are looked at all the same.
func TestVerifyNamesWhatIsWrong(t *testing.T) {
	const id = "00112233445566778899aabbccddeeff"
	h := newLedgerHome(t)
	web := h.change(func(*rotation.Record) {})
	record := func(alter func(*rotation.Record)) func(rotation.Txn) error {
		r := rotation.Record{Schema: 1, ID: id, Kind: rotation.KindSSH, Name: "odd", Status: rotation.Active, FirstSeen: h.now.UTC().Truncate(time.Second), Seq: 1}
		alter(&r)
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return func(txn rotation.Txn) error { return txn.Put("record-"+id, data) }
	}
	for _, c := range []struct {
		check, says string
		change      func(rotation.Txn) error
	}{
		{"record", "is no record", func(txn rotation.Txn) error { return txn.Put("record-"+id, []byte("{")) }},
		{"record", "holds the record", record(func(r *rotation.Record) { r.ID = web.ID })},
		{"chain", "odd: its number of changes is 0", record(func(r *rotation.Record) { r.Seq = 0 })},
		{"chain", "odd: it was never changed, and names a state before", record(func(r *rotation.Record) { r.Prev = web.Prev })},
		{"chain", "odd: after 3 changes it does not name the state before", record(func(r *rotation.Record) { r.Seq, r.Prev = 3, "beef" })},
		{"no-secret", "odd has no secret in the ledger", record(func(r *rotation.Record) { r.Kind, r.Env = rotation.KindAPI, "prod" })},
		{"tombstone", "is no tombstone", func(txn rotation.Txn) error { return txn.Put("tombstone-"+id, []byte("[]")) }},
		{"secret", "it holds something else", func(txn rotation.Txn) error { return txn.Put("secret-"+id, []byte("x\ny")) }},
		{"item", "holds no state", func(txn rotation.Txn) error { return txn.Put("ledger", []byte("{}")) }},
	} {
		before := h.items()
		h.tamper(c.change)
		h.run(exitFindings, "ledger", "verify", "--format", "json")
		h.matches("keysweep.ledger-verify.v1.schema.json")
		if !h.wrong(c.check, c.says) {
			t.Errorf("%s: %q is not said: %s", c.check, c.says, &h.said)
		}
		h.run(exitFindings, "ledger", "verify")
		h.wantSaid("WRONG", "not as keysweep left it", "home       ok")
		h.tamper(func(txn rotation.Txn) error { return putBack(txn, before) })
	}
	h.run(exitOK, "ledger", "verify")
}

// wrong reports whether the last report, in JSON, says of a check that something is wrong, in such words.
func (h *ledgerHome) wrong(check, says string) bool {
	var all struct {
		Items []struct{ Check, Result, What string }
	}
	if err := json.Unmarshal(h.said.Bytes(), &all); err != nil {
		h.t.Fatal(err)
	}
	for _, i := range all.Items {
		if i.Check == check && i.Result == "WRONG" && strings.Contains(i.What, says) {
			return true
		}
	}
	return false
}

func (h *ledgerHome) items() (items []storedItem) {
	h.t.Helper()
	h.tamper(func(txn rotation.Txn) (err error) {
		items, err = readItems(txn)
		return err
	})
	return items
}

// putBack makes the items all there are.
func putBack(txn rotation.Txn, items []storedItem) error {
	names, err := txn.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(items, func(i storedItem) bool { return i.Name == name }) {
			if err := txn.Delete(name); err != nil {
				return err
			}
		}
	}
	for _, i := range items {
		if err := txn.Put(i.Name, i.Data); err != nil {
			return err
		}
	}
	return nil
}

func TestVerifyComparesWithTheSnapshot(t *testing.T) {
	h := newLedgerHome(t)
	path := h.path("state/keysweep/snapshot.json")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h.change(func(*rotation.Record) {}) // without a snapshot
	h.run(exitOK, "ledger", "verify")
	h.wantSaid("older", "signed by this ledger; of change 2, and the ledger has changed since")
	for says, edit := range map[string]func([]byte) []byte{
		"was changed after it was signed": func(s []byte) []byte { return bytes.Replace(s, []byte(`"name":"web"`), []byte(`"name":"wow"`), 1) },
		"is no whole snapshot":            func(s []byte) []byte { return s[:len(s)/2] },
	} {
		if err := os.WriteFile(path, edit(slices.Clone(first)), 0o600); err != nil {
			t.Fatal(err)
		}
		h.run(exitFindings, "ledger", "verify")
		h.wantSaid("WRONG", says)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "ledger", "verify")
	h.wantSaid("there is none yet")

	// A snapshot of a later state than the ledger has: the ledger was put back, by somebody who knows its passphrase.
	before := h.items()
	h.run(exitOK, "key", "compromised", "web", "--reason", "test")
	h.tamper(func(txn rotation.Txn) error { return putBack(txn, before) })
	h.run(exitFindings, "ledger", "verify")
	h.wantSaid("is of a later state than the ledger")
}

func TestALiveLedgerOnly(t *testing.T) {
	h := newLedgerHome(t)
	env := Env{Dir: h.dir, Home: h.dir, Environ: []string{ledgerPassphraseFile + "=" + h.path("ledger.pass"), "XDG_DATA_HOME=" + h.path("data"), "XDG_STATE_HOME=" + h.path("state")},
		Now: func() time.Time { return h.now }, Stderr: &h.said}
	o := &ledgerOptions{onlyLook: true}
	o.pass.fd = -1
	ledger, err := o.existing(t.Context(), &env)
	if err != nil {
		t.Fatal(err)
	}
	moved := *o.home
	moved.Home, moved.Ledger = "pass", "0123"
	if err := writeHome(&env, moved); err != nil {
		t.Fatal(err)
	}
	err = ledger.SetSecret(t.Context(), "late", []byte("value"))
	if err == nil || !strings.Contains(err.Error(), "moved from encrypted files in "+h.path("data/keysweep/ledger")+" to pass meanwhile") {
		t.Errorf("a ledger that was moved is changed: %v", err)
	}
	moved = *o.home
	if err := writeHome(&env, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Secret(t.Context(), "late"); err == nil {
		t.Error("it was changed all the same")
	}
}

func FuzzParseHome(f *testing.F) {
	f.Add([]byte(`{"schema":1,"home":"files","ledger":"00ff","since":"2030-01-10T12:00:00Z","why":"test"}`))
	f.Add([]byte(`{"schema":1,"home":"pass","since":"2030-01-10T12:00:00Z","why":"test","moving_to":{"home":"files"},"leaving":{"home":"kwallet","keep":true}}`))
	f.Add([]byte(`{"schema":1,"home":"files","since":"2030-01-10T12:00:00Z","why":"test","leaving":{"home":"files"}}`))
	f.Add([]byte(`{"schema":2}`))
	f.Add([]byte(`{"schema":1,"home":"files","ledger":"../..","since":"2030-01-10T12:00:00Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := parseHome(data)
		if err != nil {
			return
		}
		if !slices.Contains(allHomes(), h.Home) || h.Since.IsZero() || strings.ContainsAny(h.Ledger, "/.\n") {
			t.Errorf("taken: %+v", h)
		}
		for _, other := range []*homeRef{h.Moving, h.Leaving} {
			if other != nil && other.Home == h.Home {
				t.Errorf("what counts would be taken away: %+v", h)
			}
		}
		again, err := json.Marshal(h)
		if err != nil {
			return // a year of five digits
		}
		if back, err := parseHome(again); err != nil || back.Home != h.Home || back.Ledger != h.Ledger {
			t.Errorf("%s comes back as %+v: %v", again, back, err)
		}
	})
}

func FuzzParseExport(f *testing.F) {
	f.Add([]byte(`{"schema":"keysweep.ledger-export/v1","ledger":"00","machine":"desk","exported_at":"2030-01-10T12:00:00Z","secrets":true,"items":[{"name":"record-00","data":"e30="}]}`))
	f.Add([]byte(`{"schema":"keysweep.ledger-export/v1","items":[{"name":"a"},{"name":"a"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := parseExport(data)
		if err != nil {
			return
		}
		for i := 1; i < len(e.Items); i++ {
			if e.Items[i-1].Name >= e.Items[i].Name {
				t.Errorf("not in order: %q, %q", e.Items[i-1].Name, e.Items[i].Name)
			}
		}
	})
}
