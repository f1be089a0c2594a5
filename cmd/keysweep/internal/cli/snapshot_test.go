package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/rotation"
	"keysweep/rotation/filestore"
	"keysweep/rotation/snapshot"
)

// TestSnapshotMatchesItsSchema writes a snapshot of records that have every field, and closes the schema: a field that is not documented
// fails.
func TestSnapshotMatchesItsSchema(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store, err := filestore.Create(t.Context(), filestore.Options{Dir: filepath.Join(dir, "ledger"), WorkFactor: 1}, []byte("test"))
	if err != nil {
		t.Fatal(err)
	}
	ledger := rotation.Open(store, "desk", func() time.Time { return now })
	full := rotation.Record{
		Kind: rotation.KindAPI, Name: "A", Service: "s", Env: "prod", Owner: "o", Provider: "p", Purpose: "why", Account: "a", URL: "https://example.org/",
		Hosts: []string{"h"}, Fingerprint: "SHA256:x", Mark: strings.Repeat("0", 32), Type: "t", Bits: 256, Path: "/p", Machine: "desk",
		Unprotected: &rotation.Exception{Reason: "r", At: now}, Evidence: []rotation.Evidence{{Source: "s", At: now, Detail: "d"}}, RotatedAt: now, Expires: now,
		Successor: strings.Repeat("1", 32), Predecessor: strings.Repeat("2", 32),
		Backups:   []rotation.Backup{{ID: "b", Form: "age", Place: "safe", At: now, Verified: now}},
		Installed: []rotation.Installation{{Target: "u@h", At: now, Expires: now, Removed: now}},
	}
	r, err := ledger.Add(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Change(t.Context(), r.ID, "changed", func(*rotation.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	keeper := snapshot.Keeper{Path: filepath.Join(dir, "snapshot.json"), Machine: "desk", Ledger: ledger, Now: now}
	if _, err := keeper.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(keeper.Path)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := closedSchema(t, "keysweep.snapshot.v1.schema.json").Validate(document); err != nil {
		t.Error(err)
	}
	record := document.(map[string]any)["records"].([]any)[0].(map[string]any)
	for _, field := range []string{"unprotected", "mark", "backups", "installed", "evidence", "prev", "predecessor", "expires", "rotated_at"} {
		if record[field] == nil {
			t.Errorf("the record has no %s: the schema is not put to the test", field)
		}
	}
}
